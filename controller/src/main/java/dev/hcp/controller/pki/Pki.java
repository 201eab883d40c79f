package dev.hcp.controller.pki;

import dev.hcp.api.certmanager.CertManagerCondition;
import dev.hcp.api.certmanager.Certificate;
import dev.hcp.api.certmanager.Issuer;
import dev.hcp.conditions.ConditionState;
import dev.hcp.conditions.ConditionType;
import dev.hcp.conditions.Reason;
import dev.hcp.controller.encryption.AtRest;
import dev.hcp.controller.plan.Action;
import dev.hcp.controller.plan.LiveObjects;
import dev.hcp.controller.plan.Planning;
import dev.hcp.controller.plan.Step;
import dev.hcp.controller.plan.Takeover;
import dev.hcp.naming.Labels;
import dev.hcp.render.pki.PkiRenderer;
import io.fabric8.kubernetes.api.model.HasMetadata;
import io.fabric8.kubernetes.api.model.Secret;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/** Plans certificates and keys. */
public final class Pki {
  private Pki() {}

  /**
   * The steps: roots, trust bundles, everything else.
   *
   * @param atRest of whose keys copies are kept
   * @param signing the service-account keys
   * @param authorities the CAs
   */
  public static List<Step> plan(
      Planning planning, AtRest atRest, Signing signing, Authorities authorities) {
    var rootKeys = RootKeys.of(planning, atRest, signing, authorities);
    var takeover = Takeover.of(planning.objects(), planning.controlPlane().names());
    return List.of(
        roots(planning, rootKeys, takeover),
        bundles(planning, authorities),
        leaves(planning, rootKeys, signing, authorities, takeover));
  }

  private static Step roots(Planning planning, RootKeys rootKeys, Takeover takeover) {
    var controlPlane = planning.controlPlane();
    var roots = PkiRenderer.roots(controlPlane, takeover.intermediates());
    var desired = new ArrayList<HasMetadata>();
    // First, or cert-manager makes other keys, and signs leaves by them.
    desired.addAll(rootKeys.restoredAuthorities());
    desired.addAll(PkiRenderer.issuers(controlPlane));
    desired.addAll(roots);
    var problem = firstProblem(planning.objects(), roots).or(() -> issuerProblem(planning));
    return new Step(
        problem
            .map(p -> ConditionState.not(ConditionType.CA_CERTIFICATES, p.reason(), p.message()))
            .orElseGet(() ->
                ConditionState.done(ConditionType.CA_CERTIFICATES, "All three roots are issued")),
        desired);
  }

  private static Step bundles(Planning planning, Authorities authorities) {
    var controlPlane = planning.controlPlane();
    var names = controlPlane.names();
    var desired = new ArrayList<Secret>();
    var missing = new ArrayList<String>();
    for (var authority : authorities.all()) {
      var ca = authority.root().name(names);
      var published = authority.published();
      if (published.isEmpty()) {
        missing.add(ca);
      } else {
        desired.add(PkiRenderer.bundle(controlPlane, ca, published));
      }
    }
    return new Step(
        missing.isEmpty()
            ? ConditionState.done(
                ConditionType.CA_BUNDLES, "All Secrets with trusted certificates are written")
            : ConditionState.not(
                ConditionType.CA_BUNDLES,
                Reason.CA_SECRET_NOT_YET_AVAILABLE,
                "cert-manager has not written Secret %s yet".formatted(missing.getFirst())),
        desired);
  }

  private static Step leaves(
      Planning planning,
      RootKeys rootKeys,
      Signing signing,
      Authorities authorities,
      Takeover takeover) {
    var certificates = Certificates.leaves(planning);
    var desired = new ArrayList<HasMetadata>(certificates);
    desired.addAll(rootKeys.secrets());
    var actions = new ArrayList<>(serviceAccountKeys(planning, signing));
    authorities.all().forEach(authority -> actions.addAll(authority.actions(planning)));
    rootKeys.clearing().ifPresent(actions::add);
    return new Step(
        leavesState(planning, certificates, rootKeys),
        desired,
        Stream.of(
                noMonitoring(planning).stream(),
                takeover.leftOver().stream(),
                noNextAuthority(planning, authorities).stream())
            .flatMap(part -> part)
            .toList(),
        actions);
  }

  private static List<Action> serviceAccountKeys(Planning planning, Signing signing) {
    if (signing.isMissing()) {
      return List.of(new Action.CreateServiceAccountKeys(signing.request()));
    }
    var secret =
        planning.objects().get(Secret.class, planning.controlPlane().names().serviceAccountKeys());
    var actions = new ArrayList<Action>();
    if (signing.isAnotherKeyWanted()) {
      secret
          .map(seen -> new Action.AddServiceAccountKey(seen, signing.ring().pairs().lastKey() + 1))
          .ifPresent(actions::add);
    }
    if (!signing.leftOver().isEmpty()) {
      secret
          .map(seen -> new Action.RemoveEntries(seen, signing.leftOver()))
          .ifPresent(actions::add);
    }
    return actions;
  }

