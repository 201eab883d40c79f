/**
 * A process of its own, in the controller's image: it fetches a backup from the store, so that
 * etcd's own tool can restore it.
 */
@NullMarked
package dev.hcp.controller.backup.fetch;

import org.jspecify.annotations.NullMarked;
