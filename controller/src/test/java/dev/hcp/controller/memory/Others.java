package dev.hcp.controller.memory;

import dev.hcp.api.capi.Cluster;
import dev.hcp.api.capi.ClusterSpec;
import dev.hcp.api.certmanager.CertManagerCondition;
import dev.hcp.api.certmanager.Certificate;
import dev.hcp.api.certmanager.CertificateStatus;
import dev.hcp.api.certmanager.Issuer;
import dev.hcp.api.certmanager.IssuerStatus;
import dev.hcp.api.v1alpha1.HostedControlPlane;
import dev.hcp.naming.Labels;
import dev.hcp.render.pki.AuthorityKeys;
import dev.hcp.render.pki.Root;
import io.fabric8.kubernetes.api.model.Condition;
import io.fabric8.kubernetes.api.model.ConditionBuilder;
import io.fabric8.kubernetes.api.model.ConfigMap;
import io.fabric8.kubernetes.api.model.ContainerStatus;
import io.fabric8.kubernetes.api.model.HasMetadata;
import io.fabric8.kubernetes.api.model.OwnerReferenceBuilder;
import io.fabric8.kubernetes.api.model.PersistentVolumeClaim;
import io.fabric8.kubernetes.api.model.PersistentVolumeClaimBuilder;
import io.fabric8.kubernetes.api.model.PersistentVolumeClaimStatusBuilder;
import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.api.model.PodBuilder;
import io.fabric8.kubernetes.api.model.PodStatusBuilder;
import io.fabric8.kubernetes.api.model.PodTemplateSpec;
import io.fabric8.kubernetes.api.model.Secret;
import io.fabric8.kubernetes.api.model.SecretBuilder;
import io.fabric8.kubernetes.api.model.Service;
import io.fabric8.kubernetes.api.model.ServiceStatusBuilder;
import io.fabric8.kubernetes.api.model.apps.Deployment;
import io.fabric8.kubernetes.api.model.apps.DeploymentStatusBuilder;
import io.fabric8.kubernetes.api.model.apps.StatefulSet;
import io.fabric8.kubernetes.api.model.apps.StatefulSetStatusBuilder;
import io.fabric8.kubernetes.api.model.gatewayapi.v1.ListenerSet;
import io.fabric8.kubernetes.api.model.gatewayapi.v1.ListenerSetStatusBuilder;
import io.fabric8.kubernetes.api.model.gatewayapi.v1.TLSRoute;
import io.fabric8.kubernetes.api.model.gatewayapi.v1.TLSRouteStatusBuilder;
import io.fabric8.kubernetes.api.model.gatewayapi.v1alpha2.TCPRoute;
import io.fabric8.kubernetes.api.model.gatewayapi.v1alpha2.TCPRouteStatusBuilder;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Base64;
import java.util.Comparator;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * The controllers of others: Cluster API, cert-manager, load balancer, Gateway, those of
 * Kubernetes. Each step brings everything one move further; a rollout replaces one pod per step.
 */
public final class Others {
  /** The class of claims that name none. */
  public static final String DEFAULT_CLASS = "standard";

  private static final String HASH = "template-hash";
  private static final String ITSELF = "itself";

  /** Restarts are counted so far only, or nothing would ever come to rest. */
  private static final int MOST_RESTARTS = 6;

  /** Signs for cert-manager. */
  @FunctionalInterface
  public interface Authority {
    /**
     * Signs a certificate, if it is not signed as it shall be.
     *
     * @param live the Secret as it is
     * @param issuer the Secret of the CA; empty if it is to sign itself
     * @return the Secret as it shall be
     */
    Optional<Secret> sign(Certificate certificate, Optional<Secret> live, Optional<Secret> issuer);
  }

  private final ManagementCluster cluster;
  private @Nullable Authority authority;
  private final Map<String, Integer> keysMade = new HashMap<>();
  private final Map<String, CertificateStatus> statuses = new HashMap<>();

  /** Identities of the claims whose volumes hold data of etcd. */
  private final Set<String> filled = new HashSet<>();

  /** The controllers of one management cluster. */
  public Others(ManagementCluster cluster) {
    this.cluster = cluster;
  }

  /** The same controllers, of another management cluster. */
  public Others(ManagementCluster cluster, Others others) {
    this(cluster);
    keysMade.putAll(others.keysMade);
    statuses.putAll(others.statuses);
    filled.addAll(others.filled);
  }

