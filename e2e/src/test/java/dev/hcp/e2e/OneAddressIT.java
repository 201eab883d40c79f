package dev.hcp.e2e;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import dev.hcp.conditions.ConditionType;
import dev.hcp.e2e.hosted.HostedCluster;
import dev.hcp.e2e.hosted.Kubeconfig;
import dev.hcp.e2e.process.Command;
import io.fabric8.kubernetes.api.model.gatewayapi.v1.ListenerSet;
import io.fabric8.kubernetes.client.Config;
import io.fabric8.kubernetes.client.ConfigBuilder;
import io.fabric8.kubernetes.client.KubernetesClient;
import java.io.IOException;
import java.time.Duration;
import java.util.List;
import javax.net.ssl.SSLException;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.MethodOrderer;
import org.junit.jupiter.api.Order;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.TestMethodOrder;
import org.junit.jupiter.api.extension.ExtendWith;

/**
 * Two hosted clusters with the same ranges and without an address of their own, each with a node:
 * pods of each reach its API server at the Gateway's address and a port of its own.
 */
@Order(55)
@ExtendWith(BedExtension.class)
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
@TestMethodOrder(MethodOrderer.OrderAnnotation.class)
final class OneAddressIT {
  private static final int RANGE = 140;
  private static final String KUBERNETES = "10.%d.0.1".formatted(RANGE);
  private static final Duration CREATION_DEADLINE = Duration.ofMinutes(4);
  private static final Duration SWITCH_DEADLINE = Duration.ofMinutes(3);
  private static final Duration POD_DEADLINE = Duration.ofMinutes(2);

  private static final int IN_A_ROW = 5;

  /** How many questions of a running pod may get no answer while two old ways are closed. */
  private static final int MOST_FAILURES = 6;

  private static final String KUBELET_CREDENTIALS =
      "/var/lib/kubelet/pki/kubelet-client-current.pem";

  private static final String BY_GATEWAY = "{inClusterAccess: Gateway}";

  private final Bed bed;
  private final KubernetesClient management;
  private final HostedCluster left;
  private final HostedCluster right;

  OneAddressIT(Bed bed, KubernetesClient management) {
    this.bed = bed;
    this.management = management;
    this.left = new HostedCluster(bed, management, "left", "left");
    this.right = new HostedCluster(bed, management, "right", "right");
  }

  @BeforeAll
  void create() {
    for (var cluster : List.of(left, right)) {
      Manifests.createRestrictedNamespace(bed, cluster.namespace());
      Manifests.apply(
          bed, Manifests.small(cluster.name(), RANGE) + "  exposure: %s\n".formatted(BY_GATEWAY));
    }
    for (var cluster : List.of(left, right)) {
      HostedClustersExtension.awaitReady(cluster, CREATION_DEADLINE);
    }
    for (var cluster : List.of(left, right)) {
      var _ = bed.workers().join(cluster.namespace(), cluster.name(), List.of(node(cluster)));
      kubectl(cluster, "apply", "--filename=-").input(Manifests.ASKING_POD).check();
    }
    for (var cluster : List.of(left, right)) {
      await("a pod asks the API server of " + cluster)
          .atMost(POD_DEADLINE)
          .until(() -> questions(cluster).contains("answered"));
    }
  }

  @AfterAll
  void remove() {
    for (var cluster : List.of(left, right)) {
      bed.workers()
          .of(cluster.namespace(), cluster.name())
          .forEach(worker -> bed.workers().remove(worker.name()));
      cluster.delete();
      management.namespaces().withName(cluster.namespace()).delete();
    }
  }

  @Test
  @Order(1)
  void noClusterHasAnAddressOfItsOwn() {
    for (var cluster : List.of(left, right)) {
      assertThat(management.services().inNamespace(cluster.namespace()).list().getItems())
          .extracting(service -> service.getSpec().getType())
          .containsOnly("ClusterIP");
    }
    assertThat(port(left)).isBetween(20_000, 29_999).isNotEqualTo(port(right));
  }

  @Test
  @Order(2)
  void theApiServerAnswersAtTheGatewaysAddressToWhoNamesNoHost() throws IOException {
    for (var cluster : List.of(left, right)) {
      assertThat(door(cluster).get("/readyz", "")).startsWith("HTTP/1.1 200").endsWith("ok");
    }
  }

