/** kube-controller-manager: Deployment, disruption budget. */
@NullMarked
package dev.hcp.render.controllermanager;

import org.jspecify.annotations.NullMarked;
