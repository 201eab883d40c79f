package dev.hcp.controller.testing;

import dev.hcp.api.v1alpha1.ApiServerAutoscaling;
import dev.hcp.api.v1alpha1.ControlPlaneEndpoint;
import dev.hcp.api.v1alpha1.GatewayReference;
import dev.hcp.api.v1alpha1.HostedControlPlane;
import dev.hcp.api.v1alpha1.HostedControlPlaneSpec;
import dev.hcp.api.v1alpha1.VerticalAutoscaling;
import dev.hcp.api.v1alpha1.VerticalAutoscalingMode;
import dev.hcp.model.CertificateLifetimes;
import dev.hcp.model.Cidr;
import dev.hcp.model.ControlPlane;
import dev.hcp.model.Networks;
import dev.hcp.naming.Names;
import dev.hcp.render.apiserver.ApiServerRenderer;
import dev.hcp.render.apiserver.AutoscalerRenderer;
import dev.hcp.render.authentication.AuthenticationRenderer;
import dev.hcp.render.backup.RestoreDrillRenderer;
import dev.hcp.render.controllermanager.ControllerManagerRenderer;
import dev.hcp.render.encryption.EncryptionRenderer;
import dev.hcp.render.encryption.KeyRing;
import dev.hcp.render.etcd.EtcdMembershipRenderer;
import dev.hcp.render.etcd.EtcdRenderer;
import dev.hcp.render.etcd.Membership;
import dev.hcp.render.exposure.ExposureRenderer;
import dev.hcp.render.konnectivity.KonnectivityRenderer;
import dev.hcp.render.kubeconfig.KubeconfigRenderer;
import dev.hcp.render.networkpolicy.CiliumPolicies;
import dev.hcp.render.networkpolicy.ControlPlaneFlows;
import dev.hcp.render.networkpolicy.KubernetesPolicies;
import dev.hcp.render.networkpolicy.Surroundings;
import dev.hcp.render.pki.PkiRenderer;
import dev.hcp.render.pki.SigningKeys;
import dev.hcp.render.scheduler.SchedulerRenderer;
import dev.hcp.render.verticalautoscaling.VerticalAutoscalerRenderer;
import dev.hcp.version.KubernetesVersion;
import dev.hcp.version.VersionTable;
import io.fabric8.kubernetes.api.model.HasMetadata;
import io.fabric8.kubernetes.api.model.ObjectMetaBuilder;
import io.fabric8.kubernetes.api.model.OwnerReferenceBuilder;
import io.fabric8.kubernetes.api.model.Quantity;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** Control planes to test with. */
public final class ControlPlanes {
  private static final Membership MEMBERSHIP = Membership.of(3, false);

  private static final String VERSION = "v1.36.3";
  private static final ControlPlaneEndpoint ENDPOINT =
      new ControlPlaneEndpoint("demo.clusters.example.com", 443);

  private static final Surroundings SURROUNDINGS =
      new Surroundings(
          "capi-hosted-control-plane-system",
          List.of("edge"),
          List.of(Cidr.parse("10.0.0.0/16")),
          List.of(Cidr.parse("192.0.2.0/24")));

  private ControlPlanes() {}

  /** A small HostedControlPlane, without an owner. */
  public static HostedControlPlane hostedControlPlane(String namespace, String name) {
    var controlPlane = new HostedControlPlane();
    controlPlane.setMetadata(
        new ObjectMetaBuilder().withNamespace(namespace).withName(name).build());
    controlPlane.setSpec(spec());
    return controlPlane;
  }

