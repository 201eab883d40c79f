/** kube-apiserver: Deployment with the konnectivity server beside it, disruption budget. */
@NullMarked
package dev.hcp.render.apiserver;

import org.jspecify.annotations.NullMarked;
