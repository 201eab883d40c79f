package dev.hcp.e2e.cli;

import dev.hcp.e2e.Bed;
import dev.hcp.e2e.BedException;
import dev.hcp.e2e.Progress;
import dev.hcp.e2e.contract.ContractReport;
import dev.hcp.e2e.contract.ContractSuite;
import dev.hcp.e2e.contract.Patience;
import dev.hcp.e2e.contract.Subject;
import dev.hcp.e2e.hosted.Kubeconfig;
import dev.hcp.e2e.process.Wait;
import dev.hcp.e2e.store.SourceTree;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.KubernetesClientBuilder;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;

/** Tries the contract of Cluster API, on this provider or another, and writes the report. */
final class ContractRun {
  private static final String OURS = "controlplane.cluster.x-k8s.io/v1alpha1/HostedControlPlane";
  private static final String SAMPLE = "clusters/demo";
  private static final String COMPONENTS = "control-plane-components.yaml";

  /** The sample has 3. */
  private static final int OTHER_REPLICAS = 2;

  private static final Duration APPLY_DEADLINE = Duration.ofMinutes(1);
  private static final Duration DEADLINE = Duration.ofMinutes(10);

  private final Path folder;
  private final Progress progress;

  ContractRun(Path folder, Progress progress) {
    this.folder = folder;
    this.progress = progress;
  }

  /** On this provider, with the sample cluster of a bed. */
  boolean onBed(Bed bed, Path samples) {
    var apply =
        bed.kubectl("apply", "--filename=-")
            .input(read(samples.resolve("cluster.yaml")))
            .log(bed.folder().log("contract"));
    Wait.until("the sample is accepted", APPLY_DEADLINE, () -> apply.run().succeeded());
    progress.say("waiting until Cluster %s is ready".formatted(SAMPLE));
    bed.kubectl("wait", "hcp", "demo", "--namespace", "clusters", "--for=condition=Ready")
        .with("--timeout=%ds".formatted(DEADLINE.toSeconds()))
        .within(DEADLINE.plusSeconds(10))
        .check();
    bed.kubectl("wait", "cluster", "demo", "--namespace", "clusters")
        .with("--for=condition=ControlPlaneAvailable")
        .with("--timeout=%ds".formatted(APPLY_DEADLINE.toSeconds()))
        .within(APPLY_DEADLINE.plusSeconds(10))
        .check();
    var components = SourceTree.locate(System.getenv()).release().resolve(COMPONENTS);
    try (var client = bed.client()) {
      return run(
          client,
          Subject.parse(OURS, SAMPLE, Optional.of(components)),
          true,
          OptionalInt.of(OTHER_REPLICAS));
    }
  }

  /**
   * On any provider.
   *
   * @param words kubeconfig, kind, cluster, and perhaps components
   */
  boolean elsewhere(List<String> words, boolean changes) {
    var components = words.size() > 3 ? Optional.of(Path.of(words.get(3))) : Optional.<Path>empty();
    try (var client =
        new KubernetesClientBuilder()
            .withConfig(Kubeconfig.parse(read(Path.of(words.get(0)))))
            .build()) {
      return run(
          client,
          Subject.parse(words.get(1), words.get(2), components),
          changes,
          OptionalInt.empty());
    } catch (IllegalArgumentException e) {
      throw new Arguments.Misuse(String.valueOf(e.getMessage()));
    }
  }

  private boolean run(
      KubernetesClient client, Subject subject, boolean changes, OptionalInt otherReplicas) {
    progress.say("trying the contract of Cluster API on %s".formatted(subject));
    var report = ContractSuite.run(client, subject, changes, Patience.USUAL, otherReplicas);
    write(report);
    System.out.println(report.markdown());
    report
        .breaches()
        .forEach(breach ->
            progress.say(
                "broken: %s, %s".formatted(breach.rule().id(), breach.verdict().evidence())));
    return report.breaches().isEmpty();
  }

  private void write(ContractReport report) {
    try {
      Files.createDirectories(folder);
      Files.writeString(folder.resolve("report.md"), report.markdown());
      Files.writeString(folder.resolve("report.json"), report.json());
    } catch (IOException e) {
      throw new BedException("cannot write to %s: %s".formatted(folder, e.getMessage()), e);
    }
  }

  private static String read(Path file) {
    try {
      return Files.readString(file);
    } catch (IOException e) {
      throw new BedException("cannot read %s: %s".formatted(file, e.getMessage()), e);
    }
  }
}