  @Test
  @Order(3)
  void neitherIsTakenForTheOther() throws IOException {
    var wrongAuthority =
        new NamelessEndpoint(bed.network().gateway(), port(right), KUBERNETES, authority(left));
    assertThatThrownBy(() -> wrongAuthority.get("/readyz", "")).isInstanceOf(SSLException.class);

    try (var hosted = bed.client(left.namespace(), left.name())) {
      var token = Tokens.issue(hosted, "default", "default");
      assertThat(door(left).get("/api", token)).startsWith("HTTP/1.1 200");
      assertThat(door(right).get("/api", token)).startsWith("HTTP/1.1 401");
    }
    var ofLeft = Kubeconfig.parse(bed.kubeconfig(left.namespace(), left.name()));
    var ofRight = Kubeconfig.parse(bed.kubeconfig(right.namespace(), right.name()));
    assertThat(Tokens.whoAmI(atDoor(ofLeft, left))).isPresent();
    assertThat(Tokens.whoAmI(atDoor(ofLeft, right))).isEmpty();
    assertThat(Tokens.whoAmI(atDoor(ofRight, right))).isPresent();
  }

  @Test
  @Order(3)
  void aNodeOfTheOneIsAStrangerToTheOther() {
    assertThat(asNode(left, left).output()).contains("system:node:" + node(left));
    var refused = asNode(left, right).run();
    assertThat(refused.succeeded()).isFalse();
    assertThat(refused.error()).contains("Unauthorized");
  }

  @Test
  @Order(4)
  void podsAreSentToTheGatewayAndArrive() {
    for (var cluster : List.of(left, right)) {
      assertThat(kubernetes(cluster))
          .containsExactly(bed.network().gateway() + ":" + port(cluster));
      awaitAnswers(cluster);
    }
  }

  @Test
  @Order(5)
  void aRunningClusterGetsAnAddressOfItsOwnAndGivesItBack() throws IOException {
    var other = door(right);
    var before = pod();
    var ready = readySince();
    try (var requests = new SteadyRequests(left.endpoint().orElseThrow());
        var hosted = bed.client(left.namespace(), left.name());
        var recorder = new KubernetesService(hosted)) {
      var byGateway = bed.network().gateway() + ":" + port(left);
      expose(left, "{inClusterAccess: LoadBalancer}");
      await("pods are sent to the load balancer, and the port is free again")
          .atMost(SWITCH_DEADLINE)
          .until(() -> left.isReady() && listenerSets(left).isEmpty());
      assertThat(left.apiServerService().getSpec().getType()).isEqualTo("LoadBalancer");
      var byBalancer = left.loadBalancerAddress() + ":6443";
      assertThat(kubernetes(left)).containsExactly(byBalancer);
      awaitAnswers(left);

      expose(left, BY_GATEWAY);
      await("pods are sent to the Gateway, and the address is free again")
          .atMost(SWITCH_DEADLINE)
          .until(() ->
              left.isReady() && left.apiServerService().getSpec().getType().equals("ClusterIP"));
      assertThat(kubernetes(left)).containsExactly(bed.network().gateway() + ":" + port(left));
      // The Gateway is told of its port sooner than the network: a question that comes between is
      // lost, and so is each that is sent again from the same port.
      await("the port of the Gateway leads to the API server")
          .atMost(POD_DEADLINE)
          .ignoreExceptions()
          .until(() -> door(left).get("/readyz", "").startsWith("HTTP/1.1 200"));
      awaitAnswers(left);

      assertThat(recorder.states()).startsWith(List.of(byGateway), List.of(byBalancer));
      assertThat(recorder.states()).as("it always leads somewhere").doesNotContain(List.of());
      assertThat(requests.requests()).isPositive();
      assertThat(requests.failures()).isEmpty();
    }
    assertThat(pod()).as("the pod and its node have not noticed").isEqualTo(before);
    assertThat(readySince()).isEqualTo(ready);
    assertThat(questions(left).lines().filter(line -> line.startsWith("failed")))
        .as("only when an old way was closed")
        .hasSizeLessThanOrEqualTo(MOST_FAILURES);
    assertThat(other.get("/readyz", "")).as("the other cluster").startsWith("HTTP/1.1 200");
  }

