package dev.hcp.controller.reconcile;

import dev.hcp.api.v1alpha1.Condition;
import dev.hcp.api.v1alpha1.HostedControlPlane;
import dev.hcp.api.v1alpha1.HostedControlPlaneStatus;
import dev.hcp.api.v1alpha1.InitializationStatus;
import dev.hcp.api.v1alpha1.VersionStatus;
import dev.hcp.conditions.ConditionState;
import dev.hcp.conditions.ConditionStatus;
import dev.hcp.conditions.ConditionType;
import dev.hcp.conditions.Conditions;
import dev.hcp.conditions.Reason;
import dev.hcp.controller.backup.Backup;
import dev.hcp.controller.backup.Drill;
import dev.hcp.controller.etcd.Etcd;
import dev.hcp.controller.hibernation.Hibernation;
import dev.hcp.controller.plan.Answer;
import dev.hcp.controller.plan.LiveObjects;
import dev.hcp.controller.plan.Planning;
import dev.hcp.controller.plan.PodTrouble;
import dev.hcp.controller.plan.Rollout;
import dev.hcp.controller.plan.Waking;
import dev.hcp.naming.Component;
import dev.hcp.naming.Labels;
import dev.hcp.naming.Names;
import dev.hcp.version.KubernetesVersion;
import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.api.model.apps.Deployment;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/** The status of a control plane, computed anew from what is observed. */
public final class Report {
  /** Conditions that say nothing of what is stopped. */
  private static final Set<ConditionType> OF_NO_PODS =
      Set.of(
          ConditionType.CA_CERTIFICATES,
          ConditionType.CA_BUNDLES,
          ConditionType.CERTIFICATES,
          ConditionType.API_SERVER_SERVICE,
          ConditionType.CONTROL_PLANE_ENDPOINT,
          ConditionType.TLS_ROUTES,
          ConditionType.IN_CLUSTER_ACCESS,
          ConditionType.NETWORK_POLICIES,
          ConditionType.INTERNAL_KUBECONFIGS,
          ConditionType.ADMIN_KUBECONFIG,
          ConditionType.KUBECONFIGS,
          ConditionType.AUTHENTICATION,
          ConditionType.AUDIT,
          ConditionType.ENCRYPTION,
          ConditionType.RESTORED,
          ConditionType.DELETING);

  private Report() {}

  /**
   * The status after a pass.
   *
   * @param plan what was planned
   * @param outcomes what became of each step
   * @param now transition time of conditions that change
   */
  public static HostedControlPlaneStatus of(Plan plan, List<Outcome> outcomes, Instant now) {
    var planning = plan.planning();
    var observed = planning.observed();
    var names = planning.controlPlane().names();
    var rollout = observed.objects().get(Deployment.class, names.apiServer()).map(Rollout::of);
    var states = new ArrayList<>(outcomes.stream().map(Report::state).toList());
    states.add(available(planning, states));
    states.add(summary(states));
    states.addAll(replicaStates(planning, rollout));
    var rotations = plan.rotations();
    rotations.state().ifPresent(states::add);
    states.add(notPaused());
    if (Hibernation.isWanted(observed.hostedControlPlane())) {
      Hibernation.postponed(planning)
          .ifPresent(why ->
              states.add(
                  ConditionState.not(
                      ConditionType.HIBERNATED,
                      Reason.HIBERNATING,
                      "The control plane is stopped later: " + why)));
    }
    boolean clean = outcomes.stream().allMatch(outcome -> outcome.failure().isEmpty());
    var object = observed.hostedControlPlane();
    var versions = versions(observed.objects());
    var etcd = EtcdReport.of(observed);
    var certificates = plan.expiry().status();
    return new HostedControlPlaneStatus(
        Conditions.next(previous(object), states, object.getMetadata().getGeneration(), now),
        planning.reach().address(),
        Etcd.volumeSize(planning),
        etcd.largest(),
        Backup.lastTime(planning),
        Backup.nextTime(planning),
        Backup.lastRequest(planning),
        Drill.status(planning),
        etcd.defragmented(),
        etcd.defragmentationTried(),
        etcd.members(),
        rotations.all().isEmpty() ? null : rotations.status(),
        certificates.isEmpty() ? null : certificates,
        selector(Labels.selector(names.cluster(), Component.API_SERVER)),
        rollout.map(Rollout::total).orElse(0),
        rollout.map(Rollout::ready).orElse(0),
        rollout.map(Rollout::available).orElse(0),
        rollout.map(Rollout::updated).orElse(0),
        new InitializationStatus(observed.initialized()),
        states.stream().anyMatch(s -> s.type() == ConditionType.READY && s.isTrue()),
        versions.isEmpty() ? lastServed(object) : versions.getFirst().version(),
        versions.isEmpty() ? null : versions,
        true,
        clean
            ? object.getMetadata().getGeneration()
            : Optional.ofNullable(object.getStatus())
                .map(HostedControlPlaneStatus::observedGeneration)
                .orElse(null));
  }

