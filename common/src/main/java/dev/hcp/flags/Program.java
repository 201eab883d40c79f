package dev.hcp.flags;

import dev.hcp.version.VersionTable;

/** A program whose flags users can add to. */
public enum Program {
  /** The API server. */
  KUBE_APISERVER("kube-apiserver", true),
  /** The controller-manager. */
  KUBE_CONTROLLER_MANAGER("kube-controller-manager", true),
  /** The scheduler. */
  KUBE_SCHEDULER("kube-scheduler", true),
  /** kube-proxy. */
  KUBE_PROXY("kube-proxy", true),
  /** etcd. */
  ETCD("etcd", false),
  /** The konnectivity server. */
  KONNECTIVITY_SERVER("konnectivity-server", false),
  /** The konnectivity agent. */
  KONNECTIVITY_AGENT("konnectivity-agent", false),
  /** CoreDNS. */
  COREDNS("coredns", false);

  private final String title;
  private final boolean normalising;

  Program(String title, boolean normalising) {
    this.title = title;
    this.normalising = normalising;
  }

  /** Its name, for messages. */
  public String title() {
    return title;
  }

  /**
   * The name by which the program knows a flag: those of Kubernetes take {@code tls_cert_file} for
   * {@code tls-cert-file}.
   */
  public String canonical(String flag) {
    return normalising ? flag.replace('_', '-') : flag;
  }

  /** Its release, without the patch version, beside a Kubernetes version: {@code v1.36}. */
  public String release(VersionTable.Components components) {
    return FlagTable.release(
        switch (this) {
          case KUBE_APISERVER, KUBE_CONTROLLER_MANAGER, KUBE_SCHEDULER, KUBE_PROXY ->
              "v1." + components.minor();
          case ETCD -> components.etcd();
          case KONNECTIVITY_SERVER, KONNECTIVITY_AGENT -> components.konnectivity();
          case COREDNS -> components.coredns();
        });
  }
}
