package dev.hcp.controller.networkpolicy;

import static org.assertj.core.api.Assertions.assertThat;

import dev.hcp.controller.backup.Drill;
import dev.hcp.controller.plan.ManagementTokens;
import dev.hcp.controller.plan.Observation;
import dev.hcp.controller.reconcile.Plan;
import dev.hcp.controller.scenario.Scenario;
import dev.hcp.model.Cidr;
import dev.hcp.model.ManagementIssuer;
import dev.hcp.process.NetworkPolicyOptions;
import dev.hcp.process.NetworkPolicyOptions.Choice;
import dev.hcp.render.networkpolicy.ControlPlaneFlows;
import dev.hcp.render.networkpolicy.Direction;
import dev.hcp.render.networkpolicy.Flow;
import dev.hcp.render.networkpolicy.Peer;
import dev.hcp.render.networkpolicy.Port;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** How flows follow from spec and settings. */
final class FlowsTest {
  private static final Peer.World WORLD = new Peer.World(List.of(), List.of());

  private final Scenario scenario = Scenario.named("minimal");

  private List<Flow> flows(String policy) {
    return flows(policy, scenario.observation());
  }

  private static List<Flow> flows(String policy, Observation observation) {
    var controlPlane = Plan.of(observation).planning().controlPlane();
    return ControlPlaneFlows.of(
            controlPlane,
            observation.policing().surroundings(),
            false,
            observation.managementTokens().issuer(),
            new ControlPlaneFlows.Stores(
                Drill.storeUrls(Plan.of(observation).planning()), List.of()),
            List.of())
        .stream()
        .filter(p -> p.metadata().getName().equals(policy))
        .findFirst()
        .orElseThrow()
        .flows();
  }

  private List<Flow> apiServer(Direction direction) {
    return flows("demo-api-server").stream().filter(f -> f.direction() == direction).toList();
  }

  private List<Peer> callers(Class<? extends Peer> kind) {
    return apiServer(Direction.INGRESS).stream().map(Flow::peer).filter(kind::isInstance).toList();
  }

  @Test
  void byDefaultTheLoadBalancerIsOpenToTheWorld() {
    assertThat(apiServer(Direction.INGRESS))
        .contains(
            new Flow(
                Direction.INGRESS,
                new Peer.LoadBalancer(WORLD, List.of(), false),
                List.of(Port.tcp(6443), Port.tcp(8132))));
  }

