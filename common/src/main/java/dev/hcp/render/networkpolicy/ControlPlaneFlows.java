package dev.hcp.render.networkpolicy;

import dev.hcp.api.v1alpha1.ExposureSettings;
import dev.hcp.api.v1alpha1.ExternalTrafficPolicy;
import dev.hcp.api.v1alpha1.InClusterAccess;
import dev.hcp.api.v1alpha1.ServiceType;
import dev.hcp.model.Cidr;
import dev.hcp.model.ControlPlane;
import dev.hcp.model.ManagementIssuer;
import dev.hcp.naming.Component;
import dev.hcp.naming.Labels;
import dev.hcp.render.Metadata;
import dev.hcp.render.controllermanager.ControllerManagerRenderer;
import dev.hcp.render.etcd.EtcdRenderer;
import dev.hcp.render.konnectivity.KonnectivityRenderer;
import dev.hcp.render.scheduler.SchedulerRenderer;
import io.fabric8.kubernetes.api.model.LabelSelector;
import io.fabric8.kubernetes.api.model.LabelSelectorBuilder;
import java.net.InetAddress;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Optional;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.stream.Stream;

/**
 * Who may talk to whom in a control plane.
 *
 * <p>Users can allow more with policies of their own: what any policy allows is allowed.
 */
public final class ControlPlaneFlows {
  private static final Port API = Port.tcp(ControlPlane.API_SERVER_PORT);
  private static final Port KONNECTIVITY = Port.tcp(KonnectivityRenderer.AGENT_PORT);
  private static final Port ETCD_CLIENTS = Port.tcp(EtcdRenderer.CLIENT_PORT);
  private static final Port ETCD_PEERS = Port.tcp(EtcdRenderer.PEER_PORT);

  private static final int DNS_PORT = 53;

  private static final List<Component> WITH_PODS =
      List.of(
          Component.API_SERVER, Component.CONTROLLER_MANAGER, Component.SCHEDULER, Component.ETCD);

  private final ControlPlane controlPlane;
  private final Surroundings surroundings;
  private final boolean serviceInUse;
  private final Optional<ManagementIssuer> managementIssuer;
  private final Stores stores;
  private final List<String> kmsServers;

  /**
   * The stores from which backups are restored, by their URLs.
   *
   * @param ofDrills where that is done for a test; none where it is not
   * @param ofRestores where that is done for good; none while it is not
   */
  public record Stores(List<String> ofDrills, List<String> ofRestores) {
    /** No backup is restored. */
    public static final Stores NONE = new Stores(List.of(), List.of());

    /** Copies the lists. */
    public Stores {
      ofDrills = List.copyOf(ofDrills);
      ofRestores = List.copyOf(ofRestores);
    }
  }

  private ControlPlaneFlows(
      ControlPlane controlPlane,
      Surroundings surroundings,
      boolean serviceInUse,
      Optional<ManagementIssuer> managementIssuer,
      Stores stores,
      List<String> kmsServers) {
    this.controlPlane = controlPlane;
    this.surroundings = surroundings;
    this.serviceInUse = serviceInUse;
    this.managementIssuer = managementIssuer;
    this.stores = stores;
    this.kmsServers = kmsServers;
  }

  /**
   * One policy for each component, one for servers that are called by name, one for each way in
   * which backups are restored, and one for pods of any other component; none if the user wants
   * none.
   *
   * @param serviceInUse whether nodes may still come by the Service, whatever the spec says
   * @param managementIssuer issuer of the management cluster's tokens, if they are accepted
   * @param stores the stores from which backups are restored
   * @param kmsServers URLs of the servers that KMS plugins of the API servers call
   */
  public static List<PodPolicy> of(
      ControlPlane controlPlane,
      Surroundings surroundings,
      boolean serviceInUse,
      Optional<ManagementIssuer> managementIssuer,
      Stores stores,
      List<String> kmsServers) {
    var settings = controlPlane.spec().networkPolicy();
    return settings != null && Boolean.TRUE.equals(settings.disabled())
        ? List.of()
        : new ControlPlaneFlows(
                controlPlane,
                surroundings,
                serviceInUse,
                managementIssuer,
                stores,
                List.copyOf(kmsServers))
            .policies();
  }

