package dev.hcp.controller.reconcile;

import dev.hcp.api.autoscaling.VerticalPodAutoscaler;
import dev.hcp.api.certmanager.Certificate;
import dev.hcp.api.certmanager.Issuer;
import dev.hcp.api.cilium.CiliumNetworkPolicy;
import dev.hcp.api.v1alpha1.HostedControlPlane;
import dev.hcp.api.v1alpha1.VolumeRetention;
import dev.hcp.controller.plan.LiveObjects;
import dev.hcp.naming.Component;
import dev.hcp.naming.Labels;
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
import io.fabric8.kubernetes.api.model.networking.v1.NetworkPolicy;
import io.fabric8.kubernetes.api.model.policy.v1.PodDisruptionBudget;
import java.util.List;
import java.util.Optional;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/**
 * The next thing to remove when a control plane is deleted.
 *
 * @param objects objects of this stage that still exist
 */
record Teardown(List<HasMetadata> objects) {
  /**
   * Stages in order: first what is reached from outside, then what stores, then what all of them
   * needed.
   */
  private static final List<List<Class<? extends HasMetadata>>> STAGES =
      List.of(
          List.of(
              TLSRoute.class,
              TCPRoute.class,
              ListenerSet.class,
              HorizontalPodAutoscaler.class,
              VerticalPodAutoscaler.class,
              Deployment.class,
              PodDisruptionBudget.class),
          List.of(StatefulSet.class, Service.class),
          List.of(Pod.class),
          List.of(PersistentVolumeClaim.class, Certificate.class, Issuer.class),
          // Closed to the end.
          List.of(NetworkPolicy.class, CiliumNetworkPolicy.class),
          List.of(Secret.class, ConfigMap.class));

  /** What is reached from outside, and what writes to etcd. */
  private static final List<Class<? extends HasMetadata>> BEFORE_ETCD =
      List.of(TLSRoute.class, TCPRoute.class, ListenerSet.class, Deployment.class);

  /** Copies the list. */
  Teardown {
    objects = List.copyOf(objects);
  }

  /**
   * The first stage of which something is left; empty if nothing is.
   *
   * @param volumes what becomes of data volumes
   */
  static Optional<Teardown> next(LiveObjects live, VolumeRetention volumes) {
    return STAGES.stream()
        .map(stage ->
            new Teardown(
                stage.stream()
                    .filter(type ->
                        volumes == VolumeRetention.DELETE || type != PersistentVolumeClaim.class)
                    .<HasMetadata>flatMap(type -> live.all(type).stream())
                    .toList()))
        .filter(teardown -> !teardown.objects().isEmpty())
        .findFirst();
  }

  /**
   * What has to go before nobody can write to etcd any more; empty if nothing of that is left. All
   * that etcd needs stays, and what protects it.
   */
  static Optional<Teardown> beforeEtcd(LiveObjects live) {
    return Stream.of(
            new Teardown(
                BEFORE_ETCD.stream()
                    .<HasMetadata>flatMap(type -> live.all(type).stream())
                    .toList()),
            new Teardown(
                live.all(Pod.class).stream()
                    .filter(pod -> !isOfEtcd(pod))
                    .<HasMetadata>map(pod -> pod)
                    .toList()))
        .filter(teardown -> !teardown.objects().isEmpty())
        .findFirst();
  }

  /** Whether an object goes before nobody can write to etcd any more. */
  static boolean isBeforeEtcd(HasMetadata object) {
    return BEFORE_ETCD.contains(object.getClass());
  }

  private static boolean isOfEtcd(Pod pod) {
    return Component.ETCD.label().equals(pod.getMetadata().getLabels().get(Labels.COMPONENT));
  }

  /** What has to be deleted now. Pods go with their owners, if these are ours to delete. */
  List<HasMetadata> toDelete() {
    return objects.stream()
        .filter(object -> !(object instanceof Pod) || isBare(object))
        .filter(object -> object.getMetadata().getDeletionTimestamp() == null)
        .toList();
  }

  /** Whether a pod belongs to the control plane itself, and not to something that is deleted. */
  private static boolean isBare(HasMetadata pod) {
    return pod.getMetadata().getOwnerReferences().stream()
        .filter(owner -> Boolean.TRUE.equals(owner.getController()))
        .anyMatch(owner -> owner.getKind().equals(HostedControlPlane.KIND));
  }

  /** What is waited for, in words. */
  String describe() {
    return objects.stream()
        .map(object -> "%s %s".formatted(object.getKind(), object.getMetadata().getName()))
        .sorted()
        .collect(Collectors.joining(", "));
  }
}
