/** The fields of VerticalPodAutoscalers that are written and read here. */
@NullMarked
package dev.hcp.api.autoscaling;

import org.jspecify.annotations.NullMarked;
