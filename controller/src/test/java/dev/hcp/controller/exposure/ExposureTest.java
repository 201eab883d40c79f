package dev.hcp.controller.exposure;

import static org.assertj.core.api.Assertions.assertThat;

import dev.hcp.api.v1alpha1.ControlPlaneEndpoint;
import dev.hcp.conditions.ConditionState;
import dev.hcp.conditions.ConditionType;
import dev.hcp.conditions.Reason;
import dev.hcp.controller.plan.Action;
import dev.hcp.controller.plan.Planning;
import dev.hcp.controller.plan.Resolution;
import dev.hcp.controller.plan.Step;
import dev.hcp.controller.reconcile.Plan;
import dev.hcp.controller.scenario.Scenario;
import io.fabric8.kubernetes.api.model.Endpoints;
import io.fabric8.kubernetes.api.model.Service;
import io.fabric8.kubernetes.api.model.gatewayapi.v1.Gateway;
import io.fabric8.kubernetes.api.model.gatewayapi.v1.TLSRoute;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** How a control plane is reached, and what is said where it is not. */
final class ExposureTest {
  private static final ControlPlaneEndpoint ENDPOINT =
      new ControlPlaneEndpoint("demo.clusters.hcp.example.test", 443);

  private final Scenario scenario = Scenario.named("minimal");

  private Planning planning() {
    return Plan.of(scenario.observation()).planning();
  }

  private Step step(ConditionType type) {
    return Exposure.plan(planning()).stream()
        .filter(s -> s.state().type() == type)
        .findFirst()
        .orElseThrow();
  }

  private ConditionState endpoint() {
    return step(ConditionType.CONTROL_PLANE_ENDPOINT).state();
  }

  private ConditionState routes() {
    return step(ConditionType.TLS_ROUTES).state();
  }

  private List<Action> actions() {
    return step(ConditionType.CONTROL_PLANE_ENDPOINT).actions();
  }

  private void listeners(String yaml) {
    scenario.with(
        """
        apiVersion: gateway.networking.k8s.io/v1
        kind: Gateway
        metadata: {name: capi, namespace: gateways}
        spec:
          gatewayClassName: eg
          listeners:
        %s\
        status: {conditions: [{type: Programmed, status: "True", reason: Programmed, message: ""}]}
        """
            .formatted(yaml.indent(4)));
  }

  private static String listener(String name, int port, String host) {
    return "- {name: %s, port: %d, protocol: TLS, hostname: \"%s\", tls: {mode: Passthrough}, allowedRoutes: {namespaces: {from: All}}}\n"
        .formatted(name, port, host);
  }

  @Test
  void endpointFollowsFromTheListener() {
    assertThat(planning().reach().endpoint()).isEqualTo(ENDPOINT);
    assertThat(planning().reach().listener()).isEqualTo("control-planes");
    assertThat(endpoint().isTrue()).isTrue();
    assertThat(actions()).containsExactly(new Action.PublishEndpoint(ENDPOINT));
  }

  @Test
  void portOfTheListenerIsThePortOfTheEndpoint() {
    listeners(listener("tls", 8443, "*.a.test"));
    assertThat(planning().reach().endpoint())
        .isEqualTo(new ControlPlaneEndpoint("demo.clusters.a.test", 8443));
  }

  @Test
  void publishedEndpointIsNotPublishedAgain() {
    scenario.spec("controlPlaneEndpoint: {host: demo.clusters.hcp.example.test, port: 443}");
    assertThat(actions()).isEmpty();
  }

