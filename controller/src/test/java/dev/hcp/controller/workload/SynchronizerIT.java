package dev.hcp.controller.workload;

import static dev.hcp.controller.workload.ServingRequests.dns;
import static dev.hcp.controller.workload.ServingRequests.ip;
import static dev.hcp.controller.workload.ServingRequests.node;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.hcp.conditions.ConditionType;
import dev.hcp.controller.kube.Fabric8HostedKubes;
import dev.hcp.controller.plan.Action.SyncWorkload;
import dev.hcp.controller.plan.HostedCluster;
import dev.hcp.controller.plan.Part;
import dev.hcp.controller.plan.PartOutcome;
import dev.hcp.controller.plan.TrustCheck;
import dev.hcp.controller.reconcile.Plan;
import dev.hcp.controller.scenario.Scenario;
import dev.hcp.controller.telemetry.ControllerMetrics;
import dev.hcp.controller.testing.ManagementApiServer;
import dev.hcp.controller.testing.Namespaces;
import dev.hcp.controller.testing.WithManagementApiServer;
import dev.hcp.naming.Labels;
import dev.hcp.render.workload.HostedMetadata;
import io.fabric8.kubernetes.api.model.ConfigMap;
import io.fabric8.kubernetes.api.model.ConfigMapBuilder;
import io.fabric8.kubernetes.api.model.HasMetadata;
import io.fabric8.kubernetes.api.model.Node;
import io.fabric8.kubernetes.api.model.NodeAddress;
import io.fabric8.kubernetes.api.model.NodeBuilder;
import io.fabric8.kubernetes.api.model.ServiceBuilder;
import io.fabric8.kubernetes.api.model.apps.DaemonSet;
import io.fabric8.kubernetes.api.model.certificates.v1.CertificateSigningRequestBuilder;
import io.fabric8.kubernetes.api.model.rbac.ClusterRoleBinding;
import io.fabric8.kubernetes.api.model.rbac.ClusterRoleBindingBuilder;
import io.fabric8.kubernetes.api.model.rbac.ClusterRoleBuilder;
import io.fabric8.kubernetes.api.model.rbac.PolicyRuleBuilder;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.random.RandomGenerator;
import org.bouncycastle.asn1.x509.GeneralName;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;

