package dev.hcp.api.v1alpha1;

import com.fasterxml.jackson.annotation.JsonIgnoreProperties;
import com.fasterxml.jackson.annotation.JsonInclude;
import io.fabric8.generator.annotation.Required;
import io.fabric8.generator.annotation.Size;
import io.fabric8.generator.annotation.ValidationRule;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * The part of a HostedControlPlane spec that a template fixes; version, replicas and endpoint come
 * from the cluster that is made from it.
 *
 * @param gateway Gateway through which the API server is reached. It needs a listener with protocol
 *     TLS, mode Passthrough and a wildcard host name.
 * @param deployment Settings of API server, controller-manager and scheduler.
 * @param konnectivityClient Konnectivity agents in the hosted cluster. Default: 2 replicas.
 * @param kubeProxy kube-proxy in the hosted cluster.
 * @param coredns CoreDNS in the hosted cluster. Default: 2 replicas.
 * @param etcd etcd of this control plane.
 * @param oidcProviders Token issuers that the API server trusts, issuer URL to settings.
 * @param certificates Lifetimes of certificates.
 * @param exposure How pods of the hosted cluster reach the API server, and its Service.
 * @param networkPolicy Network policies around the control plane and the add-ons.
 * @param images Where the images of the control plane and of the add-ons come from.
 * @param encryptionAtRest Encryption of what is stored in etcd. Default: Secrets are encrypted.
 * @param rotation Keys that are replaced on request.
 * @param kubeconfigs Kubeconfigs for users besides the administrator, 32 at most. Default: none.
 */
@JsonInclude(JsonInclude.Include.NON_NULL)
@JsonIgnoreProperties(ignoreUnknown = true)
public record HostedControlPlaneTemplateResourceSpec(
    @Required GatewayReference gateway,
    @Nullable ControlPlaneDeployment deployment,
    @Nullable KonnectivityClient konnectivityClient,
    @Nullable KubeProxy kubeProxy,
    @Nullable CoreDns coredns,
    @Nullable EtcdComponent etcd,
    @ValidationRule(value = OidcProvider.ISSUERS, messageExpression = OidcProvider.ISSUERS_MESSAGE)
        @Nullable Map<String, OidcProvider> oidcProviders,
    @Nullable Certificates certificates,
    @Nullable ExposureSettings exposure,
    @Nullable NetworkPolicySettings networkPolicy,
    @Nullable ImageSettings images,
    @Nullable EncryptionAtRest encryptionAtRest,
    @Nullable Rotation rotation,
    @Size(max = Kubeconfig.MOST) @Nullable List<Kubeconfig> kubeconfigs) {}
