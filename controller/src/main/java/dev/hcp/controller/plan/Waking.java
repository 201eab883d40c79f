package dev.hcp.controller.plan;

import dev.hcp.naming.Component;
import dev.hcp.naming.Names;
import io.fabric8.kubernetes.api.model.apps.Deployment;
import io.fabric8.kubernetes.api.model.apps.StatefulSet;
import java.util.Optional;

/**
 * How what was stopped starts again: each once that is there which it needs. What was never stopped
 * starts all at once.
 */
public final class Waking {
  private Waking() {}

  /** Whether the API servers are stopped. */
  public static boolean isStopped(LiveObjects objects, Names names) {
    return isStopped(objects, names.apiServer());
  }

  private static boolean isStopped(LiveObjects objects, String deployment) {
    return objects
        .get(Deployment.class, deployment)
        .map(Rollout::of)
        .filter(rollout -> rollout.wanted() == 0)
        .isPresent();
  }

  /**
   * What the Deployment of a component waits for, to start again.
   *
   * @return empty if it may start, or runs
   */
  static Optional<String> waitsFor(Planning planning, Component component, String deployment) {
    var objects = planning.objects();
    var names = planning.controlPlane().names();
    if (!isStopped(objects, deployment)) {
      return Optional.empty();
    }
    if (component == Component.API_SERVER) {
      return unlessServed(planning, names);
    }
    boolean isApiServed =
        objects
            .get(Deployment.class, names.apiServer())
            .map(Rollout::of)
            .filter(rollout -> rollout.available() > 0)
            .isPresent();
    return isApiServed ? Optional.empty() : Optional.of("API servers start first");
  }

  private static Optional<String> unlessServed(Planning planning, Names names) {
    var members = planning.objects().get(StatefulSet.class, names.etcd()).map(Rollout::of);
    // Pods are not yet members that vote while members are added.
    boolean isServed =
        planning.observed().etcd().filter(ObservedEtcd::serves).isPresent()
            || members
                .filter(rollout -> rollout.wanted() > 0 && rollout.ready() > rollout.wanted() / 2)
                .isPresent();
    return isServed
        ? Optional.empty()
        : Optional.of(
            "etcd starts first, %d of %d members are ready"
                .formatted(
                    members.map(Rollout::ready).orElse(0), members.map(Rollout::wanted).orElse(0)));
  }
}
