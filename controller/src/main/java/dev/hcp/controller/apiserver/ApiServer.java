package dev.hcp.controller.apiserver;

import dev.hcp.conditions.ConditionState;
import dev.hcp.conditions.ConditionType;
import dev.hcp.conditions.Reason;
import dev.hcp.controller.encryption.AtRest;
import dev.hcp.controller.etcd.Etcd;
import dev.hcp.controller.pki.Authorities;
import dev.hcp.controller.pki.Signing;
import dev.hcp.controller.plan.Action;
import dev.hcp.controller.plan.Observation;
import dev.hcp.controller.plan.Planning;
import dev.hcp.controller.plan.Rollout;
import dev.hcp.controller.plan.Step;
import dev.hcp.controller.plan.Waiting;
import dev.hcp.controller.plan.Workloads;
import dev.hcp.controller.upgrade.Upgrade;
import dev.hcp.model.ControlPlane;
import dev.hcp.naming.Component;
import dev.hcp.render.apiserver.ApiServerRenderer;
import dev.hcp.render.konnectivity.KonnectivityRenderer;
import dev.hcp.render.pki.PkiRenderer;
import dev.hcp.render.pki.Trust;
import dev.hcp.version.KubernetesVersion;
import io.fabric8.kubernetes.api.model.HasMetadata;
import io.fabric8.kubernetes.api.model.Secret;
import io.fabric8.kubernetes.api.model.apps.Deployment;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.Predicate;

/** Plans the API servers, with the konnectivity server beside each. */
public final class ApiServer {
  private ApiServer() {}

  /**
   * The step.
   *
   * @param atRest what the API servers have to be able to decrypt
   * @param signing by which keys they sign and trust tokens of service accounts
   * @param authorities which CAs they trust
   */
  public static Step plan(
      Planning planning,
      AtRest atRest,
      Signing signing,
      Authorities authorities,
      String wantedVersion) {
    var controlPlane = planning.controlPlane();
    var egress = KonnectivityRenderer.egressConfiguration(controlPlane);
    var endpoint = planning.reach().endpoint();
    if (endpoint == null) {
      return new Step(
          ConditionState.not(
              ConditionType.API_SERVER,
              Reason.WAITING_FOR_ENDPOINT,
              "The API servers wait for the endpoint"),
          List.of(egress));
    }
    var workload =
        Workloads.deployment(
            planning,
            ConditionType.API_SERVER,
            Component.API_SERVER,
            Autoscaling.shared(
                planning,
                ApiServerRenderer.after(
                    Etcd.recoveries(planning),
                    Trust.in(
                        ApiServerRenderer.deployment(
                            controlPlane, endpoint, atRest.readable(), signing.files()),
                        controlPlane.names(),
                        Component.API_SERVER,
                        authorities.trusts()))),
            ApiServerRenderer.disruptionBudget(controlPlane),
            wantedVersion,
            waiting(planning));
    var desired = new ArrayList<HasMetadata>();
    desired.add(egress);
    desired.addAll(workload.desired());
    List<Action> actions =
        planning.observed().initialized()
            ? List.of()
            : authority(planning)
                .<List<Action>>map(ca -> List.of(new Action.AwaitAnswer(endpoint, ca)))
                .orElse(List.of());
    var obsolete = new ArrayList<HasMetadata>(workload.obsolete());
    obsolete.addAll(Autoscaling.obsolete(planning));
    return new Step(workload.state(), desired, obsolete, actions);
  }

  /**
   * The step that has the number of API servers follow the load; none if it is fixed. It comes
   * before that of the API servers: none are added while they are being replaced.
   */
  public static Optional<Step> autoscaling(Planning planning) {
    return Autoscaling.plan(planning);
  }

  /** How far API servers are that are being replaced; empty if they are not. */
  public static Optional<String> replaced(Planning planning) {
    return Autoscaling.replaced(planning);
  }

  /**
   * Whether the spec asks for a lower version than all API servers serve, or have served. They
   * cannot read all that newer ones may have written, and admission refuses it; this is for what
   * was written while that was away.
   */
  public static boolean isTooLow(Observation observed, ControlPlane wanted) {
    var names = wanted.names();
    return isAbove(observed, wanted, names.apiServer(), Rollout::isServed)
        // It takes a version only once all API servers serve it, whatever becomes of them later.
        || isAbove(observed, wanted, names.controllerManager(), _ -> true);
  }

  private static boolean isAbove(
      Observation observed, ControlPlane wanted, String deployment, Predicate<Rollout> counts) {
    return observed
        .objects()
        .get(Deployment.class, deployment)
        .map(Rollout::of)
        .filter(counts)
        .flatMap(Rollout::version)
        .flatMap(KubernetesVersion::tryParse)
        .filter(served -> wanted.version().compareTo(served) < 0)
        .isPresent();
  }

  private static Waiting waiting(Planning planning) {
    var observed = planning.observed();
    if (Upgrade.ahead(observed).filter(Upgrade::isHeld).isPresent()) {
      return new Waiting(
          Reason.UPGRADE_BLOCKED,
          "nothing speaks against it any more: see condition %s"
              .formatted(ConditionType.UPGRADE_BLOCKED.value()));
    }
    return KubernetesVersion.tryParse(observed.hostedControlPlane().getSpec().version())
            .filter(wanted -> wanted.compareTo(planning.controlPlane().version()) < 0)
            .isPresent()
        ? new Waiting(
            Reason.VERSION_TOO_LOW,
            "never, since all API servers serve the higher version: set spec.version to that")
        : Waiting.FOR_ETCD;
  }

  private static Optional<String> authority(Planning planning) {
    var names = planning.controlPlane().names();
    return planning
        .objects()
        .get(Secret.class, names.bundle(names.kubernetesCa()))
        .map(Secret::getData)
        .flatMap(data -> Optional.ofNullable(data.get(PkiRenderer.BUNDLE_KEY)));
  }
}
