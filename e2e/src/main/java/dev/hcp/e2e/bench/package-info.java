/**
 * Measures how long a hosted control plane takes from nothing to an API server that answers, beside
 * the least it could take: applying the same final objects all at once by hand.
 */
@NullMarked
package dev.hcp.e2e.bench;

import org.jspecify.annotations.NullMarked;
