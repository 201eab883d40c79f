package dev.hcp.e2e.cli;

import dev.hcp.e2e.Bed;
import dev.hcp.e2e.BedException;
import dev.hcp.e2e.BedOptions;
import dev.hcp.e2e.Progress;
import dev.hcp.e2e.cluster.ConditionReport;
import dev.hcp.e2e.process.Command;
import dev.hcp.e2e.process.Wait;
import io.fabric8.kubernetes.api.model.GenericKubernetesResource;
import io.fabric8.kubernetes.client.KubernetesClient;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * Shows the product at work: applies the samples, tells what is being waited for, and ends with a
 * cluster in use.
 */
final class Demo {
  private static final Duration DEADLINE = Duration.ofMinutes(10);
  private static final Duration NODE_DEADLINE = Duration.ofMinutes(2);
  private static final Duration APPLY_DEADLINE = Duration.ofSeconds(30);
  private static final Duration PAUSE = Duration.ofSeconds(1);
  private static final Duration SIGN_OF_LIFE = Duration.ofSeconds(15);
  private static final String KIND = "hostedcontrolplanes.controlplane.cluster.x-k8s.io";

  /** The samples that are shown, in the order in which they are applied. */
  private static final List<String> SHOWN = List.of("gateway.yaml", "cluster.yaml");

  private final Bed bed;
  private final Path samples;
  private final Progress progress;

  Demo(Bed bed, Path samples, Progress progress) {
    this.bed = bed;
    this.samples = samples;
    this.progress = progress;
  }

  void run() {
    try (var client = bed.client()) {
      var clusters = new ArrayList<HostedCluster>();
      for (var file : manifests()) {
        progress.say("kubectl apply -f %s".formatted(file));
        var manifest = read(file);
        apply(file, manifest);
        clusters.addAll(HostedCluster.in(client, manifest));
      }
      if (clusters.isEmpty()) {
        throw new BedException("there is no Cluster in the manifests in %s".formatted(samples));
      }
      clusters.forEach(cluster -> waitFor(client, cluster));
      clusters.forEach(this::joinNode);
      clusters.forEach(this::show);
    }
  }

  private void apply(Path file, String manifest) {
    var apply = bed.kubectl("apply", "--filename=-").input(manifest).log(bed.folder().log("demo"));
    // The webhook's Service may need a moment after its pods are ready.
    Wait.until(
        "%s can be applied".formatted(file),
        APPLY_DEADLINE,
        () -> apply.run().succeeded(),
        () -> "log: %s".formatted(bed.folder().log("demo")));
  }

  private void waitFor(KubernetesClient client, HostedCluster cluster) {
    var report = new ConditionReport(client, cluster.namespace(), cluster.controlPlane());
    var end = Instant.now().plus(DEADLINE);
    var lastSaid = Instant.now();
    progress.say("waiting until %s is ready and answers through the Gateway".formatted(cluster));
    while (true) {
      for (var change : report.changes()) {
        progress.say("  " + change);
        lastSaid = Instant.now();
      }
      var lacking = whatLacks(cluster, report);
      if (lacking.isEmpty()) {
        progress.say("%s answers".formatted(cluster));
        return;
      }
      if (Instant.now().isAfter(end)) {
        throw new BedException(
            "%s is not there after %d minutes, still waiting for %s%n%s%nSee: e2e/bed logs%s controller"
                .formatted(
                    cluster, DEADLINE.toMinutes(), lacking.get(), report.summary(), option()));
      }
      if (Duration.between(lastSaid, Instant.now()).compareTo(SIGN_OF_LIFE) > 0) {
        progress.say("  still waiting for %s".formatted(lacking.get()));
        lastSaid = Instant.now();
      }
      pause();
    }
  }

  private Optional<String> whatLacks(HostedCluster cluster, ConditionReport report) {
    if (!report.isReady()) {
      return Optional.of("the condition Ready of the HostedControlPlane");
    }
    var kubeconfig = bed.findKubeconfig(cluster.namespace(), cluster.name());
    if (kubeconfig.isEmpty()) {
      return Optional.of("the Secret %s-kubeconfig".formatted(cluster));
    }
    bed.folder().write(kubeconfigOf(cluster), kubeconfig.get());
    var answer = hosted(cluster, "get", "--raw", "/readyz").within(Duration.ofSeconds(15)).run();
    return answer.succeeded()
        ? Optional.empty()
        : Optional.of("/readyz through the Gateway: %s".formatted(answer.error().strip()));
  }

