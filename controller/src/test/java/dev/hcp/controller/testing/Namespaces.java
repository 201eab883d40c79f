package dev.hcp.controller.testing;

import io.fabric8.kubernetes.api.model.NamespaceBuilder;
import io.fabric8.kubernetes.client.KubernetesClient;

/** Namespaces of an API server whose tests share it. */
public final class Namespaces {
  private Namespaces() {}

  /** Makes a namespace, unless it is there. */
  public static void apply(KubernetesClient client, String name) {
    var _ =
        client
            .resource(new NamespaceBuilder().withNewMetadata().withName(name).endMetadata().build())
            .forceConflicts()
            .serverSideApply();
  }
}
