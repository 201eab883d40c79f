/** What the controller counts and traces. Knows nothing of the things that are counted. */
@NullMarked
package dev.hcp.controller.telemetry;

import org.jspecify.annotations.NullMarked;
