/** What gives pods the size that they need. */
@NullMarked
package dev.hcp.render.verticalautoscaling;

import org.jspecify.annotations.NullMarked;
