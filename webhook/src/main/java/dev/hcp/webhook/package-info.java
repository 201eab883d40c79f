/** The admission webhook's process: {@link dev.hcp.webhook.Main} is all of its wiring. */
@NullMarked
package dev.hcp.webhook;

import org.jspecify.annotations.NullMarked;
