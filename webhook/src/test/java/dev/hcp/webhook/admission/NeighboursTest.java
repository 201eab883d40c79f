package dev.hcp.webhook.admission;

import static org.assertj.core.api.Assertions.assertThat;

import dev.hcp.api.capi.Cluster;
import dev.hcp.api.v1alpha1.HostedControlPlane;
import dev.hcp.validation.FieldError;
import io.fabric8.kubernetes.api.model.gatewayapi.v1.Gateway;
import io.fabric8.kubernetes.api.model.gatewayapi.v1beta1.ReferenceGrant;
import io.fabric8.kubernetes.client.utils.KubernetesSerialization;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What is asked about other objects, and what follows from the answers. */
class NeighboursTest {
  private static final KubernetesSerialization YAML = new KubernetesSerialization();

  @Test
  void aNewObjectIsLookedAtFromAllSides() {
    var questions = created(object("v1.36.0", MOUNTS)).questions();
    assertThat(questions.namespace()).isEqualTo("team-a");
    assertThat(questions.gateway()).hasValueSatisfying(g -> assertThat(g.name()).isEqualTo("capi"));
    assertThat(questions.keyed())
        .containsExactly(
            new KeyedObject(KeyedObject.Kind.CONFIG_MAP, "files"),
            new KeyedObject(KeyedObject.Kind.SECRET, "receiver"),
            new KeyedObject(KeyedObject.Kind.SECRET, "s3"),
            new KeyedObject(KeyedObject.Kind.SECRET, "tls"));
    assertThat(questions.claimedCluster()).contains("demo");
    assertThat(questions.nodesOfCluster()).isEmpty();
  }

  @Test
  void anUnchangedObjectCostsNoRead() {
    var object = object("v1.36.0", MOUNTS);
    assertThat(updated(object, object("v1.36.0", MOUNTS)).questions().isEmpty()).isTrue();

    var finalized = object("v1.36.0", MOUNTS);
    finalized.getMetadata().setFinalizers(List.of("example.com/finalizer"));
    finalized.getMetadata().setAnnotations(Map.of("a", "b"));
    assertThat(updated(object, finalized).questions().isEmpty()).isTrue();
  }

  @ParameterizedTest
  @ValueSource(strings = {"v1.36.4", "v1.35.0", "v1.36.0"})
  void onlyAnotherMinorVersionAsksForNodes(String version) {
    assertThat(updated(object("v1.36.0", ""), object(version, "")).questions().nodesOfCluster())
        .isEmpty();
    assertThat(updated(object("v1.36.0", ""), object("v1.37.0", "")).questions().nodesOfCluster())
        .contains("demo");
  }

  @Test
  void aSecretOfAnotherNamespaceIsNobodysBusiness() {
    var object =
        object(
            "v1.36.0",
            "etcd: {backup: {schedule: '@daily', secret: {name: s3, namespace: other}}}");
    assertThat(created(object).questions().keyed()).isEmpty();
  }

  @Test
  void whetherItMayBeUsedIsAsked() {
    var object =
        object(
            "v1.36.0",
            """
            deployment:
                apiServer:
                  audit:
                    policy: {rules: [{level: Metadata}]}
                    webhook:
                      targets:
                        - {server: 'https://a', authentication: {secretName: t, secretNamespace: other}}
              etcd: {backup: {schedule: '@daily', secret: {name: s3, namespace: other}}}
            """);
    var neighbours = created(object);
    assertThat(neighbours.questions().granting()).containsExactly("other");
    assertThat(neighbours.judge(grants(new Sight.Unknown<>())).warnings()).isEmpty();
    assertThat(neighbours.judge(grants(new Sight.Seen<>(List.of()))).warnings())
        .containsExactly(
            "spec.deployment.apiServer.audit.webhook.targets[0].authentication.secretNamespace: no"
                + " ReferenceGrant in namespace other lets HostedControlPlanes of namespace team-a"
                + " refer to Secret t yet",
            "spec.etcd.backup.secret.namespace: no ReferenceGrant in namespace other lets"
                + " HostedControlPlanes of namespace team-a refer to Secret s3 yet");
    assertThat(neighbours.judge(grants(granted("team-a", "s3"))).warnings())
        .singleElement()
        .asString()
        .contains("Secret t ");
    assertThat(neighbours.judge(grants(granted("team-a", ""))).warnings()).isEmpty();
    assertThat(neighbours.judge(grants(granted("team-b", ""))).warnings()).hasSize(2);

    assertThat(updated(object, object).questions().granting()).isEmpty();
  }