  /** The pod in {@link #left}, by what changes when it starts again. */
  private String pod() {
    return kubectl(left, "get", "pod", "asking", "--namespace=default")
        .with("--output=jsonpath={.metadata.uid} {.status.containerStatuses[0].restartCount}")
        .output();
  }

  private String readySince() {
    return kubectl(left, "get", "node", node(left))
        .with(
            "--output=jsonpath={.status.conditions[?(@.type=='Ready')].status} {.status.conditions[?(@.type=='Ready')].lastTransitionTime}")
        .output();
  }

  /** Returns once the pod has got several answers in a row from now on. */
  private void awaitAnswers(HostedCluster cluster) {
    var before = questions(cluster).lines().count();
    await("a pod of %s gets answers".formatted(cluster))
        .atMost(POD_DEADLINE)
        .until(() -> {
          var since = questions(cluster).lines().skip(before).toList();
          return since.size() >= IN_A_ROW
              && since.subList(since.size() - IN_A_ROW, since.size()).stream()
                  .allMatch("answered"::equals);
        });
  }

  private String questions(HostedCluster cluster) {
    return kubectl(cluster, "logs", "asking", "--namespace=default").run().output();
  }

  /** What the API server of {@code asked} says who a node of {@code home} is. */
  private Command asNode(HostedCluster home, HostedCluster asked) {
    return bed.workers()
        .require(node(home))
        .command("kubectl", "--kubeconfig=/dev/null", "auth", "whoami")
        .with("--server=https://%s:%d".formatted(bed.network().gateway(), port(asked)))
        .with("--insecure-skip-tls-verify")
        .with("--client-certificate=" + KUBELET_CREDENTIALS)
        .with("--client-key=" + KUBELET_CREDENTIALS);
  }

  private Command kubectl(HostedCluster cluster, String... arguments) {
    var file = bed.folder().kubeconfigs().resolve(cluster.name() + ".kubeconfig");
    bed.folder().write(file, bed.kubeconfig(cluster.namespace(), cluster.name()));
    return bed.kubectl("--kubeconfig", file.toString()).with(arguments);
  }

  private static String node(HostedCluster cluster) {
    return cluster.name() + "-worker-1";
  }

  private void expose(HostedCluster cluster, String exposure) {
    bed.kubectl("patch", "hcp", cluster.name(), "--namespace", cluster.namespace())
        .with("--type=merge", "--patch", "spec: {exposure: %s}".formatted(exposure))
        .check();
    var generation = cluster.controlPlane().orElseThrow().getMetadata().getGeneration();
    await("the change is seen")
        .atMost(SWITCH_DEADLINE)
        .until(() ->
            cluster
                .condition(ConditionType.IN_CLUSTER_ACCESS)
                .filter(condition -> generation.equals(condition.observedGeneration()))
                .isPresent());
  }

  private NamelessEndpoint door(HostedCluster cluster) {
    return new NamelessEndpoint(
        bed.network().gateway(), port(cluster), KUBERNETES, authority(cluster));
  }

  private static String authority(HostedCluster cluster) {
    return cluster.endpoint().orElseThrow().authority();
  }

  /** A client with a user's certificate that goes to the port of a cluster, whoever that is. */
  private Config atDoor(Config user, HostedCluster cluster) {
    return new ConfigBuilder(Config.empty())
        .withMasterUrl("https://%s:%d".formatted(bed.network().gateway(), port(cluster)))
        // The certificate is for the name that pods dial; that it is the right one is tested above.
        .withTrustCerts(true)
        .withDisableHostnameVerification(true)
        .withClientCertData(user.getClientCertData())
        .withClientKeyData(user.getClientKeyData())
        .withClientKeyAlgo(user.getClientKeyAlgo())
        .build();
  }

  private int port(HostedCluster cluster) {
    return listenerSets(cluster).getFirst().getSpec().getListeners().getFirst().getPort();
  }

  private List<ListenerSet> listenerSets(HostedCluster cluster) {
    return management
        .resources(ListenerSet.class)
        .inNamespace(cluster.namespace())
        .list()
        .getItems();
  }

  /** Where Service default/kubernetes leads in a hosted cluster. */
  private List<String> kubernetes(HostedCluster cluster) {
    try (var hosted = bed.client(cluster.namespace(), cluster.name())) {
      return KubernetesService.now(hosted);
    }
  }
}
