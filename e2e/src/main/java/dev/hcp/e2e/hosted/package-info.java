/**
 * A hosted cluster as its users and operators see it: what its control plane consists of on the
 * management cluster, and its API server through the Gateway.
 */
@NullMarked
package dev.hcp.e2e.hosted;

import org.jspecify.annotations.NullMarked;
