/**
 * What admission writes into an object for the user. Pure, and in terms of the raw object: a typed
 * round trip would lose fields that this build does not know.
 */
@NullMarked
package dev.hcp.defaulting;

import org.jspecify.annotations.NullMarked;