  @Test
  void anAccessKeyIsOnlyLookedForWhereItIsNeeded() {
    var backup = "etcd: {backup: {schedule: '@daily', secret: {name: s3}, credentials: {%s}}}";
    var store = new KeyedObject(KeyedObject.Kind.SECRET, "s3");
    var bucketOnly = keys(Map.of(store, new Sight.Seen<>(Set.of("bucket"))));
    assertThat(
            created(object("v1.36.0", backup.formatted("source: Controller")))
                .judge(bucketOnly)
                .warnings())
        .isEmpty();
    assertThat(
            created(object("v1.36.0", backup.formatted("source: Secret")))
                .judge(bucketOnly)
                .warnings())
        .containsExactly(
            "spec.etcd.backup.secret: Secret s3 has no key accessKeyID and secretAccessKey yet");
  }

  @Test
  void theKeyOfBackupsIsLookedFor() {
    var backup = "etcd: {backup: {schedule: '@daily', secret: {name: s3}, encryption: {%s}}}";
    var key = new KeyedObject(KeyedObject.Kind.SECRET, "key");
    var own = created(object("v1.36.0", backup.formatted("secretName: key")));
    assertThat(own.questions().keyed()).contains(key);
    assertThat(own.judge(keys(Map.of(key, new Sight.Missing<>()))).warnings())
        .containsExactly("spec.etcd.backup.encryption: Secret key does not exist yet");
    assertThat(own.judge(keys(Map.of(key, new Sight.Seen<>(Set.of("a"))))).warnings())
        .containsExactly("spec.etcd.backup.encryption: Secret key has no key encryptionKey yet");

    var foreign =
        created(object("v1.36.0", backup.formatted("secretName: key, secretNamespace: other")));
    assertThat(foreign.questions().keyed()).doesNotContain(key);
    assertThat(foreign.judge(grants(new Sight.Seen<>(List.of()))).warnings())
        .containsExactly(
            "spec.etcd.backup.encryption.secretNamespace: no ReferenceGrant in namespace other"
                + " lets HostedControlPlanes of namespace team-a refer to Secret key yet");
  }

  @Test
  void whatIsOptionalIsNotAskedFor() {
    var object =
        object(
            "v1.36.0",
            "deployment: {apiServer: {mounts: {a: {path: /a, secret: {secretName: s, optional:"
                + " true}}}, env: [{name: A, valueFrom: {secretKeyRef: {name: s, key: a, optional:"
                + " true}}}]}}");
    assertThat(created(object).questions().keyed()).isEmpty();
  }

  @Test
  void missingVariablesAreWarnedOf() {
    var object =
        object(
            "v1.36.0",
            "etcd: {env: [{name: A, value: a}, {name: B, valueFrom: {configMapKeyRef: {name: files,"
                + " key: b}}}]}");
    var files = new KeyedObject(KeyedObject.Kind.CONFIG_MAP, "files");
    assertThat(created(object).questions().keyed()).containsExactly(files);
    assertThat(created(object).judge(keys(Map.of(files, new Sight.Missing<>()))).warnings())
        .containsExactly(
            "spec.etcd.env[1].valueFrom.configMapKeyRef: ConfigMap files does not exist yet");
    assertThat(created(object).judge(keys(Map.of(files, new Sight.Seen<>(Set.of("a"))))).warnings())
        .containsExactly(
            "spec.etcd.env[1].valueFrom.configMapKeyRef: ConfigMap files has no key b yet");
  }

