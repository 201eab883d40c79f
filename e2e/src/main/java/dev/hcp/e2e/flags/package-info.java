/** Reads from the programs of a control plane which flags they take, for admission to know. */
@NullMarked
package dev.hcp.e2e.flags;

import org.jspecify.annotations.NullMarked;
