/**
 * Command-line flags of the programs that a control plane consists of: which there are in which
 * version, and which are not the user's to set.
 */
@NullMarked
package dev.hcp.flags;

import org.jspecify.annotations.NullMarked;
