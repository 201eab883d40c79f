/** The scheduler: what of it runs. */
@NullMarked
package dev.hcp.controller.scheduler;

import org.jspecify.annotations.NullMarked;
