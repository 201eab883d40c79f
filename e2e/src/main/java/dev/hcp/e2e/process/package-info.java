/**
 * Child processes: run with a deadline and a log, and recognised later by more than their number.
 */
@NullMarked
package dev.hcp.e2e.process;

import org.jspecify.annotations.NullMarked;
