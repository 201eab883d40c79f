package dev.hcp.validation;

import dev.hcp.model.ClusterName;
import dev.hcp.naming.Names;
import io.fabric8.kubernetes.api.model.ObjectMeta;

/**
 * The names of all objects of a control plane start with the name of its Cluster, which Cluster API
 * writes into label and owner reference.
 */
final class ClusterNameRule {
  private ClusterNameRule() {}

  static void check(Field field, ObjectMeta metadata) {
    ClusterName.of(metadata)
        .filter(name -> name.length() > Names.MAX_CLUSTER_NAME || !DnsNames.isLabel(name))
        .ifPresent(name ->
            new Field("metadata.ownerReferences", field.errors())
                .reject(
                    name,
                    "must lead to a Cluster whose name is at most %d lower-case letters, digits"
                            .formatted(Names.MAX_CLUSTER_NAME)
                        + " or '-', because names of Services and labels of pods are made from"
                        + " it"));
  }
}
