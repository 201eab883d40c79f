package dev.hcp.render.workload;

import dev.hcp.naming.Labels;
import io.fabric8.kubernetes.api.model.ObjectMeta;
import io.fabric8.kubernetes.api.model.ObjectMetaBuilder;
import java.util.Map;
import java.util.TreeMap;

/**
 * Metadata of objects inside hosted clusters. They have no owner, since that lives in another
 * cluster; a label says whose they are, and only objects with that label are ever removed.
 */
public final class HostedMetadata {
  /** Namespace of almost everything. */
  public static final String SYSTEM = "kube-system";

  /** Namespace of what anybody may read. */
  public static final String PUBLIC = "kube-public";

  private HostedMetadata() {}

  /** Metadata of an object without a namespace. */
  public static ObjectMeta cluster(String name) {
    return new ObjectMetaBuilder().withName(name).withLabels(labels(Map.of())).build();
  }

  /** Metadata of an object of a namespace. */
  public static ObjectMeta of(String namespace, String name) {
    return of(namespace, name, Map.of());
  }

  /** Metadata with further labels. */
  public static ObjectMeta of(String namespace, String name, Map<String, String> labels) {
    return new ObjectMetaBuilder()
        .withName(name)
        .withNamespace(namespace)
        .withLabels(labels(labels))
        .build();
  }

  private static Map<String, String> labels(Map<String, String> more) {
    var labels = new TreeMap<>(more);
    labels.put(Labels.MANAGED_BY, Labels.MANAGER);
    return labels;
  }
}
