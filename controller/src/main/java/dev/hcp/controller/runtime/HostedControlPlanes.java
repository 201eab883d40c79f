package dev.hcp.controller.runtime;

import dev.hcp.api.v1alpha1.EtcdBackupEncryption;
import dev.hcp.api.v1alpha1.EtcdComponent;
import dev.hcp.api.v1alpha1.HostedControlPlane;
import dev.hcp.api.v1alpha1.HostedControlPlaneSpec;
import dev.hcp.model.ClusterName;
import dev.hcp.render.audit.AuditRenderer;
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
  private static final String BY_SECRET_NAMESPACE = "bySecretNamespace";

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
            },
            BY_SECRET_NAMESPACE,
            object -> namespacesOfSecrets(object.getSpec())));
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

  /** Those whose spec names a Secret together with this namespace. */
  List<HostedControlPlane> withSecretsOf(String namespace) {
    return find(BY_SECRET_NAMESPACE, namespace);
  }

  /** Namespace and name of all. */
  List<ResourceID> all() {
    var primary = cache;
    return primary == null || !filled ? List.of() : primary.keys().toList();
  }

  static String key(String namespace, String name) {
    return namespace + "/" + name;
  }

  private static Optional<String> clusterKey(HostedControlPlane object) {
    return ClusterName.owner(object.getMetadata())
        .map(name -> key(object.getMetadata().getNamespace(), name));
  }

  private static List<String> namespacesOfSecrets(HostedControlPlaneSpec spec) {
    var tokens =
        AuditRenderer.targets(spec).stream()
            .flatMap(target -> Stream.ofNullable(target.authentication()))
            .flatMap(authentication -> Stream.ofNullable(authentication.secretNamespace()));
    var backups =
        Optional.ofNullable(spec.etcd()).map(EtcdComponent::backup).stream()
            .flatMap(backup ->
                Stream.concat(
                    Stream.ofNullable(backup.secret().namespace()),
                    Optional.ofNullable(backup.encryption())
                        .map(EtcdBackupEncryption::secretNamespace)
                        .stream()));
    return Stream.concat(tokens, backups).distinct().toList();
  }

  private List<HostedControlPlane> find(String index, String key) {
    var primary = cache;
    return primary == null || !filled ? List.of() : primary.byIndex(index, key);
  }
}
