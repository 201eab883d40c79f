/** Restores the etcd of a control plane from a backup. */
@NullMarked
package dev.hcp.controller.restore;

import org.jspecify.annotations.NullMarked;
