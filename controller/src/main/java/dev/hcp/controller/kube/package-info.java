/**
 * Ports to the management cluster and to hosted clusters, and their implementations: the only users
 * of the Kubernetes client.
 */
@NullMarked
package dev.hcp.controller.kube;

import org.jspecify.annotations.NullMarked;