  /** Everything that is rendered for one control plane, with made-up certificates. */
  public static List<HasMetadata> objects(String namespace, String cluster) {
    var controlPlane = model(namespace, cluster);
    var data = Map.of("tls.crt", "Y2VydGlmaWNhdGU=", "tls.key", "a2V5", "ca.crt", "Y2E=");
    var objects = new ArrayList<HasMetadata>();
    objects.addAll(PkiRenderer.issuers(controlPlane));
    objects.addAll(PkiRenderer.roots(controlPlane));
    objects.addAll(PkiRenderer.leaves(controlPlane));
    PkiRenderer.monitoring(controlPlane).ifPresent(objects::add);
    objects.add(PkiRenderer.apiServer(controlPlane, ENDPOINT, List.of("192.0.2.1")));
    objects.add(
        PkiRenderer.bundle(controlPlane, controlPlane.names().etcdCa(), Map.of("ca.crt", "Y2E=")));
    objects.add(PkiRenderer.serviceAccountKeys(controlPlane, data));
    objects.add(PkiRenderer.rootKeys(controlPlane, data));
    objects.add(ExposureRenderer.service(controlPlane));
    objects.addAll(ExposureRenderer.routes(controlPlane, ENDPOINT, "tls"));
    objects.add(ExposureRenderer.listenerSet(controlPlane, 20_000, false));
    objects.add(ExposureRenderer.tcpRoute(controlPlane));
    objects.add(EtcdRenderer.peerService(controlPlane));
    objects.add(EtcdRenderer.clientService(controlPlane));
    objects.add(
        EtcdRenderer.statefulSet(
            controlPlane, MEMBERSHIP, false, EtcdRenderer.INITIAL_VOLUME_SIZE, 100_000_000, false));
    objects.add(EtcdMembershipRenderer.configuration(controlPlane, MEMBERSHIP));
    objects.add(EtcdRenderer.identity(controlPlane, "c1", "mark"));
    objects.add(RestoreDrillRenderer.store(controlPlane, Map.of("bucket", "YnVja2V0")));
    for (var policy :
        ControlPlaneFlows.of(
            controlPlane,
            SURROUNDINGS,
            false,
            Optional.empty(),
            new ControlPlaneFlows.Stores(
                List.of("https://s3.example.com"), List.of("https://s3.example.com")),
            List.of())) {
      objects.add(KubernetesPolicies.render(policy));
      objects.add(CiliumPolicies.render(policy));
    }
    objects.add(KonnectivityRenderer.egressConfiguration(controlPlane));
    objects.add(AuthenticationRenderer.configuration(controlPlane, Optional.empty()));
    var ring = KeyRing.first("a2V5").with(EncryptionRenderer.wanted(controlPlane));
    objects.add(EncryptionRenderer.configuration(controlPlane, ring, ring.resources()));
    objects.add(
        ApiServerRenderer.deployment(
            controlPlane, ENDPOINT, Optional.of(ring), SigningKeys.Files.FIRST));
    objects.add(
        AutoscalerRenderer.render(controlPlane, new ApiServerAutoscaling(2, 6, null, null), false));
    VerticalAutoscalerRenderer.COMPONENTS.forEach(component ->
        objects.add(
            VerticalAutoscalerRenderer.render(
                controlPlane,
                component,
                new VerticalAutoscaling(
                    VerticalAutoscalingMode.AUTO,
                    null,
                    Map.of("cpu", new Quantity("2"), "memory", new Quantity("8Gi")),
                    null),
                false)));
    objects.add(ControllerManagerRenderer.deployment(controlPlane, SigningKeys.Files.FIRST));
    objects.add(SchedulerRenderer.deployment(controlPlane));
    objects.addAll(KubeconfigRenderer.internal(controlPlane));
    objects.add(KubeconfigRenderer.admin(controlPlane, ENDPOINT, "Y2E=", data));
    List.of(
            EtcdRenderer.disruptionBudget(controlPlane),
            ApiServerRenderer.disruptionBudget(controlPlane),
            ControllerManagerRenderer.disruptionBudget(controlPlane),
            SchedulerRenderer.disruptionBudget(controlPlane))
        .stream()
        .flatMap(Optional::stream)
        .forEach(objects::add);
    return objects;
  }

  private static ControlPlane model(String namespace, String cluster) {
    var version = KubernetesVersion.parse(VERSION);
    var owner =
        new OwnerReferenceBuilder()
            .withApiVersion(HostedControlPlane.GROUP + "/" + HostedControlPlane.VERSION)
            .withKind(HostedControlPlane.KIND)
            .withName(cluster)
            .withUid("0ccd7a3f-3a4d-4f4e-9d3a-6a8cf8a15d6e")
            .withController(true)
            .withBlockOwnerDeletion(true)
            .build();
    return new ControlPlane(
        namespace,
        new Names(cluster),
        owner,
        spec(),
        version,
        version,
        VersionTable.find(version).orElseThrow(),
        Networks.of(null),
        CertificateLifetimes.of(null),
        "registry.example.com/controller:v1");
  }

  private static HostedControlPlaneSpec spec() {
    return new HostedControlPlaneSpec(
        VERSION,
        3,
        null,
        new GatewayReference("gateways", "capi"),
        null,
        null,
        null,
        null,
        null,
        null,
        null,
        null,
        null,
        null,
        null,
        null,
        null,
        null,
        null);
  }
}
