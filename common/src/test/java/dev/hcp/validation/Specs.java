package dev.hcp.validation;

import dev.hcp.api.v1alpha1.HostedControlPlane;
import dev.hcp.api.v1alpha1.HostedControlPlaneTemplate;
import io.fabric8.kubernetes.client.utils.KubernetesSerialization;

/** Objects written as in a manifest. */
final class Specs {
  private static final KubernetesSerialization YAML = new KubernetesSerialization();

  private Specs() {}

  /** A valid object, to whose spec lines are added. */
  static HostedControlPlane controlPlane(String more) {
    return withVersion("v1.36.3", more);
  }

  static HostedControlPlane withVersion(String version, String more) {
    return object(
        """
        metadata: {name: demo, namespace: default}
        spec:
          version: "%s"
          gateway: {namespace: gateways, name: public}
        %s\
        """
            .formatted(version, more.indent(2)));
  }

  /** An object of which everything but apiVersion and kind is given. */
  static HostedControlPlane object(String yaml) {
    return YAML.unmarshal(yaml, HostedControlPlane.class);
  }

  /** A valid template, to the spec of whose control plane lines are added. */
  static HostedControlPlaneTemplate template(String metadata, String more) {
    return YAML.unmarshal(
        """
        metadata: {name: demo, namespace: default%s}
        spec:
          template:
            spec:
              gateway: {namespace: gateways, name: public}
        %s\
        """
            .formatted(metadata, more.indent(6)),
        HostedControlPlaneTemplate.class);
  }
}
