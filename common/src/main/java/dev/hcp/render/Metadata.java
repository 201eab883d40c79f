package dev.hcp.render;

import dev.hcp.model.ControlPlane;
import dev.hcp.naming.Component;
import dev.hcp.naming.Labels;
import io.fabric8.kubernetes.api.model.ObjectMeta;
import io.fabric8.kubernetes.api.model.ObjectMetaBuilder;
import java.util.Map;

/** Metadata of generated objects: all are owned by the HostedControlPlane and carry its labels. */
public final class Metadata {
  private Metadata() {}

  /** Metadata of an object that belongs to no single component. */
  public static ObjectMeta of(ControlPlane controlPlane, String name) {
    return of(controlPlane, name, Labels.of(controlPlane.names().cluster()));
  }

  /** Metadata of an object of one component. */
  public static ObjectMeta of(ControlPlane controlPlane, String name, Component component) {
    return of(controlPlane, name, Labels.of(controlPlane.names().cluster(), component));
  }

  /** Metadata with the given labels. */
  public static ObjectMeta of(ControlPlane controlPlane, String name, Map<String, String> labels) {
    return new ObjectMetaBuilder()
        .withName(name)
        .withNamespace(controlPlane.namespace())
        .withLabels(labels)
        .withOwnerReferences(controlPlane.owner())
        .build();
  }
}
