package dev.hcp.controller.fleet;

import dev.hcp.api.capi.Cluster;
import dev.hcp.api.v1alpha1.Condition;
import dev.hcp.api.v1alpha1.HostedControlPlane;
import dev.hcp.controller.testing.AnyHostPki;
import dev.hcp.controller.testing.Crds;
import dev.hcp.controller.testing.EtcdProcesses;
import dev.hcp.controller.testing.FollowerProcess;
import dev.hcp.controller.testing.ManagementApiServer;
import dev.hcp.controller.testing.TlsProxy;
import dev.hcp.controller.testing.TlsRelay;
import dev.hcp.flags.Program;
import dev.hcp.process.TestPki;
import dev.hcp.process.TlsIdentity;
import io.fabric8.kubernetes.api.model.HasMetadata;
import io.fabric8.kubernetes.api.model.OwnerReferenceBuilder;
import io.fabric8.kubernetes.client.Config;
import io.fabric8.kubernetes.client.ConfigBuilder;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.dsl.base.PatchContext;
import io.fabric8.kubernetes.client.dsl.base.PatchType;
import io.fabric8.kubernetes.client.informers.SharedIndexInformer;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.cert.Certificate;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.TreeMap;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import javax.net.ssl.SSLContext;

/**
 * A management cluster with any number of control planes, without a single one of their pods. Real
 * are its API server with its etcd, and the controllers of Deployments, StatefulSets and disruption
 * budgets. {@link Simulation} stands for all others.
 *
 * <p>All control planes are called {@code c}, each in a namespace of its own. Behind all of them
 * are the same API server and the same etcd with three members: proxies answer to all their names.
 * Their endpoint is the same too, so that all want the same objects in it.
 */
final class Fleet implements AutoCloseable {
  private static final String CLUSTER = "c";
  private static final int API_SERVER_PORT = 443;
  private static final int ETCD_PORT = 2379;
  private static final int MEMBERS = 3;
  private static final int CREATING = 8;

  private static final List<String> BUSY =
      List.of(
          "--audit-log-path=",
          "--max-requests-inflight=2000",
          "--max-mutating-requests-inflight=1000");

  private static final List<String> FOLLOWER =
      List.of(
          "--controllers=deployment-controller,replicaset-controller,statefulset-controller,"
              + "garbage-collector-controller,disruption-controller,"
              + "persistentvolumeclaim-protection-controller",
          "--kube-api-qps=1000",
          "--kube-api-burst=2000",
          "--concurrent-deployment-syncs=20",
          "--concurrent-replicaset-syncs=20",
          "--concurrent-statefulset-syncs=20");

  private static final String SHARED =
      """
      apiVersion: v1
      kind: Namespace
      metadata: {name: gateways}
      ---
      apiVersion: storage.k8s.io/v1
      kind: StorageClass
      metadata: {name: standard, annotations: {storageclass.kubernetes.io/is-default-class: "true"}}
      provisioner: example.test/none
      allowVolumeExpansion: true
      ---
      apiVersion: gateway.networking.k8s.io/v1
      kind: Gateway
      metadata: {name: capi, namespace: gateways}
      spec:
        gatewayClassName: eg
        listeners:
          - name: control-planes
            port: 443
            protocol: TLS
            hostname: "*.%s"
            tls: {mode: Passthrough}
            allowedRoutes: {kinds: [{kind: TLSRoute}], namespaces: {from: All}}
      """
          .formatted(LoopbackNames.DOMAIN);

  private static final String GATEWAY_STATUS =
      """
      {"status": {"addresses": [{"type": "IPAddress", "value": "192.0.2.1"}], "conditions": [
       {"type": "Programmed", "status": "True", "reason": "Programmed", "message": "",
        "lastTransitionTime": "2026-01-01T00:00:00Z"}]}}\
      """;

  /** The proxy does not say who somebody is. */
  private static final String ANYBODY =
      """
      apiVersion: rbac.authorization.k8s.io/v1
      kind: ClusterRoleBinding
      metadata: {name: anybody}
      roleRef: {apiGroup: rbac.authorization.k8s.io, kind: ClusterRole, name: cluster-admin}
      subjects: [{apiGroup: rbac.authorization.k8s.io, kind: Group, name: "system:unauthenticated"}]
      """;

  private final List<AutoCloseable> parts = new ArrayList<>();
  private final AnyHostPki pki = new AnyHostPki();
  private final ManagementApiServer management;
  private final KubernetesClient client;
  private final SharedIndexInformer<HostedControlPlane> controlPlanes;
  private int size;

