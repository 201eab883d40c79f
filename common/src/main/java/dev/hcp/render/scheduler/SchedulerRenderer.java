package dev.hcp.render.scheduler;

import dev.hcp.flags.Program;
import dev.hcp.model.ControlPlane;
import dev.hcp.model.DefaultRequests;
import dev.hcp.naming.Component;
import dev.hcp.render.pki.PkiRenderer;
import dev.hcp.render.pod.Follower;
import dev.hcp.render.pod.Pods;
import io.fabric8.kubernetes.api.model.apps.Deployment;
import io.fabric8.kubernetes.api.model.policy.v1.PodDisruptionBudget;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** The scheduler. */
public final class SchedulerRenderer {
  /** Port of metrics and probes. */
  public static final int PORT = 10259;

  private SchedulerRenderer() {}

  /** The Deployment. */
  public static Deployment deployment(ControlPlane controlPlane) {
    return follower(controlPlane).deployment(controlPlane, controlPlane.scheduler());
  }

  /** The disruption budget; none for a single pod. */
  public static Optional<PodDisruptionBudget> disruptionBudget(ControlPlane controlPlane) {
    return follower(controlPlane).disruptionBudget(controlPlane, controlPlane.scheduler());
  }

  private static Follower follower(ControlPlane controlPlane) {
    var names = controlPlane.names();
    return new Follower(
        Component.SCHEDULER,
        Program.KUBE_SCHEDULER,
        names.scheduler(),
        PORT,
        "/readyz",
        "/livez",
        names.schedulerKubeconfig(),
        List.of(
            Pods.secret(names.bundle(names.kubernetesCa()), PkiRenderer.BUNDLE_KEY, "bundle.crt"),
            Pods.keyPair(names.schedulerCertificate(), "client")),
        Map.of(),
        DefaultRequests.SCHEDULER);
  }
}
