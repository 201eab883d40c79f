/** When to try again, and what is done again and again. */
@NullMarked
package dev.hcp.controller.retry;

import org.jspecify.annotations.NullMarked;
