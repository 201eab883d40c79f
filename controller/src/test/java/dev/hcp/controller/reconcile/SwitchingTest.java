package dev.hcp.controller.reconcile;

import static org.assertj.core.api.Assertions.assertThat;

import dev.hcp.conditions.ConditionType;
import dev.hcp.controller.memory.Crash;
import dev.hcp.controller.memory.Disturbance;
import dev.hcp.controller.memory.Disturbance.Moment;
import io.fabric8.kubernetes.api.model.Endpoints;
import io.fabric8.kubernetes.api.model.Service;
import io.fabric8.kubernetes.api.model.apps.Deployment;
import io.fabric8.kubernetes.api.model.gatewayapi.v1.AllowedListenersBuilder;
import io.fabric8.kubernetes.api.model.gatewayapi.v1.Gateway;
import io.fabric8.kubernetes.api.model.gatewayapi.v1.ListenerSet;
import io.fabric8.kubernetes.api.model.gatewayapi.v1.ListenerSetBuilder;
import io.fabric8.kubernetes.api.model.gatewayapi.v1alpha2.TCPRoute;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import org.junit.jupiter.api.Test;

/**
 * A running cluster goes from one way to its API servers to another. At every moment, whatever
 * fails, Service {@code default/kubernetes} leads to something that is there.
 */
final class SwitchingTest {
  private static final int ROUNDS = 80;
  private static final String LOAD_BALANCER = "192.0.2.10:6443";
  private static final String CLUSTER_IP = "10.96.3.4";
  private static final Map<String, Object> BY_GATEWAY = Map.of("inClusterAccess", "Gateway");

  /** A world, and where {@code default/kubernetes} leads in its hosted cluster. */
  private static final class Switching {
    final World world;
    private String kubernetes = LOAD_BALANCER;

    Switching(World world) {
      this.world = world;
      world.cluster.disturb((request, moment) -> look());
    }

    void spec(Map<String, Object> exposure) {
      world.edit(Map.of("exposure", exposure));
    }

    /** Crashes before one request, and otherwise only looks. */
    void crashBefore(int number) {
      var count = new int[1];
      world.cluster.disturb((request, moment) -> {
        look();
        if (moment == Moment.BEFORE && ++count[0] == number) {
          throw new Crash(request);
        }
      });
    }

    void settle() {
      for (int round = 0; round < ROUNDS; round++) {
        boolean changed = world.round();
        look();
        if (!changed) {
          return;
        }
      }
      throw new AssertionError("Still changing after %d rounds".formatted(ROUNDS));
    }

    /** What the controller has written meanwhile, and whether it leads anywhere. */
    private void look() {
      kubernetes =
          world
              .hostedClusters
              .kubernetes(World.NAMESPACE, World.NAME)
              .map(p -> describe((Endpoints) p.desired().getFirst()))
              .orElseThrow();
      assertThat(kubernetes).as("where default/kubernetes leads").isIn(open());
    }

    /** Addresses that lead to the API servers. */
    private List<String> open() {
      var all = new ArrayList<String>();
      world
          .cluster
          .get(Service.class, World.NAMESPACE, "s-demo")
          .ifPresent(service -> {
            all.add(CLUSTER_IP + ":6443");
            if ("LoadBalancer".equals(service.getSpec().getType())) {
              all.add(LOAD_BALANCER);
            }
          });
      gatewayPort().ifPresent(port -> all.add("192.0.2.1:" + port));
      return all;
    }

    Optional<Integer> gatewayPort() {
      return world.cluster.get(TCPRoute.class, World.NAMESPACE, "demo-in-cluster").isEmpty()
          ? Optional.empty()
          : world
              .cluster
              .get(ListenerSet.class, World.NAMESPACE, "demo-in-cluster")
              .map(set -> set.getSpec().getListeners().getFirst().getPort());
    }

    private static String describe(Endpoints endpoints) {
      var subset = endpoints.getSubsets().getFirst();
      return "%s:%d"
          .formatted(
              subset.getAddresses().getFirst().getIp(), subset.getPorts().getFirst().getPort());
    }
  }

