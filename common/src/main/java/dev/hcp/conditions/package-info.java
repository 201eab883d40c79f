/** Conditions: their types, their reasons, and how a new set follows from an old one. */
@NullMarked
package dev.hcp.conditions;

import org.jspecify.annotations.NullMarked;
