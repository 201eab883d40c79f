package dev.hcp.model;

import dev.hcp.api.v1alpha1.ApiServerAutoscaling;
import dev.hcp.api.v1alpha1.ApiServerPod;
import dev.hcp.api.v1alpha1.ControlPlaneEndpoint;
import dev.hcp.api.v1alpha1.EtcdBackup;
import dev.hcp.api.v1alpha1.EtcdComponent;
import dev.hcp.api.v1alpha1.HostedControlPlaneSpec;
import dev.hcp.api.v1alpha1.Kubeconfig;
import dev.hcp.api.v1alpha1.ReplicaSettings;
import dev.hcp.api.v1alpha1.ScalablePod;
import dev.hcp.api.v1alpha1.VerticalAutoscaling;
import dev.hcp.naming.Component;
import dev.hcp.naming.Names;
import dev.hcp.version.KubernetesVersion;
import dev.hcp.version.VersionTable;
import io.fabric8.kubernetes.api.model.OwnerReference;
import java.util.Comparator;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * Everything that rendering the objects of one control plane needs.
 *
 * @param namespace namespace of all objects
 * @param names names of all objects
 * @param owner reference to the HostedControlPlane
 * @param spec what the user wants
 * @param version version of the API servers
 * @param followerVersion version of controller-manager and scheduler, which follow the API servers
 *     once all of those serve a new version
 * @param components versions of everything else
 * @param networks ranges and domain of the hosted cluster
 * @param lifetimes lifetimes of certificates
 * @param forwarderImage image of what runs of this project beside control planes, unless the spec
 *     names another: the forwarder of audit events, and parts of restore drills
 */
