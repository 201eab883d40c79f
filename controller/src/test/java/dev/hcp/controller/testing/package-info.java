/** A real API server for tests, and what they put into it. */
@NullMarked
package dev.hcp.controller.testing;

import org.jspecify.annotations.NullMarked;
