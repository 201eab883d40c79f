package dev.hcp.render.exposure;

import dev.hcp.api.v1alpha1.ControlPlaneEndpoint;
import dev.hcp.api.v1alpha1.ExposureSettings;
import dev.hcp.api.v1alpha1.IpFamily;
import dev.hcp.api.v1alpha1.IpFamilyPolicy;
import dev.hcp.api.v1alpha1.ServiceSettings;
import dev.hcp.model.ControlPlane;
import dev.hcp.naming.Component;
import dev.hcp.naming.Labels;
import dev.hcp.render.Metadata;
import dev.hcp.render.konnectivity.KonnectivityRenderer;
import io.fabric8.kubernetes.api.model.EndpointAddressBuilder;
import io.fabric8.kubernetes.api.model.EndpointsBuilder;
import io.fabric8.kubernetes.api.model.HasMetadata;
import io.fabric8.kubernetes.api.model.ObjectMeta;
import io.fabric8.kubernetes.api.model.ObjectMetaBuilder;
import io.fabric8.kubernetes.api.model.Service;
import io.fabric8.kubernetes.api.model.ServiceBuilder;
import io.fabric8.kubernetes.api.model.ServicePort;
import io.fabric8.kubernetes.api.model.ServicePortBuilder;
import io.fabric8.kubernetes.api.model.ServiceSpecBuilder;
import io.fabric8.kubernetes.api.model.discovery.v1.EndpointBuilder;
import io.fabric8.kubernetes.api.model.discovery.v1.EndpointSliceBuilder;
import io.fabric8.kubernetes.api.model.gatewayapi.v1.ListenerSet;
import io.fabric8.kubernetes.api.model.gatewayapi.v1.ListenerSetBuilder;
import io.fabric8.kubernetes.api.model.gatewayapi.v1.TLSRoute;
import io.fabric8.kubernetes.api.model.gatewayapi.v1.TLSRouteBuilder;
import io.fabric8.kubernetes.api.model.gatewayapi.v1alpha2.TCPRoute;
import io.fabric8.kubernetes.api.model.gatewayapi.v1alpha2.TCPRouteBuilder;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * The Service of the API server, the routes and listeners that lead to it, and where the hosted
 * cluster's own Service {@code kubernetes} leads.
 */
public final class ExposureRenderer {
  /** Name of the API server's port, in its pods. */
  public static final String API_PORT = "api";

  private static final int HTTPS_PORT = 443;
  private static final String LISTENER = "api";
  private static final String KUBERNETES = "kubernetes";

  /** Keeps Kubernetes from making EndpointSlices out of Endpoints that have one already. */
  private static final String SKIP_MIRROR = "endpointslice.kubernetes.io/skip-mirror";

  private static final String SERVICE_NAME = "kubernetes.io/service-name";

  private ExposureRenderer() {}

  /**
   * The Service of API server and konnectivity server. Port 6443 is there because the hosted
   * cluster's own Service {@code kubernetes} leads to this Service's address and the API server's
   * port. What the user did not set is left to the management cluster.
   */
  public static Service service(ControlPlane controlPlane) {
    var exposure = controlPlane.spec().exposure();
    var settings = exposure == null ? null : exposure.service();
    var metadata =
        Metadata.of(controlPlane, controlPlane.names().apiServerService(), Component.API_SERVER);
    var spec =
        new ServiceSpecBuilder()
            .withType(ExposureSettings.serviceType(exposure).value())
            .withSelector(Labels.selector(controlPlane.names().cluster(), Component.API_SERVER))
            .withPorts(
                port("api", HTTPS_PORT, API_PORT),
                port("legacy-api", ControlPlane.API_SERVER_PORT, API_PORT),
                port(
                    KonnectivityRenderer.AGENT_PORT_NAME,
                    KonnectivityRenderer.AGENT_PORT,
                    KonnectivityRenderer.AGENT_PORT_NAME));
    familyPolicy(controlPlane, settings).ifPresent(spec::withIpFamilyPolicy);
    if (settings != null) {
      if (settings.annotations() != null) {
        metadata.setAnnotations(new TreeMap<>(settings.annotations()));
      }
      spec.withLoadBalancerClass(settings.loadBalancerClass());
      spec.withLoadBalancerSourceRanges(settings.loadBalancerSourceRanges());
      if (settings.externalTrafficPolicy() != null) {
        spec.withExternalTrafficPolicy(settings.externalTrafficPolicy().value());
      }
      if (settings.ipFamilies() != null) {
        spec.withIpFamilies(settings.ipFamilies().stream().map(IpFamily::value).toList());
      }
    }
    return new ServiceBuilder().withMetadata(metadata).withSpec(spec.build()).build();
  }

  /**
   * A hosted cluster with IPv6 needs it here, and takes it wherever it is to be had; so does
   * whoever names both families.
   */
  private static Optional<String> familyPolicy(
      ControlPlane controlPlane, @Nullable ServiceSettings settings) {
    if (settings != null && settings.ipFamilyPolicy() != null) {
      return Optional.of(settings.ipFamilyPolicy().value());
    }
    var families = settings == null ? null : settings.ipFamilies();
    boolean wantsBoth = families == null ? controlPlane.networks().hasIpv6() : families.size() > 1;
    return wantsBoth ? Optional.of(IpFamilyPolicy.PREFER_DUAL_STACK.value()) : Optional.empty();
  }

