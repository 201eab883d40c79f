/**
 * What a spec must satisfy beyond its schema. Pure: the webhook and the controller call the same
 * rules, and all of them are checked, so that a user learns of every mistake at once.
 */
@NullMarked
package dev.hcp.validation;

import org.jspecify.annotations.NullMarked;
