package dev.hcp.controller.apiserver;

import dev.hcp.conditions.ConditionState;
import dev.hcp.conditions.ConditionType;
import dev.hcp.conditions.Reason;
import dev.hcp.controller.encryption.AtRest;
import dev.hcp.controller.etcd.Etcd;
import dev.hcp.controller.pki.Authorities;
import dev.hcp.controller.pki.Signing;
import dev.hcp.controller.plan.Action;
import dev.hcp.controller.plan.Planning;
import dev.hcp.controller.plan.Step;
import dev.hcp.controller.plan.Workloads;
import dev.hcp.naming.Component;
import dev.hcp.render.apiserver.ApiServerRenderer;
import dev.hcp.render.konnectivity.KonnectivityRenderer;
import dev.hcp.render.pki.PkiRenderer;
import dev.hcp.render.pki.Trust;
import io.fabric8.kubernetes.api.model.HasMetadata;
import io.fabric8.kubernetes.api.model.Secret;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

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
            ApiServerRenderer.after(
                Etcd.recoveries(planning),
                Trust.in(
                    ApiServerRenderer.deployment(
                        controlPlane, endpoint, atRest.readable(), signing.files()),
                    controlPlane.names(),
                    Component.API_SERVER,
                    authorities.trusts())),
            ApiServerRenderer.disruptionBudget(controlPlane),
            wantedVersion,
            Reason.WAITING_FOR_ETCD);
    var desired = new ArrayList<HasMetadata>();
    desired.add(egress);
    desired.addAll(workload.desired());
    List<Action> actions =
        planning.observed().initialized()
            ? List.of()
            : authority(planning)
                .<List<Action>>map(ca -> List.of(new Action.AwaitAnswer(endpoint, ca)))
                .orElse(List.of());
    return new Step(workload.state(), desired, workload.obsolete(), actions);
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
