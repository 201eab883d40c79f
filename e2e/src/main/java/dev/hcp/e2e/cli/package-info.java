/** The command line {@code e2e/bed}. */
@NullMarked
package dev.hcp.e2e.cli;

import org.jspecify.annotations.NullMarked;
