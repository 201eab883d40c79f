package dev.hcp.controller.networkpolicy;

import static org.assertj.core.api.Assertions.assertThat;

import dev.hcp.controller.reconcile.Plan;
import dev.hcp.controller.scenario.Scenario;
import dev.hcp.model.ManagementIssuer;
import dev.hcp.render.networkpolicy.ControlPlaneFlows;
import dev.hcp.render.networkpolicy.Direction;
import dev.hcp.render.networkpolicy.Flow;
import dev.hcp.render.networkpolicy.HostedFlows;
import dev.hcp.render.networkpolicy.Peer;
import dev.hcp.render.networkpolicy.PodPolicy;
import dev.hcp.render.networkpolicy.Port;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/** The page about network policies says what is open, all of it and nothing else. */
final class PageTest {
  private static final Path PAGE = Path.of("../docs/network-policies.md");
  private static final String HEADER = "| Policy | Direction | Peer | Ports |";

  @Test
  void tablesAreWhatPoliciesSay() throws IOException {
    var scenario =
        Scenario.named("minimal")
            .spec(
                """
                networkPolicy: {metricsNamespaces: [monitoring]}
                oidcProviders:
                  https://login.example.com:
                    {audiences: [a], claimMappings: {username: claims.sub}}
                deployment:
                  apiServer:
                    audit:
                      policy: {rules: [{level: Metadata}]}
                      webhook: {targets: [{server: "http://192.0.2.8"}, {server: "http://a.b.svc"}]}
                """)
            .observation();
    var policies =
        ControlPlaneFlows.of(
            Plan.of(scenario).planning().controlPlane(),
            scenario.policing().surroundings(),
            false,
            Optional.of(
                new ManagementIssuer(
                    "https://kubernetes.default.svc.cluster.local",
                    Optional.empty(),
                    List.of(),
                    List.of(new ManagementIssuer.Address("192.0.2.10", 6443)))),
            new ControlPlaneFlows.Stores(
                List.of("https://s3.example.com"), List.of("https://s3.example.com")),
            List.of());
    var written = tables(Files.readString(PAGE));
    assertThat(written).hasSize(2);
    assertThat(written.getFirst()).isEqualTo(rows(policies));
    assertThat(written.getLast())
        .isEqualTo(
            rows(
                List.of(
                    HostedFlows.coreDns(List.of(443, 6443)), HostedFlows.konnectivityAgent(443))));
  }

  private static List<List<String>> tables(String page) {
    var tables = new ArrayList<List<String>>();
    for (int at = page.indexOf(HEADER); at >= 0; at = page.indexOf(HEADER, at + 1)) {
      tables.add(
          page.substring(at).lines().skip(2).takeWhile(line -> line.startsWith("|")).toList());
    }
    return tables;
  }

  private static List<String> rows(List<PodPolicy> policies) {
    return policies.stream()
        .flatMap(policy ->
            Stream.of(Direction.values())
                .flatMap(direction ->
                    policy.flows().stream()
                        .filter(flow -> flow.direction() == direction)
                        .map(flow -> row(policy, flow))))
        .toList();
  }

  private static String row(PodPolicy policy, Flow flow) {
    return "| `%s` | %s | %s | %s |"
        .formatted(
            policy.metadata().getName().replace("demo-", "<c>-"),
            flow.direction() == Direction.INGRESS ? "in" : "out",
            words(policy, flow.peer()),
            ports(flow));
  }

  private static String words(PodPolicy policy, Peer peer) {
    return switch (peer) {
      case Peer.Component(_, _, var component) -> component.label();
      case Peer.Namespace(var name) ->
          name.equals("monitoring")
              ? "metrics namespaces"
              : "audit targets, token issuers and servers of KMS plugins that are Services: all pods of the namespace";
      case Peer.Controller _ -> "this project's controller";
      case Peer.GatewayProxies _ -> "proxies of the Gateway";
      case Peer.LoadBalancer _ -> "load balancer: the world, nodes of the management cluster";
      case Peer.World _ -> "the world";
      case Peer.Address _ -> "audit targets, token issuers and servers of KMS plugins by address";
      case Peer.DnsName _ ->
          policy.metadata().getName().contains("-restore")
              ? "the store of backups: as audit targets, by address, as a Service, or by name"
              : "audit targets, token issuers and servers of KMS plugins by name";
      case Peer.DnsServers _ -> "DNS";
      case Peer.WholeCluster _ -> "the whole cluster";
      case Peer.ManagementApiServers _ -> "API servers of the management cluster";
      case Peer.OwnApiServer _ -> "API server of the cluster";
      case Peer.Anything _ -> "anything";
    };
  }

  private static String ports(Flow flow) {
    if (flow.peer() instanceof Peer.ManagementApiServers) {
      return "TCP, their port";
    }
    if (flow.peer() instanceof Peer.Address || flow.peer() instanceof Peer.DnsName) {
      return "the port of the URL";
    }
    if (flow.ports().equals(List.of(Port.everyTcp()))) {
      return "all TCP";
    }
    var text = new StringBuilder();
    Port before = null;
    for (var port : flow.ports()) {
      boolean same = before != null && before.protocol() == port.protocol();
      text.append(before == null ? "" : ", ")
          .append(same ? "" : port.protocol() + " ")
          .append(port.number());
      before = port;
    }
    return text.toString();
  }
}