  /**
   * The previous status with other values for some conditions; for when there is nothing to
   * observe.
   *
   * @param states what to say of those conditions
   */
  public static HostedControlPlaneStatus with(
      HostedControlPlane object, List<ConditionState> states, Instant now) {
    var replaced = states.stream().map(s -> s.type().value()).collect(Collectors.toSet());
    var conditions = new ArrayList<Condition>();
    // What others have said must not become ours.
    previous(object).stream()
        .filter(c -> !replaced.contains(c.type()) && ConditionType.isKnown(c.type()))
        .forEach(conditions::add);
    conditions.addAll(
        Conditions.next(previous(object), states, object.getMetadata().getGeneration(), now));
    var before = object.getStatus();
    boolean ready =
        conditions.stream()
            .anyMatch(c ->
                c.type().equals(ConditionType.READY.value())
                    && c.status().equals(ConditionStatus.TRUE.value()));
    return before == null
        ? new HostedControlPlaneStatus(
            conditions,
            null,
            null,
            null,
            null,
            null,
            null,
            null,
            null,
            null,
            null,
            null,
            null,
            null,
            null,
            null,
            null,
            null,
            null,
            ready,
            null,
            null,
            true,
            null)
        : new HostedControlPlaneStatus(
            conditions,
            before.legacyIP(),
            before.etcdVolumeSize(),
            before.etcdVolumeUsage(),
            before.etcdLastBackupTime(),
            before.etcdNextBackupTime(),
            before.etcdLastBackupRequest(),
            before.etcdRestoreDrill(),
            before.etcdLastDefragTime(),
            before.etcdLastAttemptedDefragTime(),
            before.etcd(),
            before.rotations(),
            before.certificates(),
            before.selector(),
            before.replicas(),
            before.readyReplicas(),
            before.availableReplicas(),
            before.upToDateReplicas(),
            before.initialization(),
            ready,
            before.version(),
            before.versions(),
            true,
            before.observedGeneration());
  }

  /**
   * The status of a control plane that hibernates. What runs no more is not known; all else is as
   * it was.
   *
   * @param hibernation how far it is
   * @param objects the generated objects
   */
  public static HostedControlPlaneStatus hibernated(
      HostedControlPlane object,
      Hibernation hibernation,
      LiveObjects objects,
      Names names,
      Instant now) {
    var states = new ArrayList<ConditionState>();
    states.add(hibernation.state());
    var reason = hibernation.state().reason();
    states.add(ConditionState.not(ConditionType.READY, reason, hibernation.state().message()));
    states.add(ConditionState.not(ConditionType.AVAILABLE, reason, hibernation.state().message()));
    states.add(notPaused());
    var rollout = objects.get(Deployment.class, names.apiServer()).map(Rollout::of);
    int left = rollout.map(Rollout::total).orElse(0);
    var numbers = "%d API servers".formatted(left);
    states.add(
        state(
            ConditionType.ROLLING_OUT, false, Reason.ROLLING_OUT, Reason.NOT_ROLLING_OUT, numbers));
    states.add(
        state(ConditionType.SCALING_UP, false, Reason.SCALING_UP, Reason.NOT_SCALING_UP, numbers));
    states.add(
        state(
            ConditionType.SCALING_DOWN,
            left > 0,
            Reason.SCALING_DOWN,
            Reason.NOT_SCALING_DOWN,
            numbers));
    var said = states.stream().map(ConditionState::type).collect(Collectors.toSet());
    for (var condition : previous(object)) {
      ConditionType.of(condition.type())
          .filter(type -> !said.contains(type) && !OF_NO_PODS.contains(type))
          .ifPresent(type ->
              states.add(
                  new ConditionState(
                      type,
                      ConditionStatus.UNKNOWN,
                      Reason.HIBERNATED,
                      "Not looked at, and nothing is done about it, until the control plane wakes"
                          + " up")));
    }
    return with(object, states, now).stopped(left, rollout.map(Rollout::ready).orElse(0));
  }

  /** The conditions that are published now. */
  public static List<Condition> previous(HostedControlPlane object) {
    return object.getStatus() == null || object.getStatus().conditions() == null
        ? List.of()
        : object.getStatus().conditions();
  }

  /** What is said of an object that nothing pauses. */
  public static ConditionState notPaused() {
    return ConditionState.not(
        ConditionType.PAUSED, Reason.NOT_PAUSED, "Neither the Cluster nor this object is paused");
  }

  private static ConditionState state(Outcome outcome) {
    var state = outcome.step().state();
    return outcome
        .failure()
        .map(failure -> ConditionState.not(state.type(), Reason.RECONCILE_FAILED, failure))
        .orElse(state);
  }

