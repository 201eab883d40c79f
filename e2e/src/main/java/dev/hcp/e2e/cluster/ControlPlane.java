package dev.hcp.e2e.cluster;

import dev.hcp.e2e.image.BedImages;
import dev.hcp.e2e.machine.MachineSpec;
import dev.hcp.e2e.store.BedFolder;
import dev.hcp.e2e.store.Template;
import java.time.Duration;
import java.util.List;
import java.util.Map;

/** The management cluster's own control plane, as kubeadm makes it. */
public final class ControlPlane {
  /** Where the management cluster's pods get their addresses from. */
  public static final String POD_RANGE = "10.244.0.0/16";

  private static final Duration INIT_DEADLINE = Duration.ofMinutes(4);
  private static final List<String> STATIC_PODS =
      List.of("etcd", "kube-apiserver", "kube-controller-manager", "kube-scheduler");

  private final ManagementNode node;
  private final BedFolder folder;
  private final BedImages images;

  /**
   * @param node where it runs
   * @param folder where the logs go
   * @param images the Kubernetes version
   */
  public ControlPlane(ManagementNode node, BedFolder folder, BedImages images) {
    this.node = node;
    this.folder = folder;
    this.images = images;
  }

  /** Initialises it; the API server answers when this returns. */
  public void initialise() {
    var machine = node.machine();
    MachineSpec spec = machine.spec();
    folder.write(
        machine.etc("kubernetes-audit/policy.yaml"),
        Template.render("cluster/audit-policy.yaml", Map.of()));
    for (var component : STATIC_PODS) {
      folder.write(
          machine.etc("kubernetes-patches/%s+strategic.yaml".formatted(component)),
          Template.render("cluster/requests-patch.yaml", Map.of("COMPONENT", component)));
    }
    folder.write(
        machine.etc("kubeadm.yaml"),
        Template.render(
            "cluster/kubeadm.yaml",
            Map.of(
                "ADDRESS", spec.address(),
                "HOSTNAME", spec.hostName(),
                "CGROUP", spec.cgroup(),
                "POD_RANGE", POD_RANGE,
                "KUBERNETES_VERSION", images.kubernetesVersion())));
    node.command("kubeadm", "init", "--config", "/etc/kubeadm.yaml")
        .within(INIT_DEADLINE)
        .log(folder.log("kubeadm"))
        .check();
  }
}
