package dev.hcp.controller.runtime;

import dev.hcp.api.capi.Cluster;
import dev.hcp.api.v1alpha1.HostedControlPlane;
import io.fabric8.kubernetes.api.model.OwnerReference;
import io.javaoperatorsdk.operator.processing.event.ResourceID;
import io.javaoperatorsdk.operator.processing.event.source.IndexerResourceCache;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/** The control planes as the framework's informer last saw them, found by what they refer to. */
final class HostedControlPlanes {
  private static final String BY_NAMESPACE = "byNamespace";
  private static final String BY_CLUSTER = "byCluster";
  private static final String BY_GATEWAY = "byGateway";

  private volatile @Nullable IndexerResourceCache<HostedControlPlane> cache;
  private volatile boolean filled;

  /**
   * Takes the framework's cache, before it is filled. Until {@link #filled} it is not asked: the
   * framework's informer, unlike ours, does not exist yet.
   */
  void attach(IndexerResourceCache<HostedControlPlane> primary) {
    primary.addIndexers(
        Map.of(
            BY_NAMESPACE,
            object -> List.of(object.getMetadata().getNamespace()),
            BY_CLUSTER,
            object -> clusterKey(object).stream().toList(),
            BY_GATEWAY,
            object -> {
              var gateway = object.getSpec().gateway();
              return List.of(key(gateway.namespace(), gateway.name()));
            }));
    cache = primary;
  }

  /** Says that the framework has started its informer and filled the cache. */
  void filled() {
    filled = true;
  }

  Optional<HostedControlPlane> get(String namespace, String name) {
    var primary = cache;
    return primary == null ? Optional.empty() : primary.get(new ResourceID(name, namespace));
  }

  List<HostedControlPlane> inNamespace(String namespace) {
    return find(BY_NAMESPACE, namespace);
  }

  List<HostedControlPlane> ofCluster(String namespace, String cluster) {
    return find(BY_CLUSTER, key(namespace, cluster));
  }

  List<HostedControlPlane> ofGateway(String namespace, String gateway) {
    return find(BY_GATEWAY, key(namespace, gateway));
  }

  /** Namespace and name of all. */
  List<ResourceID> all() {
    var primary = cache;
    return primary == null || !filled ? List.of() : primary.keys().toList();
  }

  /** Name of the Cluster that owns a control plane. */
  static Optional<String> cluster(HostedControlPlane object) {
    var owners = object.getMetadata().getOwnerReferences();
    return (owners == null ? Stream.<OwnerReference>empty() : owners.stream())
        .filter(owner ->
            owner.getKind().equals("Cluster")
                && owner.getApiVersion().startsWith(Cluster.GROUP + "/"))
        .map(OwnerReference::getName)
        .findFirst();
  }

  static String key(String namespace, String name) {
    return namespace + "/" + name;
  }

  private static Optional<String> clusterKey(HostedControlPlane object) {
    return cluster(object).map(name -> key(object.getMetadata().getNamespace(), name));
  }

  private List<HostedControlPlane> find(String index, String key) {
    var primary = cache;
    return primary == null || !filled ? List.of() : primary.byIndex(index, key);
  }
}
