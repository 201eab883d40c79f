package dev.hcp.e2e.conformance;

import dev.hcp.e2e.Bed;
import dev.hcp.e2e.BedException;
import dev.hcp.e2e.Progress;
import dev.hcp.e2e.process.Command;
import dev.hcp.e2e.process.Wait;
import dev.hcp.e2e.store.Template;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.function.BooleanSupplier;

/** A hosted cluster with two nodes, made for nothing but to be tested. */
public final class ConformanceCluster {
  private static final String NAME = "conformance";
  private static final List<String> NODES = List.of(NAME + "-worker-1", NAME + "-worker-2");
  private static final Duration DEADLINE = Duration.ofMinutes(8);

  private final Bed bed;
  private final Progress progress;

  /**
   * @param bed where it is made
   * @param progress told what is there
   */
  public ConformanceCluster(Bed bed, Progress progress) {
    this.bed = bed;
    this.progress = progress;
  }

  /** Makes it, as far as it is not there, and returns its administrator's kubeconfig. */
  public Path prepare() {
    var manifest = Template.render("conformance/cluster.yaml", Map.of("NAME", NAME));
    var apply = bed.kubectl("apply", "--filename=-").input(manifest).log(bed.folder().log(NAME));
    until("the cluster is accepted", () -> apply.run().succeeded());
    until("it has a kubeconfig", () -> bed.findKubeconfig(NAME, NAME).isPresent());
    var kubeconfig = bed.folder().kubeconfigs().resolve(NAME + ".kubeconfig");
    bed.folder().write(kubeconfig, bed.kubeconfig(NAME, NAME));
    // It answers before this, but then its administrator has no rights yet.
    bed.kubectl("wait", "hcp", NAME, "--namespace", NAME, "--for=condition=Ready")
        .with("--timeout=%ds".formatted(DEADLINE.toSeconds()))
        .within(DEADLINE.plusSeconds(10))
        .check();
    progress.say("the hosted cluster to be tested is ready");
    var missing =
        NODES.stream()
            .filter(node ->
                bed.workers().of(NAME, NAME).stream()
                    .noneMatch(
                        worker -> worker.name().equals(node) && worker.machine().isRunning()))
            .toList();
    bed.workers().join(NAME, NAME, missing);
    bed.workers().of(NAME, NAME).forEach(worker -> bed.workers().awaitReady(worker, DEADLINE));
    kubectl(kubeconfig, "wait", "deployment", "--all", "--namespace", "kube-system")
        .with("--for=condition=Available", "--timeout=%ds".formatted(DEADLINE.toSeconds()))
        .within(DEADLINE.plusSeconds(10))
        .check();
    progress.say("its nodes are ready");
    return kubeconfig;
  }

  private Command kubectl(Path kubeconfig, String... arguments) {
    return bed.kubectl("--kubeconfig", kubeconfig.toString())
        .with(arguments)
        .within(Duration.ofSeconds(30));
  }

  private void until(String what, BooleanSupplier condition) {
    try {
      Wait.until(what, DEADLINE, condition);
    } catch (BedException e) {
      throw new BedException(
          "the hosted cluster to be tested is not there: %s; see e2e/bed logs --name %s controller"
              .formatted(e.getMessage(), bed.name()),
          e);
    }
  }
}
