package dev.hcp.render.pod;

import dev.hcp.api.v1alpha1.HostedControlPlane;
import dev.hcp.model.CertificateLifetimes;
import dev.hcp.model.ControlPlane;
import dev.hcp.model.Networks;
import dev.hcp.naming.Names;
import dev.hcp.version.KubernetesVersion;
import dev.hcp.version.VersionTable;
import io.fabric8.kubernetes.api.model.OwnerReferenceBuilder;
import io.fabric8.kubernetes.client.utils.KubernetesSerialization;

/** Control planes to render. */
final class Planes {
  private static final KubernetesSerialization YAML = new KubernetesSerialization();

  private Planes() {}

  /** A control plane to whose spec lines are added. */
  static ControlPlane with(String spec) {
    var object =
        YAML.unmarshal(
            """
            spec:
              version: v1.36.3
              gateway: {namespace: gateways, name: public}
            %s\
            """
                .formatted(spec.indent(2)),
            HostedControlPlane.class);
    var version = KubernetesVersion.parse("v1.36.3");
    return new ControlPlane(
        "default",
        new Names("demo"),
        new OwnerReferenceBuilder().build(),
        object.getSpec(),
        version,
        version,
        VersionTable.find(version).orElseThrow(),
        Networks.of(null),
        CertificateLifetimes.of(null),
        "registry.example.com/controller:v1");
  }
}
