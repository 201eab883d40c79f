/**
 * Objects made at random from the schema of their CRD: mostly valid ones, and some with mistakes of
 * every sort.
 */
@NullMarked
package dev.hcp.fuzz;

import org.jspecify.annotations.NullMarked;
