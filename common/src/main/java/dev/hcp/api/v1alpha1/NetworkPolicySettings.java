package dev.hcp.api.v1alpha1;

import com.fasterxml.jackson.annotation.JsonIgnoreProperties;
import com.fasterxml.jackson.annotation.JsonInclude;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Network policies that close a control plane, and the add-ons in the hosted cluster, for all that
 * they do not need. Policies of other origin add to what is allowed, so that nothing more has to be
 * said here.
 *
 * @param disabled Whether no network policies are written, and those written before are removed.
 *     Default: false.
 * @param metricsNamespaces Namespaces of the management cluster whose pods may read the metrics of
 *     all components. With any there is a client certificate for that, in a Secret with the name of
 *     the Cluster and {@code -monitoring} after it. Default: none.
 */
@JsonInclude(JsonInclude.Include.NON_NULL)
@JsonIgnoreProperties(ignoreUnknown = true)
public record NetworkPolicySettings(
    @Nullable Boolean disabled, @Nullable List<String> metricsNamespaces) {}
