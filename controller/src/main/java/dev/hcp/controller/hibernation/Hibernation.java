package dev.hcp.controller.hibernation;

import dev.hcp.api.v1alpha1.HostedControlPlane;
import dev.hcp.conditions.ConditionState;
import dev.hcp.conditions.ConditionStatus;
import dev.hcp.conditions.ConditionType;
import dev.hcp.conditions.Reason;
import dev.hcp.controller.etcd.Etcd;
import dev.hcp.controller.plan.LiveObjects;
import dev.hcp.controller.plan.Planning;
import dev.hcp.controller.plan.Readers;
import dev.hcp.controller.plan.Rollout;
import dev.hcp.naming.Component;
import dev.hcp.naming.Names;
import io.fabric8.kubernetes.api.model.HasMetadata;
import io.fabric8.kubernetes.api.model.apps.Deployment;
import io.fabric8.kubernetes.api.model.apps.StatefulSet;
import java.util.List;
import java.util.Optional;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/**
 * A control plane that shall have no pods: what writes through API servers stops first, then these,
 * and etcd last. Nothing else of it is changed, and nothing is looked at, until it wakes up.
 *
 * @param toStop workloads that shall have no pods from now on
 * @param waitsFor what still runs; empty if nothing does
 */
public record Hibernation(List<HasMetadata> toStop, Optional<String> waitsFor) {
  /** Copies the list. */
  public Hibernation {
    toStop = List.copyOf(toStop);
  }

  /** Whether the user wants it. */
  public static boolean isWanted(HostedControlPlane object) {
    return Boolean.TRUE.equals(object.getSpec().hibernated());
  }

  /** Why it has to wait, though it is wanted; empty if it does not. */
  public static Optional<String> postponed(Planning planning) {
    var membership = Etcd.membership(planning.objects(), planning.controlPlane());
    if (membership.restoration().isPresent()) {
      return Optional.of("a backup is being restored");
    }
    return membership.survivor().isPresent()
        ? Optional.of("etcd is being recovered with the data of one member")
        : Optional.empty();
  }

  /** What is to be done now. */
  public static Hibernation next(LiveObjects objects, Names names) {
    return Stream.of(
            stage(
                objects,
                List.of(Component.CONTROLLER_MANAGER, Component.SCHEDULER),
                Stream.of(names.controllerManager(), names.scheduler())
                    .flatMap(name -> objects.get(Deployment.class, name).stream())
                    .toList()),
            stage(
                objects,
                List.of(Component.API_SERVER),
                objects.get(Deployment.class, names.apiServer()).stream().toList()),
            stage(
                objects,
                List.of(Component.ETCD),
                objects.get(StatefulSet.class, names.etcd()).stream().toList()))
        .filter(stage -> stage.waitsFor().isPresent())
        .findFirst()
        .orElse(new Hibernation(List.of(), Optional.empty()));
  }

  private static Hibernation stage(
      LiveObjects objects, List<Component> components, List<? extends HasMetadata> workloads) {
    var toStop = workloads.stream().filter(workload -> rollout(workload).wanted() > 0).toList();
    var left =
        Stream.concat(
                workloads.stream()
                    .filter(workload -> !isStopped(rollout(workload)))
                    .<HasMetadata>map(workload -> workload),
                components.stream().flatMap(component -> Readers.pods(objects, component).stream()))
            .map(object -> "%s %s".formatted(object.getKind(), object.getMetadata().getName()))
            .distinct()
            .collect(Collectors.joining(", "));
    return new Hibernation(
        List.copyOf(toStop), left.isEmpty() ? Optional.empty() : Optional.of(left));
  }

  private static boolean isStopped(Rollout rollout) {
    return rollout.current() && rollout.wanted() == 0 && rollout.total() == 0;
  }

  private static Rollout rollout(HasMetadata workload) {
    return workload instanceof StatefulSet set
        ? Rollout.of(set)
        : Rollout.of((Deployment) workload);
  }

  /** What the condition of its name says. */
  public ConditionState state() {
    return waitsFor
        .map(left ->
            ConditionState.not(
                ConditionType.HIBERNATED,
                Reason.HIBERNATING,
                "The control plane is being stopped; waiting until these are gone: %s"
                    .formatted(left)))
        .orElse(
            new ConditionState(
                ConditionType.HIBERNATED,
                ConditionStatus.TRUE,
                Reason.HIBERNATED,
                "The control plane has no pods; its volumes, certificates and its endpoint stay."
                    + " spec.hibernated: false wakes it up"));
  }
}
