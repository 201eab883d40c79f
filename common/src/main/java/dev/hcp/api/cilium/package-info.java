/** The fields of Cilium's network policies that are written and read here. */
@NullMarked
package dev.hcp.api.cilium;

import org.jspecify.annotations.NullMarked;
