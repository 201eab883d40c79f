package dev.hcp.e2e;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import dev.hcp.conditions.ConditionType;
import dev.hcp.e2e.hosted.HostedCluster;
import dev.hcp.e2e.hosted.Kubeconfig;
import io.fabric8.kubernetes.api.model.Service;
import io.fabric8.kubernetes.api.model.discovery.v1.EndpointSlice;
import io.fabric8.kubernetes.api.model.gatewayapi.v1.ListenerSet;
import io.fabric8.kubernetes.client.Config;
import io.fabric8.kubernetes.client.ConfigBuilder;
import io.fabric8.kubernetes.client.KubernetesClient;
import java.io.IOException;
import java.time.Duration;
import java.util.List;
import java.util.stream.Stream;
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
 * Two hosted clusters with the same ranges and without an address of their own: pods of each reach
 * its API server at the Gateway's address and a port of its own.
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
  }

  @AfterAll
  void remove() {
    for (var cluster : List.of(left, right)) {
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
  @Order(4)
  void podsAreSentToTheGateway() {
    assertThat(kubernetes(left)).containsExactly(bed.network().gateway() + ":" + port(left));
    assertThat(kubernetes(right)).containsExactly(bed.network().gateway() + ":" + port(right));
  }

  @Test
  @Order(5)
  void aRunningClusterGetsAnAddressOfItsOwnAndGivesItBack() throws IOException {
    var other = door(right);
    try (var requests = new SteadyRequests(left.endpoint().orElseThrow())) {
      expose(left, "{inClusterAccess: LoadBalancer}");
      await("pods are sent to the load balancer, and the port is free again")
          .atMost(SWITCH_DEADLINE)
          .until(() -> left.isReady() && listenerSets(left).isEmpty());
      assertThat(service(left).getSpec().getType()).isEqualTo("LoadBalancer");
      assertThat(kubernetes(left))
          .containsExactly(
              service(left).getStatus().getLoadBalancer().getIngress().getFirst().getIp()
                  + ":6443");

      expose(left, BY_GATEWAY);
      await("pods are sent to the Gateway, and the address is free again")
          .atMost(SWITCH_DEADLINE)
          .until(() -> left.isReady() && service(left).getSpec().getType().equals("ClusterIP"));
      assertThat(kubernetes(left)).containsExactly(bed.network().gateway() + ":" + port(left));
      assertThat(door(left).get("/readyz", "")).startsWith("HTTP/1.1 200");
      assertThat(requests.requests()).isPositive();
      assertThat(requests.failures()).isEmpty();
    }
    assertThat(other.get("/readyz", "")).as("the other cluster").startsWith("HTTP/1.1 200");
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

  private Service service(HostedCluster cluster) {
    return management
        .services()
        .inNamespace(cluster.namespace())
        .withName(cluster.names().apiServerService())
        .get();
  }

  /** Where Service default/kubernetes leads in a hosted cluster. */
  private List<String> kubernetes(HostedCluster cluster) {
    try (var hosted = bed.client(cluster.namespace(), cluster.name())) {
      return hosted
          .discovery()
          .v1()
          .endpointSlices()
          .inNamespace("default")
          .withLabel("kubernetes.io/service-name", "kubernetes")
          .list()
          .getItems()
          .stream()
          .flatMap(OneAddressIT::addresses)
          .toList();
    }
  }

  private static Stream<String> addresses(EndpointSlice slice) {
    int port = slice.getPorts().getFirst().getPort();
    return slice.getEndpoints().stream()
        .flatMap(endpoint -> endpoint.getAddresses().stream())
        .map(address -> address + ":" + port);
  }
}