  /** Certificates are signed by somebody else from now on. */
  public void signBy(Authority other) {
    authority = other;
  }

  /** A member of etcd loses what is on its volume, and ends. */
  public void lose(PersistentVolumeClaim claim) {
    filled.remove(claim.getMetadata().getUid());
  }

  /** A volume gets data of etcd. */
  public void fill(PersistentVolumeClaim claim) {
    filled.add(claim.getMetadata().getUid());
  }

  /** Makes one move. */
  public void step() {
    collectGarbage();
    cluster.all(Cluster.class).forEach(this::clusterApi);
    cluster.all(Issuer.class).forEach(this::issuer);
    cluster.all(Certificate.class).forEach(this::certificate);
    cluster.all(Service.class).forEach(this::loadBalancer);
    cluster.all(TLSRoute.class).forEach(this::gateway);
    cluster.all(ListenerSet.class).forEach(this::gateway);
    cluster.all(TCPRoute.class).forEach(this::gateway);
    cluster.all(StatefulSet.class).forEach(this::statefulSet);
    cluster.all(Deployment.class).forEach(this::deployment);
  }

  private void collectGarbage() {
    boolean found = true;
    while (found) {
      found = false;
      var objects = new ArrayList<>(cluster.generated());
      objects.addAll(cluster.all(Pod.class));
      for (var object : objects) {
        if (!cluster.isOwned(object)
            && cluster
                .get(
                    object.getClass(),
                    object.getMetadata().getNamespace(),
                    object.getMetadata().getName())
                .isPresent()) {
          cluster.remove(object);
          found = true;
        }
      }
    }
  }

  private void clusterApi(Cluster owner) {
    var namespace = owner.getMetadata().getNamespace();
    var reference = owner.getSpec().controlPlaneRef();
    var found = cluster.get(HostedControlPlane.class, namespace, reference.name());
    if (found.isEmpty()) {
      return;
    }
    var controlPlane = found.get();
    if (controlPlane.getMetadata().getOwnerReferences().isEmpty()) {
      cluster.edit(
          controlPlane,
          o ->
              o.getMetadata()
                  .setOwnerReferences(
                      List.of(
                          new OwnerReferenceBuilder()
                              .withApiVersion("cluster.x-k8s.io/v1beta2")
                              .withKind("Cluster")
                              .withName(owner.getMetadata().getName())
                              .withUid(owner.getMetadata().getUid())
                              .build())));
    }
    var endpoint = controlPlane.getSpec().controlPlaneEndpoint();
    if (endpoint != null && owner.getSpec().controlPlaneEndpoint() == null) {
      var spec = owner.getSpec();
      cluster.edit(
          owner,
          o ->
              o.setSpec(
                  new ClusterSpec(
                      spec.paused(),
                      spec.clusterNetwork(),
                      endpoint,
                      spec.controlPlaneRef(),
                      spec.infrastructureRef())));
    }
  }

  private void issuer(Issuer issuer) {
    if (issuer.getStatus() != null && issuer.getStatus().conditions() != null) {
      return;
    }
    cluster.edit(issuer, o -> o.setStatus(new IssuerStatus(List.of(ready(null)))));
  }

  private static CertManagerCondition ready(Long generation) {
    return new CertManagerCondition("Ready", "True", "Ready", "as it should be", generation);
  }

  private void certificate(Certificate certificate) {
    var signer = signer(certificate);
    if (signer.isEmpty()) {
      return;
    }
    var old =
        cluster.get(
            Secret.class,
            certificate.getMetadata().getNamespace(),
            certificate.getSpec().secretName());
    if (authority != null) {
      authority
          .sign(certificate, old, issuer(certificate).flatMap(this::authoritySecret))
          .ifPresent(cluster::put);
    } else if (old.isEmpty() || isIssuing(certificate)) {
      issue(certificate, signer.get());
    }
    var status =
        statuses.getOrDefault(
            certificate.getMetadata().getName(),
            new CertificateStatus(
                List.of(ready(certificate.getMetadata().getGeneration())),
                null,
                null,
                null,
                null,
                null));
    if (!status.equals(certificate.getStatus())) {
      cluster.edit(certificate, o -> o.setStatus(status));
    }
  }