  private static ConditionState summary(Collection<ConditionState> states) {
    var unmet = states.stream().filter(ConditionState::isUnmet).toList();
    return unmet.isEmpty()
        ? ConditionState.done(ConditionType.READY, "The control plane is as its spec says")
        : ConditionState.not(
            ConditionType.READY,
            Reason.COMPONENTS_NOT_READY,
            unmet.stream()
                .map(state -> "%s: %s".formatted(state.type().value(), state.message()))
                .collect(Collectors.joining("; ")));
  }

  private static ConditionState available(Planning planning, List<ConditionState> states) {
    var observed = planning.observed();
    var names = planning.controlPlane().names();
    var fence = planning.restoring().fence();
    if (fence.isPresent()) {
      return unavailable(Reason.RESTORING, "There is no API server for now: " + fence.get());
    }
    if (observed.initialized() && Waking.isStopped(observed.objects(), names)) {
      return unavailable(
          Reason.WAKING_UP, "The control plane starts again: etcd first, then the API servers");
    }
    if (!observed.initialized()) {
      return unavailable(
          Reason.NOT_INITIALIZED,
          "The API server has not yet answered through its endpoint%s"
              .formatted(observed.answer().map(Answer::detail).map(d -> ": " + d).orElse("")));
    }
    if (observed
        .objects()
        .get(Deployment.class, names.apiServer())
        .map(Rollout::of)
        .filter(r -> r.available() > 0)
        .isEmpty()) {
      return unavailable(
          Reason.PODS_NOT_READY,
          "No API server is available%s"
              .formatted(
                  PodTrouble.describe(observed.objects(), Component.API_SERVER)
                      .map(t -> "; " + t)
                      .orElse("")));
    }
    var etcd = Etcd.unavailable(planning);
    if (etcd.isPresent()) {
      return etcd.get();
    }
    return states.stream()
        .filter(s -> s.type() == ConditionType.TLS_ROUTES && !s.isTrue())
        .findFirst()
        .map(s -> unavailable(s.reason(), s.message()))
        .orElse(
            new ConditionState(
                ConditionType.AVAILABLE,
                ConditionStatus.TRUE,
                Reason.AVAILABLE,
                "The API server serves"));
  }

  private static ConditionState unavailable(Reason reason, String message) {
    return ConditionState.not(ConditionType.AVAILABLE, reason, message);
  }

  private static List<ConditionState> replicaStates(Planning planning, Optional<Rollout> rollout) {
    int wanted =
        rollout
            .map(Rollout::wanted)
            .filter(number -> number > 0 && planning.controlPlane().autoscaling().isPresent())
            .orElse(planning.controlPlane().firstApiServers());
    int total = rollout.map(Rollout::total).orElse(0);
    boolean rolling =
        rollout
            .filter(r ->
                r.total() > 0
                    && !(planning.controlPlane().autoscaling().isPresent() && r.isScaledOnly())
                    && (!r.current() || r.updated() < Math.min(r.total(), wanted)))
            .isPresent();
    boolean up = !rolling && total < wanted;
    boolean down = !rolling && total > wanted;
    var numbers = "%d of %d API servers".formatted(total, wanted);
    return List.of(
        state(
            ConditionType.ROLLING_OUT,
            rolling,
            Reason.ROLLING_OUT,
            Reason.NOT_ROLLING_OUT,
            rollout.map(Rollout::describe).orElse(numbers)),
        state(ConditionType.SCALING_UP, up, Reason.SCALING_UP, Reason.NOT_SCALING_UP, numbers),
        state(
            ConditionType.SCALING_DOWN,
            down,
            Reason.SCALING_DOWN,
            Reason.NOT_SCALING_DOWN,
            numbers));
  }

  private static ConditionState state(
      ConditionType type, boolean holds, Reason yes, Reason no, String message) {
    return new ConditionState(
        type, holds ? ConditionStatus.TRUE : ConditionStatus.FALSE, holds ? yes : no, message);
  }

  /** Versions of the API server pods that serve, oldest first. */
  private static List<VersionStatus> versions(LiveObjects objects) {
    var counts = new TreeMap<KubernetesVersion, Integer>();
    for (var pod : PodTrouble.pods(objects, Component.API_SERVER)) {
      version(pod)
          .filter(v -> PodTrouble.isReady(pod))
          .ifPresent(v -> counts.merge(v, 1, Integer::sum));
    }
    return counts.entrySet().stream()
        .map(e -> new VersionStatus(e.getKey().toString(), e.getValue()))
        .toList();
  }

  private static @Nullable String lastServed(HostedControlPlane object) {
    return object.getStatus() == null ? null : object.getStatus().version();
  }

  private static Optional<KubernetesVersion> version(Pod pod) {
    return Optional.ofNullable(pod.getMetadata().getAnnotations())
        .flatMap(a -> Optional.ofNullable(a.get(Labels.VERSION_ANNOTATION)))
        .flatMap(KubernetesVersion::tryParse);
  }

  private static String selector(Map<String, String> labels) {
    return labels.entrySet().stream()
        .map(e -> e.getKey() + "=" + e.getValue())
        .collect(Collectors.joining(","));
  }
}
