package dev.hcp.render.exposure;

import dev.hcp.api.v1alpha1.ControlPlaneEndpoint;
import dev.hcp.model.ControlPlane;
import dev.hcp.naming.Component;
import dev.hcp.naming.Labels;
import dev.hcp.render.Metadata;
import dev.hcp.render.konnectivity.KonnectivityRenderer;
import io.fabric8.kubernetes.api.model.Service;
import io.fabric8.kubernetes.api.model.ServiceBuilder;
import io.fabric8.kubernetes.api.model.ServicePort;
import io.fabric8.kubernetes.api.model.ServicePortBuilder;
import io.fabric8.kubernetes.api.model.gatewayapi.v1.TLSRoute;
import io.fabric8.kubernetes.api.model.gatewayapi.v1.TLSRouteBuilder;
import java.util.List;

/** The Service of the API server and the routes that lead to it. */
public final class ExposureRenderer {
  /** Name of the API server's port, in its pods. */
  public static final String API_PORT = "api";

  private static final int HTTPS_PORT = 443;

  private ExposureRenderer() {}

  /**
   * The Service of API server and konnectivity server. Port 6443 is there because the hosted
   * cluster's own Service {@code kubernetes} leads to this Service's address and the API server's
   * port.
   */
  public static Service service(ControlPlane controlPlane) {
    return new ServiceBuilder()
        .withMetadata(
            Metadata.of(
                controlPlane, controlPlane.names().apiServerService(), Component.API_SERVER))
        .withNewSpec()
        .withType("LoadBalancer")
        .withSelector(Labels.selector(controlPlane.names().cluster(), Component.API_SERVER))
        .withPorts(
            port("api", HTTPS_PORT, API_PORT),
            port("legacy-api", ControlPlane.API_SERVER_PORT, API_PORT),
            port(
                KonnectivityRenderer.AGENT_PORT_NAME,
                KonnectivityRenderer.AGENT_PORT,
                KonnectivityRenderer.AGENT_PORT_NAME))
        .endSpec()
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