  private List<PodPolicy> policies() {
    var names = controlPlane.names();
    var policies = new ArrayList<PodPolicy>();
    policies.add(policy(names.apiServer(), Component.API_SERVER, apiServer()));
    namedServers()
        .ifPresent(
            flows -> policies.add(policy(names.namedServers(), Component.API_SERVER, flows)));
    policies.add(
        policy(
            names.controllerManager(),
            Component.CONTROLLER_MANAGER,
            follower(ControllerManagerRenderer.PORT)));
    policies.add(policy(names.scheduler(), Component.SCHEDULER, follower(SchedulerRenderer.PORT)));
    policies.add(policy(names.etcd(), Component.ETCD, etcd()));
    if (!stores.ofDrills().isEmpty()) {
      policies.add(
          policy(names.restoreDrill(), Component.RESTORE_DRILL, restoring(stores.ofDrills())));
    }
    if (!stores.ofRestores().isEmpty()) {
      policies.add(policy(names.restore(), Component.RESTORE, restoring(stores.ofRestores())));
    }
    policies.add(
        new PodPolicy(Metadata.of(controlPlane, names.defaultDeny()), allOtherPods(), List.of()));
    return policies;
  }

  private List<Flow> apiServer() {
    var flows = new ArrayList<Flow>();
    flows.add(
        Flow.from(
            new Peer.GatewayProxies(
                controlPlane.spec().gateway().namespace(),
                controlPlane.spec().gateway().name(),
                surroundings.gatewayNamespaces()),
            API,
            KONNECTIVITY));
    loadBalancer().ifPresent(peer -> flows.add(Flow.from(peer, API, KONNECTIVITY)));
    flows.add(Flow.from(component(Component.CONTROLLER_MANAGER), API));
    flows.add(Flow.from(component(Component.SCHEDULER), API));
    flows.add(Flow.from(new Peer.Controller(surroundings.controllerNamespace()), API));
    metrics().forEach(peer -> flows.add(Flow.from(peer, API)));
    flows.add(Flow.to(component(Component.ETCD), ETCD_CLIENTS));
    flows.addAll(servers().filter(flow -> !isByName(flow)).toList());
    managementIssuer.ifPresent(issuer -> flows.addAll(managementApiServers(issuer)));
    flows.add(dns());
    return flows;
  }

  /** A flow for each port; API servers of one cluster commonly have the same. */
  private static List<Flow> managementApiServers(ManagementIssuer issuer) {
    var byPort = new TreeMap<Integer, TreeSet<String>>();
    issuer
        .apiServers()
        .forEach(
            server -> byPort.computeIfAbsent(server.port(), _ -> new TreeSet<>()).add(server.ip()));
    return byPort.entrySet().stream()
        .map(entry ->
            Flow.to(
                new Peer.ManagementApiServers(
                    entry.getValue().stream()
                        .map(ip -> Cidr.host(InetAddress.ofLiteral(ip)))
                        .toList()),
                Port.tcp(entry.getKey())))
        .toList();
  }

  /**
   * Apart from all other flows of the API server: a Cilium without its L7 proxy refuses a policy
   * with names as a whole, and the API server must be closed all the same.
   */
  private Optional<List<Flow>> namedServers() {
    var flows = new ArrayList<>(servers().filter(ControlPlaneFlows::isByName).toList());
    if (flows.isEmpty()) {
      return Optional.empty();
    }
    // Cilium learns from the answers where the names lead.
    flows.add(dns());
    return Optional.of(flows);
  }

  private static boolean isByName(Flow flow) {
    return flow.peer() instanceof Peer.DnsName;
  }

  private List<Flow> follower(int metricsPort) {
    var flows = new ArrayList<Flow>();
    metrics().forEach(peer -> flows.add(Flow.from(peer, Port.tcp(metricsPort))));
    flows.add(Flow.to(component(Component.API_SERVER), API));
    flows.add(dns());
    return flows;
  }