public record ControlPlane(
    String namespace,
    Names names,
    OwnerReference owner,
    HostedControlPlaneSpec spec,
    KubernetesVersion version,
    KubernetesVersion followerVersion,
    VersionTable.Components components,
    Networks networks,
    CertificateLifetimes lifetimes,
    String forwarderImage) {

  /**
   * Port on which an API server listens; pods of the hosted cluster reach it under this port too.
   */
  public static final int API_SERVER_PORT = 6443;

  private static final String DEFAULT_REGISTRY = "registry.k8s.io";
  private static final int DEFAULT_API_SERVERS = 2;
  private static final int DEFAULT_ETCD_MEMBERS = 3;
  private static final int DEFAULT_FOLLOWERS = 1;
  private static final int DEFAULT_ADD_ON_REPLICAS = 2;

  /** Number of API servers that the spec asks for, which load may change. */
  public int apiServerReplicas() {
    return spec.replicas() == null ? DEFAULT_API_SERVERS : spec.replicas();
  }

  /** By which load there are more or fewer API servers; empty if their number is fixed. */
  public Optional<ApiServerAutoscaling> autoscaling() {
    return Optional.ofNullable(apiServer()).map(ApiServerPod::autoscaling);
  }

  /** How pods of a component are sized; empty if they are as the spec says. */
  public Optional<VerticalAutoscaling> verticalAutoscaling(Component component) {
    return switch (component) {
      case API_SERVER -> Optional.ofNullable(apiServer()).map(ApiServerPod::verticalAutoscaling);
      case CONTROLLER_MANAGER ->
          Optional.ofNullable(controllerManager()).map(ScalablePod::verticalAutoscaling);
      case SCHEDULER -> Optional.ofNullable(scheduler()).map(ScalablePod::verticalAutoscaling);
      case ETCD -> Optional.ofNullable(etcd()).map(EtcdComponent::verticalAutoscaling);
      default -> Optional.empty();
    };
  }

  /** The fewest API servers that there shall be. */
  public int fewestApiServers() {
    return autoscaling()
        .map(settings ->
            Math.min(
                Objects.requireNonNullElse(settings.minReplicas(), apiServerReplicas()),
                settings.maxReplicas()))
        .orElse(apiServerReplicas());
  }

  /** The most API servers that there shall be. */
  public int mostApiServers() {
    return autoscaling().map(ApiServerAutoscaling::maxReplicas).orElse(apiServerReplicas());
  }

  /** Number of API servers with which they begin. */
  public int firstApiServers() {
    return Math.clamp(apiServerReplicas(), fewestApiServers(), mostApiServers());
  }

  /** Settings of the API server. */
  public @Nullable ApiServerPod apiServer() {
    return spec.deployment() == null ? null : spec.deployment().apiServer();
  }

  /** Settings of the controller-manager. */
  public @Nullable ScalablePod controllerManager() {
    return spec.deployment() == null ? null : spec.deployment().controllerManager();
  }

  /** Settings of the scheduler. */
  public @Nullable ScalablePod scheduler() {
    return spec.deployment() == null ? null : spec.deployment().scheduler();
  }

  /** Number of pods of a component that follows the API server. */
  public static int followerReplicas(@Nullable ScalablePod settings) {
    return settings == null || settings.replicas() == null
        ? DEFAULT_FOLLOWERS
        : settings.replicas();
  }

  /** The most members that etcd can have. */
  public static final int MOST_ETCD_MEMBERS = 5;

  /**
   * Ordinals that members can have: after a restoration etcd has others than before, so that what
   * was there stays until what was restored works.
   */
  public static final int ETCD_ORDINALS = 2 * MOST_ETCD_MEMBERS;

  /** Settings of etcd. */
  public @Nullable EtcdComponent etcd() {
    return spec.etcd();
  }

  /** Settings of backups; empty if none are wanted. */
  public Optional<EtcdBackup> backup() {
    return Optional.ofNullable(spec.etcd()).map(EtcdComponent::backup);
  }

  /** Number of etcd members that there shall be. */
  public int etcdMembers() {
    var etcd = spec.etcd();
    return etcd == null || etcd.replicas() == null ? DEFAULT_ETCD_MEMBERS : etcd.replicas();
  }

  /** Registry of the images of Kubernetes, with everything in front of their repositories. */
  public String imageRegistry() {
    var images = spec.images();
    return images == null || images.registry() == null ? DEFAULT_REGISTRY : images.registry();
  }

  /** Whether kube-proxy is left out of the hosted cluster. */
  public boolean isKubeProxyDisabled() {
    var settings = spec.kubeProxy();
    return settings != null && Boolean.TRUE.equals(settings.disabled());
  }

  /** Namespaces of the management cluster from which metrics are read; sorted. */
  public List<String> metricsNamespaces() {
    var settings = spec.networkPolicy();
    return settings == null || settings.metricsNamespaces() == null
        ? List.of()
        : settings.metricsNamespaces().stream().distinct().sorted().toList();
  }

  /** Kubeconfigs of users; sorted by name. */
  public List<Kubeconfig> kubeconfigs() {
    return Lists.orEmpty(spec.kubeconfigs()).stream()
        .sorted(Comparator.comparing(Kubeconfig::name))
        .toList();
  }

  /** Whether CoreDNS is left out of the hosted cluster. */
  public boolean isCoreDnsDisabled() {
    var settings = spec.coredns();
    return settings != null && Boolean.TRUE.equals(settings.disabled());
  }

  /** Whether konnectivity agents are left out of the hosted cluster. */
  public boolean isKonnectivityDisabled() {
    var settings = spec.konnectivityClient();
    return settings != null && Boolean.TRUE.equals(settings.disabled());
  }

  /**
   * Number of pods of an add-on of the hosted cluster: as many as wanted, but not more than can run
   * on nodes of their own.
   *
   * @param nodes number of ready nodes
   */
  public static int addOnReplicas(@Nullable ReplicaSettings settings, int nodes) {
    return Math.min(wantedAddOnReplicas(settings), Math.max(1, nodes));
  }

  /** Number of pods of an add-on of the hosted cluster if there are nodes enough. */
  public static int wantedAddOnReplicas(@Nullable ReplicaSettings settings) {
    return settings == null || settings.replicas() == null
        ? DEFAULT_ADD_ON_REPLICAS
        : settings.replicas();
  }

  /** Name under which the API server is reached from the pods of the management cluster. */
  public String internalHost() {
    return "%s.%s.svc".formatted(names.apiServerService(), namespace);
  }

  /** Name under which an etcd member is reached. */
  public String etcdMemberHost(int ordinal) {
    return "%s.%s.%s.svc".formatted(names.etcdMember(ordinal), names.etcdPeerService(), namespace);
  }

  /** Name under which konnectivity agents reach the server, through the Gateway. */
  public static String konnectivityHost(ControlPlaneEndpoint endpoint) {
    return "konnectivity." + endpoint.host();
  }
}
