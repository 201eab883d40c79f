package dev.hcp.e2e;

import dev.hcp.e2e.cluster.Provider;
import dev.hcp.e2e.process.Command;
import java.nio.file.Path;
import java.time.Duration;

/**
 * Writes down what a management cluster looks like, for whoever has to find out why a test failed.
 */
final class Diagnostics {
  private static final String POD = "pod/";

  private final Bed bed;

  Diagnostics(Bed bed) {
    this.bed = bed;
  }

  void write(Path folder) {
    save(folder.resolve("pods.txt"), bed.kubectl("get", "pods", "-A", "-o", "wide"));
    save(
        folder.resolve("events.txt"),
        bed.kubectl("get", "events", "-A", "--sort-by=.lastTimestamp"));
    save(
        folder.resolve("objects.yaml"),
        bed.kubectl(
            "get",
            "clusters,hostedcontrolplanes,certificates,tlsroutes,services",
            "-A",
            "-o",
            "yaml"));
    save(folder.resolve("pod-descriptions.txt"), bed.kubectl("describe", "pods", "-A"));
    save(
        folder.resolve("cilium.log"),
        bed.kubectl("logs", "-n", "kube-system", "-l", "k8s-app=cilium", "--prefix")
            .with("--tail=500"));
    bed.kubectl("get", "pods", "-n", Provider.NAMESPACE, "-o", "name")
        .run()
        .output()
        .lines()
        .map(pod -> pod.substring(POD.length()))
        .forEach(pod -> {
          save(folder.resolve(pod + ".log"), logs(pod));
          save(folder.resolve(pod + ".previous.log"), logs(pod).with("--previous"));
        });
  }

  private Command logs(String pod) {
    return bed.kubectl("logs", pod, "-n", Provider.NAMESPACE, "--all-containers");
  }

  private void save(Path file, Command command) {
    try {
      var result = command.within(Duration.ofSeconds(30)).run();
      bed.folder().write(file, result.output() + result.error());
    } catch (BedException e) {
      // One thing that cannot be found out must not hide the others, nor why the test failed.
      bed.folder().write(file, e.toString());
    }
  }
}
