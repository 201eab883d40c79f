package dev.hcp.validation;

import dev.hcp.api.v1alpha1.Certificates;
import dev.hcp.api.v1alpha1.ControlPlaneDeployment;
import dev.hcp.api.v1alpha1.CoreDns;
import dev.hcp.api.v1alpha1.EncryptionAtRest;
import dev.hcp.api.v1alpha1.EtcdComponent;
import dev.hcp.api.v1alpha1.ExposureSettings;
import dev.hcp.api.v1alpha1.GatewayReference;
import dev.hcp.api.v1alpha1.HostedControlPlaneSpec;
import dev.hcp.api.v1alpha1.HostedControlPlaneTemplateResourceSpec;
import dev.hcp.api.v1alpha1.ImageSettings;
import dev.hcp.api.v1alpha1.KonnectivityClient;
import dev.hcp.api.v1alpha1.KubeProxy;
import dev.hcp.api.v1alpha1.Kubeconfig;
import dev.hcp.api.v1alpha1.NetworkPolicySettings;
import dev.hcp.api.v1alpha1.OidcProvider;
import dev.hcp.api.v1alpha1.Rotation;
import dev.hcp.model.DefaultRequests;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** The part of a spec that a HostedControlPlane and a template have in common. */
record SharedSpec(
    GatewayReference gateway,
    @Nullable ControlPlaneDeployment deployment,
    @Nullable KonnectivityClient konnectivityClient,
    @Nullable KubeProxy kubeProxy,
    @Nullable CoreDns coredns,
    @Nullable EtcdComponent etcd,
    @Nullable Map<String, OidcProvider> oidcProviders,
    @Nullable Certificates certificates,
    @Nullable ExposureSettings exposure,
    @Nullable NetworkPolicySettings networkPolicy,
    @Nullable ImageSettings images,
    @Nullable EncryptionAtRest encryptionAtRest,
    @Nullable Rotation rotation,
    @Nullable List<Kubeconfig> kubeconfigs) {

  /** As long as the value of a label. */
  private static final int LONGEST_GATEWAY_NAME = 63;

  static SharedSpec of(HostedControlPlaneSpec spec) {
    return new SharedSpec(
        spec.gateway(),
        spec.deployment(),
        spec.konnectivityClient(),
        spec.kubeProxy(),
        spec.coredns(),
        spec.etcd(),
        spec.oidcProviders(),
        spec.certificates(),
        spec.exposure(),
        spec.networkPolicy(),
        spec.images(),
        spec.encryptionAtRest(),
        spec.rotation(),
        spec.kubeconfigs());
  }

  static SharedSpec of(HostedControlPlaneTemplateResourceSpec spec) {
    return new SharedSpec(
        spec.gateway(),
        spec.deployment(),
        spec.konnectivityClient(),
        spec.kubeProxy(),
        spec.coredns(),
        spec.etcd(),
        spec.oidcProviders(),
        spec.certificates(),
        spec.exposure(),
        spec.networkPolicy(),
        spec.images(),
        spec.encryptionAtRest(),
        spec.rotation(),
        spec.kubeconfigs());
  }

  void check(Field spec) {
    var gatewayField = spec.at("gateway");
    DnsNames.label(gatewayField.at("namespace"), gateway.namespace());
    DnsNames.subdomain(gatewayField.at("name"), gateway.name());
    gatewayField
        .at("name")
        .require(
            gateway.name().length() <= LONGEST_GATEWAY_NAME,
            gateway.name(),
            "must be at most %d characters, since it is a label of the Gateway's pods"
                .formatted(LONGEST_GATEWAY_NAME));
    if (deployment != null) {
      checkDeployment(spec.at("deployment"), deployment);
    }
    PodRules.checkAddOn(
        spec.at("konnectivityClient"), konnectivityClient, EnvRules.Owner.KONNECTIVITY_AGENT);
    PodRules.checkAddOn(spec.at("kubeProxy"), kubeProxy, EnvRules.Owner.KUBE_PROXY);
    if (kubeProxy != null && kubeProxy.affinity() != null) {
      AffinityRules.checkNodes(
          spec.at("kubeProxy").at("affinity").at("nodeAffinity"),
          kubeProxy.affinity().nodeAffinity());
    }
    PodRules.checkAddOn(spec.at("coredns"), coredns, EnvRules.Owner.NOBODY);
    if (coredns != null && coredns.corefile() != null) {
      CorefileRules.check(spec.at("coredns").at("corefile"), coredns.corefile());
    }
    if (etcd != null) {
      EtcdRules.check(spec.at("etcd"), etcd);
    }
    if (oidcProviders != null) {
      OidcRules.check(spec.at("oidcProviders"), oidcProviders);
    }
    if (certificates != null) {
      CertificateRules.check(spec.at("certificates"), certificates);
    }
    if (exposure != null) {
      ExposureRules.check(spec.at("exposure"), exposure);
    }
    if (networkPolicy != null) {
      NetworkPolicyRules.check(spec.at("networkPolicy"), networkPolicy);
    }
    if (images != null) {
      ImageRules.check(spec.at("images"), images);
    }
    if (encryptionAtRest != null) {
      EncryptionRules.check(spec.at("encryptionAtRest"), encryptionAtRest);
    }
    if (rotation != null) {
      RotationRules.check(spec.at("rotation"), rotation);
    }
    if (kubeconfigs != null) {
      KubeconfigRules.check(spec.at("kubeconfigs"), kubeconfigs, certificates);
    }
  }

  private static void checkDeployment(Field field, ControlPlaneDeployment deployment) {
    PodRules.check(field.at("controllerManager"), deployment.controllerManager());
    PodRules.check(field.at("scheduler"), deployment.scheduler());
    VerticalAutoscalingRules.checkFollower(
        field.at("controllerManager"),
        deployment.controllerManager(),
        DefaultRequests.CONTROLLER_MANAGER);
    VerticalAutoscalingRules.checkFollower(
        field.at("scheduler"), deployment.scheduler(), DefaultRequests.SCHEDULER);
    var apiServer = deployment.apiServer();
    if (apiServer == null) {
      return;
    }
    var apiServerField = field.at("apiServer");
    PodRules.check(apiServerField, apiServer);
    PodRules.check(apiServerField.at("konnectivity"), apiServer.konnectivity());
    if (apiServer.mounts() != null) {
      MountRules.check(apiServerField.at("mounts"), apiServer.mounts());
    }
    if (apiServer.autoscaling() != null) {
      AutoscalingRules.check(apiServerField, apiServer, apiServer.autoscaling());
    }
    VerticalAutoscalingRules.checkApiServer(apiServerField, apiServer);
    if (apiServer.audit() != null) {
      AuditRules.check(apiServerField.at("audit"), apiServer.audit());
    }
  }
}