  @Test
  void whatIsUnknownCountsForNothing() {
    assertThat(created(object("v1.36.0", MOUNTS)).judge(Surroundings.UNKNOWN))
        .isEqualTo(Findings.NONE);
    assertThat(updated(object("v1.36.0", ""), object("v1.37.0", "")).judge(Surroundings.UNKNOWN))
        .isEqualTo(Findings.NONE);
  }

  @Test
  void aMissingGatewayIsWarnedOf() {
    var findings = created(object("v1.36.0", "")).judge(gateway(new Sight.Missing<>()));
    assertThat(findings.errors()).isEmpty();
    assertThat(findings.warnings())
        .containsExactly(
            "spec.gateway: Gateway gateways/capi does not exist yet; until then nobody reaches the"
                + " API server");
  }

  @Test
  void aGatewayWithoutAFittingListenerIsWarnedOf() {
    assertThat(
            warnings(
                listener(
                    "{name: a, protocol: TLS, hostname: '*.example.com', port: 443, tls: {mode:"
                        + " Terminate}}")))
        .containsExactly(
            "spec.gateway: Listener a of Gateway gateways/capi has TLS mode Terminate; it must be"
                + " Passthrough");
    assertThat(
            warnings(
                listener(
                    "{name: a, protocol: TLS, hostname: '*.example.com', port: 443, tls: {mode:"
                        + " Passthrough}}")))
        .singleElement()
        .asString()
        .contains("does not allow routes of namespace team-a");
    assertThat(warnings(listener(FITTING))).isEmpty();
  }

  @Test
  void withoutTheNamespacesLabelsListenersAreNotJudged() {
    var seen = listener("{name: a, protocol: HTTP, port: 80}");
    var blind =
        new Surroundings(
            seen.gateway(),
            new Sight.Unknown<>(),
            Map.of(),
            Map.of(),
            new Sight.Unknown<>(),
            new Sight.Unknown<>(),
            List.of());
    assertThat(warnings(blind)).isEmpty();
  }

  @Test
  void aGatewayThatTakesNoListenerSetsIsWarnedOf() {
    var object = object("v1.36.0", "exposure: {inClusterAccess: Gateway}");
    assertThat(created(object).judge(listener(FITTING)).warnings())
        .singleElement()
        .asString()
        .startsWith(
            "spec.exposure.inClusterAccess: Gateway gateways/capi does not allow ListenerSets");
  }

  @Test
  void missingObjectsAndKeysAreWarnedOf() {
    var keys =
        Map.of(
            new KeyedObject(KeyedObject.Kind.CONFIG_MAP, "files"),
                (Sight<Set<String>>) new Sight.Seen<>(Set.of("b")),
            new KeyedObject(KeyedObject.Kind.SECRET, "receiver"),
                new Sight.Seen<>(Set.of("password")),
            new KeyedObject(KeyedObject.Kind.SECRET, "s3"),
                new Sight.Seen<>(Set.of("accessKeyID", "secretAccessKey", "bucket")),
            new KeyedObject(KeyedObject.Kind.SECRET, "tls"), new Sight.Missing<Set<String>>());
    var findings =
        created(object("v1.36.0", MOUNTS))
            .judge(
                new Surroundings(
                    new Sight.Unknown<>(),
                    new Sight.Unknown<>(),
                    keys,
                    Map.of(),
                    new Sight.Unknown<>(),
                    new Sight.Unknown<>(),
                    List.of()));
    assertThat(findings.errors()).isEmpty();
    assertThat(findings.warnings())
        .containsExactlyInAnyOrder(
            "spec.deployment.apiServer.mounts[tls].secret: Secret tls does not exist yet",
            "spec.deployment.apiServer.mounts[files].configMap: ConfigMap files has no key a yet",
            "spec.deployment.apiServer.audit.webhook.targets[0].authentication: Secret receiver has"
                + " no key token yet");
  }

