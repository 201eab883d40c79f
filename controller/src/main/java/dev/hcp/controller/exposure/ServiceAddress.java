package dev.hcp.controller.exposure;

import dev.hcp.api.v1alpha1.ExposureSettings;
import dev.hcp.api.v1alpha1.InClusterAccess;
import dev.hcp.api.v1alpha1.ServiceType;
import dev.hcp.controller.plan.LiveObjects;
import dev.hcp.model.ControlPlane;
import io.fabric8.kubernetes.api.model.LoadBalancerIngress;
import io.fabric8.kubernetes.api.model.Service;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * Where nodes of the hosted cluster find the API server's Service.
 *
 * @param addresses IP addresses that count, of any family
 * @param address the one of the family of the hosted cluster's Services: API servers refuse to
 *     enter another
 * @param hostName host name of the load balancer; null if it has none, or has an IP address
 * @param isLoadBalancer whether the Service that is there is a load balancer
 * @param exists whether the Service is there
 */
record ServiceAddress(
    List<String> addresses,
    @Nullable String address,
    @Nullable String hostName,
    boolean isLoadBalancer,
    boolean exists) {
  private static final String LOAD_BALANCER = ServiceType.LOAD_BALANCER.value();

  static ServiceAddress of(LiveObjects objects, ControlPlane controlPlane) {
    var live = objects.get(Service.class, controlPlane.names().apiServerService());
    boolean isLoadBalancer =
        live.map(s -> s.getSpec()).map(s -> s.getType()).filter(LOAD_BALANCER::equals).isPresent();
    var exposure = controlPlane.spec().exposure();
    boolean byClusterIp =
        ExposureSettings.access(exposure) == InClusterAccess.LOAD_BALANCER
            && ExposureSettings.serviceType(exposure) == ServiceType.CLUSTER_IP;
    var addresses =
        byClusterIp
            ? clusterAddresses(live)
            : isLoadBalancer ? balancerAddresses(live) : List.<String>of();
    var address = controlPlane.networks().ofPrimaryFamily(addresses).stream().findFirst();
    var hostName =
        byClusterIp || !isLoadBalancer || address.isPresent()
            ? Optional.<String>empty()
            : ingress(live)
                .map(LoadBalancerIngress::getHostname)
                .filter(name -> name != null && !name.isEmpty())
                .findFirst();
    return new ServiceAddress(
        addresses, address.orElse(null), hostName.orElse(null), isLoadBalancer, live.isPresent());
  }

  private static List<String> clusterAddresses(Optional<Service> live) {
    return live.map(s -> s.getSpec())
        .map(s ->
            s.getClusterIPs() == null || s.getClusterIPs().isEmpty()
                ? Stream.of(s.getClusterIP())
                : s.getClusterIPs().stream())
        .orElse(Stream.empty())
        .filter(ip -> ip != null && !ip.isEmpty() && !ip.equals("None"))
        .toList();
  }

  private static List<String> balancerAddresses(Optional<Service> live) {
    return ingress(live)
        .map(LoadBalancerIngress::getIp)
        .filter(ip -> ip != null && !ip.isEmpty())
        .toList();
  }

  private static Stream<LoadBalancerIngress> ingress(Optional<Service> live) {
    return live
        .map(Service::getStatus)
        .map(s -> s.getLoadBalancer())
        .map(l -> l.getIngress())
        .stream()
        .flatMap(List::stream)
        .filter(Objects::nonNull);
  }
}
