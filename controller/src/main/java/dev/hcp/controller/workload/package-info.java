/** The objects inside hosted clusters: which they are, and how they are kept up. */
@NullMarked
package dev.hcp.controller.workload;

import org.jspecify.annotations.NullMarked;
