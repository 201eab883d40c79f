package dev.hcp.controller.kubeconfig;

import dev.hcp.api.certmanager.Certificate;
import dev.hcp.api.v1alpha1.KubeconfigServer;
import dev.hcp.conditions.ConditionState;
import dev.hcp.conditions.ConditionType;
import dev.hcp.conditions.Reason;
import dev.hcp.controller.plan.Planning;
import dev.hcp.controller.plan.Step;
import dev.hcp.naming.Labels;
import dev.hcp.render.kubeconfig.KubeconfigRenderer;
import dev.hcp.render.pki.PkiRenderer;
import io.fabric8.kubernetes.api.model.HasMetadata;
import io.fabric8.kubernetes.api.model.Secret;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/** Plans the kubeconfigs. */
public final class Kubeconfigs {
  private Kubeconfigs() {}

  /** The steps: those of the components, that of the administrator, those of users if any. */
  public static List<Step> plan(Planning planning) {
    var steps = new ArrayList<Step>();
    steps.add(internal(planning));
    // It goes along with a step that there always is.
    steps.add(clearing(admin(planning), obsolete(planning)));
    if (!planning.controlPlane().kubeconfigs().isEmpty()) {
      steps.add(users(planning));
    }
    return List.copyOf(steps);
  }

  /**
   * Names of the kubeconfigs with credentials that are not written yet as they shall be, sorted.
   * They carry what is trusted, and the certificate, as last seen.
   */
  public static List<String> outdated(Planning planning) {
    return plan(planning).stream()
        .flatMap(step -> step.desired().stream())
        .filter(Secret.class::isInstance)
        .map(Secret.class::cast)
        .filter(secret -> {
          var live = planning.objects().secretData(secret.getMetadata().getName());
          return !live.entrySet().containsAll(secret.getData().entrySet());
        })
        .map(secret -> secret.getMetadata().getName())
        .sorted()
        .toList();
  }

  private static Step clearing(Step step, List<HasMetadata> obsolete) {
    return new Step(step.state(), step.desired(), obsolete, step.actions());
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

  private static Step users(Planning planning) {
    var controlPlane = planning.controlPlane();
    var names = controlPlane.names();
    var desired = new ArrayList<Secret>();
    var waiting = new ArrayList<ConditionState>();
    for (var entry : controlPlane.kubeconfigs()) {
      var name = names.kubeconfig(entry.name());
      var server = server(planning, entry.serverOrDefault());
      var credentials = credentials(planning, names.kubeconfigCertificate(entry.name()));
      if (server.isEmpty()) {
        waiting.add(
            ConditionState.not(
                ConditionType.KUBECONFIGS,
                Reason.WAITING_FOR_ENDPOINT,
                "Secret %s waits for the endpoint".formatted(name)));
      } else if (credentials.isEmpty()) {
        waiting.add(waiting(ConditionType.KUBECONFIGS, name));
      } else {
        desired.add(
            KubeconfigRenderer.user(
                controlPlane,
                entry,
                server.get(),
                credentials.get().authority(),
                credentials.get().certificate()));
      }
    }
    return new Step(
        waiting.isEmpty()
            ? ConditionState.done(
                ConditionType.KUBECONFIGS,
                "%d kubeconfigs of users are written".formatted(desired.size()))
            : waiting.getFirst(),
        desired);
  }

  private static Optional<String> server(Planning planning, KubeconfigServer server) {
    return switch (server) {
      case PUBLIC -> Optional.ofNullable(planning.reach().endpoint()).map(KubeconfigRenderer::url);
      case INTERNAL -> Optional.of(KubeconfigRenderer.internalUrl(planning.controlPlane()));
    };
  }

  /** What is left of entries that are gone. */
  private static List<HasMetadata> obsolete(Planning planning) {
    var names = planning.controlPlane().names();
    var wanted =
        planning.controlPlane().kubeconfigs().stream()
            .flatMap(entry ->
                Stream.of(
                    names.kubeconfig(entry.name()), names.kubeconfigCertificate(entry.name())))
            .collect(Collectors.toSet());
    // Certificates first: cert-manager makes their Secrets anew.
    return Stream.<HasMetadata>concat(
            planning.objects().all(Certificate.class).stream(),
            planning.objects().all(Secret.class).stream())
        .filter(live -> names.isOfKubeconfigs(live.getMetadata().getName()))
        .filter(live -> !wanted.contains(live.getMetadata().getName()))
        .filter(Kubeconfigs::isOurs)
        .toList();
  }

  private static boolean isOurs(HasMetadata live) {
    var labels = live.getMetadata().getLabels();
    return labels != null && Labels.MANAGER.equals(labels.get(Labels.MANAGED_BY));
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
