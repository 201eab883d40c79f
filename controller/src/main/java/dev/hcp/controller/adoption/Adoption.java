package dev.hcp.controller.adoption;

import dev.hcp.api.certmanager.Certificate;
import dev.hcp.api.certmanager.Issuer;
import dev.hcp.api.cilium.CiliumNetworkPolicy;
import dev.hcp.api.v1alpha1.HostedControlPlane;
import dev.hcp.conditions.ConditionType;
import dev.hcp.controller.kube.Kube;
import dev.hcp.controller.pki.ServiceAccountKeys;
import dev.hcp.controller.plan.LiveObjects;
import dev.hcp.controller.plan.Planning;
import dev.hcp.naming.Labels;
import dev.hcp.naming.Names;
import dev.hcp.render.pki.PkiRenderer;
import io.fabric8.kubernetes.api.model.ConfigMap;
import io.fabric8.kubernetes.api.model.HasMetadata;
import io.fabric8.kubernetes.api.model.PersistentVolumeClaim;
import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.api.model.Secret;
import io.fabric8.kubernetes.api.model.Service;
import io.fabric8.kubernetes.api.model.apps.Deployment;
import io.fabric8.kubernetes.api.model.apps.StatefulSet;
import io.fabric8.kubernetes.api.model.gatewayapi.v1.TLSRoute;
import io.fabric8.kubernetes.api.model.networking.v1.NetworkPolicy;
import io.fabric8.kubernetes.api.model.policy.v1.PodDisruptionBudget;
import io.fabric8.kubernetes.client.KubernetesClientException;
import java.net.HttpURLConnection;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.stream.Stream;

/**
 * Makes known what the forerunner has made. Its objects have the names of ours, and were applied by
 * the same field manager, but have not the label by which informers select: to a pass they would
 * not be there, and it would make keys that are there, and found an etcd that has data.
 *
 * <p>Copies of all keys are made before anything else. Then each object gets the label, the one by
 * which a control plane of the forerunner is known at last, and no pass is made before informers
 * have seen all of them. Each write may be the last one that is made.
 */
public final class Adoption {
  private final Kube kube;

  /** Adopts nothing yet. */
  public Adoption(Kube kube) {
    this.kube = kube;
  }

  /**
   * Adopts what is not adopted yet.
   *
   * @return what passes have to wait for, in a sentence; empty if for nothing. What they wait for
   *     wakes them, but for the labels of objects that somebody else has changed meanwhile
   */
  public Optional<String> waitsFor(Planning planning) {
    var names = planning.controlPlane().names();
    var seen = planning.objects();
    // Written by the first pass. Until then a request tells new control planes from old ones.
    if (seen.get(ConfigMap.class, names.etcdMembership()).isPresent()) {
      requireKeptUp(names, seen);
      return Optional.empty();
    }
    var namespace = planning.controlPlane().namespace();
    var signer =
        find(Secret.class, namespace, names, names.formerServiceAccountKeys())
            .filter(secret -> "kubernetes.io/tls".equals(secret.getType()));
    if (signer.isEmpty()) {
      return Optional.empty();
    }
    var object = planning.observed().hostedControlPlane();
    if (seen.get(Secret.class, names.rootKeys()).isEmpty()) {
      copyKeys(planning, signer.get());
    }
    var former = former(namespace, names, seen);
    former.stream().filter(found -> !isLabelled(found)).forEach(this::label);
    removeForeignConditions(object);
    if (!isLabelled(signer.get())) {
      label(signer.get());
      kube.event(
          object,
          Kube.EventType.NORMAL,
          "TakingOver",
          "TakeOver",
          "This control plane was made by the forerunner: its keys are copied to Secret %s, and it is kept up by this controller from now on"
              .formatted(names.rootKeys()));
    }
    former.add(signer.get());
    if (seen.get(Secret.class, names.rootKeys()).isEmpty()) {
      return Optional.of("its keys are being copied to Secret %s".formatted(names.rootKeys()));
    }
    return unseen(seen, former);
  }

