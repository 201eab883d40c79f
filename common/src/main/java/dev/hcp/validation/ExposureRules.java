package dev.hcp.validation;

import dev.hcp.api.v1alpha1.ExposureSettings;
import dev.hcp.api.v1alpha1.InClusterAccess;
import dev.hcp.api.v1alpha1.IpFamily;
import dev.hcp.api.v1alpha1.IpFamilyPolicy;
import dev.hcp.api.v1alpha1.ServiceSettings;
import dev.hcp.api.v1alpha1.ServiceType;
import dev.hcp.model.Cidr;
import java.util.HashSet;
import java.util.List;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/** The API server's Service, and the port of the Gateway. */
final class ExposureRules {
  private static final int HIGHEST_PORT = 65535;

  private ExposureRules() {}

  static void check(Field field, ExposureSettings exposure) {
    boolean byGateway = ExposureSettings.access(exposure) == InClusterAccess.GATEWAY;
    var port = exposure.gatewayPort();
    if (port != null) {
      field
          .at("gatewayPort")
          .require(port >= 1 && port <= HIGHEST_PORT, port, "must be a port, 1 to 65535");
      field.at("gatewayPort").require(byGateway, port, "needs inClusterAccess: Gateway");
    }
    if (exposure.service() != null) {
      checkService(
          field.at("service"),
          exposure.service(),
          byGateway,
          ExposureSettings.serviceType(exposure));
    }
  }

  /** What Kubernetes does not let change in a Service that exists. */
  static void checkChange(
      Field field, @Nullable ExposureSettings old, @Nullable ExposureSettings updated) {
    var service = field.at("service");
    if (isLoadBalancer(old) && isLoadBalancer(updated)) {
      var before = loadBalancerClass(old);
      service
          .at("loadBalancerClass")
          .require(
              Objects.equals(before, loadBalancerClass(updated)),
              Objects.requireNonNullElse(loadBalancerClass(updated), ""),
              "must stay %s: it cannot be changed while the Service is of type LoadBalancer"
                  .formatted(before == null ? "unset" : before));
    }
    var oldFamily = primaryFamily(old);
    var newFamily = primaryFamily(updated);
    if (oldFamily != null && newFamily != null) {
      service
          .at("ipFamilies")
          .index(0)
          .require(
              oldFamily == newFamily,
              newFamily.value(),
              "must stay %s: the primary family of a Service cannot be changed"
                  .formatted(oldFamily.value()));
    }
  }

  private static void checkService(
      Field field, ServiceSettings service, boolean byGateway, ServiceType type) {
    if (byGateway) {
      field
          .at("type")
          .require(
              type != ServiceType.LOAD_BALANCER,
              type.value(),
              "must be ClusterIP or NodePort with inClusterAccess: Gateway");
    } else {
      field
          .at("type")
          .require(
              type != ServiceType.NODE_PORT,
              type.value(),
              "must be LoadBalancer or ClusterIP unless inClusterAccess is Gateway");
    }
    if (service.annotations() != null) {
      QualifiedNames.annotations(field.at("annotations"), service.annotations());
    }
    checkLoadBalancer(field, service, type);
    var policy = service.externalTrafficPolicy();
    if (policy != null) {
      field
          .at("externalTrafficPolicy")
          .require(
              type != ServiceType.CLUSTER_IP,
              policy.value(),
              "needs a Service of type LoadBalancer or NodePort");
    }
    checkFamilies(field.at("ipFamilies"), service);
  }

  private static void checkLoadBalancer(Field field, ServiceSettings service, ServiceType type) {
    var name = service.loadBalancerClass();
    if (name != null) {
      var classField = field.at("loadBalancerClass");
      classField.require(
          type == ServiceType.LOAD_BALANCER, name, "needs a Service of type LoadBalancer");
      classField.require(
          QualifiedNames.isKey(name),
          name,
          "must be a name such as internal or example.com/internal");
    }
    var ranges = service.loadBalancerSourceRanges();
    if (ranges == null) {
      return;
    }
    var rangesField = field.at("loadBalancerSourceRanges");
    rangesField.require(
        type == ServiceType.LOAD_BALANCER,
        String.join(",", ranges),
        "needs a Service of type LoadBalancer");
    for (int i = 0; i < ranges.size(); i++) {
      rangesField
          .index(i)
          .require(
              isRange(ranges.get(i)),
              ranges.get(i),
              "must be a range such as 192.0.2.0/24 or 2001:db8::/32");
    }
  }

  private static void checkFamilies(Field field, ServiceSettings service) {
    var families = service.ipFamilies();
    if (families == null) {
      return;
    }
    field.require(
        !families.isEmpty() && new HashSet<>(families).size() == families.size(),
        text(families),
        "must be one family, or two different ones");
    field.require(
        families.size() < 2 || service.ipFamilyPolicy() != IpFamilyPolicy.SINGLE_STACK,
        text(families),
        "must be one family with ipFamilyPolicy: SingleStack");
  }

  private static String text(List<IpFamily> families) {
    return String.join(",", families.stream().map(IpFamily::value).toList());
  }

  private static boolean isLoadBalancer(@Nullable ExposureSettings exposure) {
    return ExposureSettings.serviceType(exposure) == ServiceType.LOAD_BALANCER;
  }

  private static @Nullable String loadBalancerClass(@Nullable ExposureSettings exposure) {
    return exposure == null || exposure.service() == null
        ? null
        : exposure.service().loadBalancerClass();
  }

  private static @Nullable IpFamily primaryFamily(@Nullable ExposureSettings exposure) {
    return exposure == null
            || exposure.service() == null
            || exposure.service().ipFamilies() == null
            || exposure.service().ipFamilies().isEmpty()
        ? null
        : exposure.service().ipFamilies().getFirst();
  }

  private static boolean isRange(String text) {
    try {
      var _ = Cidr.parse(text);
      return true;
    } catch (IllegalArgumentException _) {
      return false;
    }
  }
}