  @Test
  void missingGatewayIsNamed() {
    scenario.without(Gateway.class, "capi");
    assertThat(endpoint())
        .returns(Reason.GATEWAY_NOT_FOUND, ConditionState::reason)
        .returns(
            "Gateway gateways/capi, named by spec.gateway, does not exist",
            ConditionState::message);
    assertThat(planning().reach().endpoint()).isNull();
    assertThat(routes().reason()).isEqualTo(Reason.WAITING_FOR_ENDPOINT);
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "{name: web, port: 443, protocol: HTTPS, hostname: '*.a.test'} | no listener with protocol TLS and a wildcard host name such as *.example.com",
        "{name: one, port: 443, protocol: TLS, hostname: a.test, tls: {mode: Passthrough}} | no listener with protocol TLS and a wildcard host name such as *.example.com",
        "{name: any, port: 443, protocol: TLS, tls: {mode: Passthrough}} | no listener with protocol TLS and a wildcard host name such as *.example.com",
        "{name: end, port: 443, protocol: TLS, hostname: '*.a.test', tls: {mode: Terminate}, allowedRoutes: {namespaces: {from: All}}} | Listener end of Gateway gateways/capi has TLS mode Terminate; it must be Passthrough",
        "{name: own, port: 443, protocol: TLS, hostname: '*.a.test', tls: {mode: Passthrough}} | Listener own of Gateway gateways/capi does not allow routes of namespace clusters; see its allowedRoutes",
        "{name: own, port: 443, protocol: TLS, hostname: '*.a.test', tls: {mode: Passthrough}, allowedRoutes: {namespaces: {from: Same}}} | Listener own of Gateway gateways/capi does not allow routes of namespace clusters; see its allowedRoutes",
        "{name: no, port: 443, protocol: TLS, hostname: '*.a.test', tls: {mode: Passthrough}, allowedRoutes: {namespaces: {from: None}}} | Listener no of Gateway gateways/capi does not allow routes of namespace clusters; see its allowedRoutes"
      },
      quoteCharacter = '"')
  void listenerThatDoesNotFitIsNamedWithWhatIsWrong(String listener, String message) {
    listeners("- " + listener + "\n");
    assertThat(endpoint())
        .returns(Reason.LISTENER_NOT_FOUND, ConditionState::reason)
        .extracting(ConditionState::message)
        .asString()
        .contains(message);
  }

  @Test
  void gatewayWithoutListenersIsSaidToHaveNone() {
    scenario.edit(Gateway.class, "capi", g -> g.getSpec().setListeners(List.of()));
    assertThat(endpoint().message()).startsWith("Gateway gateways/capi has no listener");
  }

  @Test
  void listenersThatDoNotFitArePassedOver() {
    listeners(
        """
        - {name: web, port: 443, protocol: HTTPS, hostname: "*.a.test"}
        - {name: end, port: 444, protocol: TLS, hostname: "*.b.test", tls: {mode: Terminate}, allowedRoutes: {namespaces: {from: All}}}
        """
            + listener("good", 445, "*.c.test"));
    assertThat(planning().reach().listener()).isEqualTo("good");
    assertThat(planning().reach().endpoint())
        .isEqualTo(new ControlPlaneEndpoint("demo.clusters.c.test", 445));
  }

  @Test
  void namespaceOfTheGatewayNeedsNoPermission() {
    listeners(
        "- {name: own, port: 443, protocol: TLS, hostname: '*.a.test', tls: {mode: Passthrough}}\n");
    scenario.edit(Gateway.class, "capi", g -> g.getMetadata().setNamespace("clusters"));
    assertThat(planning().reach().listener()).isEqualTo("own");
  }

  @Test
  void endpointThatTheUserChoseIsHonoured() {
    var chosen = new ControlPlaneEndpoint("chosen.hcp.example.test", 6443);
    scenario.clusterSpec("controlPlaneEndpoint: {host: chosen.hcp.example.test, port: 6443}");
    assertThat(planning().reach().endpoint()).isEqualTo(chosen);
    assertThat(planning().reach().listener()).isEqualTo("control-planes");
    assertThat(actions()).containsExactly(new Action.PublishEndpoint(chosen));
    assertThat(step(ConditionType.TLS_ROUTES).desired())
        .flatExtracting(r -> ((TLSRoute) r).getSpec().getHostnames())
        .containsExactly("chosen.hcp.example.test", "konnectivity.chosen.hcp.example.test");
  }

  @Test
  void endpointWithoutPortCountsAsNone() {
    scenario.clusterSpec("controlPlaneEndpoint: {host: \"\", port: 0}");
    assertThat(planning().reach().endpoint()).isEqualTo(ENDPOINT);
  }

  @Test
  void publishedEndpointStaysWhenTheWildcardChanges() {
    scenario.spec("controlPlaneEndpoint: {host: demo.clusters.hcp.example.test, port: 443}");
    listeners(listener("moved", 443, "*.other.test"));
    assertThat(planning().reach().endpoint()).isEqualTo(ENDPOINT);
    assertThat(planning().reach().listener()).isNull();
    assertThat(endpoint())
        .returns(Reason.ENDPOINT_CHANGED, ConditionState::reason)
        .extracting(ConditionState::message)
        .asString()
        .contains("demo.clusters.hcp.example.test:443", "listener moved", "*.other.test");
    assertThat(actions()).isEmpty();
    assertThat(step(ConditionType.TLS_ROUTES))
        .as("routes that are there are neither changed nor deleted")
        .returns(List.of(), Step::desired)
        .returns(List.of(), Step::obsolete);
  }

  @Test
  void ofTwoListenersForAHostThatWithThePublishedPortLeadsThere() {
    scenario.spec("controlPlaneEndpoint: {host: demo.clusters.hcp.example.test, port: 443}");
    listeners(
        listener("new", 8443, "*.hcp.example.test") + listener("old", 443, "*.hcp.example.test"));
    assertThat(planning().reach().listener()).isEqualTo("old");
    listeners(listener("new", 8443, "*.hcp.example.test"));
    assertThat(planning().reach().listener()).as("with ports translated").isEqualTo("new");
  }

  @Test
  void hostThatOnlyEndsLikeTheWildcardIsNotServed() {
    scenario.clusterSpec("controlPlaneEndpoint: {host: evilhcp.example.test, port: 443}");
    assertThat(planning().reach().listener()).isNull();
  }

  @Test
  void infrastructureIsToldUntilTheClusterKnowsTheEndpoint() {
    scenario.clusterSpec("infrastructureRef: {apiGroup: i.test, kind: Infra, name: demo}");
    assertThat(actions())
        .hasSize(2)
        .last()
        .isInstanceOfSatisfying(
            Action.TellInfrastructure.class, a -> assertThat(a.endpoint()).isEqualTo(ENDPOINT));
    scenario.clusterSpec("controlPlaneEndpoint: {host: demo.clusters.hcp.example.test, port: 443}");
    assertThat(actions()).noneMatch(Action.TellInfrastructure.class::isInstance);
  }

  @Test
  void withoutTlsRoutesItSaysWhatToInstall() {
    scenario.without(TLSRoute.class);
    assertThat(routes())
        .returns(Reason.TLS_ROUTE_NOT_SERVED, ConditionState::reason)
        .extracting(ConditionState::message)
        .asString()
        .contains("install the Gateway API");
    assertThat(step(ConditionType.TLS_ROUTES).desired()).isEmpty();
  }

  private void routes(String parentName, long observed, String conditions) {
    for (var name : List.of("demo", "demo-konnectivity")) {
      scenario.with(
          """
          apiVersion: gateway.networking.k8s.io/v1
          kind: TLSRoute
          metadata: {name: %s, namespace: clusters, generation: 2}
          status:
            parents:
              - controllerName: example.test/gateway
                parentRef: {name: other, namespace: gateways}
                conditions: [{type: Accepted, status: "False", reason: NoMatch, message: other}]
              - controllerName: example.test/gateway
                parentRef: {name: %s, namespace: gateways}
                conditions: [%s]
          """
              .formatted(name, parentName, conditions.replace("GENERATION", "" + observed)));
    }
  }

  private static String condition(String type, boolean status) {
    return "{type: %s, status: \"%s\", reason: Because, message: of this, observedGeneration: GENERATION}"
        .formatted(type, status ? "True" : "False");
  }

  @Test
  void routesAreReadyOnceTheGatewayHasTakenThem() {
    assertThat(routes().reason()).isEqualTo(Reason.NOT_CREATED);
    routes("capi", 2, condition("Accepted", true) + ", " + condition("ResolvedRefs", true));
    assertThat(routes().isTrue()).isTrue();
  }

  @Test
  void routeThatIsNotAcceptedIsNamedWithTheReason() {
    routes("capi", 2, condition("Accepted", false) + ", " + condition("ResolvedRefs", true));
    assertThat(routes())
        .returns(Reason.ROUTE_NOT_ACCEPTED, ConditionState::reason)
        .returns("TLSRoute demo is not Accepted: Because: of this", ConditionState::message);
  }

  @Test
  void routeWhoseBackendIsNotFoundIsNamed() {
    routes("capi", 2, condition("Accepted", true) + ", " + condition("ResolvedRefs", false));
    assertThat(routes().reason()).isEqualTo(Reason.BACKEND_NOT_RESOLVED);
  }

  @Test
  void whatAnotherGatewaySaysDoesNotCount() {
    routes("else", 2, condition("Accepted", true) + ", " + condition("ResolvedRefs", true));
    assertThat(routes())
        .returns(Reason.ROUTE_NOT_ACCEPTED, ConditionState::reason)
        .extracting(ConditionState::message)
        .asString()
        .contains("has not answered yet");
  }

  @Test
  void whatIsSaidOfAnOldGenerationDoesNotCount() {
    routes("capi", 1, condition("Accepted", true) + ", " + condition("ResolvedRefs", true));
    assertThat(routes().message()).contains("has not answered yet");
  }

  private ConditionState service(String ingress) {
    scenario.with(
        """
        apiVersion: v1
        kind: Service
        metadata: {name: s-demo, namespace: clusters}
        spec: {type: LoadBalancer}
        status: {loadBalancer: {ingress: [%s]}}
        """
            .formatted(ingress));
    return step(ConditionType.API_SERVER_SERVICE).state();
  }

  @Test
  void firstAddressOfTheRightFamilyIsTaken() {
    assertThat(service("{hostname: lb.test}, {ip: \"2001:db8::1\"}, {ip: 192.0.2.7}").isTrue())
        .isTrue();
    assertThat(planning().reach().address()).isEqualTo("192.0.2.7");
    scenario.clusterSpec("clusterNetwork: {services: {cidrBlocks: [\"fd00::/108\", 10.0.0.0/16]}}");
    assertThat(planning().reach().address()).isEqualTo("2001:db8::1");
  }

  @Test
  void missingAddressIsExplained() {
    assertThat(service("").message())
        .isEqualTo("Service s-demo waits for the address of its load balancer");
    assertThat(service("{ip: \"2001:db8::1\"}").message())
        .contains("2001:db8::1", "10.128.0.0/16", "IP family is needed");
    scenario.without(Service.class, "s-demo");
    assertThat(step(ConditionType.API_SERVER_SERVICE).state().reason())
        .isEqualTo(Reason.WAITING_FOR_ADDRESS);
  }

  @Test
  void hostNameOfALoadBalancerIsLookedUp() {
    assertThat(service("{hostname: lb.test}"))
        .returns(Reason.NAME_NOT_RESOLVED, ConditionState::reason)
        .extracting(ConditionState::message)
        .asString()
        .contains("lb.test", "is being looked up");
    assertThat(step(ConditionType.API_SERVER_SERVICE).actions())
        .containsExactly(new Action.FollowNames(List.of("lb.test")));
    assertThat(Exposure.part(planning())).isEmpty();
    assertThat(planning().reach().serviceNames()).containsExactly("lb.test");

    scenario.resolved("lb.test", new Resolution(List.of(), Optional.of("no such name")));
    assertThat(step(ConditionType.API_SERVER_SERVICE).state().message()).contains("no such name");
    scenario.resolved("lb.test", new Resolution(List.of("2001:db8::1"), Optional.empty()));
    assertThat(step(ConditionType.API_SERVER_SERVICE).state().message())
        .contains("no IPv4 address", "2001:db8::1");
    scenario.resolved("lb.test", new Resolution(List.of("192.0.2.5"), Optional.empty()));
    assertThat(step(ConditionType.API_SERVER_SERVICE))
        .returns(true, s -> s.state().isTrue())
        .returns(List.of(), Step::actions);
    assertThat(step(ConditionType.IN_CLUSTER_ACCESS).state().message())
        .endsWith("at 192.0.2.5:6443");
  }

  @Test
  void hostNameThatIsNoLongerNeededIsNotFollowed() {
    scenario.resolved("lb.test", new Resolution(List.of("192.0.2.5"), Optional.empty()));
    assertThat(step(ConditionType.API_SERVER_SERVICE).actions())
        .containsExactly(new Action.FollowNames(List.of()));
  }

  @Test
  void clusterIpIsTheAddressOfAServiceThatIsNoLoadBalancer() {
    scenario.spec("exposure: {service: {type: ClusterIP}}");
    scenario.with(
        """
        apiVersion: v1
        kind: Service
        metadata: {name: s-demo, namespace: clusters}
        spec: {type: ClusterIP, clusterIP: "fd00::7", clusterIPs: ["fd00::7", 10.96.0.7]}
        """);
    assertThat(kubernetes()).containsExactly("10.96.0.7");
    assertThat(step(ConditionType.API_SERVER_SERVICE).state().isTrue()).isTrue();
  }

  /** Where {@code default/kubernetes} shall lead. */
  private List<String> kubernetes() {
    var endpoints = (Endpoints) Exposure.part(planning()).orElseThrow().desired().getFirst();
    return endpoints.getSubsets().getFirst().getAddresses().stream().map(a -> a.getIp()).toList();
  }

  @Test
  void settingsOfTheServiceArePassedOn() {
    scenario.spec(
        "exposure: {service: {annotations: {a: b}, loadBalancerClass: internal, loadBalancerSourceRanges: [10.0.0.0/8], externalTrafficPolicy: Local, ipFamilyPolicy: RequireDualStack, ipFamilies: [IPv6, IPv4]}}");
    var service = (Service) step(ConditionType.API_SERVER_SERVICE).desired().getFirst();
    assertThat(service.getMetadata().getAnnotations()).isEqualTo(Map.of("a", "b"));
    assertThat(service.getSpec())
        .returns("LoadBalancer", s -> s.getType())
        .returns("internal", s -> s.getLoadBalancerClass())
        .returns(List.of("10.0.0.0/8"), s -> s.getLoadBalancerSourceRanges())
        .returns("Local", s -> s.getExternalTrafficPolicy())
        .returns("RequireDualStack", s -> s.getIpFamilyPolicy())
        .returns(List.of("IPv6", "IPv4"), s -> s.getIpFamilies());
  }

  @Test
  void hostThatTheUserChoseWithoutAPortGetsThatOfTheListener() {
    scenario.spec("controlPlaneEndpoint: {host: mine.hcp.example.test}");
    assertThat(planning().reach().endpoint())
        .isEqualTo(new ControlPlaneEndpoint("mine.hcp.example.test", 443));
    assertThat(endpoint().isTrue()).isTrue();
  }

  @Test
  void hostThatNoListenerCoversIsNamed() {
    scenario.spec("controlPlaneEndpoint: {host: mine.example.org, port: 6443}");
    assertThat(endpoint())
        .returns(Reason.ENDPOINT_CHANGED, ConditionState::reason)
        .extracting(ConditionState::message)
        .asString()
        .contains("mine.example.org:6443", "no listener", "*.hcp.example.test");
  }

  @Test
  void gatewayThatDoesNotWorkIsNamed() {
    scenario.edit(Gateway.class, "capi", g -> g.setStatus(null));
    assertThat(routes())
        .returns(Reason.GATEWAY_NOT_PROGRAMMED, ConditionState::reason)
        .extracting(ConditionState::message)
        .asString()
        .contains("Gateway gateways/capi is not Programmed", "has not answered yet");
    scenario.with(
        """
        apiVersion: gateway.networking.k8s.io/v1
        kind: Gateway
        metadata: {name: capi, namespace: gateways}
        spec:
          gatewayClassName: eg
          listeners:
            - {name: tls, port: 443, protocol: TLS, hostname: "*.a.test", tls: {mode: Passthrough}, allowedRoutes: {namespaces: {from: All}}}
        status:
          conditions: [{type: Programmed, status: "True", reason: Programmed, message: ""}]
          listeners:
            - name: tls
              conditions: [{type: Programmed, status: "False", reason: Invalid, message: port in use}]
        """);
    assertThat(routes().message())
        .isEqualTo("Listener tls of Gateway gateways/capi does not work: Invalid: port in use");
  }

  @Test
  void labelsOfTheNamespaceDecideWhereAListenerSelects() {
    listeners(
        "- {name: some, port: 443, protocol: TLS, hostname: '*.a.test', tls: {mode: Passthrough}, allowedRoutes: {namespaces: {from: Selector, selector: {matchLabels: {tenant: a}}}}}\n");
    assertThat(endpoint().message()).contains("Listener some", "labels of the namespace");
    scenario.with(
        "apiVersion: v1\nkind: Namespace\nmetadata: {name: clusters, labels: {tenant: a}}\n");
    assertThat(planning().reach().listener()).isEqualTo("some");
  }

  @Test
  void listenerThatTakesOtherRoutesOnlyIsNamed() {
    listeners(
        "- {name: tcp, port: 443, protocol: TLS, hostname: '*.a.test', tls: {mode: Passthrough}, allowedRoutes: {kinds: [{kind: TCPRoute}], namespaces: {from: All}}}\n");
    assertThat(endpoint().message())
        .isEqualTo(
            "Listener tcp of Gateway gateways/capi does not allow routes of kind TLSRoute; see its allowedRoutes.kinds");
  }
}
