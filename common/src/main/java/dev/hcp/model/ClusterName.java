package dev.hcp.model;

import dev.hcp.api.capi.Cluster;
import dev.hcp.naming.Labels;
import io.fabric8.kubernetes.api.model.ObjectMeta;
import io.fabric8.kubernetes.api.model.OwnerReference;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;

/** Which Cluster a control plane says that it belongs to. */
public final class ClusterName {
  private ClusterName() {}

  /**
   * The Cluster that owns an object or, before Cluster API has made it the owner, that of its
   * label.
   */
  public static Optional<String> of(ObjectMeta metadata) {
    return owner(metadata)
        .or(() ->
            Optional.ofNullable(metadata.getLabels())
                .map(labels -> labels.get(Labels.CLUSTER_NAME)));
  }

  /** The Cluster that owns an object. */
  public static Optional<String> owner(ObjectMeta metadata) {
    return Stream.ofNullable(metadata.getOwnerReferences())
        .flatMap(List::stream)
        .filter(owner ->
            "Cluster".equals(owner.getKind())
                && String.valueOf(owner.getApiVersion()).startsWith(Cluster.GROUP + "/"))
        .map(OwnerReference::getName)
        .findFirst();
  }
}
