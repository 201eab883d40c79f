/**
 * Container images made from the built binaries, and the containerd store that every machine starts
 * from.
 */
@NullMarked
package dev.hcp.e2e.image;

import org.jspecify.annotations.NullMarked;
