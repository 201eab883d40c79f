package dev.hcp.api.v1alpha1;

import com.fasterxml.jackson.annotation.JsonIgnoreProperties;
import com.fasterxml.jackson.annotation.JsonInclude;
import io.fabric8.kubernetes.api.model.NodeAffinity;
import org.jspecify.annotations.Nullable;

/**
 * Which nodes run the pods of a DaemonSet. Other pods do not count: there is one pod on each node.
 *
 * @param nodeAffinity Nodes that the pods need, or prefer.
 */
@JsonInclude(JsonInclude.Include.NON_NULL)
@JsonIgnoreProperties(ignoreUnknown = true)
public record NodeOnlyAffinity(@Nullable NodeAffinity nodeAffinity) {}