  private Optional<String> signer(Certificate certificate) {
    return issuer(certificate)
        .flatMap(issuer ->
            issuer.getSpec().ca() == null
                ? Optional.of(ITSELF)
                : authoritySecret(issuer).map(secret -> secret.getData().get("tls.crt")));
  }

  private Optional<Issuer> issuer(Certificate certificate) {
    return cluster.get(
        Issuer.class,
        certificate.getMetadata().getNamespace(),
        certificate.getSpec().issuerRef().name());
  }

  /** The Secret of the CA that an issuer signs by; empty if it has none. */
  private Optional<Secret> authoritySecret(Issuer issuer) {
    return Optional.ofNullable(issuer.getSpec().ca())
        .flatMap(
            ca -> cluster.get(Secret.class, issuer.getMetadata().getNamespace(), ca.secretName()));
  }

  private static boolean isIssuing(Certificate certificate) {
    return certificate.getStatus() != null
        && certificate.getStatus().conditions().stream()
            .anyMatch(condition -> condition.type().equals("Issuing"));
  }

  /** Has cert-manager say something else of a certificate from now on. */
  public void say(String certificate, CertificateStatus status) {
    statuses.put(certificate, status);
  }

  /** A certificate is issued anew, with another key. */
  public void renew(Certificate certificate) {
    issue(certificate, signer(certificate).orElseThrow());
  }

  private void issue(Certificate certificate, String signer) {
    var name = certificate.getSpec().secretName();
    int number = keysMade.merge(name, 1, Integer::sum);
    boolean isAuthority = signer.equals(ITSELF);
    var pair =
        isAuthority
            ? SignedCertificates.authority(
                certificate.getSpec().commonName(), "%d of %s".formatted(number, name))
            : SignedCertificates.leaf(
                    name, number, signer, authorityName(certificate.getSpec().issuerRef().name()))
                .orElseGet(() ->
                    new AuthorityKeys.Pair(
                        base64("certificate %d of %s".formatted(number, name)),
                        base64("key %d of %s".formatted(number, name))));
    cluster.put(
        new SecretBuilder()
            .withNewMetadata()
            .withName(name)
            .withNamespace(certificate.getMetadata().getNamespace())
            .withLabels(certificate.getSpec().secretTemplate().labels())
            .endMetadata()
            .withType("kubernetes.io/tls")
            .withData(
                Map.of(
                    "ca.crt",
                    isAuthority ? pair.certificate() : signer,
                    "tls.crt",
                    pair.certificate(),
                    "tls.key",
                    pair.key()))
            .build());
  }

  private static String authorityName(String issuer) {
    return Stream.of(Root.values())
        .filter(root -> root != Root.KUBERNETES && issuer.endsWith(root.alias()))
        .findFirst()
        .orElse(Root.KUBERNETES)
        .commonName();
  }

  private void loadBalancer(Service service) {
    boolean isWanted = "LoadBalancer".equals(service.getSpec().getType());
    boolean isThere = service.getStatus() != null && service.getStatus().getLoadBalancer() != null;
    if (isWanted == isThere) {
      return;
    }
    if (isThere) {
      cluster.edit(service, o -> o.setStatus(null));
      return;
    }
    cluster.edit(
        service,
        o ->
            o.setStatus(
                new ServiceStatusBuilder()
                    .withNewLoadBalancer()
                    .addNewIngress()
                    .withIp("192.0.2.10")
                    .endIngress()
                    .endLoadBalancer()
                    .build()));
  }

  private void gateway(TLSRoute route) {
    var status =
        new TLSRouteStatusBuilder()
            .addNewParent()
            .withControllerName("example.test/gateway")
            .withParentRef(route.getSpec().getParentRefs().getFirst())
            .withConditions(condition(route, "Accepted"), condition(route, "ResolvedRefs"))
            .endParent()
            .build();
    if (!status.equals(route.getStatus())) {
      cluster.edit(route, o -> o.setStatus(status));
    }
  }

  /** Of two that want the same port, the one with the lesser name gets it. */
  private void gateway(ListenerSet set) {
    int port = set.getSpec().getListeners().getFirst().getPort();
    boolean isFirst =
        cluster.all(ListenerSet.class).stream()
            .filter(s -> s.getSpec().getListeners().getFirst().getPort() == port)
            .findFirst()
            .filter(set::equals)
            .isPresent();
    var status =
        new ListenerSetStatusBuilder()
            .withConditions(
                condition(set, "Accepted", isFirst), condition(set, "Programmed", isFirst))
            .build();
    if (!status.equals(set.getStatus())) {
      cluster.edit(set, o -> o.setStatus(status));
    }
  }

