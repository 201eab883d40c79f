/** Control planes that have no pods for a time, and keep all else. */
@NullMarked
package dev.hcp.controller.hibernation;

import org.jspecify.annotations.NullMarked;
