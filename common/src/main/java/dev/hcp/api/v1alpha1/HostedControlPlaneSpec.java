package dev.hcp.api.v1alpha1;

import com.fasterxml.jackson.annotation.JsonIgnoreProperties;
import com.fasterxml.jackson.annotation.JsonInclude;
import io.fabric8.generator.annotation.Default;
import io.fabric8.generator.annotation.Max;
import io.fabric8.generator.annotation.Min;
import io.fabric8.generator.annotation.Required;
import io.fabric8.generator.annotation.Size;
import io.fabric8.generator.annotation.ValidationRule;
import io.fabric8.kubernetes.model.annotation.SpecReplicas;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * The desired state of one hosted control plane.
 *
 * @param version Kubernetes version of the hosted cluster, for example `v1.36.3`; admission adds a
 *     missing `v`. It rises by one minor version at a time, and can only be lowered to a version
 *     that API servers still serve while they do not all serve the one that is taken back.
 * @param replicas Number of API server pods, 1 to 1000. With `deployment.apiServer.autoscaling`:
 *     the number with which they begin, and the fewest unless `minReplicas` says otherwise; how
 *     many there are is in `status.replicas`. Default: 2.
 * @param controlPlaneEndpoint Address of the API server; published by the controller for Cluster
 *     API. If the Cluster has an endpoint already, that one is used.
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
 * @param rollout When pods are started anew though nothing else asks for it.
 * @param hibernated Whether the control plane has no pods for now: controller-manager and scheduler
 *     are stopped, then the API servers, then etcd. Volumes, certificates and the endpoint stay,
 *     and nothing else is changed, whatever the spec says, until this is false again. Default:
 *     false.
 */
@JsonInclude(JsonInclude.Include.NON_NULL)
@JsonIgnoreProperties(ignoreUnknown = true)
@ValidationRule(
    value =
        "(has(self.etcd) && has(self.etcd.storageClassName) ? self.etcd.storageClassName : '')"
            + " == (has(oldSelf.etcd) && has(oldSelf.etcd.storageClassName)"
            + " ? oldSelf.etcd.storageClassName : '')",
    messageExpression =
        "'\"' + (has(self.etcd) && has(self.etcd.storageClassName)"
            + " ? self.etcd.storageClassName : '')"
            + " + '\": must stay ' + (has(oldSelf.etcd) && has(oldSelf.etcd.storageClassName)"
            + " && oldSelf.etcd.storageClassName != ''"
            + " ? oldSelf.etcd.storageClassName : 'unset') + ': it cannot be changed'",
    fieldPath = ".etcd.storageClassName")
@ValidationRule(
    value =
        "(has(self.exposure) && has(self.exposure.inClusterAccess)"
            + " && self.exposure.inClusterAccess == 'Gateway')"
            + " || (has(oldSelf.exposure) && has(oldSelf.exposure.inClusterAccess)"
            + " && oldSelf.exposure.inClusterAccess == 'Gateway')"
            + " || (has(self.exposure) && has(self.exposure.service)"
            + " && has(self.exposure.service.type)"
            + " && self.exposure.service.type == 'ClusterIP')"
            + " || (has(oldSelf.exposure) && has(oldSelf.exposure.service)"
            + " && has(oldSelf.exposure.service.type)"
            + " && oldSelf.exposure.service.type == 'ClusterIP')"
            + " || (has(self.exposure) && has(self.exposure.service)"
            + " && has(self.exposure.service.loadBalancerClass)"
            + " ? self.exposure.service.loadBalancerClass : '')"
            + " == (has(oldSelf.exposure) && has(oldSelf.exposure.service)"
            + " && has(oldSelf.exposure.service.loadBalancerClass)"
            + " ? oldSelf.exposure.service.loadBalancerClass : '')",
    messageExpression =
        "'\"' + (has(self.exposure) && has(self.exposure.service)"
            + " && has(self.exposure.service.loadBalancerClass)"
            + " ? self.exposure.service.loadBalancerClass : '')"
            + " + '\": must stay ' + (has(oldSelf.exposure) && has(oldSelf.exposure.service)"
            + " && has(oldSelf.exposure.service.loadBalancerClass)"
            + " ? oldSelf.exposure.service.loadBalancerClass : 'unset')"
            + " + ': it cannot be changed while the Service is of type LoadBalancer'",
    fieldPath = ".exposure.service.loadBalancerClass")
public record HostedControlPlaneSpec(
    @Required @Size(min = 1, max = 256) String version,
    @SpecReplicas @Default("2") @Min(1) @Max(ReplicaSettings.MOST) @Nullable Integer replicas,
    @Nullable ControlPlaneEndpoint controlPlaneEndpoint,
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
    @Size(max = Kubeconfig.MOST) @Nullable List<Kubeconfig> kubeconfigs,
    @Nullable RolloutSettings rollout,
    @Nullable Boolean hibernated) {}
