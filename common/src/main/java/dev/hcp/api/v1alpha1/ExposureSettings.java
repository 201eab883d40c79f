package dev.hcp.api.v1alpha1;

import com.fasterxml.jackson.annotation.JsonIgnoreProperties;
import com.fasterxml.jackson.annotation.JsonInclude;
import io.fabric8.generator.annotation.Max;
import io.fabric8.generator.annotation.Min;
import io.fabric8.generator.annotation.ValidationRule;
import org.jspecify.annotations.Nullable;

/**
 * How the API server is reached besides its host name, which always leads through the Gateway.
 *
 * @param inClusterAccess Where Service `default/kubernetes` of the hosted cluster leads, by which
 *     pods reach the API server: LoadBalancer, to the address of the API server's Service; or
 *     Gateway, to the address of the Gateway and a port of it that only this cluster has, so that
 *     no cluster needs an address of its own. Can be changed on a running cluster. Default:
 *     LoadBalancer.
 * @param gatewayPort Port of the Gateway that this cluster gets, with `inClusterAccess: Gateway`.
 *     Default: a free one out of the range that the controller is configured with, which then
 *     stays.
 * @param service The API server's Service.
 */
@JsonInclude(JsonInclude.Include.NON_NULL)
@JsonIgnoreProperties(ignoreUnknown = true)
@ValidationRule(
    value =
        "!has(self.gatewayPort)"
            + " || (has(self.inClusterAccess) && self.inClusterAccess == 'Gateway')",
    message = "needs inClusterAccess: Gateway",
    fieldPath = ".gatewayPort")
@ValidationRule(
    value =
        "!has(self.service) || !has(self.service.type) || self.service.type != 'LoadBalancer'"
            + " || !has(self.inClusterAccess) || self.inClusterAccess != 'Gateway'",
    message = "\"LoadBalancer\": must be ClusterIP or NodePort with inClusterAccess: Gateway",
    fieldPath = ".service.type")
@ValidationRule(
    value =
        "!has(self.service) || !has(self.service.type) || self.service.type != 'NodePort'"
            + " || (has(self.inClusterAccess) && self.inClusterAccess == 'Gateway')",
    message = "\"NodePort\": must be LoadBalancer or ClusterIP unless inClusterAccess is Gateway",
    fieldPath = ".service.type")
@ValidationRule(
    value =
        "!has(self.service) || !has(self.service.loadBalancerClass)"
            + " || (has(self.service.type) ? self.service.type == 'LoadBalancer'"
            + " : !has(self.inClusterAccess) || self.inClusterAccess != 'Gateway')",
    messageExpression =
        "'\"' + self.service.loadBalancerClass + '\": needs a Service of type LoadBalancer'",
    fieldPath = ".service.loadBalancerClass")
@ValidationRule(
    value =
        "!has(self.service) || !has(self.service.loadBalancerSourceRanges)"
            + " || (has(self.service.type) ? self.service.type == 'LoadBalancer'"
            + " : !has(self.inClusterAccess) || self.inClusterAccess != 'Gateway')",
    message = "needs a Service of type LoadBalancer",
    messageExpression =
        "'\"' + self.service.loadBalancerSourceRanges[0]"
            + " + '\": needs a Service of type LoadBalancer'",
    fieldPath = ".service.loadBalancerSourceRanges")
@ValidationRule(
    value =
        "!has(self.service) || !has(self.service.externalTrafficPolicy)"
            + " || (has(self.service.type) ? self.service.type != 'ClusterIP'"
            + " : !has(self.inClusterAccess) || self.inClusterAccess != 'Gateway')",
    messageExpression =
        "'\"' + self.service.externalTrafficPolicy"
            + " + '\": needs a Service of type LoadBalancer or NodePort'",
    fieldPath = ".service.externalTrafficPolicy")
public record ExposureSettings(
    @Nullable InClusterAccess inClusterAccess,
    @Min(1) @Max(65535) @Nullable Integer gatewayPort,
    @Nullable ServiceSettings service) {

  /** How pods of a hosted cluster reach its API server. */
  public static InClusterAccess access(@Nullable ExposureSettings settings) {
    return settings == null || settings.inClusterAccess() == null
        ? InClusterAccess.LOAD_BALANCER
        : settings.inClusterAccess();
  }

  /** Type of the API server's Service. */
  public static ServiceType serviceType(@Nullable ExposureSettings settings) {
    if (settings != null && settings.service() != null && settings.service().type() != null) {
      return settings.service().type();
    }
    return switch (access(settings)) {
      case LOAD_BALANCER -> ServiceType.LOAD_BALANCER;
      case GATEWAY -> ServiceType.CLUSTER_IP;
    };
  }
}
