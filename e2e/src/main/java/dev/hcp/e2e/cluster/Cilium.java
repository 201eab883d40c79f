package dev.hcp.e2e.cluster;

import dev.hcp.e2e.Progress;
import dev.hcp.e2e.image.BedImages;
import dev.hcp.e2e.machine.BedNetwork;
import dev.hcp.e2e.machine.Machine;
import dev.hcp.e2e.store.BedFolder;
import dev.hcp.e2e.store.Template;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Map;

/**
 * Cilium as the management cluster's pod network, by its own chart: pods are routed between nodes
 * without a tunnel, kube-proxy stays, and nothing that would need Envoy is on.
 */
public final class Cilium {
  /**
   * Where its agent puts the plugin on each machine. The host's folder of plugins, which machines
   * see as well, must not get it.
   */
  public static final Path PLUGINS = Path.of("/var/lib/cni/bin");

  private static final Duration READY_DEADLINE = Duration.ofMinutes(5);

  private final ManagementNode node;
  private final BedFolder folder;
  private final BedNetwork network;
  private final BedImages images;
  private final Progress progress;

  /** What it needs to know of the bed it works for. */
  public Cilium(
      ManagementNode node,
      BedFolder folder,
      BedNetwork network,
      BedImages images,
      Progress progress) {
    this.node = node;
    this.folder = folder;
    this.network = network;
    this.images = images;
    this.progress = progress;
  }

  /** Installs it; pods can be started on every node when this returns. */
  public void install() {
    var log = folder.log("cilium");
    var values = folder.root().resolve("cilium-values.yaml");
    folder.write(
        values,
        Template.render(
            "cluster/cilium.yaml",
            Map.of(
                "VERSION", images.ciliumVersion(),
                "POD_RANGE", ControlPlane.POD_RANGE,
                "CGROUPS", Machine.unifiedControlGroups().toString(),
                "PLUGINS", PLUGINS.toString(),
                "API_SERVER", network.node())));
    var chart = images.ciliumSource().resolve("install/kubernetes/cilium");
    node.command("helm", "upgrade", "--install", "cilium", chart.toString())
        .with("--namespace", "kube-system", "--values", values.toString())
        .log(log)
        .check();
    node.kubectl("rollout", "status", "daemonset/cilium", "--namespace", "kube-system")
        .with("--timeout=%ds".formatted(READY_DEADLINE.toSeconds()))
        .within(READY_DEADLINE.plusSeconds(10))
        .log(log)
        .check();
    node.kubectl("wait", "node", "--all", "--for=condition=Ready")
        .with("--timeout=%ds".formatted(READY_DEADLINE.toSeconds()))
        .within(READY_DEADLINE.plusSeconds(10))
        .log(log)
        .check();
    progress.say("Cilium %s ready".formatted(images.ciliumVersion()));
  }
}
