/**
 * Reads what admission asks about other objects from the management cluster, within a deadline, and
 * asks it who wants to read metrics.
 */
@NullMarked
package dev.hcp.webhook.lookup;

import org.jspecify.annotations.NullMarked;
