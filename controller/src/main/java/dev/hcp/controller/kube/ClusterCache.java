package dev.hcp.controller.kube;

import dev.hcp.api.capi.Cluster;
import dev.hcp.api.v1alpha1.HostedControlPlane;
import dev.hcp.api.v1alpha1.HostedControlPlaneRestore;
import io.fabric8.kubernetes.api.model.HasMetadata;
import io.fabric8.kubernetes.api.model.gatewayapi.v1.Gateway;
import io.fabric8.kubernetes.api.model.gatewayapi.v1.ListenerSet;
import io.fabric8.kubernetes.api.model.gatewayapi.v1beta1.ReferenceGrant;
import io.fabric8.kubernetes.api.model.storage.StorageClass;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** The management cluster as informers last saw it. No method makes a request. */
public interface ClusterCache {
  /** A control plane by name. */
  Optional<HostedControlPlane> hostedControlPlane(String namespace, String name);

  /** All control planes of a namespace. */
  List<HostedControlPlane> hostedControlPlanes(String namespace);

  /** The restorations that name a control plane. */
  List<HostedControlPlaneRestore> restores(String namespace, String controlPlane);

  /** A Cluster by name. */
  Optional<Cluster> cluster(String namespace, String name);

  /** A Gateway by name. */
  Optional<Gateway> gateway(String namespace, String name);

  /** The ListenerSets of all namespaces that add listeners to a Gateway. */
  List<ListenerSet> listenerSets(String gatewayNamespace, String gateway);

  /** The ReferenceGrants of a namespace; none if the management cluster does not serve the kind. */
  List<ReferenceGrant> referenceGrants(String namespace);

  /** The labels of a namespace; none if it does not exist. */
  Map<String, String> namespaceLabels(String namespace);

  /** A StorageClass by name. */
  Optional<StorageClass> storageClass(String name);

  /**
   * The managed objects of one type that belong to a Cluster by their label, by name.
   *
   * @param type one of the types that are watched
   */
  <T extends HasMetadata> Map<String, T> ofCluster(Class<T> type, String namespace, String cluster);

  /**
   * The API version in which TLSRoutes are served, newest first: {@code
   * gateway.networking.k8s.io/v1}, {@code v1alpha3} or {@code v1alpha2}; empty if none is.
   * TLSRoutes are handed out and taken in the form of v1 whatever version is served.
   */
  Optional<String> tlsRouteApiVersion();

  /** Whether the management cluster serves CiliumNetworkPolicies. */
  boolean servesCiliumNetworkPolicies();

  /**
   * Whether the management cluster serves a kind of the Gateway API that not all of its releases
   * have: TLSRoute, TCPRoute or ListenerSet.
   */
  boolean serves(Class<? extends HasMetadata> type);
}