  private void gateway(TCPRoute route) {
    var parent = route.getSpec().getParentRefs().getFirst();
    boolean isThere =
        cluster
            .get(ListenerSet.class, route.getMetadata().getNamespace(), parent.getName())
            .isPresent();
    var status =
        new TCPRouteStatusBuilder()
            .addNewParent()
            .withControllerName("example.test/gateway")
            .withParentRef(parent)
            .withConditions(condition(route, "Accepted", isThere), condition(route, "ResolvedRefs"))
            .endParent()
            .build();
    if (!status.equals(route.getStatus())) {
      cluster.edit(route, o -> o.setStatus(status));
    }
  }

  private static Condition condition(HasMetadata object, String type) {
    return condition(object, type, true);
  }

  private static Condition condition(HasMetadata object, String type, boolean holds) {
    return new ConditionBuilder()
        .withType(type)
        .withStatus(holds ? "True" : "False")
        .withReason(holds ? type : "Conflicted")
        .withObservedGeneration(object.getMetadata().getGeneration())
        .build();
  }

  private void deployment(Deployment deployment) {
    var template = deployment.getSpec().getTemplate();
    int wanted = deployment.getSpec().getReplicas();
    var hash = hash(template);
    var pods = podsOf(deployment);
    var outdated = pods.stream().filter(p -> !hash.equals(hash(p))).toList();
    var surplus = pods.size() > wanted ? pods.subList(wanted, pods.size()) : List.<Pod>of();
    boolean waits = pods.stream().anyMatch(p -> hash.equals(hash(p)) && !isReady(p));
    if (!outdated.isEmpty() && waits) {
      // The pods that are there stay until a new one is ready.
    } else if (!outdated.isEmpty()) {
      cluster.remove(outdated.getFirst());
      addPod(deployment, template, freeName(deployment));
    } else if (!surplus.isEmpty()) {
      surplus.forEach(cluster::remove);
    } else {
      for (int i = pods.size(); i < wanted; i++) {
        addPod(deployment, template, freeName(deployment));
      }
    }
    var now = refresh(deployment, template);
    int ready = (int) now.stream().filter(Others::isReady).count();
    int updated = (int) now.stream().filter(p -> hash.equals(hash(p))).count();
    var status =
        new DeploymentStatusBuilder()
            .withObservedGeneration(deployment.getMetadata().getGeneration())
            .withReplicas(now.size())
            .withUpdatedReplicas(updated)
            .withReadyReplicas(ready)
            .withAvailableReplicas(ready)
            .build();
    if (!status.equals(deployment.getStatus())) {
      cluster.edit(deployment, o -> o.setStatus(status));
    }
  }

  private void statefulSet(StatefulSet set) {
    var template = set.getSpec().getTemplate();
    var hash = hash(template);
    int first = set.getSpec().getOrdinals() == null ? 0 : set.getSpec().getOrdinals().getStart();
    int end = first + set.getSpec().getReplicas();
    for (int i = first; i < end; i++) {
      claims(set, i);
    }
    var outdated =
        podsOf(set).stream()
            .filter(_ -> "RollingUpdate".equals(set.getSpec().getUpdateStrategy().getType()))
            .filter(p -> !hash.equals(hash(p)))
            .filter(p -> ordinal(p) >= partition(set))
            .findFirst();
    if (outdated.isPresent()) {
      cluster.remove(outdated.get());
      addPod(set, template, outdated.get().getMetadata().getName());
    } else {
      for (int i = first; i < end; i++) {
        var name = set.getMetadata().getName() + "-" + i;
        if (cluster.get(Pod.class, set.getMetadata().getNamespace(), name).isEmpty()) {
          addPod(set, template, name);
        }
      }
    }
    podsOf(set).stream()
        .filter(pod -> ordinal(pod) < first || ordinal(pod) >= end)
        .forEach(cluster::remove);
    podsOf(set).forEach(pod -> member(pod, template));
    var now = podsOf(set);
    int ready = (int) now.stream().filter(Others::isReady).count();
    int updated = (int) now.stream().filter(p -> hash.equals(hash(p))).count();
    var status =
        new StatefulSetStatusBuilder()
            .withObservedGeneration(set.getMetadata().getGeneration())
            .withReplicas(now.size())
            .withUpdatedReplicas(updated)
            .withReadyReplicas(ready)
            .withAvailableReplicas(ready)
            .withUpdateRevision(hash)
            .withCurrentRevision(updated == now.size() ? hash : "older")
            .build();
    if (!status.equals(set.getStatus())) {
      cluster.edit(set, o -> o.setStatus(status));
    }
  }