  /**
   * Adopts what is to be deleted: what nobody knows of would keep pods, for which others wait.
   *
   * @param seen what is known of the control plane
   * @return what that has to wait for, in a sentence; empty if for nothing
   */
  public Optional<String> waitsFor(String namespace, Names names, LiveObjects seen) {
    if (isAllOurs(seen)) {
      return Optional.empty();
    }
    var former = former(namespace, names, seen);
    find(Secret.class, namespace, names, names.formerServiceAccountKeys()).ifPresent(former::add);
    former.stream().filter(found -> !isLabelled(found)).forEach(this::label);
    return unseen(seen, former);
  }

  /**
   * What a deletion would not find, but for volumes.
   *
   * @param seen what is known of the control plane
   */
  public List<HasMetadata> unknown(String namespace, Names names, LiveObjects seen) {
    return isAllOurs(seen)
        ? List.of()
        : former(namespace, names, seen).stream()
            .filter(found -> !(found instanceof PersistentVolumeClaim) && !isSeen(seen, found))
            .toList();
  }

  private static boolean isAllOurs(LiveObjects seen) {
    return Stream.concat(
            seen.all(Pod.class).stream(), seen.all(PersistentVolumeClaim.class).stream())
        .allMatch(Adoption::isLabelled);
  }

  /** What is not seen with its label yet. */
  private static Optional<String> unseen(LiveObjects seen, List<HasMetadata> former) {
    var left = former.stream().filter(found -> !isSeen(seen, found)).toList();
    return left.isEmpty()
        ? Optional.empty()
        : Optional.of(
            "%d of %d objects have their label, the next is %s %s"
                .formatted(
                    former.size() - left.size(),
                    former.size(),
                    left.getFirst().getKind(),
                    left.getFirst().getMetadata().getName()));
  }

  private void copyKeys(Planning planning, Secret signer) {
    var controlPlane = planning.controlPlane();
    var names = controlPlane.names();
    requireKnown(controlPlane.namespace(), names);
    var copies = new TreeMap<String, String>();
    var authorities = new LinkedHashMap<String, String>();
    authorities.put("ca", names.kubernetesCa());
    authorities.put("etcd-ca", names.etcdCa());
    authorities.put("front-proxy-ca", names.frontProxyCa());
    authorities.forEach((alias, name) ->
        kube.find(Secret.class, controlPlane.namespace(), name)
            .ifPresent(secret -> put(copies, alias, secret.getData())));
    put(copies, "sa", ServiceAccountKeys.ofCertificate(signer.getData()));
    try {
      kube.create(PkiRenderer.rootKeys(controlPlane, copies));
    } catch (KubernetesClientException e) {
      // Made before, though informers have not seen it yet.
      if (e.getCode() != HttpURLConnection.HTTP_CONFLICT) {
        throw e;
      }
    }
  }

  private static void put(Map<String, String> copies, String alias, Map<String, String> data) {
    var certificate = data.getOrDefault("tls.crt", "");
    var key = data.getOrDefault("tls.key", "");
    if (!certificate.isEmpty() && !key.isEmpty()) {
      copies.put(alias + ".crt", certificate);
      copies.put(alias + ".key", key);
    }
  }

  private void label(HasMetadata found) {
    kube.label(found, Labels.MANAGED_BY, Labels.MANAGER);
  }

  private void removeForeignConditions(HostedControlPlane object) {
    var status = object.getStatus();
    var all = status == null ? null : status.conditions();
    if (all == null) {
      return;
    }
    var known = all.stream().filter(c -> ConditionType.isKnown(c.type())).toList();
    if (known.size() < all.size()) {
      kube.leaveConditions(object, known);
    }
  }

