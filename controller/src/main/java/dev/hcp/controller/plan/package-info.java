/** What a pass knows, and what the components want of it. Immutable, and without any I/O. */
@NullMarked
package dev.hcp.controller.plan;

import org.jspecify.annotations.NullMarked;
