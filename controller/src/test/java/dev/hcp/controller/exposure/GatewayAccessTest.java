package dev.hcp.controller.exposure;

import static org.assertj.core.api.Assertions.assertThat;

import dev.hcp.conditions.ConditionState;
import dev.hcp.conditions.ConditionType;
import dev.hcp.conditions.Reason;
import dev.hcp.controller.plan.Action;
import dev.hcp.controller.plan.Planning;
import dev.hcp.controller.plan.Resolution;
import dev.hcp.controller.plan.Step;
import dev.hcp.controller.reconcile.Plan;
import dev.hcp.controller.scenario.Scenario;
import dev.hcp.naming.Labels;
import io.fabric8.kubernetes.api.model.Endpoints;
import io.fabric8.kubernetes.api.model.LabelSelectorBuilder;
import io.fabric8.kubernetes.api.model.Service;
import io.fabric8.kubernetes.api.model.gatewayapi.v1.Gateway;
import io.fabric8.kubernetes.api.model.gatewayapi.v1.ListenerSet;
import io.fabric8.kubernetes.api.model.gatewayapi.v1alpha2.TCPRoute;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** A port of the Gateway for a control plane without an address, and what is said where none is. */
final class GatewayAccessTest {
  private final Scenario scenario = Scenario.named("one-address");

  private Planning planning() {
    return Plan.of(scenario.observation()).planning();
  }

  private Step step() {
    return Exposure.plan(planning()).stream()
        .filter(s -> s.state().type() == ConditionType.IN_CLUSTER_ACCESS)
        .findFirst()
        .orElseThrow();
  }

  private ListenerSet desiredSet() {
    return step().desired().stream()
        .filter(ListenerSet.class::isInstance)
        .map(ListenerSet.class::cast)
        .findFirst()
        .orElseThrow();
  }

  private int desiredPort() {
    return desiredSet().getSpec().getListeners().getFirst().getPort();
  }

  private void says(Reason reason, String... words) {
    assertThat(step().state())
        .returns(reason, ConditionState::reason)
        .extracting(ConditionState::message)
        .asString()
        .contains(words);
  }

  private void gateway(String fields) {
    scenario.with(
        """
        apiVersion: gateway.networking.k8s.io/v1
        kind: Gateway
        metadata: {name: capi, namespace: gateways}
        %s
        """
            .formatted(fields));
  }

  private void foreignSet(String name, String created, int port) {
    scenario.with(
        """
        apiVersion: gateway.networking.k8s.io/v1
        kind: ListenerSet
        metadata: {name: %s, namespace: another, creationTimestamp: "%s"}
        spec:
          parentRef: {name: capi, namespace: gateways}
          listeners: [{name: x, port: %d, protocol: HTTP}]
        """
            .formatted(name, created, port));
  }

  private void withoutPort() {
    scenario.without(ListenerSet.class, "demo-in-cluster");
    scenario.without(TCPRoute.class, "demo-in-cluster");
  }

  @Test
  void openPortIsEstablishedAndTold() {
    assertThat(step().state())
        .returns(true, ConditionState::isTrue)
        .extracting(ConditionState::message)
        .asString()
        .endsWith("at 192.0.2.1:20123");
    assertThat(desiredPort()).isEqualTo(20123);
    assertThat(desiredSet().getMetadata().getAnnotations())
        .containsEntry(Labels.ESTABLISHED_ANNOTATION, "gateways/capi:20123");
    assertThat(planning().reach().address()).isNull();
  }

  @Test
  void portIsChosenOutOfTheRangeAndIsAlwaysTheSame() {
    withoutPort();
    int port = desiredPort();
    assertThat(port).isBetween(20_000, 29_999);
    assertThat(desiredPort()).isEqualTo(port);
    assertThat(desiredSet().getMetadata().getAnnotations()).isNullOrEmpty();
    says(Reason.NOT_CREATED, "ListenerSet demo-in-cluster is being created");
  }

  @Test
  void portsOfTheGatewayAndOfAllOthersAreSkipped() {
    withoutPort();
    int first = desiredPort();
    foreignSet("one", "2026-01-01T00:00:00Z", first);
    int second = desiredPort();
    assertThat(second).isNotEqualTo(first);
    scenario.edit(
        Gateway.class, "capi", g -> g.getSpec().getListeners().getFirst().setPort(second));
    assertThat(desiredPort()).isNotIn(first, second);
  }

  @Test
  void portThatNeverWorkedGivesWayToAnOlderOne() {
    scenario.edit(ListenerSet.class, "demo-in-cluster", s -> s.setStatus(null));
    scenario.edit(
        ListenerSet.class,
        "demo-in-cluster",
        s -> s.getMetadata().setCreationTimestamp("2026-01-01T00:00:05Z"));
    foreignSet("younger", "2026-01-01T00:00:06Z", 20123);
    assertThat(desiredPort()).isEqualTo(20123);
    foreignSet("older", "2026-01-01T00:00:04Z", 20123);
    assertThat(desiredPort()).isNotEqualTo(20123);
  }

