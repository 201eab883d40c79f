package dev.hcp.render.networkpolicy;

import dev.hcp.model.Cidr;
import java.util.List;

/** Who may be at the other end of a connection. */
public sealed interface Peer {
  /**
   * The pods of one component of one control plane.
   *
   * @param namespace where they are
   * @param cluster name of the Cluster
   * @param component the component
   */
  record Component(String namespace, String cluster, dev.hcp.naming.Component component)
      implements Peer {}

  /**
   * All pods of a namespace.
   *
   * @param name name of the namespace
   */
  record Namespace(String name) implements Peer {}

  /**
   * This project's controller: all pods of its namespace.
   *
   * @param namespace name of the namespace
   */
  record Controller(String namespace) implements Peer {}

  /**
   * The proxies of a Gateway: pods that say so by the label of the Gateway API in the Gateway's
   * namespace or by those of Envoy Gateway in any, all pods of some namespaces, and with Cilium its
   * own proxy.
   *
   * @param namespace namespace of the Gateway
   * @param gateway name of the Gateway
   * @param namespaces namespaces of proxies that carry no such label
   */
  record GatewayProxies(String namespace, String gateway, List<String> namespaces) implements Peer {
    /** Copies the list. */
    public GatewayProxies {
      namespaces = List.copyOf(namespaces);
    }
  }

  /**
   * Whoever comes by a Service that is open to the outside, the nodes of the management cluster
   * included: kube-proxy puts the address of a node in place of the caller's when it has to send a
   * connection on to another node.
   *
   * @param world who may come; the Service itself refuses all others
   * @param nodes addresses of the nodes, as far as they are known; only NetworkPolicy needs them
   * @param keepsSources whether callers always keep their address
   */
  record LoadBalancer(World world, List<Cidr> nodes, boolean keepsSources) implements Peer {
    /** Copies the list. */
    public LoadBalancer {
      nodes = List.copyOf(nodes);
    }
  }

  /**
   * Addresses outside the management cluster.
   *
   * @param ranges which of them; empty for all
   * @param pods addresses of the management cluster's pods, as far as they are known, for engines
   *     that take a range for the pods in it, too
   */
  record World(List<Cidr> ranges, List<Cidr> pods) implements Peer {
    /** Copies the lists. */
    public World {
      ranges = List.copyOf(ranges);
      pods = List.copyOf(pods);
    }
  }

  /**
   * An address.
   *
   * @param range the range that holds only this address
   */
  record Address(Cidr range) implements Peer {}

  /**
   * Whatever a DNS name leads to, outside the management cluster. NetworkPolicy cannot say that, so
   * it becomes the whole world there.
   *
   * @param name the name
   * @param world what stands for it
   */
  record DnsName(String name, World world) implements Peer {}

  /** The DNS servers of the cluster that the pods are in, with the caches on the nodes. */
  record DnsServers() implements Peer {}

  /**
   * All pods and nodes of the cluster that the pods are in. NetworkPolicy cannot name nodes, so it
   * becomes any address there.
   */
  record WholeCluster() implements Peer {}

  /**
   * The API server of the cluster that the pods are in. NetworkPolicy cannot say that, so it
   * becomes any address there.
   */
  record OwnApiServer() implements Peer {}

  /**
   * The API servers of the management cluster.
   *
   * @param addresses where they listen; Cilium knows them by themselves
   */
  record ManagementApiServers(List<Cidr> addresses) implements Peer {
    /** Copies the list. */
    public ManagementApiServers {
      addresses = List.copyOf(addresses);
    }
  }

  /** Any address. */
  record Anything() implements Peer {}
}