  private List<Flow> etcd() {
    var flows = new ArrayList<Flow>();
    flows.add(Flow.from(component(Component.API_SERVER), ETCD_CLIENTS));
    // Members are looked after, and backups are taken, by the controller itself.
    flows.add(Flow.from(new Peer.Controller(surroundings.controllerNamespace()), ETCD_CLIENTS));
    flows.add(Flow.from(component(Component.ETCD), ETCD_PEERS));
    metrics().forEach(peer -> flows.add(Flow.from(peer, Port.tcp(EtcdRenderer.METRICS_PORT))));
    flows.add(Flow.to(component(Component.ETCD), ETCD_PEERS));
    flows.add(dns());
    return flows;
  }

  /**
   * Adds to what the pod shares with all pods of no component above. A Cilium without its L7 proxy
   * refuses names, and with them this policy: the pod then reaches nothing.
   */
  private List<Flow> restoring(List<String> urls) {
    var flows = new ArrayList<>(calls(urls.stream()).toList());
    flows.add(dns());
    return flows;
  }

  /** Whoever comes by the Service, unless only the Gateway leads to the API server. */
  private Optional<Peer> loadBalancer() {
    var exposure = controlPlane.spec().exposure();
    if (!serviceInUse
        && ExposureSettings.access(exposure) == InClusterAccess.GATEWAY
        && ExposureSettings.serviceType(exposure) == ServiceType.CLUSTER_IP) {
      return Optional.empty();
    }
    var service = exposure == null ? null : exposure.service();
    var ranges =
        service == null || service.loadBalancerSourceRanges() == null
            ? List.<String>of()
            : service.loadBalancerSourceRanges();
    return Optional.of(
        new Peer.LoadBalancer(
            new Peer.World(ranges.stream().map(Cidr::parse).toList(), surroundings.podRanges()),
            surroundings.nodeRanges(),
            service != null && service.externalTrafficPolicy() == ExternalTrafficPolicy.LOCAL));
  }

  /** The servers that the spec makes the API server, and what runs beside it, call. */
  private Stream<Flow> servers() {
    var urls = new LinkedHashSet<String>(kmsServers);
    var apiServer = controlPlane.apiServer();
    if (apiServer != null && apiServer.audit() != null && apiServer.audit().webhook() != null) {
      apiServer.audit().webhook().targets().forEach(target -> urls.add(target.server()));
    }
    if (controlPlane.spec().oidcProviders() != null) {
      urls.addAll(controlPlane.spec().oidcProviders().keySet());
    }
    managementIssuer.ifPresent(issuer -> urls.addAll(issuer.servers()));
    return calls(urls.stream());
  }

  private Stream<Flow> calls(Stream<String> urls) {
    var world = new Peer.World(List.of(), surroundings.podRanges());
    return urls.sorted()
        .flatMap(url -> ServerUrl.parse(url).stream())
        .map(server -> server.flow(world))
        .distinct();
  }

  private List<Peer> metrics() {
    return controlPlane.metricsNamespaces().stream().<Peer>map(Peer.Namespace::new).toList();
  }

  private Peer component(Component component) {
    return new Peer.Component(controlPlane.namespace(), controlPlane.names().cluster(), component);
  }

  static Flow dns() {
    return Flow.to(new Peer.DnsServers(), Port.udp(DNS_PORT), Port.tcp(DNS_PORT));
  }

  private PodPolicy policy(String name, Component component, List<Flow> flows) {
    return new PodPolicy(
        Metadata.of(controlPlane, name, component),
        new LabelSelectorBuilder()
            .withMatchLabels(Labels.selector(controlPlane.names().cluster(), component))
            .build(),
        flows);
  }

  /**
   * Our pods of no component above. Not simply all pods with the Cluster's label: where machines
   * are pods, those have it too.
   */
  private LabelSelector allOtherPods() {
    return new LabelSelectorBuilder()
        .withMatchLabels(Labels.of(controlPlane.names().cluster()))
        .addNewMatchExpression()
        .withKey(Labels.COMPONENT)
        .withOperator("NotIn")
        .withValues(WITH_PODS.stream().map(Component::label).sorted().toList())
        .endMatchExpression()
        .build();
  }
}