  private static Switching running() {
    var world = World.settledSample();
    world.cluster.edit(
        world.cluster.all(Gateway.class).getFirst(),
        gateway ->
            gateway
                .getSpec()
                .setAllowedListeners(
                    new AllowedListenersBuilder()
                        .withNewNamespaces()
                        .withFrom("All")
                        .endNamespaces()
                        .build()));
    world.cluster.edit(
        world.get(Service.class, "s-demo"),
        service -> service.getSpec().setClusterIPs(List.of(CLUSTER_IP)));
    return new Switching(world);
  }

  private static Switching byGateway() {
    var switching = running();
    switching.spec(BY_GATEWAY);
    switching.settle();
    switching.world.cluster.forgetRequests();
    return switching;
  }

  private static void assertByGateway(Switching switching) {
    var world = switching.world;
    assertThat(world.condition(ConditionType.READY).message()).contains("as its spec says");
    assertThat(world.get(Service.class, "s-demo").getSpec().getType()).isEqualTo("ClusterIP");
    assertThat(switching.kubernetes)
        .isEqualTo("192.0.2.1:" + switching.gatewayPort().orElseThrow());
    assertThat(world.object().getStatus().legacyIP()).isNull();
  }

  private static void assertByLoadBalancer(Switching switching) {
    var world = switching.world;
    assertThat(world.condition(ConditionType.READY).message()).contains("as its spec says");
    assertThat(world.get(Service.class, "s-demo").getSpec().getType()).isEqualTo("LoadBalancer");
    assertThat(switching.kubernetes).isEqualTo(LOAD_BALANCER);
    assertThat(switching.gatewayPort()).isEmpty();
    assertThat(world.cluster.all(ListenerSet.class)).isEmpty();
  }

  private static Object template(Switching switching) {
    return switching.world.get(Deployment.class, "demo-api-server").getSpec().getTemplate();
  }

  @Test
  void fromTheLoadBalancerToTheGateway() {
    var switching = byGateway();
    assertByGateway(switching);
    assertThat(template(switching)).as("no restart").isEqualTo(template(running()));
  }

  @Test
  void fromTheGatewayToTheLoadBalancer() {
    var switching = byGateway();
    switching.spec(Map.of());
    switching.settle();
    assertByLoadBalancer(switching);
  }

  @Test
  void fromTheLoadBalancerToTheClusterIpAndOnToTheGateway() {
    var switching = running();
    switching.spec(Map.of("service", Map.of("type", "ClusterIP")));
    switching.settle();
    assertThat(switching.world.get(Service.class, "s-demo").getSpec().getType())
        .isEqualTo("ClusterIP");
    assertThat(switching.kubernetes).isEqualTo(CLUSTER_IP + ":6443");
    assertThat(switching.world.condition(ConditionType.READY).status()).isEqualTo("True");
    switching.spec(BY_GATEWAY);
    switching.settle();
    assertByGateway(switching);
  }

  @Test
  void aCrashOnTheWayToTheGatewayDoesNoHarm() {
    var undisturbed = running();
    undisturbed.spec(BY_GATEWAY);
    undisturbed.settle();
    int requests = undisturbed.world.cluster.requests().size();
    assertThat(requests).isGreaterThan(5);
    for (int k = 1; k <= requests; k++) {
      var switching = running();
      switching.crashBefore(k);
      switching.spec(BY_GATEWAY);
      switching.settle();
      assertByGateway(switching);
    }
  }

  @Test
  void aCrashOnTheWayBackDoesNoHarm() {
    var undisturbed = byGateway();
    undisturbed.spec(Map.of());
    undisturbed.settle();
    int requests = undisturbed.world.cluster.requests().size();
    assertThat(requests).isGreaterThan(5);
    for (int k = 1; k <= requests; k++) {
      var switching = byGateway();
      switching.crashBefore(k);
      switching.spec(Map.of());
      switching.settle();
      assertByLoadBalancer(switching);
    }
  }

  @Test
  void aMindChangedOnTheWayDoesNoHarm() {
    for (int rounds = 1; rounds < 12; rounds++) {
      var switching = running();
      switching.spec(BY_GATEWAY);
      for (int i = 0; i < rounds; i++) {
        var _ = switching.world.round();
        switching.look();
      }
      switching.spec(Map.of());
      switching.settle();
      assertByLoadBalancer(switching);
    }
  }