  @Test
  void portOfTheSameAgeBelongsToTheLesserName() {
    scenario.edit(ListenerSet.class, "demo-in-cluster", s -> s.setStatus(null));
    scenario.edit(
        ListenerSet.class,
        "demo-in-cluster",
        s -> s.getMetadata().setCreationTimestamp("2026-01-01T00:00:05Z"));
    foreignSet("same-age", "2026-01-01T00:00:05Z", 20123);
    assertThat(desiredPort()).as("another/same-age comes before clusters/demo").isNotEqualTo(20123);
  }

  @Test
  void portThatHasWorkedStaysAndTheConflictIsSaid() {
    scenario.edit(
        ListenerSet.class,
        "demo-in-cluster",
        s -> {
          s.getMetadata().setCreationTimestamp("2026-01-01T00:00:05Z");
          s.getMetadata()
              .setAnnotations(Map.of(Labels.ESTABLISHED_ANNOTATION, "gateways/capi:20123"));
        });
    foreignSet("older", "2026-01-01T00:00:04Z", 20123);
    assertThat(desiredPort()).isEqualTo(20123);
    says(Reason.GATEWAY_PORT_TAKEN, "Port 20123", "ListenerSet another/older", "keeps it");
  }

  @Test
  void portThatTheUserWantsIsTaken() {
    scenario.spec("exposure: {inClusterAccess: Gateway, gatewayPort: 443}");
    assertThat(desiredPort()).as("what works goes on").isEqualTo(20123);
    says(
        Reason.GATEWAY_PORT_TAKEN,
        "Port 443",
        "listener control-planes of Gateway gateways/capi",
        "spec.exposure.gatewayPort");
    withoutPort();
    assertThat(step().desired()).isEmpty();
    scenario.spec("exposure: {inClusterAccess: Gateway, gatewayPort: 20555}");
    assertThat(desiredPort()).isEqualTo(20555);
    foreignSet("younger", "2026-01-01T00:00:06Z", 20555);
    says(Reason.GATEWAY_PORT_TAKEN, "ListenerSet another/younger");
  }

  @Test
  void userMayChangeThePort() {
    scenario.spec("exposure: {inClusterAccess: Gateway, gatewayPort: 20555}");
    assertThat(desiredPort()).isEqualTo(20555);
    assertThat(desiredSet().getMetadata().getAnnotations()).isNullOrEmpty();
    says(Reason.LISTENER_SET_NOT_READY, "goes over to port 20555");
  }

  @Test
  void missingKindsAreNamed() {
    scenario.without(TCPRoute.class);
    says(Reason.TCP_ROUTE_NOT_SERVED, "tcproutes.gateway.networking.k8s.io");
    scenario.without(ListenerSet.class);
    says(Reason.LISTENER_SET_NOT_SERVED, "listenersets.gateway.networking.k8s.io", "XListenerSet");
    assertThat(step().desired()).isEmpty();
  }

  @Test
  void missingGatewayIsNamed() {
    scenario.without(Gateway.class, "capi");
    says(Reason.GATEWAY_NOT_FOUND, "Gateway gateways/capi");
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '"',
      value = {
        "{} | is None",
        "{allowedListeners: {namespaces: {from: None}}} | is None",
        "{allowedListeners: {namespaces: {from: Same}}} | is Same",
        "{allowedListeners: {namespaces: {from: Selector, selector: {matchLabels: {a: b}}}}} | labels of the namespace do not match"
      })
  void gatewayThatTakesNoListenersIsNamed(String spec, String words) {
    gateway("spec: " + spec);
    says(Reason.LISTENER_SETS_NOT_ALLOWED, "namespace clusters", words);
  }

  @Test
  void namespaceWithTheRightLabelsIsLetIn() {
    scenario.edit(
        Gateway.class,
        "capi",
        g -> {
          g.getSpec().getAllowedListeners().getNamespaces().setFrom("Selector");
          g.getSpec()
              .getAllowedListeners()
              .getNamespaces()
              .setSelector(
                  new LabelSelectorBuilder()
                      .addNewMatchExpression()
                      .withKey("tenant")
                      .withOperator("In")
                      .withValues("a", "b")
                      .endMatchExpression()
                      .build());
        });
    says(Reason.LISTENER_SETS_NOT_ALLOWED, "labels");
    scenario.with(
        "apiVersion: v1\nkind: Namespace\nmetadata: {name: clusters, labels: {tenant: b}}\n");
    assertThat(step().state().isTrue()).isTrue();
  }

