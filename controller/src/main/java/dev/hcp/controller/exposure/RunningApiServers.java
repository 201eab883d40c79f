package dev.hcp.controller.exposure;

import dev.hcp.controller.plan.LiveObjects;
import dev.hcp.naming.Component;
import dev.hcp.naming.Labels;
import dev.hcp.naming.Names;
import dev.hcp.render.apiserver.ApiServerRenderer;
import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.api.model.PodSpec;
import io.fabric8.kubernetes.api.model.apps.Deployment;
import java.util.List;
import java.util.Objects;
import java.util.Set;
import java.util.stream.Stream;

/**
 * The API servers that run, seen by what they do to Service {@code default/kubernetes} of the
 * hosted cluster. Ours leave it alone; those that the forerunner started write it.
 */
final class RunningApiServers {
  private static final Set<String> ENDED = Set.of("Succeeded", "Failed");

  private RunningApiServers() {}

  /**
   * Whether one that has not ended writes it, or would if it were started; until the last moment
   * each does what it was started for.
   */
  static boolean anyWrites(LiveObjects objects, Names names) {
    var template =
        objects.get(Deployment.class, names.apiServer()).stream()
            .map(d -> d.getSpec().getTemplate().getSpec());
    var pods =
        objects.all(Pod.class).stream()
            .filter(RunningApiServers::isRunningApiServer)
            .map(Pod::getSpec);
    return Stream.concat(template, pods).anyMatch(RunningApiServers::writes);
  }

  private static boolean isRunningApiServer(Pod pod) {
    var labels = pod.getMetadata().getLabels();
    var phase = pod.getStatus() == null ? null : pod.getStatus().getPhase();
    return labels != null
        && Component.API_SERVER.label().equals(labels.get(Labels.COMPONENT))
        && (phase == null || !ENDED.contains(phase));
  }

  private static boolean writes(PodSpec spec) {
    return spec != null
        && spec.getContainers() != null
        && spec.getContainers().stream()
            .filter(c -> ApiServerRenderer.CONTAINER.equals(c.getName()))
            .map(c -> Objects.requireNonNullElse(c.getArgs(), List.<String>of()))
            .anyMatch(ApiServerRenderer::writesEndpoints);
  }
}