  @Test
  void nothingChangesWhileTheGatewayTakesNoListeners() {
    var switching = running();
    switching.world.cluster.edit(
        switching.world.cluster.all(Gateway.class).getFirst(),
        gateway -> gateway.getSpec().setAllowedListeners(null));
    switching.spec(BY_GATEWAY);
    switching.settle();
    assertThat(switching.kubernetes).isEqualTo(LOAD_BALANCER);
    assertThat(switching.world.condition(ConditionType.IN_CLUSTER_ACCESS).reason())
        .isEqualTo("ListenerSetsNotAllowed");
  }

  @Test
  void anotherAddressOfTheGatewayRestartsNothing() {
    var switching = byGateway();
    var template = template(switching);
    switching.world.cluster.edit(
        switching.world.cluster.all(Gateway.class).getFirst(),
        gateway -> gateway.getStatus().getAddresses().getFirst().setValue("192.0.2.99"));
    switching.world.cluster.disturb(Disturbance.NONE);
    switching.world.settle();
    assertThat(template(switching)).isEqualTo(template);
    assertThat(
            switching
                .world
                .hostedClusters
                .kubernetes(World.NAMESPACE, World.NAME)
                .map(p -> Switching.describe((Endpoints) p.desired().getFirst())))
        .hasValueSatisfying(address -> assertThat(address).startsWith("192.0.2.99:"));
  }

  @Test
  void aLoadBalancerThatOnlyHasAHostNameIsFollowed() {
    var switching = running();
    var world = switching.world;
    world.cluster.disturb(Disturbance.NONE);
    world.hostNames.put("lb.example.test", "192.0.2.30", "192.0.2.31");
    world.cluster.edit(
        world.get(Service.class, "s-demo"),
        service -> {
          var ingress = service.getStatus().getLoadBalancer().getIngress().getFirst();
          ingress.setIp(null);
          ingress.setHostname("lb.example.test");
        });
    world.settle();
    assertThat(addresses(world)).containsExactly("192.0.2.30", "192.0.2.31");
    assertThat(world.condition(ConditionType.READY).status()).isEqualTo("True");

    world.hostNames.put("lb.example.test", "192.0.2.32");
    world.settle();
    assertThat(addresses(world)).containsExactly("192.0.2.32");
  }

  private static List<String> addresses(World world) {
    return world
        .hostedClusters
        .kubernetes(World.NAMESPACE, World.NAME)
        .map(p -> (Endpoints) p.desired().getFirst())
        .map(e -> e.getSubsets().getFirst().getAddresses().stream().map(a -> a.getIp()).toList())
        .filter(Objects::nonNull)
        .orElse(List.of());
  }

  @Test
  void aDeletedServiceComesBackAndAllFollowsItsNewAddress() {
    var switching = running();
    var world = switching.world;
    world.cluster.disturb(Disturbance.NONE);
    world.cluster.remove(world.get(Service.class, "s-demo"));
    world.pass();
    assertThat(world.condition(ConditionType.API_SERVER_SERVICE).status()).isEqualTo("False");
    assertThat(addresses(world)).as("stays until there is another").containsExactly("192.0.2.10");
    world.settle();
    assertThat(world.condition(ConditionType.READY).status()).isEqualTo("True");
  }

  @Test
  void theYoungerOfTwoThatChoseTheSamePortGivesWay() {
    var switching = running();
    var world = switching.world;
    var other =
        new ListenerSetBuilder()
            .withNewMetadata()
            .withName("a-in-cluster")
            .withNamespace("another")
            .withCreationTimestamp("2026-01-01T00:00:00Z")
            .endMetadata()
            .withNewSpec()
            .withNewParentRef()
            .withName("capi")
            .withNamespace("gateways")
            .endParentRef()
            .addNewListener()
            .withName("api")
            .withPort(chosenPort())
            .withProtocol("TCP")
            .endListener()
            .endSpec()
            .build();
    // Neither saw the other when it chose.
    world.cluster.lag();
    world.cluster.put(other);
    switching.spec(BY_GATEWAY);
    world.cluster.catchUp();
    world.cluster.remove(other);
    world.cluster.catchUp();
    world.pass();
    world.cluster.put(other);
    switching.settle();
    assertByGateway(switching);
    assertThat(switching.gatewayPort()).isPresent().isNotEqualTo(Optional.of(chosenPort()));
  }

  /** The port that the sample chooses where all are free. */
  private static int chosenPort() {
    return byGateway().gatewayPort().orElseThrow();
  }
}