  /**
   * The port of the Gateway that leads to this control plane alone.
   *
   * @param established whether the port has worked, and so stays
   */
  public static ListenerSet listenerSet(ControlPlane controlPlane, int port, boolean established) {
    var gateway = controlPlane.spec().gateway();
    var metadata = Metadata.of(controlPlane, controlPlane.names().inClusterAccess());
    if (established) {
      metadata.setAnnotations(
          Map.of(Labels.ESTABLISHED_ANNOTATION, establishedPort(controlPlane, port)));
    }
    return new ListenerSetBuilder()
        .withMetadata(metadata)
        .withNewSpec()
        .withNewParentRef()
        .withNamespace(gateway.namespace())
        .withName(gateway.name())
        .endParentRef()
        .addNewListener()
        .withName(LISTENER)
        .withPort(port)
        .withProtocol("TCP")
        .withNewAllowedRoutes()
        .addNewKind()
        // Its default, which would otherwise look like a change by somebody else.
        .withGroup("gateway.networking.k8s.io")
        .withKind("TCPRoute")
        .endKind()
        .withNewNamespaces()
        .withFrom("Same")
        .endNamespaces()
        .endAllowedRoutes()
        .endListener()
        .endSpec()
        .build();
  }

  /** What {@link Labels#ESTABLISHED_ANNOTATION} says of a port that has worked. */
  public static String establishedPort(ControlPlane controlPlane, int port) {
    var gateway = controlPlane.spec().gateway();
    return "%s/%s:%d".formatted(gateway.namespace(), gateway.name(), port);
  }

  /** The route from that port to the API server. */
  public static TCPRoute tcpRoute(ControlPlane controlPlane) {
    var name = controlPlane.names().inClusterAccess();
    return new TCPRouteBuilder()
        .withMetadata(Metadata.of(controlPlane, name))
        .withNewSpec()
        .addNewParentRef()
        .withKind("ListenerSet")
        .withName(name)
        .withSectionName(LISTENER)
        .endParentRef()
        .addNewRule()
        .addNewBackendRef()
        .withName(controlPlane.names().apiServerService())
        .withPort(HTTPS_PORT)
        .withWeight(1)
        .endBackendRef()
        .endRule()
        .endSpec()
        .build();
  }

  /**
   * Where Service {@code default/kubernetes} leads, in the hosted cluster. Names and labels are
   * those that API servers use, so that these and the controller can take over from each other.
   *
   * @param addresses IP addresses of the family of that Service, which has one only
   */
  public static List<HasMetadata> kubernetesEndpoints(
      ControlPlane controlPlane, List<String> addresses, int port) {
    return List.of(
        new EndpointsBuilder()
            .withMetadata(kubernetes(Map.of(SKIP_MIRROR, "true")))
            .addNewSubset()
            .withAddresses(
                addresses.stream()
                    .map(ip -> new EndpointAddressBuilder().withIp(ip).build())
                    .toList())
            .addNewPort()
            .withName("https")
            .withPort(port)
            .withProtocol("TCP")
            .endPort()
            .endSubset()
            .build(),
        new EndpointSliceBuilder()
            .withMetadata(kubernetes(Map.of(SERVICE_NAME, KUBERNETES)))
            .withAddressType(controlPlane.networks().services().getFirst().family())
            .withEndpoints(
                addresses.stream()
                    .map(ip ->
                        new EndpointBuilder()
                            .withAddresses(ip)
                            .withNewConditions()
                            .withReady(true)
                            .endConditions()
                            .build())
                    .toList())
            .addNewPort()
            .withName("https")
            .withPort(port)
            .withProtocol("TCP")
            .endPort()
            .build());
  }

  private static ObjectMeta kubernetes(Map<String, String> labels) {
    var all = new TreeMap<>(labels);
    all.put(Labels.MANAGED_BY, Labels.MANAGER);
    return new ObjectMetaBuilder()
        .withName(KUBERNETES)
        .withNamespace("default")
        .withLabels(all)
        .build();
  }

  /**
   * The routes to API server and konnectivity server.
   *
   * @param endpoint public address
   * @param listener name of the Gateway's listener
   */
  public static List<TLSRoute> routes(
      ControlPlane controlPlane, ControlPlaneEndpoint endpoint, String listener) {
    var names = controlPlane.names();
    return List.of(
        route(
            controlPlane,
            names.apiServerRoute(),
            listener,
            String.valueOf(endpoint.host()),
            HTTPS_PORT),
        route(
            controlPlane,
            names.konnectivity(),
            listener,
            ControlPlane.konnectivityHost(endpoint),
            KonnectivityRenderer.AGENT_PORT));
  }

  private static TLSRoute route(
      ControlPlane controlPlane, String name, String listener, String host, int port) {
    var gateway = controlPlane.spec().gateway();
    return new TLSRouteBuilder()
        .withMetadata(Metadata.of(controlPlane, name))
        .withNewSpec()
        .addNewParentRef()
        .withNamespace(gateway.namespace())
        .withName(gateway.name())
        .withSectionName(listener)
        .endParentRef()
        .withHostnames(host)
        .addNewRule()
        .addNewBackendRef()
        .withName(controlPlane.names().apiServerService())
        .withPort(port)
        .withWeight(1)
        .endBackendRef()
        .endRule()
        .endSpec()
        .build();
  }

  private static ServicePort port(String name, int port, String target) {
    return new ServicePortBuilder()
        .withName(name)
        .withProtocol("TCP")
        .withPort(port)
        .withNewTargetPort(target)
        .build();
  }
}
