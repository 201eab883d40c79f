package dev.hcp.model;

import io.fabric8.kubernetes.api.model.Quantity;
import java.util.Map;

/** What containers request unless the user says otherwise; with less they do not work. */
public enum DefaultRequests {
  /** kube-apiserver. */
  API_SERVER("50m", "256Mi"),
  /** The konnectivity server beside it. */
  KONNECTIVITY_SERVER("5m", "32Mi"),
  /** kube-controller-manager. */
  CONTROLLER_MANAGER("20m", "96Mi"),
  /** kube-scheduler. */
  SCHEDULER("10m", "48Mi"),
  /** etcd. */
  ETCD("25m", "64Mi");

  private final String cpu;
  private final String memory;

  DefaultRequests(String cpu, String memory) {
    this.cpu = cpu;
    this.memory = memory;
  }

  /** Amounts by resource. */
  public Map<String, Quantity> amounts() {
    return Map.of("cpu", new Quantity(cpu), "memory", new Quantity(memory));
  }
}
