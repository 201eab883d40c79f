package dev.hcp.e2e;

import dev.hcp.api.v1alpha1.HostedControlPlane;
import dev.hcp.api.v1alpha1.VersionStatus;
import dev.hcp.e2e.hosted.HostedCluster;
import dev.hcp.e2e.hosted.Kubeconfig;
import dev.hcp.naming.Component;
import dev.hcp.naming.Labels;
import dev.hcp.version.KubernetesVersion;
import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.KubernetesClientBuilder;
import io.fabric8.kubernetes.client.KubernetesClientException;
import io.fabric8.kubernetes.client.readiness.Readiness;
import java.io.IOException;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.stream.Collectors;

/**
 * Asks every API server of a hosted cluster once a second, from now on, which version it is, and
 * writes down what its HostedControlPlane says of that, and what the other components run.
 */
final class RolloutRecorder implements AutoCloseable {
  private static final Duration PERIOD = Duration.ofSeconds(1);
  private static final int PORT = 6443;
  private static final List<Component> AFTER_API_SERVERS =
      List.of(Component.CONTROLLER_MANAGER, Component.SCHEDULER);

  private final KubernetesClient management;
  private final HostedCluster cluster;
  private final String kubeconfig;
  private final ScheduledExecutorService timer = Executors.newSingleThreadScheduledExecutor();
  private final List<Sample> samples = new CopyOnWriteArrayList<>();
  private final List<String> unanswered = new CopyOnWriteArrayList<>();

  /**
   * What was seen at a time.
   *
   * @param time when it was complete
   * @param serving what the API servers answer to whom new connections are sent, by pod
   * @param published how many of each version the status says there are
   * @param others versions that controller-managers and schedulers are started with, by pod
   */
  record Sample(
      Instant time,
      Map<String, String> serving,
      Map<String, Long> published,
      Map<String, String> others) {
    /** How many API servers answer each version. */
    Map<String, Long> versions() {
      return serving.values().stream()
          .collect(Collectors.groupingBy(version -> version, TreeMap::new, Collectors.counting()));
    }

    /** Whether a component runs that is newer than the oldest API server. */
    boolean isAheadOfApiServers() {
      return serving.values().stream()
          .map(KubernetesVersion::parse)
          .min(Comparator.naturalOrder())
          .filter(oldest ->
              others.values().stream()
                  .map(KubernetesVersion::parse)
                  .anyMatch(version -> version.compareTo(oldest) > 0))
          .isPresent();
    }
  }

  RolloutRecorder(Bed bed, KubernetesClient management, HostedCluster cluster) {
    this.management = management;
    this.cluster = cluster;
    this.kubeconfig = bed.kubeconfig(cluster.namespace(), cluster.name());
    var _ = timer.scheduleWithFixedDelay(this::look, 0, PERIOD.toMillis(), TimeUnit.MILLISECONDS);
  }

  private void look() {
    try {
      var pods = cluster.pods();
      var serving = new TreeMap<String, String>();
      for (var pod : pods) {
        if (isServing(pod)) {
          ask(pod).ifPresent(version -> serving.put(pod.getMetadata().getName(), version));
        }
      }
      samples.add(new Sample(Instant.now(), serving, published(), others(pods)));
    } catch (KubernetesClientException e) {
      unanswered.add("%s: %s".formatted(Instant.now(), e));
    }
  }

  /** Empty if it has ended meanwhile. */
  private Optional<String> ask(Pod pod) {
    var config = Kubeconfig.parse(kubeconfig);
    config.setRequestRetryBackoffLimit(0);
    try (var forward =
        management
            .pods()
            .inNamespace(cluster.namespace())
            .withName(pod.getMetadata().getName())
            .portForward(PORT)) {
      config.setMasterUrl("https://localhost:%d".formatted(forward.getLocalPort()));
      try (var client = new KubernetesClientBuilder().withConfig(config).build()) {
        return Optional.of(client.getKubernetesVersion().getGitVersion());
      }
    } catch (IOException | KubernetesClientException e) {
      unanswered.add("%s: %s: %s".formatted(Instant.now(), pod.getMetadata().getName(), e));
      return Optional.empty();
    }
  }

  private Map<String, Long> published() {
    return cluster
        .controlPlane()
        .map(HostedControlPlane::getStatus)
        .flatMap(status -> Optional.ofNullable(status.versions()))
        .orElse(List.of())
        .stream()
        .collect(Collectors.toMap(VersionStatus::version, version -> (long) version.replicas()));
  }

  private static Map<String, String> others(List<Pod> pods) {
    var versions = new TreeMap<String, String>();
    for (var pod : pods) {
      if (AFTER_API_SERVERS.stream().anyMatch(component -> is(pod, component))) {
        var image = pod.getSpec().getContainers().getFirst().getImage();
        versions.put(pod.getMetadata().getName(), image.substring(image.lastIndexOf(':') + 1));
      }
    }
    return versions;
  }

  /** One that shall end serves whoever is connected to it, but nobody is sent to it any more. */
  private static boolean isServing(Pod pod) {
    return is(pod, Component.API_SERVER)
        && pod.getMetadata().getDeletionTimestamp() == null
        && Readiness.isPodReady(pod);
  }

  private static boolean is(Pod pod, Component component) {
    return component.label().equals(pod.getMetadata().getLabels().get(Labels.COMPONENT));
  }

  /** What was seen so far, the oldest first. */
  List<Sample> samples() {
    return List.copyOf(samples);
  }

  /** Whom nobody could ask, and why. */
  List<String> unanswered() {
    return List.copyOf(unanswered);
  }

  /**
   * Samples of which the status says something else than the API servers did, though these had
   * answered the same in the one before and the one after: so it was not just late.
   */
  List<Sample> wrong() {
    var wrong = new ArrayList<Sample>();
    for (int i = 1; i + 1 < samples.size(); i++) {
      var sample = samples.get(i);
      boolean isSettled =
          sample.serving().equals(samples.get(i - 1).serving())
              && sample.serving().equals(samples.get(i + 1).serving());
      if (isSettled && !sample.versions().equals(sample.published())) {
        wrong.add(sample);
      }
    }
    return wrong;
  }

  @Override
  public void close() {
    timer.close();
  }
}