  private static int partition(StatefulSet set) {
    var rolling = set.getSpec().getUpdateStrategy().getRollingUpdate();
    return rolling == null || rolling.getPartition() == null ? 0 : rolling.getPartition();
  }

  private static int ordinal(Pod pod) {
    var name = pod.getMetadata().getName();
    return Integer.parseInt(name.substring(name.lastIndexOf('-') + 1));
  }

  /** A member of etcd runs if it has data, may found a cluster, or knows whom to join. */
  private void member(Pod pod, PodTemplateSpec template) {
    var namespace = pod.getMetadata().getNamespace();
    var set = pod.getMetadata().getOwnerReferences().getFirst().getName();
    var membership = cluster.get(ConfigMap.class, namespace, set + "-membership");
    var claim =
        cluster.get(
            PersistentVolumeClaim.class, namespace, "etcd-data-" + pod.getMetadata().getName());
    if (!mountsAreThere(namespace, template) || claim.isEmpty()) {
      status(pod, "False", null);
      return;
    }
    if (!pod.getMetadata().getLabels().containsKey(Labels.MANAGED_BY)) {
      // The forerunner tells all members the same.
      filled.add(claim.get().getMetadata().getUid());
      status(pod, "True", null);
      return;
    }
    if (membership.isEmpty()) {
      status(pod, "False", null);
      return;
    }
    boolean joins =
        (membership.get().getData().get("initial-cluster")
                + pod.getMetadata().getAnnotations().get(Labels.JOIN_ANNOTATION))
            .contains(pod.getMetadata().getName() + "=");
    if (joins) {
      filled.add(claim.get().getMetadata().getUid());
    }
    if (filled.contains(claim.get().getMetadata().getUid())) {
      status(pod, "True", null);
    } else {
      status(
          pod,
          "False",
          "cannot fetch cluster info from peer urls: could not retrieve cluster information from"
              + " the given URLs");
    }
  }

  private void status(Pod pod, String ready, @Nullable String lastWords) {
    var status =
        new PodStatusBuilder().addNewCondition().withType("Ready").withStatus(ready).endCondition();
    if (ready.equals("True")) {
      status =
          status
              .addNewContainerStatus()
              .withName("etcd")
              .withRestartCount(restarts(pod))
              .withNewState()
              .withNewRunning()
              .endRunning()
              .endState()
              .endContainerStatus();
    }
    if (lastWords != null) {
      status =
          status
              .addNewContainerStatus()
              .withName("etcd")
              .withRestartCount(Math.min(restarts(pod) + 1, MOST_RESTARTS))
              .withNewState()
              .withNewTerminated()
              .withExitCode(1)
              .withMessage(lastWords)
              .endTerminated()
              .endState()
              .endContainerStatus();
    }
    var now = status.build();
    if (!now.equals(pod.getStatus())) {
      cluster.edit(pod, o -> o.setStatus(now));
    }
  }

  private static int restarts(Pod pod) {
    return pod.getStatus() == null
        ? 0
        : pod.getStatus().getContainerStatuses().stream()
            .mapToInt(ContainerStatus::getRestartCount)
            .sum();
  }

  private void claims(StatefulSet set, int ordinal) {
    for (var claim : set.getSpec().getVolumeClaimTemplates()) {
      var name =
          "%s-%s-%d".formatted(claim.getMetadata().getName(), set.getMetadata().getName(), ordinal);
      var namespace = set.getMetadata().getNamespace();
      var live = cluster.get(PersistentVolumeClaim.class, namespace, name);
      if (live.isPresent()) {
        provide(live.get());
      } else {
        cluster.put(
            new PersistentVolumeClaimBuilder(claim)
                .editMetadata()
                .withName(name)
                .withNamespace(namespace)
                .addToLabels(set.getSpec().getSelector().getMatchLabels())
                .endMetadata()
                .editSpec()
                .withStorageClassName(
                    Objects.requireNonNullElse(
                        claim.getSpec().getStorageClassName(), DEFAULT_CLASS))
                .endSpec()
                .build());
      }
    }
  }

