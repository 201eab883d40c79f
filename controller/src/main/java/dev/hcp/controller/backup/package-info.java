/** Backups of etcd: when they are due, how they are made, and which of them are deleted again. */
@NullMarked
package dev.hcp.controller.backup;

import org.jspecify.annotations.NullMarked;