  private void joinNode(HostedCluster cluster) {
    var workers = bed.workers();
    var joined = workers.of(cluster.namespace(), cluster.name());
    if (joined.stream().anyMatch(worker -> worker.machine().isRunning())) {
      return;
    }
    var name = workers.freeName(cluster.name());
    progress.say("a machine joins %s with kubeadm".formatted(cluster));
    var worker = workers.join(cluster.namespace(), cluster.name(), List.of(name)).getFirst();
    workers.awaitReady(worker, NODE_DEADLINE);
    progress.say("the node %s is ready".formatted(name));
  }

  private void show(HostedCluster cluster) {
    var kubeconfig = kubeconfigOf(cluster);
    System.out.println();
    print(bed.kubectl("get", KIND, "--all-namespaces"), "kubectl get hcp --all-namespaces");
    print(
        hosted(cluster, "get", "nodes", "--output=wide"),
        "kubectl --kubeconfig %s get nodes --output=wide".formatted(kubeconfig));
    System.out.print(
        """

        The hosted cluster '${CLUSTER}' in the namespace '${NAMESPACE}' is ready. Try:

          e2e/bed exec${OPTION} kubectl get pods -n ${NAMESPACE}
          e2e/bed exec${OPTION} kubectl --kubeconfig ${KUBECONFIG} get pods -A
          e2e/bed worker add${OPTION} --cluster ${NAMESPACE}/${CLUSTER}
          e2e/bed exec${OPTION} clusterctl describe cluster ${CLUSTER} -n ${NAMESPACE}
          e2e/bed logs${OPTION} controller

        Remove it all:

          e2e/bed demo-down${OPTION}
        """
            .replace("${CLUSTER}", cluster.name())
            .replace("${NAMESPACE}", cluster.namespace())
            .replace("${KUBECONFIG}", kubeconfig.toString())
            .replace("${OPTION}", option()));
  }

  private String option() {
    return bed.name().equals(BedOptions.DEFAULT_NAME) ? "" : " --name " + bed.name();
  }

  private static void print(Command command, String title) {
    System.out.printf("$ %s%n%s%n", title, command.output().stripTrailing());
  }

  private Command hosted(HostedCluster cluster, String... arguments) {
    return bed.kubectl("--kubeconfig", kubeconfigOf(cluster).toString()).with(arguments);
  }

  private Path kubeconfigOf(HostedCluster cluster) {
    return bed.folder()
        .kubeconfigs()
        .resolve("%s-%s.kubeconfig".formatted(cluster.namespace(), cluster.name()));
  }

  /** Not all samples: others show the same cluster with other settings, or need something else. */
  private List<Path> manifests() {
    var files = SHOWN.stream().map(samples::resolve).toList();
    for (var file : files) {
      if (!Files.isRegularFile(file)) {
        throw new BedException("there is no %s, which the demo shows".formatted(file));
      }
    }
    return files;
  }

  private static String read(Path file) {
    try {
      return Files.readString(file);
    } catch (IOException e) {
      throw new BedException("cannot read %s: %s".formatted(file, e.getMessage()), e);
    }
  }

  private static void pause() {
    try {
      Thread.sleep(PAUSE);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new BedException("interrupted while waiting for the hosted cluster", e);
    }
  }

  /** A cluster among the samples. */
  private record HostedCluster(String namespace, String name, String controlPlane) {
    static List<HostedCluster> in(KubernetesClient client, String manifest) {
      return client
          .load(new ByteArrayInputStream(manifest.getBytes(StandardCharsets.UTF_8)))
          .items()
          .stream()
          .filter(item -> item.getKind().equals("Cluster"))
          .filter(GenericKubernetesResource.class::isInstance)
          .map(GenericKubernetesResource.class::cast)
          .map(HostedCluster::of)
          .toList();
    }

    private static HostedCluster of(GenericKubernetesResource cluster) {
      String controlPlane = cluster.get("spec", "controlPlaneRef", "name");
      return new HostedCluster(
          cluster.getMetadata().getNamespace(), cluster.getMetadata().getName(), controlPlane);
    }

    @Override
    public String toString() {
      return namespace + "/" + name;
    }
  }
}
