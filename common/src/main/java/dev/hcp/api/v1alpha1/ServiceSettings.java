package dev.hcp.api.v1alpha1;

import com.fasterxml.jackson.annotation.JsonIgnoreProperties;
import com.fasterxml.jackson.annotation.JsonInclude;
import io.fabric8.generator.annotation.Size;
import io.fabric8.generator.annotation.ValidationRule;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Settings of the API server's Service. Fields that are not set here keep what others set.
 *
 * @param type Type of the Service. Default: LoadBalancer, and ClusterIP where `inClusterAccess` is
 *     Gateway. With ClusterIP and without the Gateway, the nodes of the hosted cluster must be able
 *     to reach Services of the management cluster by their cluster IP. NodePort needs
 *     `inClusterAccess: Gateway`.
 * @param annotations Annotations of the Service, which is where most load balancers take their
 *     settings from.
 * @param loadBalancerClass Class of the load balancer. Cannot be changed while the Service is of
 *     type LoadBalancer.
 * @param loadBalancerSourceRanges Ranges in CIDR notation from which the load balancer takes
 *     connections. They must include the nodes of the hosted cluster. Default: all.
 * @param externalTrafficPolicy Cluster or Local; needs type LoadBalancer or NodePort. Default:
 *     Cluster.
 * @param ipFamilyPolicy SingleStack, PreferDualStack or RequireDualStack. Default: PreferDualStack
 *     with two `ipFamilies`, or without any if the Services of the hosted cluster have IPv6
 *     addresses; else what the management cluster chooses.
 * @param ipFamilies IPv4, IPv6 or both, the primary family first. The primary family cannot be
 *     changed.
 */
@JsonInclude(JsonInclude.Include.NON_NULL)
@JsonIgnoreProperties(ignoreUnknown = true)
public record ServiceSettings(
    @Nullable ServiceType type,
    @Nullable Map<String, String> annotations,
    @Nullable String loadBalancerClass,
    @Nullable List<String> loadBalancerSourceRanges,
    @Nullable ExternalTrafficPolicy externalTrafficPolicy,
    @Nullable IpFamilyPolicy ipFamilyPolicy,
    @Size(min = 1, max = 2)
        @ValidationRule(
            value = "size(self) < 2 || self[0] != self[1]",
            messageExpression =
                "'\"' + self[0] + ',' + self[1] + '\": must be one family, or two different ones'")
        @Nullable List<IpFamily> ipFamilies) {}
