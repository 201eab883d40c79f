/**
 * Which meters the processes have, as data: what they are called, what they count, and by what.
 * {@code docs/metrics.md} is generated from it, and tests compare it with what is exported and with
 * what alerts and dashboards ask for.
 */
@NullMarked
package dev.hcp.metrics;

import org.jspecify.annotations.NullMarked;