  @Test
  void aClusterHasOneControlPlane() {
    var other = object("v1.36.0", "");
    other.getMetadata().setName("first");
    var findings =
        created(object("v1.36.0", "")).judge(claims(new Sight.Missing<>(), List.of(other)));
    assertThat(findings.errors())
        .extracting(FieldError::toString)
        .containsExactly(
            "metadata.labels[cluster.x-k8s.io/cluster-name]: Invalid value: \"demo\": must be a"
                + " Cluster without a control plane: HostedControlPlane first is that of this one;"
                + " delete that, or let the Cluster's controlPlaneRef name this one");

    other.getMetadata().setDeletionTimestamp("2026-01-01T00:00:00Z");
    assertThat(
            created(object("v1.36.0", ""))
                .judge(claims(new Sight.Missing<>(), List.of(other)))
                .errors())
        .singleElement()
        .asString()
        .endsWith("and is being deleted; try again when it is gone");
  }

  @Test
  void theOneThatTheClusterNamesIsLetIn() {
    var other = object("v1.36.0", "");
    other.getMetadata().setName("first");
    assertThat(
            created(object("v1.36.0", "")).judge(claims(cluster("one"), List.of(other))).errors())
        .isEmpty();
    assertThat(
            created(object("v1.36.0", "")).judge(claims(cluster("first"), List.of(other))).errors())
        .hasSize(1);
    assertThat(
            created(object("v1.36.0", ""))
                .judge(claims(new Sight.Unknown<>(), List.of(other)))
                .errors())
        .isEmpty();
  }

  @Test
  void anObjectIsNoSecondToItselfAndAnOldClaimIsNotBlamed() {
    var self = object("v1.36.0", "");
    assertThat(created(self).judge(claims(new Sight.Missing<>(), List.of(self))).errors())
        .isEmpty();
    var other = object("v1.36.0", "");
    other.getMetadata().setName("first");
    var update = updated(object("v1.36.0", ""), object("v1.36.1", ""));
    assertThat(update.judge(claims(new Sight.Missing<>(), List.of(other))).errors()).isEmpty();
  }

  @Test
  void kubeletsThatWouldBeTooOldStopAnUpgrade() {
    var update = updated(object("v1.36.0", ""), object("v1.37.2", ""));
    var tooOld =
        List.of(
            new NodeGroup("Machine", "a", "v1.34.0"),
            new NodeGroup("MachineDeployment", "workers", "1.33.9"),
            new NodeGroup("MachinePool", "no-version", "banana"));
    assertThat(update.judge(nodes(tooOld)).errors())
        .extracting(FieldError::toString)
        .containsExactly(
            "spec.version: Invalid value: \"v1.37.2\": kubelets may be at most 3 minor versions"
                + " older than the API server: first bring to v1.34 or newer: MachineDeployment"
                + " workers (1.33.9)");
    assertThat(update.judge(nodes(tooOld.subList(0, 1)))).isEqualTo(Findings.NONE);
  }

  @Test
  void kubeletsThatAreTooNewAreWarnedOf() {
    var update = updated(object("v1.34.0", ""), object("v1.35.0", ""));
    var findings = update.judge(nodes(List.of(new NodeGroup("Machine", "a", "v1.36.0"))));
    assertThat(findings.errors()).isEmpty();
    assertThat(findings.warnings())
        .containsExactly(
            "spec.version: kubelets must not be newer than the API server, v1.35.0, but are:"
                + " Machine a (v1.36.0)");
  }

  private static final String MOUNTS =
      """
      deployment:
          apiServer:
            mounts:
              tls: {path: /tls, secret: {secretName: tls}}
              files: {path: /files, configMap: {name: files, items: [{key: a, path: a}]}}
            audit:
              policy: {rules: [{level: Metadata}]}
              webhook:
                targets:
                  - {server: 'https://example.com', authentication: {secretName: receiver}}
        etcd: {backup: {schedule: '@daily', secret: {name: s3}}}
      """;

  private static final String FITTING =
      "{name: a, protocol: TLS, hostname: '*.example.com', port: 443, tls: {mode: Passthrough},"
          + " allowedRoutes: {namespaces: {from: Selector, selector: {matchLabels: {team: a}}}}}";

