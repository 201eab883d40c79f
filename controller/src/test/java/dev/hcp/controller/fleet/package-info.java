/** Many control planes at once, under the controller as a process of its own. */
@NullMarked
package dev.hcp.controller.fleet;

import org.jspecify.annotations.NullMarked;
