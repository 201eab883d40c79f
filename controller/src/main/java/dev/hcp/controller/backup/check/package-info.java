/**
 * A process of its own, in the controller's image: it compares what a restored etcd beside it
 * serves with what was backed up.
 */
@NullMarked
package dev.hcp.controller.backup.check;

import org.jspecify.annotations.NullMarked;
