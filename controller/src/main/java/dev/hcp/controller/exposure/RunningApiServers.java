package dev.hcp.controller.exposure;

import dev.hcp.controller.plan.LiveObjects;
import dev.hcp.controller.plan.Rollout;
import dev.hcp.naming.Component;
import dev.hcp.naming.Labels;
import dev.hcp.naming.Names;
import dev.hcp.render.apiserver.ApiServerRenderer;
import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.api.model.PodSpec;
import io.fabric8.kubernetes.api.model.apps.Deployment;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/**
 * How the API servers that run keep Service {@code default/kubernetes} of the hosted cluster.
 *
 * @param template what the Deployment starts; empty if there is none
 * @param pods what each pod does that has not ended, those on their way out included: until the
 *     last moment they write what they were started with
 * @param complete whether nothing but the current template runs
 */
record RunningApiServers(Optional<Mode> template, Set<Mode> pods, boolean complete) {
  /**
   * What an API server does.
   *
   * @param address the address that it enters; empty if it enters none
   */
  record Mode(Optional<String> address) {
    static final Mode SILENT = new Mode(Optional.empty());
  }

  private static final Set<String> ENDED = Set.of("Succeeded", "Failed");

  static RunningApiServers of(LiveObjects objects, Names names) {
    var deployment = objects.get(Deployment.class, names.apiServer());
    return new RunningApiServers(
        deployment.flatMap(d -> mode(d.getSpec().getTemplate().getSpec())),
        objects.all(Pod.class).stream()
            .filter(RunningApiServers::isRunningApiServer)
            .flatMap(pod -> mode(pod.getSpec()).stream())
            .collect(Collectors.toUnmodifiableSet()),
        deployment.map(Rollout::of).filter(Rollout::complete).isPresent());
  }

  /** Whether an API server writes an address of its own, or will. */
  boolean anyWrites() {
    return Stream.concat(template.stream(), pods.stream())
        .anyMatch(mode -> mode.address().isPresent());
  }

  /** Whether all is replaced: each API server does only this, and serves. */
  boolean allAre(Mode mode) {
    return complete && template.equals(Optional.of(mode)) && pods.stream().allMatch(mode::equals);
  }

  private static boolean isRunningApiServer(Pod pod) {
    var labels = pod.getMetadata().getLabels();
    var phase = pod.getStatus() == null ? null : pod.getStatus().getPhase();
    return labels != null
        && Component.API_SERVER.label().equals(labels.get(Labels.COMPONENT))
        && (phase == null || !ENDED.contains(phase));
  }

  private static Optional<Mode> mode(PodSpec spec) {
    return (spec == null || spec.getContainers() == null
            ? Stream.<List<String>>empty()
            : spec.getContainers().stream()
                .filter(c -> ApiServerRenderer.CONTAINER.equals(c.getName()))
                .map(c -> Objects.requireNonNullElse(c.getArgs(), List.<String>of())))
        .findFirst()
        .map(ApiServerRenderer::advertisedAddress)
        .map(Mode::new);
  }
}
