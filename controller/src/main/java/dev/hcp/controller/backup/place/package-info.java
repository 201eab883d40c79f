/**
 * A process of its own, in the controller's image: it puts restored data where a member of etcd
 * looks for them.
 */
@NullMarked
package dev.hcp.controller.backup.place;

import org.jspecify.annotations.NullMarked;