  /** What there is of all that the forerunner makes, but for the service-account key. */
  private List<HasMetadata> former(String namespace, Names names, LiveObjects seen) {
    var workloads =
        List.of(names.apiServer(), names.controllerManager(), names.scheduler(), names.etcd());
    var authorities = List.of(names.kubernetesCa(), names.etcdCa(), names.frontProxyCa());
    var certificates = new TreeSet<>(names.certificates());
    var secrets = new TreeSet<>(certificates);
    authorities.stream().map(names::bundle).forEach(secrets::add);
    secrets.addAll(
        List.of(
            names.adminKubeconfig(),
            names.controllerManagerKubeconfig(),
            names.schedulerKubeconfig(),
            names.konnectivityKubeconfig(),
            names.controlPlaneControllerKubeconfig(),
            names.audit()));
    certificates.add(names.formerServiceAccountKeys());
    var issuers = new TreeSet<>(authorities);
    issuers.add(names.rootIssuer());
    var all = new LinkedHashMap<Class<? extends HasMetadata>, Iterable<String>>();
    all.put(Issuer.class, issuers);
    all.put(Certificate.class, certificates);
    all.put(Secret.class, secrets);
    all.put(ConfigMap.class, List.of(names.konnectivity(), names.authentication()));
    all.put(
        Service.class,
        List.of(names.apiServerService(), names.etcdPeerService(), names.etcdClientService()));
    all.put(TLSRoute.class, List.of(names.apiServerRoute(), names.konnectivity()));
    all.put(StatefulSet.class, List.of(names.etcd()));
    all.put(
        Deployment.class, List.of(names.apiServer(), names.controllerManager(), names.scheduler()));
    all.put(PodDisruptionBudget.class, workloads);
    all.put(NetworkPolicy.class, workloads);
    all.put(CiliumNetworkPolicy.class, workloads);
    var found = new ArrayList<HasMetadata>(seen.all(PersistentVolumeClaim.class));
    all.forEach((type, each) ->
        each.forEach(name -> find(type, namespace, names, name).ifPresent(found::add)));
    return found;
  }

  /** What is somebody else's though it has such a name has not the label of the Cluster. */
  private <T extends HasMetadata> Optional<T> find(
      Class<T> type, String namespace, Names names, String name) {
    return kube.find(type, namespace, name)
        .filter(found -> found.getMetadata().getDeletionTimestamp() == null)
        .filter(found ->
            found.getMetadata().getLabels() != null
                && names
                    .cluster()
                    .equals(found.getMetadata().getLabels().get(Labels.CLUSTER_NAME)));
  }

  /**
   * Copies of keys count for more than the keys, so those of an earlier takeover must not be found
   * by a later one.
   *
   * @throws IllegalArgumentException if the forerunner has kept the control plane up since then
   */
  private static void requireKeptUp(Names names, LiveObjects seen) {
    if (seen.get(Certificate.class, names.kubernetesCa())
        .filter(authority -> authority.getSpec().privateKey() == null)
        .isPresent()) {
      throw new IllegalArgumentException(
          "the forerunner has kept it up since it was taken over: delete Secrets %s and %s and ConfigMap %s first"
              .formatted(names.rootKeys(), names.serviceAccountKeys(), names.etcdMembership()));
    }
  }

  /**
   * The forerunner lets the Kubernetes CA have another key with each renewal, and tells nodes of
   * it.
   *
   * @throws IllegalArgumentException if it was renewed since the forerunner has ended
   */
  private void requireKnown(String namespace, Names names) {
    var ca = names.kubernetesCa();
    var published =
        kube.find(Secret.class, namespace, names.bundle(ca))
            .map(Secret::getData)
            .flatMap(data -> Optional.ofNullable(data.get("current.crt")))
            .filter(certificate -> !certificate.isEmpty());
    var live = kube.find(Secret.class, namespace, ca).map(Secret::getData);
    if (published.isPresent()
        && live.filter(data -> published.get().equals(data.get("tls.crt"))).isEmpty()) {
      throw new IllegalArgumentException(
          "Certificate %s was renewed since the forerunner was stopped, and nobody knows the new key: start it again, and wait until all nodes are replaced"
              .formatted(ca));
    }
  }

  private static boolean isSeen(LiveObjects seen, HasMetadata found) {
    return seen.counterpart(found).filter(Adoption::isLabelled).isPresent();
  }

  private static boolean isLabelled(HasMetadata object) {
    var labels = object.getMetadata().getLabels();
    return labels != null && Labels.MANAGER.equals(labels.get(Labels.MANAGED_BY));
  }
}