/** What is kept up in a hosted cluster, for which a real API server stands. */
@WithManagementApiServer
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class SynchronizerIT {
  private static final Duration SOON = Duration.ofSeconds(30);
  private static final String NAMESPACE = "clusters";
  private static final String NAME = "demo";

  private final ManagementApiServer server;
  private final KubernetesClient client;
  private final SimpleMeterRegistry registry = new SimpleMeterRegistry();
  private final ControllerMetrics metrics = new ControllerMetrics(registry);
  private final AtomicInteger woken = new AtomicInteger();
  private final Fabric8HostedKubes kubes = new Fabric8HostedKubes(metrics);
  private final Synchronizer synchronizer = synchronizer(Duration.ofMillis(300));

  SynchronizerIT(ManagementApiServer server) {
    this.server = server;
    this.client = server.client();
  }

  private Synchronizer synchronizer(Duration drift) {
    return new Synchronizer(
        kubes,
        (_, _) -> woken.incrementAndGet(),
        metrics,
        new Synchronizer.Timing(
            Duration.ofMillis(100),
            Duration.ofMillis(500),
            Duration.ofMillis(200),
            drift,
            Duration.ofMillis(500)),
        RandomGenerator.getDefault());
  }

  @AfterEach
  void leaveAlone() {
    synchronizer.forget(NAMESPACE, NAME);
  }

  @AfterAll
  void close() {
    synchronizer.close();
    kubes.close();
    client.close();
  }

  @Test
  void allIsWrittenOnceAndThenOnlyCompared() {
    synchronizer.keepUp(NAMESPACE, NAME, wanted(Scenario.named("hosted-cluster")));
    awaitWritten();
    assertThat(last().problem()).isEmpty();
    assertThat(last().apiGroups()).contains("", "apps", "rbac.authorization.k8s.io");
    assertThat(woken.get()).isPositive();
    var writes = applies("changed");
    var comparisons = applies("unchanged");
    await("three more looks").atMost(SOON).until(() -> applies("unchanged") > comparisons + 3 * 30);
    assertThat(applies("changed")).isEqualTo(writes);
    assertThat(applies("needless")).isZero();
  }

  @Test
  void whoDoesNotFollowAnotherAuthorityIsNamed() {
    var joined = Instant.now().minus(Duration.ofHours(1));
    for (var name : List.of("new-a", "new-b")) {
      var _ =
          client
              .resource(
                  new NodeBuilder()
                      .withNewMetadata()
                      .withName(name)
                      .addToAnnotations(
                          name.endsWith("b")
                              ? Map.of(Labels.NODE_AUTHORITY_ANNOTATION, "word")
                              : Map.of())
                      .endMetadata()
                      .build())
              .create();
    }
    for (int i = 0; i < 60; i++) {
      rootAuthorities("trusting-" + i, "both\n");
    }
    rootAuthorities("behind", "old\n");
    var before =
        new TrustCheck(
            Optional.of("both\n"), Optional.of(Instant.now().plus(Duration.ofHours(1))), "word");
    synchronizer.keepUp(NAMESPACE, NAME, wanted(Scenario.named("hosted-cluster"), before));
    await("it is looked at")
        .atMost(SOON)
        .until(() -> synchronizer.last(NAMESPACE, NAME).flatMap(HostedCluster::trust).isPresent());
    var found = last().trust().orElseThrow();
    assertThat(found.check()).isEqualTo(before);
    assertThat(found.older()).contains("new-a").doesNotContain("new-b");
    assertThat(found.namespaces()).contains("behind").noneMatch(n -> n.startsWith("trusting"));
    assertThat(found.problem()).isEmpty();

    client
        .configMaps()
        .inNamespace("behind")
        .withName("kube-root-ca.crt")
        .edit(map -> new ConfigMapBuilder(map).addToData("ca.crt", "both\n").build());
    var after = new TrustCheck(Optional.of("both\n"), Optional.of(joined), "word");
    synchronizer.keepUp(NAMESPACE, NAME, wanted(Scenario.named("hosted-cluster"), after));
    await("all have followed")
        .atMost(SOON)
        .until(() ->
            last().trust().filter(now -> now.check().equals(after) && now.isClear()).isPresent());
    List.of("new-a", "new-b").forEach(name -> client.nodes().withName(name).delete());
  }

  private void rootAuthorities(String namespace, String authorities) {
    Namespaces.apply(client, namespace);
    var _ =
        client
            .resource(
                new ConfigMapBuilder()
                    .withNewMetadata()
                    .withNamespace(namespace)
                    .withName("kube-root-ca.crt")
                    .endMetadata()
                    .addToData("ca.crt", authorities)
                    .build())
            .create();
  }

  private SyncWorkload wanted(Scenario scenario, TrustCheck trust) {
    var wanted = wanted(scenario);
    return new SyncWorkload(
        wanted.kubeconfig(),
        wanted.parts(),
        wanted.enoughNodes(),
        wanted.reserved(),
        wanted.upgrade(),
        Optional.of(trust),
        wanted.kms());
  }

  @Test
  void whatSomebodyChangedIsPutRight() {
    synchronizer.keepUp(NAMESPACE, NAME, wanted(Scenario.named("hosted-cluster")));
    awaitWritten();
    var kubelet = client.configMaps().inNamespace("kube-system").withName("kubelet-config");
    var before = kubelet.get().getData();
    kubelet.edit(map -> new ConfigMapBuilder(map).addToData("kubelet", "broken").build());
    var binding =
        client.rbac().roleBindings().inNamespace("kube-system").withName("kubeadm:kubelet-config");
    var uid = binding.get().getMetadata().getUid();
    var _ = binding.delete();
    await("the ConfigMap is as it was")
        .atMost(SOON)
        .until(() -> before.equals(kubelet.get().getData()));
    await("the RoleBinding is back")
        .atMost(SOON)
        .until(() -> binding.get() != null && !binding.get().getMetadata().getUid().equals(uid));
  }

  @Test
  void whereTheApiServerIsFoundIsPutRightLongBeforeTheNextRegularLook() {
    // Objects of other tests must not be what is seen.
    synchronizer.forget(NAMESPACE, NAME);
    var slice =
        client.discovery().v1().endpointSlices().inNamespace("default").withName("kubernetes");
    try (var rare = synchronizer(Duration.ofHours(1))) {
      rare.keepUp(NAMESPACE, NAME, wanted(Scenario.named("hosted-cluster")));
      await("all is written")
          .atMost(SOON)
          .until(() ->
              rare.last(NAMESPACE, NAME)
                  .filter(known -> known.outcomes().containsKey(ConditionType.KUBERNETES_ENDPOINTS))
                  .isPresent());
      for (int time = 0; time < 2; time++) {
        var uid = slice.get().getMetadata().getUid();
        var _ = slice.delete();
        await("the slice is back")
            .atMost(SOON)
            .until(() -> slice.get() != null && !slice.get().getMetadata().getUid().equals(uid));
      }
    }
  }

  @Test
  void signaturesOfTheBootstrapSignerStay() {
    synchronizer.keepUp(NAMESPACE, NAME, wanted(Scenario.named("hosted-cluster")));
    awaitWritten();
    var info = client.configMaps().inNamespace("kube-public").withName("cluster-info");
    info.edit(
        map -> new ConfigMapBuilder(map).addToData("jws-kubeconfig-abcdef", "signature").build());
    var changed =
        wanted(
            Scenario.named("hosted-cluster")
                .spec("controlPlaneEndpoint: {host: other.example.test, port: 8443}"));
    synchronizer.keepUp(NAMESPACE, NAME, changed);
    await("the new endpoint is there")
        .atMost(SOON)
        .until(() -> info.get().getData().get("kubeconfig").contains("other.example.test:8443"));
    assertThat(info.get().getData()).containsEntry("jws-kubeconfig-abcdef", "signature");
  }

  @Test
  void aBindingOfOursToAnotherRoleIsMadeAnew() {
    var binding =
        binding(
            "kubeadm:get-nodes",
            Map.of("app.kubernetes.io/managed-by", "hosted-control-plane-controller"));
    var bindings = client.resources(ClusterRoleBinding.class).withName("kubeadm:get-nodes");
    var _ = bindings.delete();
    var _ = client.resource(binding).create();
    synchronizer.keepUp(NAMESPACE, NAME, wanted(Scenario.named("hosted-cluster")));
    awaitWritten();
    assertThat(bindings.get().getRoleRef().getName()).isEqualTo("kubeadm:get-nodes");
  }

  @Test
  void aBindingOfSomebodyElseStays() {
    var foreign = binding("hcp-test:foreign", Map.of());
    var _ = client.resource(foreign).create();
    var ours =
        new ClusterRoleBindingBuilder(foreign)
            .withMetadata(HostedMetadata.cluster("hcp-test:foreign"))
            .withNewRoleRef("rbac.authorization.k8s.io", "ClusterRole", "edit")
            .build();
    synchronizer.keepUp(NAMESPACE, NAME, wanted(part(ConditionType.WORKLOAD_RBAC, ours)));
    await("it is refused")
        .atMost(SOON)
        .until(() -> outcome(ConditionType.WORKLOAD_RBAC).failure().isPresent());
    assertThat(outcome(ConditionType.WORKLOAD_RBAC).failure())
        .get()
        .asString()
        .contains("ClusterRoleBinding hcp-test:foreign", "roleRef");
    assertThat(client.resource(foreign).get().getRoleRef().getName()).isEqualTo("view");
  }

  @Test
  void aDisabledAddOnGoesAndComesBack() {
    synchronizer.keepUp(NAMESPACE, NAME, wanted(Scenario.named("hosted-cluster")));
    awaitWritten();
    var set = client.resources(DaemonSet.class).inNamespace("kube-system").withName("kube-proxy");
    var rights = client.resources(ClusterRoleBinding.class).withName("kubeadm:node-proxier");
    assertThat(set.get()).isNotNull();
    synchronizer.keepUp(
        NAMESPACE,
        NAME,
        wanted(Scenario.named("hosted-cluster").spec("kubeProxy: {disabled: true}")));
    await("kube-proxy is gone").atMost(SOON).until(() -> set.get() == null && rights.get() == null);
    synchronizer.keepUp(NAMESPACE, NAME, wanted(Scenario.named("hosted-cluster")));
    await("kube-proxy is back").atMost(SOON).until(() -> set.get() != null && rights.get() != null);
  }

  @Test
  void anObjectOfSomebodyElseIsNotRemoved() {
    var foreign = configMap("foreign");
    foreign.getMetadata().setLabels(Map.of());
    var _ = client.resource(foreign).create();
    var kept = configMap("kept");
    synchronizer.keepUp(
        NAMESPACE,
        NAME,
        wanted(
            new Part(ConditionType.WORKLOAD_RBAC, List.of(kept), List.of(configMap("foreign")))));
    awaitWritten();
    assertThat(client.resource(foreign).get()).isNotNull();
  }

  @Test
  void aBrokenPartHoldsUpNoOther() {
    var broken =
        new ServiceBuilder()
            .withMetadata(HostedMetadata.of("default", "broken"))
            .withNewSpec()
            .withType("Nonsense")
            .endSpec()
            .build();
    synchronizer.keepUp(
        NAMESPACE,
        NAME,
        wanted(
            part(ConditionType.WORKLOAD_RBAC, broken, configMap("beside")),
            part(ConditionType.WORKLOAD_COREDNS, configMap("after"))));
    await("the first look").atMost(SOON).until(() -> known() && last().outcomes().size() == 2);
    assertThat(outcome(ConditionType.WORKLOAD_RBAC).failure())
        .get()
        .asString()
        .contains("Service default/broken");
    assertThat(outcome(ConditionType.WORKLOAD_COREDNS).isComplete()).isTrue();
    assertThat(client.resource(configMap("beside")).get()).isNotNull();
    assertThat(client.resource(configMap("after")).get()).isNotNull();
  }

  @Test
  void newCredentialsAreUsed() {
    var part = part(ConditionType.WORKLOAD_RBAC, configMap("credentials"));
    synchronizer.keepUp(
        NAMESPACE, NAME, wanted(kubeconfig(server.config().getMasterUrl(), "wrong"), part));
    await("it is refused").atMost(SOON).until(() -> known() && last().problem().isPresent());
    synchronizer.keepUp(NAMESPACE, NAME, wanted(part));
    awaitWritten();
    assertThat(last().problem()).isEmpty();
  }

  @Test
  void aClusterThatDoesNotAnswerHoldsUpNoOther() {
    var part = part(ConditionType.WORKLOAD_RBAC, configMap("reachable"));
    // A network for documentation: packets to it get lost.
    synchronizer.keepUp(
        NAMESPACE, "lost", wanted(kubeconfig("https://192.0.2.1:6443/", "token"), part));
    synchronizer.keepUp(NAMESPACE, NAME, wanted(part));
    awaitWritten();
    await("it is known that the other does not answer")
        .atMost(SOON)
        .until(
            () -> synchronizer.last(NAMESPACE, "lost").flatMap(HostedCluster::problem).isPresent());
    assertThat(synchronizer.last(NAMESPACE, "lost").orElseThrow().isKnown()).isFalse();
    synchronizer.forget(NAMESPACE, "lost");
    assertThat(synchronizer.last(NAMESPACE, "lost")).isEmpty();
  }

  @Test
  void servingCertificatesAreApprovedForTheNodeItself() {
    var _ =
        client
            .resource(
                new ClusterRoleBuilder()
                    .withNewMetadata()
                    .withName("hcp-test:request")
                    .endMetadata()
                    .withRules(
                        new PolicyRuleBuilder()
                            .withApiGroups("certificates.k8s.io")
                            .withResources("certificatesigningrequests")
                            .withVerbs("create")
                            .build())
                    .build())
            .create();
    var _ =
        client
            .resource(
                new ClusterRoleBindingBuilder()
                    .withNewMetadata()
                    .withName("hcp-test:request")
                    .endMetadata()
                    .withNewRoleRef("rbac.authorization.k8s.io", "ClusterRole", "hcp-test:request")
                    .addNewSubject("rbac.authorization.k8s.io", "Group", "system:nodes", null)
                    .build())
            .create();
    create(node("w1", new NodeAddress("192.0.2.11", "InternalIP")));
    synchronizer.keepUp(
        NAMESPACE, NAME, wanted(part(ConditionType.WORKLOAD_RBAC, configMap("nodes"))));
    await("the node is seen").atMost(SOON).until(() -> known() && last().nodes().ready() == 1);
    request("w1-good", "w1", dns("w1"), ip("192.0.2.11"));
    request("w1-bad", "w1", dns("w1"), ip("192.0.2.66"));
    await("the good one is approved").atMost(SOON).until(() -> approved("w1-good"));
    await("the bad one is counted")
        .atMost(SOON)
        .until(() -> registry.get("hcp.kubelet.serving.pending").gauge().value() == 1);
    assertThat(approved("w1-bad")).isFalse();
    // Its address becomes known.
    create(
        node(
            "w1",
            new NodeAddress("192.0.2.11", "InternalIP"),
            new NodeAddress("192.0.2.66", "InternalIP")));
    await("it is approved now").atMost(SOON).until(() -> approved("w1-bad"));
    var _ = client.nodes().withName("w1").delete();
  }

  private void create(Node node) {
    var created = client.nodes().withName(node.getMetadata().getName()).get();
    if (created == null) {
      created = client.resource(node).create();
    }
    var _ =
        client
            .resource(new NodeBuilder(created).withStatus(node.getStatus()).build())
            .updateStatus();
  }

  private void request(String name, String node, GeneralName... names) {
    var user = "system:node:" + node;
    try (var kubelet = server.clientOf(user, "system:nodes")) {
      var _ =
          kubelet
              .resource(
                  new CertificateSigningRequestBuilder()
                      .withNewMetadata()
                      .withName(name)
                      .endMetadata()
                      .withNewSpec()
                      .withSignerName("kubernetes.io/kubelet-serving")
                      .withUsages("digital signature", "server auth")
                      .withRequest(ServingRequests.of("O=system:nodes,CN=" + user, names))
                      .endSpec()
                      .build())
              .create();
    }
  }

  private boolean approved(String name) {
    var status =
        client.certificates().v1().certificateSigningRequests().withName(name).get().getStatus();
    return status != null
        && status.getConditions().stream().anyMatch(c -> c.getType().equals("Approved"));
  }

  private static ClusterRoleBinding binding(String name, Map<String, String> labels) {
    return new ClusterRoleBindingBuilder()
        .withNewMetadata()
        .withName(name)
        .withLabels(labels)
        .endMetadata()
        .withNewRoleRef("rbac.authorization.k8s.io", "ClusterRole", "view")
        .addNewSubject("rbac.authorization.k8s.io", "Group", "somebody", null)
        .build();
  }

  private static ConfigMap configMap(String name) {
    return new ConfigMapBuilder()
        .withMetadata(HostedMetadata.of("default", name))
        .addToData("key", "value")
        .build();
  }

  private static Part part(ConditionType condition, HasMetadata... objects) {
    return new Part(condition, List.of(objects));
  }

  private SyncWorkload wanted(Part... parts) {
    return wanted(
        kubeconfig(server.config().getMasterUrl(), server.config().getOauthToken()), parts);
  }

  private static SyncWorkload wanted(String kubeconfig, Part... parts) {
    return new SyncWorkload(kubeconfig, List.of(parts), 2, Set.of(), Optional.empty());
  }

  /** What a pass would want of this API server. */
  private SyncWorkload wanted(Scenario scenario) {
    var plan =
        Plan.of(
            scenario
                .clusterSpec(
                    """
                    clusterNetwork:
                      services: {cidrBlocks: [10.0.0.0/24]}
                      pods: {cidrBlocks: [10.244.0.0/16]}
                    """)
                .observation());
    var parts = new ArrayList<Part>();
    for (var step : plan.steps()) {
      for (var action : step.actions()) {
        if (action instanceof SyncWorkload sync) {
          parts.addAll(sync.parts());
        }
      }
    }
    assertThat(parts).hasSizeGreaterThan(6);
    return wanted(parts.toArray(new Part[0]));
  }

  private String kubeconfig(String url, String token) {
    try {
      var authority = Files.readAllBytes(Path.of(server.config().getCaCertFile()));
      return Base64.getEncoder()
          .encodeToString(
              """
              apiVersion: v1
              kind: Config
              clusters:
              - name: demo
                cluster:
                  server: %s
                  certificate-authority-data: %s
              users:
              - name: controller
                user:
                  token: %s
              contexts:
              - name: demo
                context: {cluster: demo, user: controller}
              current-context: demo
              """
                  .formatted(url, Base64.getEncoder().encodeToString(authority), token)
                  .getBytes(StandardCharsets.UTF_8));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private boolean known() {
    return synchronizer.last(NAMESPACE, NAME).isPresent();
  }

  private HostedCluster last() {
    return synchronizer.last(NAMESPACE, NAME).orElseThrow();
  }

  private PartOutcome outcome(ConditionType condition) {
    await("a look").atMost(SOON).until(() -> known() && last().outcomes().containsKey(condition));
    return last().outcomes().get(condition);
  }

  private void awaitWritten() {
    await("all is written")
        .atMost(SOON)
        .untilAsserted(() -> {
          assertThat(synchronizer.last(NAMESPACE, NAME)).isPresent();
          assertThat(last().outcomes()).isNotEmpty();
          assertThat(last().outcomes().values()).allSatisfy(o -> assertThat(o.failure()).isEmpty());
        });
  }

  private double applies(String result) {
    return registry.find("hcp.workload.applies").tag("result", result).counters().stream()
        .mapToDouble(Counter::count)
        .sum();
  }
}
