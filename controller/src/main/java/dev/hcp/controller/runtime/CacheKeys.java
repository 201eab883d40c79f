package dev.hcp.controller.runtime;

import dev.hcp.api.v1alpha1.GatewayReference;
import dev.hcp.api.v1alpha1.HostedControlPlaneRestore;
import dev.hcp.naming.Labels;
import io.fabric8.kubernetes.api.model.HasMetadata;
import io.fabric8.kubernetes.api.model.gatewayapi.v1.ListenerEntry;
import io.fabric8.kubernetes.api.model.gatewayapi.v1.ListenerSet;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.Set;
import java.util.stream.Collectors;

/** By what watched objects are found again. */
final class CacheKeys {
  private static final String GATEWAY_GROUP = "gateway.networking.k8s.io";

  private CacheKeys() {}

  /** Of the Cluster that an object is labelled with. */
  static List<String> cluster(HasMetadata object) {
    var labels = object.getMetadata().getLabels();
    var cluster = labels == null ? null : labels.get(Labels.CLUSTER_NAME);
    return cluster == null
        ? List.of()
        : List.of(HostedControlPlanes.key(object.getMetadata().getNamespace(), cluster));
  }

  /** Of the control plane that a restoration names. */
  static List<String> controlPlane(HostedControlPlaneRestore restore) {
    return List.of(
        HostedControlPlanes.key(
            restore.getMetadata().getNamespace(), restore.getSpec().controlPlaneName()));
  }

  /** Of the Gateway of a ListenerSet, and of its Cluster if it is one of ours. */
  static List<String> listenerSet(ListenerSet set) {
    var labels = set.getMetadata().getLabels();
    var keys = new ArrayList<String>();
    if (labels != null && Labels.MANAGER.equals(labels.get(Labels.MANAGED_BY))) {
      keys.addAll(cluster(set));
    }
    gateways(set).forEach(parent -> keys.add(gateway(parent.namespace(), parent.name())));
    return keys;
  }

  /** The Gateway of a ListenerSet; empty if its parent is something else. */
  static List<GatewayReference> gateways(ListenerSet set) {
    var parent = set.getSpec() == null ? null : set.getSpec().getParentRef();
    if (parent == null
        || (parent.getKind() != null && !parent.getKind().equals("Gateway"))
        || (parent.getGroup() != null && !parent.getGroup().equals(GATEWAY_GROUP))) {
      return List.of();
    }
    var inNamespace =
        parent.getNamespace() == null ? set.getMetadata().getNamespace() : parent.getNamespace();
    return List.of(new GatewayReference(inNamespace, parent.getName()));
  }

  /** Of a Gateway. Differs from every key of a Cluster, since a namespace has no colon. */
  static String gateway(String inNamespace, String name) {
    return "gateway:" + HostedControlPlanes.key(inNamespace, name);
  }

  /** The ports that a ListenerSet takes of its Gateway. */
  static Set<Integer> ports(ListenerSet set) {
    return set.getSpec() == null || set.getSpec().getListeners() == null
        ? Set.of()
        : set.getSpec().getListeners().stream()
            .map(ListenerEntry::getPort)
            .filter(Objects::nonNull)
            .collect(Collectors.toUnmodifiableSet());
  }
}