  private void provide(PersistentVolumeClaim claim) {
    var status =
        new PersistentVolumeClaimStatusBuilder()
            .withPhase("Bound")
            .withCapacity(claim.getSpec().getResources().getRequests())
            .build();
    if (!status.equals(claim.getStatus())) {
      cluster.edit(claim, o -> o.setStatus(status));
    }
  }

  private String freeName(HasMetadata owner) {
    int i = 0;
    var base = owner.getMetadata().getName();
    while (cluster.get(Pod.class, owner.getMetadata().getNamespace(), base + "-" + i).isPresent()) {
      i++;
    }
    return base + "-" + i;
  }

  private void addPod(HasMetadata owner, PodTemplateSpec template, String name) {
    cluster.put(
        new PodBuilder()
            .withNewMetadata()
            .withName(name)
            .withNamespace(owner.getMetadata().getNamespace())
            .withLabels(template.getMetadata().getLabels())
            .addToLabels("controller-revision-hash", hash(template))
            .withAnnotations(template.getMetadata().getAnnotations())
            .addToAnnotations(HASH, hash(template))
            .withOwnerReferences(
                new OwnerReferenceBuilder()
                    .withApiVersion("apps/v1")
                    .withKind(owner.getKind())
                    .withName(owner.getMetadata().getName())
                    .withUid(owner.getMetadata().getUid())
                    .build())
            .endMetadata()
            .withSpec(template.getSpec())
            .build());
  }

  /** Lets pods be ready once all that they mount is there. */
  private List<Pod> refresh(HasMetadata owner, PodTemplateSpec template) {
    var ready = mountsAreThere(owner.getMetadata().getNamespace(), template) ? "True" : "False";
    for (var pod : podsOf(owner)) {
      if (pod.getStatus() != null && !hash(template).equals(hash(pod))) {
        // What another template mounts is nothing to those that run.
        continue;
      }
      if (pod.getStatus() != null
          && !pod.getStatus().getConditions().isEmpty()
          && pod.getStatus().getConditions().getFirst().getStatus().equals(ready)) {
        continue;
      }
      cluster.edit(
          pod,
          o ->
              o.setStatus(
                  new PodBuilder()
                      .withNewStatus()
                      .addNewCondition()
                      .withType("Ready")
                      .withStatus(ready)
                      .endCondition()
                      .endStatus()
                      .build()
                      .getStatus()));
    }
    return podsOf(owner);
  }

  private boolean mountsAreThere(String namespace, PodTemplateSpec template) {
    return template.getSpec().getVolumes().stream()
        .allMatch(volume -> {
          if (volume.getConfigMap() != null) {
            return cluster
                .get(ConfigMap.class, namespace, volume.getConfigMap().getName())
                .isPresent();
          }
          return volume.getProjected() == null
              || volume.getProjected().getSources().stream()
                  .allMatch(s ->
                      cluster
                          .get(Secret.class, namespace, s.getSecret().getName())
                          .filter(secret ->
                              s.getSecret().getItems().stream()
                                  .allMatch(i -> secret.getData().containsKey(i.getKey())))
                          .isPresent());
        });
  }

  private List<Pod> podsOf(HasMetadata owner) {
    return cluster.all(Pod.class).stream()
        .filter(p ->
            p.getMetadata().getOwnerReferences().stream()
                .anyMatch(o -> o.getUid().equals(owner.getMetadata().getUid())))
        .sorted(Comparator.comparing(p -> p.getMetadata().getName()))
        .toList();
  }

  private static boolean isReady(Pod pod) {
    return pod.getStatus() != null
        && pod.getStatus().getConditions().stream().anyMatch(c -> c.getStatus().equals("True"));
  }

  private static String hash(Pod pod) {
    return Objects.requireNonNullElse(pod.getMetadata().getAnnotations(), Map.<String, String>of())
        .getOrDefault(HASH, "");
  }

  private static String hash(PodTemplateSpec template) {
    return Integer.toHexString(template.hashCode());
  }

  private static String base64(String text) {
    return Base64.getEncoder().encodeToString(text.getBytes(StandardCharsets.UTF_8));
  }
}
