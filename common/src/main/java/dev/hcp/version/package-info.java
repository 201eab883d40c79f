/**
 * Kubernetes versions, what may follow what, and which versions of other components belong to each.
 */
@NullMarked
package dev.hcp.version;

import org.jspecify.annotations.NullMarked;
