/**
 * The management cluster on top of a machine: Kubernetes itself, what the provider needs, and the
 * provider.
 */
@NullMarked
package dev.hcp.e2e.cluster;

import org.jspecify.annotations.NullMarked;
