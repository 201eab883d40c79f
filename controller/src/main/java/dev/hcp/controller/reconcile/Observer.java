package dev.hcp.controller.reconcile;

import dev.hcp.api.autoscaling.VerticalPodAutoscaler;
import dev.hcp.api.capi.Cluster;
import dev.hcp.api.certmanager.Certificate;
import dev.hcp.api.certmanager.Issuer;
import dev.hcp.api.cilium.CiliumNetworkPolicy;
import dev.hcp.api.v1alpha1.HostedControlPlane;
import dev.hcp.controller.apiserver.Probing;
import dev.hcp.controller.backup.Backups;
import dev.hcp.controller.backup.Drills;
import dev.hcp.controller.etcd.EtcdMembers;
import dev.hcp.controller.exposure.HostNames;
import dev.hcp.controller.kube.ClusterCache;
import dev.hcp.controller.kube.NamedObjects;
import dev.hcp.controller.machines.MachineLooks;
import dev.hcp.controller.migration.Rewrites;
import dev.hcp.controller.networkpolicy.NetworkPolicies;
import dev.hcp.controller.plan.Entrance;
import dev.hcp.controller.plan.LiveObjects;
import dev.hcp.controller.plan.ManagementTokens;
import dev.hcp.controller.plan.ObjectReference;
import dev.hcp.controller.plan.Observation;
import dev.hcp.controller.workload.HostedClusters;
import dev.hcp.process.ControllerSettings;
import io.fabric8.kubernetes.api.model.ConfigMap;
import io.fabric8.kubernetes.api.model.HasMetadata;
import io.fabric8.kubernetes.api.model.PersistentVolumeClaim;
import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.api.model.Secret;
import io.fabric8.kubernetes.api.model.Service;
import io.fabric8.kubernetes.api.model.apps.Deployment;
import io.fabric8.kubernetes.api.model.apps.StatefulSet;
import io.fabric8.kubernetes.api.model.autoscaling.v2.HorizontalPodAutoscaler;
import io.fabric8.kubernetes.api.model.gatewayapi.v1.ListenerSet;
import io.fabric8.kubernetes.api.model.gatewayapi.v1.TLSRoute;
import io.fabric8.kubernetes.api.model.gatewayapi.v1alpha2.TCPRoute;
import io.fabric8.kubernetes.api.model.gatewayapi.v1beta1.ReferenceGrant;
import io.fabric8.kubernetes.api.model.networking.v1.NetworkPolicy;
import io.fabric8.kubernetes.api.model.policy.v1.PodDisruptionBudget;
import java.time.InstantSource;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Supplier;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/**
 * Gathers what a pass may know: from the cache of the management cluster, and from all that looks
 * beside the passes.
 */
record Observer(
    ClusterCache cache,
    Probing probing,
    HostedClusters hostedClusters,
    Backups backups,
    Drills drills,
    HostNames hostNames,
    NamedObjects named,
    EtcdMembers etcd,
    Rewrites rewrites,
    MachineLooks machines,
    Supplier<ManagementTokens> managementTokens,
    ControllerSettings settings,
    InstantSource clock) {
  /** The types of generated objects, all of which have to be watched. */
  static final List<Class<? extends HasMetadata>> GENERATED_TYPES =
      List.of(
          Secret.class,
          ConfigMap.class,
          Service.class,
          Deployment.class,
          StatefulSet.class,
          PodDisruptionBudget.class,
          HorizontalPodAutoscaler.class,
          VerticalPodAutoscaler.class,
          Pod.class,
          PersistentVolumeClaim.class,
          Certificate.class,
          Issuer.class,
          TLSRoute.class,
          NetworkPolicy.class,
          CiliumNetworkPolicy.class,
          TCPRoute.class,
          ListenerSet.class);

  /** Kinds that not every release of the Gateway API has. */
  private static final List<Class<? extends HasMetadata>> OPTIONAL_TYPES =
      List.of(TLSRoute.class, TCPRoute.class, ListenerSet.class);

  /** Everything about an object and the Cluster that owns it. */
  Observation observe(HostedControlPlane object, Cluster cluster) {
    var metadata = object.getMetadata();
    var known = named.last(metadata.getNamespace(), metadata.getName());
    var objects = objects(metadata.getNamespace(), cluster.getMetadata().getName());
    return new Observation(
        object,
        cluster,
        entrance(object),
        objects,
        probing.last(metadata.getNamespace(), metadata.getName()),
        NetworkPolicies.policing(
            settings.networkPolicies(),
            settings.controllerNamespace(),
            cache.servesCiliumNetworkPolicies()),
        managementTokens.get(),
        known,
        referenceGrants(metadata.getNamespace(), known.keySet()),
        settings.auditForwarderImage(),
        hostedClusters.last(metadata.getNamespace(), metadata.getName()),
        etcd.last(metadata.getNamespace(), metadata.getName()),
        backups.last(metadata.getNamespace(), metadata.getName()),
        drills.last(metadata.getNamespace(), metadata.getName()),
        cache.restores(metadata.getNamespace(), metadata.getName()),
        settings.backupIdentities(),
        rewrites.last(metadata.getNamespace(), metadata.getName()),
        machines.last(metadata.getNamespace(), metadata.getName()),
        clock.instant(),
        expandableClasses(objects),
        cache.serves(VerticalPodAutoscaler.class));
  }

  private Set<String> expandableClasses(LiveObjects objects) {
    return objects.all(PersistentVolumeClaim.class).stream()
        .flatMap(claim -> Stream.ofNullable(claim.getSpec()))
        .flatMap(spec -> Stream.ofNullable(spec.getStorageClassName()))
        .distinct()
        .filter(name ->
            cache
                .storageClass(name)
                .filter(found -> Boolean.TRUE.equals(found.getAllowVolumeExpansion()))
                .isPresent())
        .collect(Collectors.toUnmodifiableSet());
  }

  private List<ReferenceGrant> referenceGrants(String own, Set<ObjectReference> known) {
    return known.stream()
        .map(ObjectReference::namespace)
        .distinct()
        .filter(namespace -> !namespace.equals(own))
        .flatMap(namespace -> cache.referenceGrants(namespace).stream())
        .toList();
  }

  private Entrance entrance(HostedControlPlane object) {
    var metadata = object.getMetadata();
    var gateway = object.getSpec().gateway();
    return new Entrance(
        cache.gateway(gateway.namespace(), gateway.name()),
        OPTIONAL_TYPES.stream().filter(cache::serves).collect(Collectors.toUnmodifiableSet()),
        cache.listenerSets(gateway.namespace(), gateway.name()),
        settings.gatewayPorts(),
        cache.namespaceLabels(metadata.getNamespace()),
        hostNames.last(metadata.getNamespace(), metadata.getName()));
  }

  /** The generated objects of a Cluster. */
  LiveObjects objects(String namespace, String cluster) {
    var byType = new HashMap<Class<? extends HasMetadata>, Map<String, HasMetadata>>();
    for (var type : GENERATED_TYPES) {
      byType.put(type, new HashMap<>(cache.ofCluster(type, namespace, cluster)));
    }
    return new LiveObjects(byType);
  }
}