  private Fleet(Path directory) throws IOException {
    try {
      management = add(ManagementApiServer.start(_ -> BUSY));
      client = add(management.patientClient());
      Stream.of(Crds.values())
          .filter(crd -> crd != Crds.CILIUMNETWORKPOLICIES)
          .forEach(crd -> crd.install(client));
      load(SHARED).forEach(this::create);
      var _ =
          client
              .genericKubernetesResources("gateway.networking.k8s.io/v1", "Gateway")
              .inNamespace("gateways")
              .withName("capi")
              .subresource("status")
              .patch(PatchContext.of(PatchType.JSON_MERGE), GATEWAY_STATUS);
      add(
          FollowerProcess.start(
              Program.KUBE_CONTROLLER_MANAGER, management.config(), FOLLOWER, directory));
      startHostedApiServer();
      startEtcd();
      add(Simulation.start(client, pki, pki.client("fleet", "system:masters")));
      controlPlanes = add(client.resources(HostedControlPlane.class).inAnyNamespace().inform());
    } catch (IOException | RuntimeException e) {
      close();
      throw e;
    }
  }

  /**
   * Starts everything but the controller.
   *
   * @param directory where logs go
   */
  static Fleet start(Path directory) throws IOException {
    return new Fleet(directory);
  }

  private <T extends AutoCloseable> T add(T part) {
    parts.add(part);
    return part;
  }

  private void startHostedApiServer() {
    var hosted =
        add(
            ManagementApiServer.start(
                _ -> List.of("--service-cluster-ip-range=10.128.0.0/16", "--audit-log-path=")));
    try (var admin = hosted.client()) {
      load(ANYBODY).forEach(binding -> admin.resource(binding).create());
    }
    var url = URI.create(hosted.config().getMasterUrl());
    add(
        TlsProxy.start(
            LoopbackNames.API_SERVER,
            API_SERVER_PORT,
            pki.server(),
            new TlsRelay.Server(url.getHost(), url.getPort(), TestPki.trustingAnybody())));
  }

  private void startEtcd() {
    var etcd = add(EtcdProcesses.start(MEMBERS));
    var access = etcd.access();
    var context = as(access.certificate(), access.key());
    for (int i = 0; i < MEMBERS; i++) {
      var member = access.members().get(i);
      add(
          TlsProxy.start(
              LoopbackNames.member(i),
              ETCD_PORT,
              pki.server(),
              new TlsRelay.Server(member.host(), member.port(), context)));
    }
  }

  private static SSLContext as(String certificate, String key) {
    try {
      var identity = TlsIdentity.parse(certificate, key);
      return TestPki.trustingAnybody(
          TestPki.keyManagers(identity.key(), identity.chain().toArray(Certificate[]::new)));
    } catch (GeneralSecurityException e) {
      throw new IllegalStateException(e);
    }
  }

  /** The management cluster. */
  ManagementApiServer management() {
    return management;
  }

  /** A client of the management cluster, with all rights. */
  KubernetesClient client() {
    return client;
  }

  /** Stands between the controller and the management cluster; whoever asks for it closes it. */
  FaultProxy proxy() {
    var url = URI.create(management.config().getMasterUrl());
    return new FaultProxy(
        LoopbackNames.API_SERVER,
        pki.server(),
        new TlsRelay.Server(url.getHost(), url.getPort(), TestPki.trustingAnybody()));
  }

  /**
   * The way to the management cluster through the proxy.
   *
   * @param rights the way without it
   * @param directory where to write whom to trust
   */
  Config through(FaultProxy proxy, Config rights, Path directory) throws IOException {
    var authority = Files.writeString(directory.resolve("proxy-ca.crt"), pki.authority());
    return new ConfigBuilder(rights)
        .withMasterUrl("https://management.%s:%d/".formatted(LoopbackNames.DOMAIN, proxy.port()))
        .withCaCertFile(authority.toString())
        .build();
  }

  /** Creates control planes, some at a time, until there are so many. */
  void grow(int wanted) throws InterruptedException, ExecutionException {
    try (var creating = Executors.newFixedThreadPool(CREATING)) {
      var created = new ArrayList<Future<?>>();
      for (int i = size; i < wanted; i++) {
        var namespace = namespace(i);
        created.add(creating.submit(() -> create(namespace)));
      }
      for (var one : created) {
        var _ = one.get();
      }
    }
    size = wanted;
  }

  /** Namespace of a control plane, which are counted from 0. */
  static String namespace(int number) {
    return "f" + number;
  }

