package dev.hcp.controller.runtime;

import dev.hcp.api.capi.Cluster;
import dev.hcp.api.v1alpha1.ExposureSettings;
import dev.hcp.api.v1alpha1.HostedControlPlane;
import dev.hcp.api.v1alpha1.HostedControlPlaneRestore;
import dev.hcp.api.v1alpha1.InClusterAccess;
import dev.hcp.controller.plan.Trigger;
import dev.hcp.model.ClusterName;
import dev.hcp.naming.Labels;
import io.fabric8.kubernetes.api.model.HasMetadata;
import io.fabric8.kubernetes.api.model.Namespace;
import io.fabric8.kubernetes.api.model.gatewayapi.v1.Gateway;
import io.fabric8.kubernetes.api.model.gatewayapi.v1.ListenerSet;
import io.fabric8.kubernetes.api.model.gatewayapi.v1beta1.ReferenceGrant;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.function.Function;

/** Which control planes a change concerns. */
final class Wakeups {
  private final HostedControlPlanes hostedControlPlanes;
  private final Function<String, List<ListenerSet>> listenerSets;
  private final Trigger trigger;

  /**
   * @param listenerSets the ListenerSets with one of {@link CacheKeys}
   */
  Wakeups(
      HostedControlPlanes hostedControlPlanes,
      Function<String, List<ListenerSet>> listenerSets,
      Trigger trigger) {
    this.hostedControlPlanes = hostedControlPlanes;
    this.listenerSets = listenerSets;
    this.trigger = trigger;
  }

  /** Wakes a pass for every control plane. */
  void all() {
    hostedControlPlanes
        .all()
        .forEach(id -> id.getNamespace().ifPresent(ns -> trigger.reconcile(ns, id.getName())));
  }

  /** Wakes the control plane that an object was generated for. */
  void byLabel(HasMetadata object) {
    var labels = object.getMetadata().getLabels();
    var cluster = labels == null ? null : labels.get(Labels.CLUSTER_NAME);
    if (cluster != null) {
      wake(hostedControlPlanes.ofCluster(object.getMetadata().getNamespace(), cluster));
    }
  }

  /** Wakes the control plane that a Cluster refers to, and those that it owns. */
  void byReference(Cluster cluster) {
    var inNamespace = cluster.getMetadata().getNamespace();
    // Whoever is owned by the Cluster has to see that it does not refer to it any more.
    wake(hostedControlPlanes.ofCluster(inNamespace, cluster.getMetadata().getName()));
    cluster.hostedControlPlane().ifPresent(name -> trigger.reconcile(inNamespace, name));
  }

  /** Wakes the control planes that a Gateway leads to. */
  void byGateway(Gateway gateway) {
    wake(
        hostedControlPlanes.ofGateway(
            gateway.getMetadata().getNamespace(), gateway.getMetadata().getName()));
  }

  /**
   * Wakes those that a ListenerSet concerns. Besides the ListenerSet's own control plane, those on
   * its Gateway are woken that wait for a port or share one with it. All others have a port, which
   * stays.
   */
  void byListenerSet(ListenerSet changed) {
    byLabel(changed);
    var own = new HashSet<>(CacheKeys.cluster(changed));
    for (var gateway : CacheKeys.gateways(changed)) {
      var ports = CacheKeys.ports(changed);
      wake(
          hostedControlPlanes.ofGateway(gateway.namespace(), gateway.name()).stream()
              .filter(object ->
                  ExposureSettings.access(object.getSpec().exposure()) == InClusterAccess.GATEWAY)
              .filter(object -> waitsForPort(object, own, ports))
              .toList());
    }
  }

  private boolean waitsForPort(HostedControlPlane object, Set<String> own, Set<Integer> ports) {
    var key =
        ClusterName.owner(object.getMetadata())
            .map(cluster -> HostedControlPlanes.key(object.getMetadata().getNamespace(), cluster));
    if (key.isEmpty() || own.contains(key.get())) {
      return false;
    }
    var exposure = object.getSpec().exposure();
    var sets = listenerSets.apply(key.get());
    return sets.isEmpty()
        || (exposure != null && exposure.gatewayPort() != null)
        || sets.stream().flatMap(set -> CacheKeys.ports(set).stream()).anyMatch(ports::contains);
  }

  /** Wakes the control planes that name Secrets of the grant's namespace. */
  void byReferenceGrant(ReferenceGrant changed) {
    wake(hostedControlPlanes.withSecretsOf(changed.getMetadata().getNamespace()));
  }

  /** Wakes the control plane that a restoration names. */
  void byRestore(HostedControlPlaneRestore restore) {
    trigger.reconcile(restore.getMetadata().getNamespace(), restore.getSpec().controlPlaneName());
  }

  /** Wakes the control planes in a namespace. */
  void byNamespace(Namespace changed) {
    wake(hostedControlPlanes.inNamespace(changed.getMetadata().getName()));
  }

  private void wake(List<HostedControlPlane> objects) {
    objects.forEach(object ->
        trigger.reconcile(object.getMetadata().getNamespace(), object.getMetadata().getName()));
  }
}
