/**
 * Network policies: one model of who may talk to whom, and its two renderings, as NetworkPolicy and
 * as CiliumNetworkPolicy. Whatever is not in the model is forbidden, in both directions.
 */
@NullMarked
package dev.hcp.render.networkpolicy;

import org.jspecify.annotations.NullMarked;
