package dev.hcp.controller.kubeconfig;

import dev.hcp.conditions.ConditionState;
import dev.hcp.conditions.ConditionType;
import dev.hcp.conditions.Reason;
import dev.hcp.controller.plan.Planning;
import dev.hcp.controller.plan.Step;
import dev.hcp.render.kubeconfig.KubeconfigRenderer;
import dev.hcp.render.pki.PkiRenderer;
import io.fabric8.kubernetes.api.model.Secret;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** Plans the kubeconfigs. */
public final class Kubeconfigs {
  private Kubeconfigs() {}

  /** The steps: those of the components, that of the administrator. */
  public static List<Step> plan(Planning planning) {
    return List.of(internal(planning), admin(planning));
  }

  private static Step internal(Planning planning) {
    var controlPlane = planning.controlPlane();
    var desired = new ArrayList<>(KubeconfigRenderer.internal(controlPlane));
    var credentials =
        credentials(planning, controlPlane.names().controlPlaneControllerCertificate());
    credentials.ifPresent(c ->
        desired.add(
            KubeconfigRenderer.controlPlaneController(
                controlPlane, c.authority(), c.certificate())));
    return new Step(
        credentials.isPresent()
            ? ConditionState.done(
                ConditionType.INTERNAL_KUBECONFIGS, "All kubeconfigs of components are written")
            : waiting(
                ConditionType.INTERNAL_KUBECONFIGS,
                controlPlane.names().controlPlaneControllerKubeconfig()),
        desired);
  }

  private static Step admin(Planning planning) {
    var controlPlane = planning.controlPlane();
    var name = controlPlane.names().adminKubeconfig();
    var endpoint = planning.reach().endpoint();
    if (endpoint == null) {
      return new Step(
          ConditionState.not(
              ConditionType.ADMIN_KUBECONFIG,
              Reason.WAITING_FOR_ENDPOINT,
              "Secret %s waits for the endpoint".formatted(name)),
          List.of());
    }
    return credentials(planning, controlPlane.names().adminCertificate())
        .map(c ->
            new Step(
                ConditionState.done(
                    ConditionType.ADMIN_KUBECONFIG, "Secret %s is written".formatted(name)),
                List.of(
                    KubeconfigRenderer.admin(
                        controlPlane, endpoint, c.authority(), c.certificate()))))
        .orElseGet(() -> new Step(waiting(ConditionType.ADMIN_KUBECONFIG, name), List.of()));
  }

  /** What a kubeconfig that carries its credentials is made of; values are base64 of PEM. */
  private record Credentials(String authority, Map<String, String> certificate) {}

  private static Optional<Credentials> credentials(Planning planning, String certificate) {
    var names = planning.controlPlane().names();
    return data(planning, names.bundle(names.kubernetesCa()))
        .flatMap(bundle -> Optional.ofNullable(bundle.get(PkiRenderer.BUNDLE_KEY)))
        .flatMap(authority ->
            data(planning, certificate)
                .filter(data -> data.containsKey("tls.crt") && data.containsKey("tls.key"))
                .map(data -> new Credentials(authority, data)));
  }

  private static Optional<Map<String, String>> data(Planning planning, String secret) {
    return planning.objects().get(Secret.class, secret).map(Secret::getData);
  }

  private static ConditionState waiting(ConditionType type, String secret) {
    return ConditionState.not(
        type,
        Reason.WAITING_FOR_CERTIFICATE,
        "Secret %s waits for its certificate and the trust bundle".formatted(secret));
  }
}
