/** The machines of Clusters: what is known of them while they have to be replaced. */
@NullMarked
package dev.hcp.controller.machines;

import org.jspecify.annotations.NullMarked;
