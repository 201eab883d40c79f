/** Objects inside the hosted cluster: what nodes need to join and to work. */
@NullMarked
package dev.hcp.render.workload;

import org.jspecify.annotations.NullMarked;
