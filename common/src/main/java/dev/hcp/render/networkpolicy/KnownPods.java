package dev.hcp.render.networkpolicy;

import dev.hcp.model.Cidr;
import java.util.List;
import java.util.Map;

/** Labels and addresses by which others can be recognised. */
final class KnownPods {
  /** Where the DNS servers of a cluster are. */
  static final String DNS_NAMESPACE = "kube-system";

  /** Labels of the DNS servers of a cluster, and of the caches on its nodes. */
  static final List<Map<String, String>> DNS_SERVERS =
      List.of(Map.of("k8s-app", "kube-dns"), Map.of("k8s-app", "node-local-dns"));

  /** Where NodeLocal DNSCache listens on each node, unless it was installed otherwise. */
  static final Cidr NODE_DNS_CACHE = Cidr.parse("169.254.20.10/32");

  private KnownPods() {}

  /** Labels that the Gateway API foresees; such pods are in the namespace of the Gateway. */
  static Map<String, String> gatewayApiProxies(Peer.GatewayProxies proxies) {
    return Map.of("gateway.networking.k8s.io/gateway-name", proxies.gateway());
  }

  /** Labels of Envoy Gateway; such pods are in its own namespace, or in that of the Gateway. */
  static Map<String, String> envoyGatewayProxies(Peer.GatewayProxies proxies) {
    return Map.of(
        "gateway.envoyproxy.io/owning-gateway-name",
        proxies.gateway(),
        "gateway.envoyproxy.io/owning-gateway-namespace",
        proxies.namespace());
  }
}
