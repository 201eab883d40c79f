/** When to try again. */
@NullMarked
package dev.hcp.controller.retry;

import org.jspecify.annotations.NullMarked;