  /** What is left of the certificate for monitoring. cert-manager keeps Secrets. */
  private static List<HasMetadata> noMonitoring(Planning planning) {
    if (PkiRenderer.monitoring(planning.controlPlane()).isPresent()) {
      return List.of();
    }
    var name = planning.controlPlane().names().monitoringCertificate();
    var left = new ArrayList<HasMetadata>();
    planning.objects().get(Certificate.class, name).ifPresent(left::add);
    planning.objects().get(Secret.class, name).ifPresent(left::add);
    left.removeIf(live -> !isOurs(live));
    return left;
  }

  /** The CA that was about to follow, once it has, and nobody reads that Secret any more. */
  private static Optional<Secret> noNextAuthority(Planning planning, Authorities authorities) {
    return planning
        .objects()
        .get(Secret.class, planning.controlPlane().names().nextKubernetesCa())
        .filter(Pki::isOurs)
        .filter(_ -> authorities.all().stream().allMatch(Authority::isNextOver));
  }

  private static boolean isOurs(HasMetadata live) {
    var labels = live.getMetadata().getLabels();
    return labels != null && Labels.MANAGER.equals(labels.get(Labels.MANAGED_BY));
  }

  private static ConditionState leavesState(
      Planning planning, List<Certificate> certificates, RootKeys rootKeys) {
    var problem = firstProblem(planning.objects(), certificates);
    if (problem.isPresent()) {
      return ConditionState.not(
          ConditionType.CERTIFICATES, problem.get().reason(), problem.get().message());
    }
    if (planning.reach().endpoint() == null) {
      return ConditionState.not(
          ConditionType.CERTIFICATES,
          Reason.WAITING_FOR_ENDPOINT,
          "The certificate of the API server waits for the endpoint");
    }
    if (rootKeys.serviceAccountKeysMissing()) {
      return ConditionState.not(
          ConditionType.CERTIFICATES,
          Reason.SERVICE_ACCOUNT_KEYS_MISSING,
          "The service-account keys are being made");
    }
    return ConditionState.done(
        ConditionType.CERTIFICATES,
        "%d certificates are issued and the service-account keys are there"
            .formatted(certificates.size()));
  }

  /** What is wrong with a certificate or issuer. */
  private record Problem(Reason reason, String message) {}

  private static Optional<Problem> firstProblem(LiveObjects objects, List<Certificate> wanted) {
    return wanted.stream()
        .map(certificate -> certificate.getMetadata().getName())
        .flatMap(name -> problem(name, objects.get(Certificate.class, name)).stream())
        .findFirst();
  }

  private static Optional<Problem> problem(String name, Optional<Certificate> live) {
    if (live.isEmpty()) {
      return Optional.of(
          new Problem(
              Reason.CERTIFICATE_NOT_READY, "Certificate %s is being created".formatted(name)));
    }
    var status = live.get().getStatus();
    return notReady(
            status == null ? null : status.conditions(), live.get().getMetadata().getGeneration())
        .map(why ->
            new Problem(Reason.CERTIFICATE_NOT_READY, "Certificate %s: %s".formatted(name, why)));
  }

  private static Optional<Problem> issuerProblem(Planning planning) {
    for (var issuer : PkiRenderer.issuers(planning.controlPlane())) {
      var name = issuer.getMetadata().getName();
      var live = planning.objects().get(Issuer.class, name);
      var status = live.map(Issuer::getStatus).orElse(null);
      var why = notReady(status == null ? null : status.conditions(), null);
      if (why.isPresent()) {
        return Optional.of(
            new Problem(Reason.ISSUER_NOT_READY, "Issuer %s: %s".formatted(name, why.get())));
      }
    }
    return Optional.empty();
  }

  private static Optional<String> notReady(
      @Nullable List<CertManagerCondition> conditions, @Nullable Long generation) {
    var ready =
        conditions == null
            ? Optional.<CertManagerCondition>empty()
            : conditions.stream().filter(c -> c.type().equals("Ready")).findFirst();
    if (ready.isEmpty()) {
      return Optional.of("cert-manager has not looked at it yet");
    }
    var condition = ready.get();
    if (!condition.status().equals("True")) {
      return Optional.of(
          condition.message() == null ? "cert-manager says no more" : condition.message());
    }
    var observed = condition.observedGeneration();
    return generation != null && observed != null && observed < generation
        ? Optional.of("cert-manager has not looked at the latest change yet")
        : Optional.empty();
  }
}