  private static Neighbours created(HostedControlPlane object) {
    return new Neighbours(Optional.empty(), object);
  }

  private static Neighbours updated(HostedControlPlane old, HostedControlPlane object) {
    return new Neighbours(Optional.of(old), object);
  }

  private static HostedControlPlane object(String version, String more) {
    return YAML.unmarshal(
        """
        apiVersion: controlplane.cluster.x-k8s.io/v1alpha1
        kind: HostedControlPlane
        metadata: {name: one, namespace: team-a, labels: {cluster.x-k8s.io/cluster-name: demo}}
        spec:
          version: %s
          gateway: {name: capi, namespace: gateways}
          %s
        """
            .formatted(version, more),
        HostedControlPlane.class);
  }

  private static List<String> warnings(Surroundings surroundings) {
    return created(object("v1.36.0", "")).judge(surroundings).warnings();
  }

  private static Surroundings listener(String listener) {
    return gateway(
        new Sight.Seen<>(
            YAML.unmarshal(
                """
                apiVersion: gateway.networking.k8s.io/v1
                kind: Gateway
                metadata: {name: capi, namespace: gateways}
                spec: {gatewayClassName: any, listeners: [%s]}
                """
                    .formatted(listener),
                Gateway.class)));
  }

  private static Surroundings gateway(Sight<Gateway> gateway) {
    return new Surroundings(
        gateway,
        new Sight.Seen<>(Map.of("team", "a")),
        Map.of(),
        Map.of(),
        new Sight.Unknown<>(),
        new Sight.Unknown<>(),
        List.of());
  }

  private static Sight<Cluster> cluster(String controlPlane) {
    return new Sight.Seen<>(
        YAML.unmarshal(
            """
            apiVersion: cluster.x-k8s.io/v1beta2
            kind: Cluster
            metadata: {name: demo, namespace: team-a}
            spec: {controlPlaneRef: {apiGroup: controlplane.cluster.x-k8s.io, kind: HostedControlPlane, name: %s}}
            """
                .formatted(controlPlane),
            Cluster.class));
  }

  private static Surroundings keys(Map<KeyedObject, Sight<Set<String>>> keys) {
    return new Surroundings(
        new Sight.Unknown<>(),
        new Sight.Unknown<>(),
        keys,
        Map.of(),
        new Sight.Unknown<>(),
        new Sight.Unknown<>(),
        List.of());
  }

  private static Surroundings grants(Sight<List<ReferenceGrant>> grants) {
    return new Surroundings(
        new Sight.Unknown<>(),
        new Sight.Unknown<>(),
        Map.of(),
        Map.of("other", grants),
        new Sight.Unknown<>(),
        new Sight.Unknown<>(),
        List.of());
  }

  private static Sight<List<ReferenceGrant>> granted(String from, String secret) {
    return new Sight.Seen<>(
        List.of(
            YAML.unmarshal(
                """
                apiVersion: gateway.networking.k8s.io/v1beta1
                kind: ReferenceGrant
                metadata: {name: backups, namespace: other}
                spec:
                  from: [{group: controlplane.cluster.x-k8s.io, kind: HostedControlPlane, namespace: %s}]
                  to: [{group: "", kind: Secret, name: "%s"}]
                """
                    .formatted(from, secret),
                ReferenceGrant.class)));
  }

  private static Surroundings claims(Sight<Cluster> cluster, List<HostedControlPlane> all) {
    return new Surroundings(
        new Sight.Unknown<>(),
        new Sight.Unknown<>(),
        Map.of(),
        Map.of(),
        cluster,
        new Sight.Seen<>(all),
        List.of());
  }

  private static Surroundings nodes(List<NodeGroup> groups) {
    return new Surroundings(
        new Sight.Unknown<>(),
        new Sight.Unknown<>(),
        Map.of(),
        Map.of(),
        new Sight.Unknown<>(),
        new Sight.Unknown<>(),
        groups);
  }
}
