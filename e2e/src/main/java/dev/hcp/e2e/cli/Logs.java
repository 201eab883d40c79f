package dev.hcp.e2e.cli;

import dev.hcp.e2e.Bed;
import dev.hcp.e2e.BedException;
import dev.hcp.e2e.cluster.Provider;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.stream.Stream;

/** Finds the logs of a bed. */
final class Logs {
  private static final String POD = "pod/";

  private final Bed bed;

  Logs(Bed bed) {
    this.bed = bed;
  }

  /** Lists what there is, or prints one log. */
  int print(Optional<String> name) {
    if (name.isEmpty()) {
      files().forEach((known, file) -> System.out.printf("%-24s %s%n", known, file));
      providerPods()
          .forEach(pod -> System.out.printf("%-24s pod in %s%n", pod, Provider.NAMESPACE));
      return 0;
    }
    var file = files().get(name.get());
    if (file != null) {
      copy(file);
      return 0;
    }
    var pods = providerPods().filter(pod -> pod.contains(name.get())).toList();
    if (pods.isEmpty()) {
      throw new BedException(
          "there is no log called '%s'; without a name, logs lists what there is"
              .formatted(name.get()));
    }
    var exitCode = 0;
    for (var pod : pods) {
      System.out.printf("==> %s%n", pod);
      exitCode |=
          bed.kubectl("logs", POD + pod, "-n", Provider.NAMESPACE, "--all-containers")
              .runAttached();
    }
    return exitCode;
  }

  private Map<String, Path> files() {
    var files = new TreeMap<String, Path>();
    files.put("kubelet", bed.node().machine().log("kubelet.log"));
    files.put("containerd", bed.node().machine().log("containerd.log"));
    files.put("audit", bed.auditLog());
    bed.managementMachines().stream()
        .skip(1)
        .forEach(machine ->
            files.put("kubelet-" + machine.spec().hostName(), machine.log("kubelet.log")));
    for (var worker : bed.workers().all()) {
      files.put("kubelet-" + worker.name(), worker.kubeletLog());
    }
    files.put("load-balancer", bed.folder().supervisor().resolve("supervisor.log"));
    try (var steps = Files.newDirectoryStream(bed.folder().root().resolve("logs"), "*.log")) {
      for (var step : steps) {
        var name = step.getFileName().toString();
        files.put("up-" + name.substring(0, name.length() - ".log".length()), step);
      }
    } catch (IOException e) {
      throw new BedException(
          "cannot list the logs of %s: %s".formatted(bed.name(), e.getMessage()), e);
    }
    return files;
  }

  /** The provider's pods; {@code logs controller} and {@code logs webhook} mean these. */
  private Stream<String> providerPods() {
    return bed.kubectl("get", "pods", "-n", Provider.NAMESPACE, "-o", "name")
        .run()
        .output()
        .lines()
        .map(line -> line.substring(POD.length()));
  }

  private static void copy(Path file) {
    try {
      Files.copy(file, System.out);
    } catch (IOException e) {
      throw new BedException("cannot read %s: %s".formatted(file, e.getMessage()), e);
    }
  }
}