  @Test
  void whatTheGatewaySaysOfTheListenerIsRepeated() {
    scenario.edit(
        ListenerSet.class,
        "demo-in-cluster",
        s -> {
          var condition = s.getStatus().getConditions().getLast();
          condition.setStatus("False");
          condition.setReason("Invalid");
          condition.setMessage("no such port");
        });
    says(Reason.LISTENER_SET_NOT_READY, "port 20123", "Invalid: no such port");
  }

  @Test
  void whatTheGatewaySaysOfTheRouteIsRepeated() {
    scenario.edit(
        TCPRoute.class,
        "demo-in-cluster",
        r -> r.getStatus().getParents().getFirst().getConditions().getLast().setStatus("False"));
    says(Reason.BACKEND_NOT_RESOLVED, "TCPRoute demo-in-cluster");
    scenario.edit(TCPRoute.class, "demo-in-cluster", r -> r.setStatus(null));
    says(Reason.ROUTE_NOT_ACCEPTED, "has not answered yet");
  }

  @Test
  void gatewayWithoutAddressIsNamed() {
    scenario.edit(Gateway.class, "capi", g -> g.getStatus().setAddresses(List.of()));
    says(Reason.WAITING_FOR_GATEWAY_ADDRESS, "no IPv4 address", "none");
    scenario.edit(Gateway.class, "capi", g -> g.getStatus().setConditions(List.of()));
    says(Reason.GATEWAY_NOT_PROGRAMMED, "is not Programmed");
  }

  @Test
  void hostNameOfTheGatewayIsLookedUp() {
    scenario.edit(
        Gateway.class,
        "capi",
        g -> {
          g.getStatus().getAddresses().getFirst().setType("Hostname");
          g.getStatus().getAddresses().getFirst().setValue("gw.example.test");
        });
    assertThat(actions()).contains(new Action.FollowNames(List.of("gw.example.test")));
    scenario.resolved(
        "gw.example.test", new Resolution(List.of("192.0.2.8", "2001:db8::8"), Optional.empty()));
    assertThat(actions()).noneMatch(Action.FollowNames.class::isInstance);
    assertThat(step().state().message()).endsWith("at 192.0.2.8:20123");
    scenario.resolved("gw.example.test", new Resolution(List.of(), Optional.of("no such name")));
    says(Reason.NAME_NOT_RESOLVED, "no such name");
  }

  private List<Action> actions() {
    return Exposure.plan(planning()).stream().flatMap(s -> s.actions().stream()).toList();
  }

  @Test
  void endpointsAreWrittenOnceNoApiServerWritesThemItself() {
    apiServers("--endpoint-reconciler-type=none");
    assertThat(Exposure.part(planning()))
        .hasValueSatisfying(part -> {
          var subset = ((Endpoints) part.desired().getFirst()).getSubsets().getFirst();
          assertThat(subset.getAddresses()).extracting(a -> a.getIp()).containsExactly("192.0.2.1");
          assertThat(subset.getPorts().getFirst().getPort()).isEqualTo(20123);
        });
    scenario.with(
        """
        apiVersion: v1
        kind: Pod
        metadata:
          name: old
          namespace: clusters
          deletionTimestamp: "2026-01-01T00:00:00Z"
          labels: {app.kubernetes.io/component: api-server}
        spec: {containers: [{name: kube-apiserver, args: ["--advertise-address=192.0.2.10"]}]}
        """);
    assertThat(Exposure.part(planning())).as("one is still on its way out").isEmpty();
  }

  private void apiServers(String argument) {
    scenario.with(
        """
        apiVersion: apps/v1
        kind: Deployment
        metadata: {name: demo-api-server, namespace: clusters}
        spec:
          replicas: 3
          template: {spec: {containers: [{name: kube-apiserver, args: ["%s"]}]}}
        """
            .formatted(argument));
  }

  @Test
  void serviceStaysALoadBalancerWhileItIsUsed() {
    scenario.edit(Service.class, "s-demo", s -> s.getSpec().setType("LoadBalancer"));
    apiServers("--advertise-address=192.0.2.10");
    var service =
        Exposure.plan(planning()).stream()
            .filter(s -> s.state().type() == ConditionType.API_SERVER_SERVICE)
            .findFirst()
            .orElseThrow();
    assertThat(service.desired()).isEmpty();
    assertThat(service.state().reason()).isEqualTo(Reason.SWITCHING);
    assertThat(step().state().reason()).isEqualTo(Reason.SWITCHING);
    assertThat(planning().reach().serviceInUse())
        .as("network policies must not close it yet")
        .isTrue();
    scenario.edit(Service.class, "s-demo", s -> s.getSpec().setType("ClusterIP"));
    apiServers("--endpoint-reconciler-type=none");
    assertThat(planning().reach().serviceInUse()).isFalse();
  }
}
