/** What gives pods the size that they need, and when it may. */
@NullMarked
package dev.hcp.controller.verticalautoscaling;

import org.jspecify.annotations.NullMarked;
