package dev.hcp.controller.plan;

import dev.hcp.api.certmanager.CertManagerCondition;
import dev.hcp.api.certmanager.Certificate;
import dev.hcp.conditions.ConditionState;
import dev.hcp.conditions.Reason;
import dev.hcp.model.SecretText;
import dev.hcp.naming.Component;
import dev.hcp.naming.Labels;
import dev.hcp.naming.Names;
import io.fabric8.kubernetes.api.model.HasMetadata;
import io.fabric8.kubernetes.api.model.ObjectMeta;
import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.api.model.PodTemplateSpec;
import io.fabric8.kubernetes.api.model.Secret;
import io.fabric8.kubernetes.api.model.apps.Deployment;
import io.fabric8.kubernetes.api.model.apps.StatefulSet;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * How far a control plane that the forerunner has made is taken over, seen by what is left of it.
 *
 * <p>There, the CAs of etcd and front proxy are signed by the Kubernetes CA, and everybody trusts
 * that one. Programs read once, when they start, whom they trust, and read their own certificates
 * again whenever these change. So nobody may be given a certificate that somebody who still runs
 * does not trust:
 *
 * <ol>
 *   <li>All three CAs are issued anew for the long lifetime that they have here, with the keys that
 *       they have, the two still signed by the Kubernetes CA. Certificates of theirs come with the
 *       chain up to that one, which everybody trusts.
 *   <li>Only then pods are replaced. New ones trust the CA of etcd itself, by its new certificate.
 *   <li>Once no pod of the forerunner is left, the two CAs become roots. Their keys and names stay,
 *       so those who trust the certificates of before trust what is signed from then on.
 * </ol>
 *
 * @param isUnderWay whether pods of the forerunner are left
 * @param intermediates CAs that are signed by the Kubernetes CA still
 * @param waitsFor what has to be there before pods are replaced; empty if they may be
 * @param leftOver what nobody needs any more, to be deleted
 */
public record Takeover(
    boolean isUnderWay,
    Set<String> intermediates,
    Optional<String> waitsFor,
    List<HasMetadata> leftOver) {
  private static final Set<String> COMPONENTS =
      Stream.of(
              Component.API_SERVER,
              Component.CONTROLLER_MANAGER,
              Component.SCHEDULER,
              Component.ETCD)
          .map(Component::label)
          .collect(Collectors.toUnmodifiableSet());

  private static final Set<String> ENDED = Set.of("Succeeded", "Failed");

  /** Copies the collections. */
  public Takeover {
    intermediates = Set.copyOf(intermediates);
    leftOver = List.copyOf(leftOver);
  }

  /** What is left, of a control plane that we have made ourselves nothing. */
  public static Takeover of(LiveObjects objects, Names names) {
    boolean starts = templates(objects, names).anyMatch(t -> isFormer(t.getMetadata()));
    boolean runs =
        starts
            || objects.all(Pod.class).stream()
                .filter(Takeover::mayWork)
                .anyMatch(pod -> isFormer(pod.getMetadata()));
    return new Takeover(
        runs,
        runs ? intermediates(objects, names) : Set.of(),
        starts ? waitsFor(objects, names) : Optional.empty(),
        runs ? List.of() : leftOver(objects, names));
  }

  /** A step without what it has to wait with. */
  public Step hold(Step step) {
    if (waitsFor.isEmpty() || step.desired().stream().noneMatch(Takeover::hasPods)) {
      return step;
    }
    return new Step(
        ConditionState.not(
            step.state().type(),
            Reason.WAITING_FOR_CERTIFICATE,
            "The pods that the forerunner has started are replaced later: %s"
                .formatted(waitsFor.get())),
        step.desired().stream().filter(object -> !hasPods(object)).toList(),
        step.obsolete().stream().filter(object -> !(object instanceof Pod)).toList(),
        step.actions());
  }

  private static boolean hasPods(HasMetadata object) {
    return object instanceof Deployment || object instanceof StatefulSet;
  }

  private static Stream<PodTemplateSpec> templates(LiveObjects objects, Names names) {
    return Stream.concat(
        Stream.of(names.apiServer(), names.controllerManager(), names.scheduler())
            .flatMap(name -> objects.get(Deployment.class, name).stream())
            .map(deployment -> deployment.getSpec().getTemplate()),
        objects.get(StatefulSet.class, names.etcd()).stream()
            .map(set -> set.getSpec().getTemplate()));
  }

  private static boolean mayWork(Pod pod) {
    var phase = pod.getStatus() == null ? null : pod.getStatus().getPhase();
    return phase == null || !ENDED.contains(phase);
  }

  /** Whether pods are the forerunner's, which have the labels that select them and no others. */
  private static boolean isFormer(@Nullable ObjectMeta metadata) {
    var labels = metadata == null ? null : metadata.getLabels();
    return labels != null
        && COMPONENTS.contains(Objects.requireNonNullElse(labels.get(Labels.COMPONENT), ""))
        && !Labels.MANAGER.equals(labels.get(Labels.MANAGED_BY));
  }

  private static Set<String> intermediates(LiveObjects objects, Names names) {
    return Stream.of(names.etcdCa(), names.frontProxyCa())
        .filter(ca ->
            objects
                .get(Certificate.class, ca)
                .filter(live -> live.getSpec().issuerRef().name().equals(names.kubernetesCa()))
                .isPresent())
        .collect(Collectors.toUnmodifiableSet());
  }

  private static Optional<String> waitsFor(LiveObjects objects, Names names) {
    for (var ca : List.of(names.kubernetesCa(), names.etcdCa(), names.frontProxyCa())) {
      if (!isIssuedAnew(objects.get(Certificate.class, ca))) {
        return Optional.of("Certificate %s has to be issued anew first".formatted(ca));
      }
      var certificate = SecretText.read(objects.secretData(ca), "tls.crt");
      var bundle = names.bundle(ca);
      var trusted = SecretText.read(objects.secretData(bundle), "ca.crt").orElse("");
      if (certificate.filter(text -> trusted.contains(text.strip())).isEmpty()) {
        return Optional.of("Secret %s has to follow Certificate %s first".formatted(bundle, ca));
      }
    }
    var keys = names.serviceAccountKeys();
    return objects.get(Secret.class, keys).isPresent()
        ? Optional.empty()
        : Optional.of("Secret %s has to be written first".formatted(keys));
  }

  /** Whether a CA is as we want it; the forerunner says nothing of keys. */
  private static boolean isIssuedAnew(Optional<Certificate> ca) {
    var live = ca.orElse(null);
    if (live == null
        || live.getSpec().privateKey() == null
        || live.getStatus() == null
        || live.getStatus().conditions() == null) {
      return false;
    }
    var generation = live.getMetadata().getGeneration();
    return live.getStatus().conditions().stream().anyMatch(c -> isReady(c, generation));
  }

  private static boolean isReady(CertManagerCondition condition, @Nullable Long generation) {
    return condition.type().equals("Ready")
        && condition.status().equals("True")
        && (generation == null
            || condition.observedGeneration() == null
            || condition.observedGeneration() >= generation);
  }

  /** The Secret last: while there is a Certificate, cert-manager would write it again. */
  private static List<HasMetadata> leftOver(LiveObjects objects, Names names) {
    var name = names.formerServiceAccountKeys();
    var left = new ArrayList<HasMetadata>();
    if (objects.get(Secret.class, names.serviceAccountKeys()).isPresent()) {
      objects.get(Certificate.class, name).ifPresent(left::add);
      if (left.isEmpty()) {
        objects.get(Secret.class, name).ifPresent(left::add);
      }
    }
    return left;
  }
}