  private void create(String namespace) {
    var manifests =
        load(
            """
            apiVersion: v1
            kind: Namespace
            metadata: {name: %1$s}
            ---
            apiVersion: cluster.x-k8s.io/v1beta2
            kind: Cluster
            metadata: {name: %2$s, namespace: %1$s}
            spec:
              clusterNetwork:
                pods: {cidrBlocks: [10.129.0.0/16]}
                services: {cidrBlocks: [10.128.0.0/16]}
              controlPlaneEndpoint: {host: api.%3$s, port: %4$d}
              controlPlaneRef:
                {apiGroup: controlplane.cluster.x-k8s.io, kind: HostedControlPlane, name: %2$s}
            ---
            apiVersion: controlplane.cluster.x-k8s.io/v1alpha1
            kind: HostedControlPlane
            metadata: {name: %2$s, namespace: %1$s}
            spec:
              version: v1.36.3
              replicas: 2
              gateway: {name: capi, namespace: gateways}
            """
                .formatted(namespace, CLUSTER, LoopbackNames.DOMAIN, API_SERVER_PORT));
    create(manifests.getFirst());
    var cluster = create(manifests.get(1));
    var controlPlane = manifests.get(2);
    controlPlane
        .getMetadata()
        .setOwnerReferences(
            List.of(
                new OwnerReferenceBuilder()
                    .withApiVersion(Cluster.GROUP + "/" + Cluster.VERSION)
                    .withKind("Cluster")
                    .withName(CLUSTER)
                    .withUid(cluster.getMetadata().getUid())
                    .build()));
    create(controlPlane);
  }

  /** May have been done already, by a try of which nobody has told. */
  private HasMetadata create(HasMetadata object) {
    return client.resource(object).forceConflicts().serverSideApply();
  }

  /** Changes the spec of a control plane by a merge patch. */
  void change(int number, String spec) {
    var _ =
        client
            .resources(HostedControlPlane.class)
            .inNamespace(namespace(number))
            .withName(CLUSTER)
            .patch(PatchContext.of(PatchType.JSON_MERGE), "{\"spec\": %s}".formatted(spec));
  }

  /** Asks for the deletion of a control plane. */
  void delete(int number) {
    var _ =
        client
            .resources(HostedControlPlane.class)
            .inNamespace(namespace(number))
            .withName(CLUSTER)
            .delete();
  }

  /** Whether a control plane is as its present spec says. */
  boolean isReady(int number) {
    return find(number)
        .filter(Fleet::isReady)
        .filter(found ->
            Objects.equals(
                found.getStatus().observedGeneration(), found.getMetadata().getGeneration()))
        .filter(found ->
            found.getStatus().conditions().stream()
                .noneMatch(c -> c.type().equals("RollingOut") && c.status().equals("True")))
        .isPresent();
  }

  /** What the deletion of a control plane waits for, in its own words. */
  String deleting(int number) {
    return find(number)
        .map(HostedControlPlane::getStatus)
        .flatMap(status -> Optional.ofNullable(status.conditions()))
        .orElse(List.of())
        .stream()
        .filter(condition -> condition.type().equals("Deleting"))
        .map(Condition::message)
        .collect(Collectors.joining());
  }

  /** A control plane, if it is there. */
  Optional<HostedControlPlane> find(int number) {
    return Optional.ofNullable(
        controlPlanes.getStore().getByKey(namespace(number) + "/" + CLUSTER));
  }

  private List<HasMetadata> load(String text) {
    return client.load(new ByteArrayInputStream(text.getBytes(StandardCharsets.UTF_8))).items();
  }

  /** Number of control planes that are ready. */
  long ready() {
    return controlPlanes.getStore().list().stream().filter(Fleet::isReady).count();
  }

  private static boolean isReady(HostedControlPlane controlPlane) {
    var status = controlPlane.getStatus();
    return status != null
        && status.conditions() != null
        && status.conditions().stream()
            .anyMatch(c -> c.type().equals("Ready") && c.status().equals("True"))
        && status.conditions().stream()
            .anyMatch(c -> c.type().equals("Available") && c.status().equals("True"));
  }

  /** What is not as it should be in control planes that are not ready: how many have each. */
  Map<String, Long> troubles() {
    return new TreeMap<>(
        IntStream.range(0, size)
            .mapToObj(this::find)
            .flatMap(Optional::stream)
            .filter(controlPlane -> !isReady(controlPlane))
            .flatMap(controlPlane ->
                controlPlane.getStatus() == null || controlPlane.getStatus().conditions() == null
                    ? Stream.of("no status")
                    : controlPlane.getStatus().conditions().stream()
                        .filter(c -> c.status().equals("False"))
                        .map(c -> "%s: %s: %s".formatted(c.type(), c.reason(), c.message())))
            .collect(Collectors.groupingBy(trouble -> trouble, Collectors.counting())));
  }

  @Override
  public void close() {
    for (var part : parts.reversed()) {
      try {
        part.close();
      } catch (Exception e) {
        throw new IllegalStateException("cannot be closed", e);
      }
    }
    parts.clear();
  }
}
