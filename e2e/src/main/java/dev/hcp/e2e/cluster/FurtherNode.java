package dev.hcp.e2e.cluster;

import dev.hcp.e2e.BedException;
import dev.hcp.e2e.machine.Machine;
import dev.hcp.e2e.machine.MachineParts;
import dev.hcp.e2e.process.Command;
import dev.hcp.e2e.store.BedFolder;
import dev.hcp.e2e.store.Template;
import java.time.Duration;
import java.util.List;
import java.util.Map;

/** One more node of the management cluster: a machine beside the first that runs pods only. */
public final class FurtherNode {
  private static final Duration JOIN_DEADLINE = Duration.ofMinutes(3);

  private final ManagementNode first;
  private final Machine machine;
  private final BedFolder folder;

  /**
   * @param first the node with the control plane
   * @param machine what is to be a node
   * @param folder the bed both belong to
   */
  public FurtherNode(ManagementNode first, Machine machine, BedFolder folder) {
    this.first = first;
    this.machine = machine;
    this.folder = folder;
  }

  /** Starts the machine and joins it; its node exists when this returns. */
  public void join(MachineParts parts) {
    if (!machine.isRunning()) {
      machine.remove();
      machine.start(parts);
    }
    var spec = machine.spec();
    folder.write(
        machine.etc("kubernetes-patches/kubeletconfiguration+merge.yaml"),
        Template.render("hosted/kubelet-patch.yaml", Map.of("CGROUP", spec.cgroup())));
    machine
        .on(
            Command.of(joinCommand())
                .env("PATH", folder.searchPath())
                .with("--patches", "/etc/kubernetes-patches")
                .with("--ignore-preflight-errors", "all"))
        .within(JOIN_DEADLINE)
        .log(folder.log("join-" + spec.hostName()))
        .check();
  }

  private List<String> joinCommand() {
    var printed = first.command("kubeadm", "token", "create", "--print-join-command").output();
    var words = List.of(printed.strip().split("\\s+", -1));
    if (!words.getFirst().equals("kubeadm")) {
      throw new BedException("kubeadm does not say how to join: %s".formatted(printed));
    }
    return words;
  }
}
