/** kube-scheduler: Deployment, disruption budget. */
@NullMarked
package dev.hcp.render.scheduler;

import org.jspecify.annotations.NullMarked;
