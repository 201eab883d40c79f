package dev.hcp.controller.admission;

import static org.assertj.core.api.Assertions.assertThat;

import dev.hcp.api.v1alpha1.GatewayReference;
import dev.hcp.controller.testing.Crds;
import dev.hcp.controller.testing.ManagementApiServer;
import dev.hcp.controller.testing.WithManagementApiServer;
import dev.hcp.webhook.admission.KeyedObject;
import dev.hcp.webhook.admission.NodeGroup;
import dev.hcp.webhook.admission.Questions;
import dev.hcp.webhook.admission.Sight;
import dev.hcp.webhook.admission.Surroundings;
import dev.hcp.webhook.lookup.ClusterLookup;
import io.fabric8.kubernetes.api.model.HasMetadata;
import io.fabric8.kubernetes.api.model.apiextensions.v1.CustomResourceDefinition;
import io.fabric8.kubernetes.client.Config;
import io.fabric8.kubernetes.client.ConfigBuilder;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;

/** What admission sees of other objects, with the rights that are shipped. */
@WithManagementApiServer
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class ClusterLookupIT {
  private static final String NAMESPACE = "lookup";
  private static final String ACCOUNT =
      "system:serviceaccount:%s:capi-hosted-control-plane-webhook"
          .formatted(ManagementApiServer.NAMESPACE);

  /** Generous, since the machine may be busy. */
  private static final Duration PATIENCE = Duration.ofSeconds(30);

  private static final KeyedObject SECRET = new KeyedObject(KeyedObject.Kind.SECRET, "token");
  private static final KeyedObject CONFIG_MAP =
      new KeyedObject(KeyedObject.Kind.CONFIG_MAP, "files");
  private static final KeyedObject MISSING =
      new KeyedObject(KeyedObject.Kind.CONFIG_MAP, "missing");

  private final ManagementApiServer server;
  private final KubernetesClient admin;

  ClusterLookupIT(ManagementApiServer server) {
    this.server = server;
    this.admin = server.client();
  }

  @BeforeAll
  void populate() throws IOException {
    for (var crd : List.of(Crds.HOSTED_CONTROL_PLANES, Crds.CLUSTERS, Crds.GATEWAYS)) {
      crd.install(admin);
    }
    // MachineSets and MachinePools are not served here.
    install("Machine");
    install("MachineDeployment");
    apply(
        """
        apiVersion: v1
        kind: Namespace
        metadata: {name: lookup, labels: {team: a}}
        ---
        apiVersion: v1
        kind: Namespace
        metadata: {name: capi-hosted-control-plane-system}
        ---
        apiVersion: gateway.networking.k8s.io/v1
        kind: Gateway
        metadata: {name: capi, namespace: lookup}
        spec: {gatewayClassName: any, listeners: [{name: a, protocol: TLS, port: 443}]}
        ---
        apiVersion: v1
        kind: Secret
        metadata: {name: token, namespace: lookup}
        stringData: {token: a}
        ---
        apiVersion: v1
        kind: ConfigMap
        metadata: {name: files, namespace: lookup}
        data: {a: b}
        binaryData: {c: ZA==}
        ---
        apiVersion: cluster.x-k8s.io/v1beta2
        kind: Cluster
        metadata: {name: demo, namespace: lookup}
        spec: {controlPlaneRef: {apiGroup: controlplane.cluster.x-k8s.io, kind: HostedControlPlane, name: demo}}
        ---
        apiVersion: controlplane.cluster.x-k8s.io/v1alpha1
        kind: HostedControlPlane
        metadata: {name: demo, namespace: lookup, labels: {cluster.x-k8s.io/cluster-name: demo}}
        spec: {version: v1.36.3, gateway: {name: capi, namespace: lookup}}
        ---
        apiVersion: controlplane.cluster.x-k8s.io/v1alpha1
        kind: HostedControlPlane
        metadata: {name: other, namespace: lookup, labels: {cluster.x-k8s.io/cluster-name: other}}
        spec: {version: v1.36.3, gateway: {name: capi, namespace: lookup}}
        ---
        apiVersion: cluster.x-k8s.io/v1beta2
        kind: Machine
        metadata: {name: a, namespace: lookup, labels: {cluster.x-k8s.io/cluster-name: demo}}
        spec: {version: v1.34.0}
        ---
        apiVersion: cluster.x-k8s.io/v1beta2
        kind: Machine
        metadata: {name: b, namespace: lookup, labels: {cluster.x-k8s.io/cluster-name: other}}
        spec: {version: v1.31.0}
        ---
        apiVersion: cluster.x-k8s.io/v1beta2
        kind: MachineDeployment
        metadata: {name: workers, namespace: lookup, labels: {cluster.x-k8s.io/cluster-name: demo}}
        spec: {replicas: 2, template: {spec: {version: v1.35.0}}}
        ---
        apiVersion: cluster.x-k8s.io/v1beta2
        kind: MachineDeployment
        metadata: {name: empty, namespace: lookup, labels: {cluster.x-k8s.io/cluster-name: demo}}
        spec: {replicas: 0, template: {spec: {version: v1.31.0}}}
        """);
    for (var role : List.of("webhook_role.yaml", "webhook_secrets_role.yaml")) {
      apply(Files.readString(Path.of("../config/rbac", role)));
    }
  }

  @AfterAll
  void close() {
    admin.close();
  }

  @Test
  void everythingIsSeenWithTheShippedRights() {
    var registry = new SimpleMeterRegistry();
    var seen = look(as(ACCOUNT), registry);
    assertThat(seen.gateway()).isInstanceOf(Sight.Seen.class);
    assertThat(seen.namespaceLabels())
        .isInstanceOfSatisfying(
            Sight.Seen.class, labels -> assertThat(labels.value().toString()).contains("team=a"));
    assertThat(seen.keys())
        .containsEntry(SECRET, new Sight.Seen<>(Set.of("token")))
        .containsEntry(CONFIG_MAP, new Sight.Seen<>(Set.of("a", "c")))
        .containsEntry(MISSING, new Sight.Missing<>());
    // ReferenceGrants are not served here.
    assertThat(seen.grants()).containsEntry(NAMESPACE, new Sight.Seen<>(List.of()));
    assertThat(seen.cluster()).isInstanceOf(Sight.Seen.class);
    assertThat(seen.controlPlanes())
        .isInstanceOfSatisfying(
            Sight.Seen.class, planes -> assertThat((List<?>) planes.value()).hasSize(1));
    assertThat(seen.nodes())
        .containsExactlyInAnyOrder(
            new NodeGroup("Machine", "a", "v1.34.0"),
            new NodeGroup("MachineDeployment", "workers", "v1.35.0"));
    assertThat(count(registry, "found")).isGreaterThan(5);
    assertThat(count(registry, "forbidden")).isZero();
  }

  @Test
  void withoutTheRightToReadSecretsOnlySecretsAreUnknown() {
    var bindings = admin.rbac().clusterRoleBindings();
    var binding = bindings.withName("capi-hosted-control-plane-webhook-secrets").get();
    var _ = bindings.resource(binding).delete();
    try {
      var registry = new SimpleMeterRegistry();
      var seen = look(as(ACCOUNT), registry);
      assertThat(seen.keys().get(SECRET)).isEqualTo(new Sight.Unknown<>());
      assertThat(seen.keys().get(CONFIG_MAP)).isInstanceOf(Sight.Seen.class);
      assertThat(seen.gateway()).isInstanceOf(Sight.Seen.class);
      assertThat(count(registry, "forbidden")).isEqualTo(1);
    } finally {
      binding.getMetadata().setResourceVersion(null);
      var _ = bindings.resource(binding).create();
    }
  }

  @Test
  void withoutAnyRightsNothingIsKnown() {
    var seen = look(as("nobody"), new SimpleMeterRegistry());
    assertThat(seen.gateway()).isEqualTo(new Sight.Unknown<>());
    assertThat(seen.controlPlanes()).isEqualTo(new Sight.Unknown<>());
    assertThat(seen.nodes()).isEmpty();
  }

  /** It accepts connections, and never answers. */
  @Test
  void whoDoesNotAnswerIsNotWaitedFor() throws IOException {
    try (var silent = new ServerSocket(0, 50, InetAddress.getLoopbackAddress())) {
      var config =
          new ConfigBuilder(Config.empty())
              .withMasterUrl("http://127.0.0.1:%d/".formatted(silent.getLocalPort()))
              .build();
      var registry = new SimpleMeterRegistry();
      try (var lookup = ClusterLookup.open(config, Duration.ofMillis(200), registry)) {
        long start = System.nanoTime();
        var seen = lookup.look(questions());
        assertThat(Duration.ofNanos(System.nanoTime() - start)).isLessThan(Duration.ofSeconds(5));
        assertThat(seen.gateway()).isEqualTo(new Sight.Unknown<>());
        assertThat(seen.nodes()).isEmpty();
        assertThat(count(registry, "timeout")).isGreaterThan(5);
      }
    }
  }

  private static Surroundings look(Config config, MeterRegistry registry) {
    try (var lookup = ClusterLookup.open(config, PATIENCE, registry)) {
      return lookup.look(questions());
    }
  }

  private static Questions questions() {
    return new Questions(
        NAMESPACE,
        Optional.of(new GatewayReference(NAMESPACE, "capi")),
        List.of(SECRET, CONFIG_MAP, MISSING),
        List.of(NAMESPACE),
        Optional.of("demo"),
        Optional.of("demo"));
  }

  private Config as(String user) {
    return new ConfigBuilder(server.config())
        .withImpersonateUsername(user)
        .withImpersonateGroups("system:authenticated")
        .build();
  }

  private static long count(MeterRegistry registry, String result) {
    return registry.find("hcp.admission.lookups").tag("result", result).timers().stream()
        .mapToLong(timer -> timer.count())
        .sum();
  }

  private void apply(String yaml) {
    var stream = new ByteArrayInputStream(yaml.getBytes(StandardCharsets.UTF_8));
    for (HasMetadata object : admin.load(stream).items()) {
      var _ = admin.resource(object).forceConflicts().serverSideApply();
    }
  }

  /** A kind of Cluster API's, as far as it is read. */
  private void install(String kind) {
    var plural = kind.toLowerCase(Locale.ROOT) + "s";
    apply(
        """
        apiVersion: apiextensions.k8s.io/v1
        kind: CustomResourceDefinition
        metadata: {name: %s.cluster.x-k8s.io}
        spec:
          group: cluster.x-k8s.io
          names: {kind: %s, plural: %s}
          scope: Namespaced
          versions:
            - name: v1beta2
              served: true
              storage: true
              schema: {openAPIV3Schema: {type: object, x-kubernetes-preserve-unknown-fields: true}}
        """
            .formatted(plural, kind, plural));
    var _ =
        admin
            .resources(CustomResourceDefinition.class)
            .withName(plural + ".cluster.x-k8s.io")
            .waitUntilCondition(
                crd ->
                    crd != null
                        && crd.getStatus() != null
                        && crd.getStatus().getConditions() != null
                        && crd.getStatus().getConditions().stream()
                            .anyMatch(c ->
                                c.getType().equals("Established") && c.getStatus().equals("True")),
                60,
                TimeUnit.SECONDS);
  }
}