  @Test
  void whereOnlyTheGatewayLeadsToTheApiServerTheWorldIsNotLetIn() {
    scenario.spec("exposure: {inClusterAccess: Gateway}");
    assertThat(callers(Peer.LoadBalancer.class)).isEmpty();
    assertThat(callers(Peer.GatewayProxies.class))
        .containsExactly(new Peer.GatewayProxies("gateways", "capi", List.of()));
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "exposure: {inClusterAccess: Gateway, service: {type: NodePort}}",
        "exposure: {inClusterAccess: LoadBalancer, service: {type: ClusterIP}}",
      })
  void whereTheServiceCanBeReachedFromOutsideTheWorldIsLetIn(String exposure) {
    scenario.spec(exposure);
    assertThat(callers(Peer.LoadBalancer.class)).hasSize(1);
  }

  @Test
  void sourceRangesOfTheLoadBalancerAndSettingsArePassedOn() {
    scenario
        .spec(
            """
            exposure:
              service:
                externalTrafficPolicy: Local
                loadBalancerSourceRanges: [198.51.100.0/24, "2001:db8::/32"]
            """)
        .policies(
            new NetworkPolicyOptions(
                Choice.AUTO,
                List.of("edge"),
                List.of(Cidr.parse("10.0.0.0/16")),
                List.of(Cidr.parse("192.0.2.0/24"))));
    assertThat(callers(Peer.LoadBalancer.class))
        .containsExactly(
            new Peer.LoadBalancer(
                new Peer.World(
                    List.of(Cidr.parse("198.51.100.0/24"), Cidr.parse("2001:db8::/32")),
                    List.of(Cidr.parse("10.0.0.0/16"))),
                List.of(Cidr.parse("192.0.2.0/24")),
                true));
    assertThat(callers(Peer.GatewayProxies.class))
        .containsExactly(new Peer.GatewayProxies("gateways", "capi", List.of("edge")));
  }

  @Test
  void serversOfTheSpecCanBeCalled() {
    scenario.spec(
        """
        oidcProviders:
          https://login.example.com/realm: {audiences: [a], claimMappings: {username: claims.sub}}
          "https://[2001:db8::7]": {audiences: [a], claimMappings: {username: claims.sub}}
        deployment:
          apiServer:
            audit:
              policy: {rules: [{level: Metadata}]}
              webhook:
                targets:
                  - server: http://sink.security.svc
                  - server: https://login.example.com/audit
                  - server: http://localhost:8080
        """);
    assertThat(apiServer(Direction.EGRESS))
        .extracting(Flow::peer)
        .filteredOn(peer -> !(peer instanceof Peer.Component) && !(peer instanceof Peer.DnsServers))
        .containsExactlyInAnyOrder(
            new Peer.Address(Cidr.parse("2001:db8::7/128")), new Peer.Namespace("security"));
    assertThat(flows("demo-named-servers"))
        .containsExactly(
            new Flow(
                Direction.EGRESS,
                new Peer.DnsName("login.example.com", WORLD),
                List.of(Port.tcp(443))),
            new Flow(Direction.EGRESS, new Peer.DnsServers(), List.of(Port.udp(53), Port.tcp(53))));
  }

  @Test
  void theIssuerOfTheManagementClusterCanBeCalled() {
    scenario.managementTokens(
        ManagementTokens.of(
            new ManagementIssuer(
                "https://oidc.example.com/id",
                Optional.empty(),
                List.of("https://oidc.example.com/id", "https://keys.example.com:8443/id"),
                List.of(
                    new ManagementIssuer.Address("192.0.2.11", 6443),
                    new ManagementIssuer.Address("192.0.2.10", 6443),
                    new ManagementIssuer.Address("192.0.2.12", 443)))));
    assertThat(flows("demo-named-servers"))
        .contains(
            new Flow(
                Direction.EGRESS,
                new Peer.DnsName("oidc.example.com", WORLD),
                List.of(Port.tcp(443))),
            new Flow(
                Direction.EGRESS,
                new Peer.DnsName("keys.example.com", WORLD),
                List.of(Port.tcp(8443))));
    assertThat(apiServer(Direction.EGRESS))
        .contains(
            new Flow(
                Direction.EGRESS,
                new Peer.ManagementApiServers(
                    List.of(Cidr.parse("192.0.2.10/32"), Cidr.parse("192.0.2.11/32"))),
                List.of(Port.tcp(6443))),
            new Flow(
                Direction.EGRESS,
                new Peer.ManagementApiServers(List.of(Cidr.parse("192.0.2.12/32"))),
                List.of(Port.tcp(443))));
  }

  /** Else whoever may register a webhook in the hosted cluster could make it call anything. */
  @Test
  void byDefaultTheApiServerCallsNothingButEtcdAndDns() {
    assertThat(apiServer(Direction.EGRESS))
        .extracting(Flow::peer)
        .allMatch(peer -> peer instanceof Peer.Component || peer instanceof Peer.DnsServers);
  }

  @Test
  void metricsOfAllComponentsAreReadFromTheNamespacesThatTheUserNames() {
    scenario.spec("networkPolicy: {metricsNamespaces: [monitoring]}");
    var monitoring = new Peer.Namespace("monitoring");
    assertThat(flows("demo-api-server"))
        .contains(new Flow(Direction.INGRESS, monitoring, List.of(Port.tcp(6443))));
    assertThat(flows("demo-controller-manager"))
        .contains(new Flow(Direction.INGRESS, monitoring, List.of(Port.tcp(10257))));
    assertThat(flows("demo-scheduler"))
        .contains(new Flow(Direction.INGRESS, monitoring, List.of(Port.tcp(10259))));
    assertThat(flows("demo-etcd"))
        .contains(new Flow(Direction.INGRESS, monitoring, List.of(Port.tcp(2381))));
  }

  @ParameterizedTest
  @ValueSource(
      strings = {"demo-api-server", "demo-controller-manager", "demo-scheduler", "demo-etcd"})
  void namesAreResolvedByUdpAndTcp(String policy) {
    assertThat(flows(policy))
        .contains(
            new Flow(Direction.EGRESS, new Peer.DnsServers(), List.of(Port.udp(53), Port.tcp(53))));
  }

  /** Where backups are restored for a test. */
  private void restoreFrom(String host) {
    scenario
        .spec("etcd: {backup: {schedule: '@daily', secret: {name: s3}, restoreDrill: {}}}")
        .with(
            """
            apiVersion: v1
            kind: Secret
            metadata: {name: s3, namespace: clusters}
            data: {accessKeyID: aWQ=, secretAccessKey: a2V5, bucket: YnVja2V0, region: dXMtZWFzdC0x%s}
            """
                .formatted(host.isEmpty() ? "" : ", host: " + host));
  }

  @Test
  void restoreDrillsReachTheStoreAndNothingElse() {
    restoreFrom("czMuZXhhbXBsZS5jb206OTAwMA==");
    assertThat(flows("demo-restore-drill"))
        .containsExactly(
            new Flow(
                Direction.EGRESS,
                new Peer.DnsName("s3.example.com", WORLD),
                List.of(Port.tcp(9000))),
            new Flow(Direction.EGRESS, new Peer.DnsServers(), List.of(Port.udp(53), Port.tcp(53))));
    restoreFrom("aHR0cDovLzE5Mi4wLjIuNw==");
    assertThat(flows("demo-restore-drill"))
        .contains(
            new Flow(
                Direction.EGRESS,
                new Peer.Address(Cidr.parse("192.0.2.7/32")),
                List.of(Port.tcp(80))));
  }

  @Test
  void awsIsReachedUnderAllItsNames() {
    restoreFrom("");
    assertThat(flows("demo-restore-drill"))
        .extracting(Flow::peer)
        .filteredOn(Peer.DnsName.class::isInstance)
        .containsExactlyInAnyOrder(
            new Peer.DnsName("s3.us-east-1.amazonaws.com", WORLD),
            new Peer.DnsName("bucket.s3.us-east-1.amazonaws.com", WORLD),
            new Peer.DnsName("s3.amazonaws.com", WORLD),
            new Peer.DnsName("bucket.s3.amazonaws.com", WORLD));
  }

  @Test
  void anythingElseOfOursMayDoNothing() {
    assertThat(flows("demo-default-deny")).isEmpty();
  }
}
