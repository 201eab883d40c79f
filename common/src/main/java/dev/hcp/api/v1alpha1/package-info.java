/**
 * The API {@code controlplane.cluster.x-k8s.io/v1alpha1}: data only. A component that is null was
 * not set by the user; defaults are applied by {@code dev.hcp.defaulting}. The Javadoc of every
 * component is its text in {@code kubectl explain}.
 */
@NullMarked
package dev.hcp.api.v1alpha1;

import org.jspecify.annotations.NullMarked;
