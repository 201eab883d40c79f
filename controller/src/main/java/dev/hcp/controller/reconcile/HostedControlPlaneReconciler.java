package dev.hcp.controller.reconcile;

import dev.hcp.api.capi.Cluster;
import dev.hcp.api.capi.ClusterSpec;
import dev.hcp.api.v1alpha1.HostedControlPlane;
import dev.hcp.api.v1alpha1.HostedControlPlaneStatus;
import dev.hcp.api.v1alpha1.VolumeRetention;
import dev.hcp.conditions.ConditionState;
import dev.hcp.conditions.ConditionStatus;
import dev.hcp.conditions.ConditionType;
import dev.hcp.conditions.Reason;
import dev.hcp.controller.adoption.Adoption;
import dev.hcp.controller.apiserver.Probing;
import dev.hcp.controller.backup.BackupTarget;
import dev.hcp.controller.backup.Backups;
import dev.hcp.controller.backup.Drill;
import dev.hcp.controller.backup.Drills;
import dev.hcp.controller.backup.FinalSnapshot;
import dev.hcp.controller.encryption.EncryptionKeys;
import dev.hcp.controller.etcd.Etcd;
import dev.hcp.controller.etcd.EtcdMembers;
import dev.hcp.controller.exposure.HostNames;
import dev.hcp.controller.hibernation.Hibernation;
import dev.hcp.controller.kube.ClusterCache;
import dev.hcp.controller.kube.Kube;
import dev.hcp.controller.kube.NamedObjects;
import dev.hcp.controller.machines.MachineLooks;
import dev.hcp.controller.migration.Rewrites;
import dev.hcp.controller.pki.AuthorityMaker;
import dev.hcp.controller.pki.ServiceAccountKeys;
import dev.hcp.controller.plan.Action;
import dev.hcp.controller.plan.LiveObjects;
import dev.hcp.controller.plan.ManagementTokens;
import dev.hcp.controller.plan.Observation;
import dev.hcp.controller.plan.Planning;
import dev.hcp.controller.plan.Rollout;
import dev.hcp.controller.plan.Step;
import dev.hcp.controller.restore.Restore;
import dev.hcp.controller.telemetry.ControllerMetrics;
import dev.hcp.controller.telemetry.ControllerMetrics.PassResult;
import dev.hcp.controller.telemetry.Spans;
import dev.hcp.controller.workload.HostedClusters;
import dev.hcp.naming.Labels;
import dev.hcp.naming.Names;
import dev.hcp.process.ControllerSettings;
import dev.hcp.validation.FieldError;
import dev.hcp.validation.Validator;
import io.fabric8.kubernetes.api.model.ObjectMetaBuilder;
import io.fabric8.kubernetes.api.model.OwnerReference;
import io.fabric8.kubernetes.api.model.apps.StatefulSet;
import io.fabric8.kubernetes.client.KubernetesClientException;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.Supplier;
import java.util.stream.Collectors;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** One pass: look, plan, apply, report. It keeps nothing from one pass to the next. */
public final class HostedControlPlaneReconciler implements Reconciler {
  private static final Logger LOG = LoggerFactory.getLogger(HostedControlPlaneReconciler.class);

  /** After which time adoption goes on though nothing wakes it. */
  private static final Duration ADOPTION = Duration.ofSeconds(2);

  /** How long a deletion waits for adoption. */
  private static final Duration ADOPTION_BEFORE_DELETION = Duration.ofMinutes(5);

  private final ClusterCache cache;
  private final Kube kube;
  private final Probing probing;
  private final HostedClusters hostedClusters;
  private final Backups backups;
  private final Drills drills;
  private final HostNames hostNames;
  private final NamedObjects named;
  private final EtcdMembers etcd;
  private final Rewrites rewrites;
  private final MachineLooks machines;
  private final Observer observer;
  private final ControllerMetrics metrics;
  private final InstantSource clock;
  private final Actions actions;
  private final Adoption adoption;

  /**
   * Wires a reconciler.
   *
   * @param cache the management cluster as last seen
   * @param kube requests to it
   * @param probing asks API servers through their endpoints
   * @param hostedClusters keeps up what is inside hosted clusters
   * @param backups makes backups of etcd
   * @param drills has backups restored for a test
   * @param hostNames follows the host names of load balancers
   * @param named follows Secrets and ConfigMaps that specs name
   * @param etcd looks at the members of etcd and maintains them
   * @param rewrites writes objects of hosted clusters again
   * @param machines looks at machines of Clusters
   * @param managementTokens whether tokens of the management cluster can be accepted
   * @param settings what the user set
   * @param metrics counts steps
   * @param clock tells when conditions change
   */
  public HostedControlPlaneReconciler(
      ClusterCache cache,
      Kube kube,
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
      ControllerMetrics metrics,
      InstantSource clock) {
    this(
        cache,
        kube,
        probing,
        hostedClusters,
        backups,
        drills,
        hostNames,
        named,
        etcd,
        rewrites,
        machines,
        managementTokens,
        settings,
        metrics,
        clock,
        new Actions.NewKeys(
            ServiceAccountKeys::generate, EncryptionKeys::generate, AuthorityMaker::make));
  }

  HostedControlPlaneReconciler(
      ClusterCache cache,
      Kube kube,
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
      ControllerMetrics metrics,
      InstantSource clock,
      Actions.NewKeys newKeys) {
    this.cache = cache;
    this.kube = kube;
    this.probing = probing;
    this.hostedClusters = hostedClusters;
    this.backups = backups;
    this.drills = drills;
    this.hostNames = hostNames;
    this.named = named;
    this.etcd = etcd;
    this.rewrites = rewrites;
    this.machines = machines;
    this.observer =
        new Observer(
            cache,
            probing,
            hostedClusters,
            backups,
            drills,
            hostNames,
            named,
            etcd,
            rewrites,
            machines,
            managementTokens,
            settings,
            clock);
    this.metrics = metrics;
    this.clock = clock;
    this.adoption = new Adoption(kube);
    this.actions =
        new Actions(
            kube,
            probing,
            hostedClusters,
            backups,
            drills,
            hostNames,
            etcd,
            rewrites,
            machines,
            newKeys,
            clock);
  }

  @Override
  public Optional<Duration> reconcile(String namespace, String name) {
    var found = cache.hostedControlPlane(namespace, name);
    if (found.isEmpty()) {
      forget(namespace, name);
      return Optional.empty();
    }
    var object = found.get();
    if (object.getMetadata().getDeletionTimestamp() != null) {
      return delete(object);
    }
    return keepUp(object);
  }

  private void forget(String namespace, String name) {
    forgetAllButBackups(namespace, name);
    backups.forget(namespace, name);
    named.forget(namespace, name);
  }

  /** Backups have to know the Secrets that the spec names. */
  private void forgetAllButBackups(String namespace, String name) {
    probing.forget(namespace, name);
    hostedClusters.forget(namespace, name);
    drills.forget(namespace, name);
    hostNames.forget(namespace, name);
    etcd.forget(namespace, name);
    rewrites.forget(namespace, name);
    machines.forget(namespace, name);
  }

  /** Changes nothing in the hosted cluster and its etcd any more. */
  private void leaveAlone(HostedControlPlane object) {
    var metadata = object.getMetadata();
    hostedClusters.forget(metadata.getNamespace(), metadata.getName());
    backups.forget(metadata.getNamespace(), metadata.getName());
    drills.forget(metadata.getNamespace(), metadata.getName());
    etcd.forget(metadata.getNamespace(), metadata.getName());
    rewrites.forget(metadata.getNamespace(), metadata.getName());
    machines.forget(metadata.getNamespace(), metadata.getName());
  }

  /** After which time there is something to do; nearly all that matters is watched. */
  private Optional<Duration> keepUp(HostedControlPlane object) {
    var owner = owner(object);
    var cluster =
        owner.flatMap(o -> cache.cluster(object.getMetadata().getNamespace(), o.getName()));
    if (cluster.isEmpty()) {
      // Cluster API sets the owner as soon as a Cluster refers to this object, which wakes us.
      notReady(
          object,
          Reason.OWNER_CLUSTER_MISSING,
          owner
              .map(o -> "Cluster %s, which owns this object, does not exist".formatted(o.getName()))
              .orElse("No Cluster refers to this object by spec.controlPlaneRef yet"));
      return Optional.empty();
    }
    if (!cluster.get().hostedControlPlane().equals(Optional.of(object.getMetadata().getName()))) {
      leaveAlone(object);
      notReady(
          object,
          Reason.NOT_THE_CONTROL_PLANE_OF_CLUSTER,
          "Cluster %s refers to another control plane by spec.controlPlaneRef"
              .formatted(cluster.get().getMetadata().getName()));
      return Optional.empty();
    }
    if (isPaused(object, cluster.get())) {
      leaveAlone(object);
      // What is thrown away anyhow goes now: nobody would look at it any more.
      Drill.objects(
              observer.objects(
                  object.getMetadata().getNamespace(), cluster.get().getMetadata().getName()),
              new Names(cluster.get().getMetadata().getName()))
          .forEach(kube::delete);
      report(
          object,
          Report.with(
              object,
              List.of(
                  new ConditionState(
                      ConditionType.PAUSED,
                      ConditionStatus.TRUE,
                      Reason.PAUSED,
                      "Nothing is changed while the Cluster or this object is paused"
                          + MoveHold.shown(object)
                              .map("; clusterctl cannot move it: %s"::formatted)
                              .orElse(""))),
              clock.instant()));
      return Optional.empty();
    }
    if (!object.getMetadata().getFinalizers().contains(Names.FINALIZER)) {
      // Before anything exists that would have to be cleaned up.
      kube.addFinalizer(object);
    }
    var owning = cluster.get();
    return pass(Spans.part("Observe", () -> observer.observe(object, owning)));
  }

  private Optional<Duration> pass(Observation observed) {
    var object = observed.hostedControlPlane();
    // Admission refuses such specs; this is for objects that were written while it was away.
    var errors = Validator.stored(object);
    if (!errors.isEmpty()) {
      refuse(object, errors.stream().map(FieldError::toString).collect(Collectors.joining("; ")));
      return Optional.empty();
    }
    Plan plan;
    try {
      if (Hibernation.isWanted(object)) {
        var planning = Plan.planning(observed);
        if (Hibernation.postponed(planning).isEmpty()) {
          // What nobody knows of would not be stopped.
          var adopting = takeOver(planning);
          if (adopting.isEmpty()) {
            hibernate(planning);
          }
          return adopting;
        }
      }
      plan = Spans.part("Plan", () -> Plan.of(observed));
    } catch (IllegalArgumentException e) {
      refuse(object, String.valueOf(e.getMessage()));
      return Optional.empty();
    }
    var adopting = takeOver(plan.planning());
    if (adopting.isPresent()) {
      return adopting;
    }
    named.follow(
        object.getMetadata().getNamespace(), object.getMetadata().getName(), plan.followed());
    if (!plan.makesBackups()) {
      backups.forget(object.getMetadata().getNamespace(), object.getMetadata().getName());
    }
    if (!plan.makesDrills()) {
      drills.forget(object.getMetadata().getNamespace(), object.getMetadata().getName());
    }
    if (!plan.looksAtMachines()) {
      machines.forget(object.getMetadata().getNamespace(), object.getMetadata().getName());
    }
    var failures = new ArrayList<RuntimeException>();
    holdMove(plan.planning(), failures);
    var outcomes = plan.steps().stream().map(s -> perform(plan.planning(), s, failures)).toList();
    // What was written again is known until that is recorded, unless the data are replaced.
    if (!plan.rewrites()
        && (failures.isEmpty() || plan.planning().restoring().fence().isPresent())) {
      rewrites.forget(object.getMetadata().getNamespace(), object.getMetadata().getName());
    }
    var status = Report.of(plan, outcomes, clock.instant());
    report(object, status);
    if (!failures.isEmpty()) {
      var first = failures.getFirst();
      failures.stream().skip(1).forEach(first::addSuppressed);
      throw first;
    }
    return plan.again();
  }

  /**
   * Says what is wrong with a spec, and does nothing that it asks for. What it would only have
   * begun holds no move up any more.
   */
  private void refuse(HostedControlPlane object, String why) {
    var hold = MoveHold.ofRefused(object);
    notReady(
        object,
        Reason.INVALID_SPEC,
        why + hold.map("; clusterctl cannot move it: %s"::formatted).orElse(""));
    if (!hold.equals(MoveHold.shown(object))) {
      kube.annotate(object, Labels.BLOCK_MOVE_ANNOTATION, hold);
    }
  }

  /** Stops what runs, one after the other, and leaves all else as it is. */
  private void hibernate(Planning planning) {
    var object = planning.observed().hostedControlPlane();
    var names = planning.controlPlane().names();
    leaveAlone(object);
    // What is thrown away anyhow goes now: nobody would look at it any more.
    Drill.objects(planning.objects(), names).forEach(kube::delete);
    var hibernation = Hibernation.next(planning.objects(), names);
    hibernation.toStop().forEach(workload -> kube.scale(workload, 0));
    Restore.untilAwake(planning).forEach(action -> actions.perform(planning, action));
    report(
        object, Report.hibernated(object, hibernation, planning.objects(), names, clock.instant()));
  }

  /** After which time to go on with taking over what the forerunner has made; empty if it is. */
  private Optional<Duration> takeOver(Planning planning) {
    var adopting = adopt(planning);
    adopting.ifPresent(what ->
        notReady(
            planning.observed().hostedControlPlane(),
            Reason.TAKING_OVER,
            "The forerunner has made this control plane, and it is being taken over: %s"
                .formatted(what)));
    return adopting.map(_ -> ADOPTION);
  }

  private Optional<String> adopt(Planning planning) {
    try {
      return Spans.part("Adopt", () -> adoption.waitsFor(planning));
    } catch (KubernetesClientException | IllegalArgumentException e) {
      notReady(
          planning.observed().hostedControlPlane(),
          Reason.RECONCILE_FAILED,
          "It cannot be found out whether the forerunner has made this control plane, or it cannot be taken over: %s"
              .formatted(e.getMessage()));
      throw e;
    }
  }

  /**
   * Tells clusterctl, before anything begins, whether the control plane can be moved. Nothing waits
   * for that: what is to be held would rather be done.
   */
  private void holdMove(Planning planning, List<RuntimeException> failures) {
    var object = planning.observed().hostedControlPlane();
    var hold = MoveHold.of(planning);
    if (hold.equals(MoveHold.shown(object))) {
      return;
    }
    try {
      kube.annotate(object, Labels.BLOCK_MOVE_ANNOTATION, hold);
    } catch (KubernetesClientException e) {
      failures.add(e);
    }
  }

  /**
   * Does what a step wants. One object that cannot be written keeps no other from being written.
   */
  private Outcome perform(Planning planning, Step step, List<RuntimeException> failures) {
    return Spans.step(
        step.state().type().value(),
        () -> performUntraced(planning, step, failures),
        Outcome::failure);
  }

  private Outcome performUntraced(Planning planning, Step step, List<RuntimeException> failures) {
    var start = System.nanoTime();
    var problems = new ArrayList<String>();
    var tasks = new ArrayList<Runnable>();
    for (var desired : step.desired()) {
      tasks.add(() -> kube.apply(desired, planning.objects().counterpart(desired).orElse(null)));
    }
    for (var obsolete : step.obsolete()) {
      tasks.add(() -> kube.delete(obsolete));
    }
    for (var action : step.actions()) {
      tasks.add(() -> actions.perform(planning, action));
    }
    for (var task : tasks) {
      try {
        task.run();
      } catch (KubernetesClientException e) {
        problems.add(String.valueOf(e.getMessage()));
        failures.add(e);
      }
    }
    metrics.step(
        step.state().type().value(),
        problems.isEmpty() ? PassResult.SUCCESS : PassResult.ERROR,
        Duration.ofNanos(System.nanoTime() - start));
    return new Outcome(
        step, problems.isEmpty() ? Optional.empty() : Optional.of(String.join("; ", problems)));
  }

  /** After which time to go on though nothing changes. */
  private Optional<Duration> delete(HostedControlPlane object) {
    if (!object.getMetadata().getFinalizers().contains(Names.FINALIZER)) {
      forget(object);
      return Optional.empty();
    }
    // Without an owner nothing was ever generated.
    var owner = owner(object).filter(o -> !hasSuccessor(object, o));
    if (owner.isEmpty()) {
      forget(object);
      kube.removeFinalizer(object);
      return Optional.empty();
    }
    var names = new Names(owner.get().getName());
    var live = observer.objects(object.getMetadata().getNamespace(), names.cluster());
    boolean held = FinalSnapshot.isOutstanding(object, live, names);
    var adopting = adoptForDeletion(object, names, live, held);
    if (adopting.isPresent()) {
      reportDeletion(
          object,
          new ConditionState(
              ConditionType.DELETING,
              ConditionStatus.TRUE,
              Reason.WAITING_FOR_OBJECTS,
              "What the forerunner has made is made known first: %s".formatted(adopting.get())));
      return Optional.of(ADOPTION);
    }
    var next = held ? Teardown.beforeEtcd(live) : Teardown.next(live, volumeRetention(object));
    if (held && next.isEmpty()) {
      takeFinalSnapshot(object, names);
      return Optional.empty();
    }
    forget(object);
    if (next.isEmpty()) {
      FinalSnapshot.missed(object)
          .ifPresent(why ->
              kube.event(object, Kube.EventType.WARNING, "FinalSnapshotMissing", "Delete", why));
      kube.removeFinalizer(object);
      return Optional.empty();
    }
    next.get().toDelete().forEach(kube::delete);
    reportDeletion(
        object,
        new ConditionState(
            ConditionType.DELETING,
            ConditionStatus.TRUE,
            Reason.WAITING_FOR_OBJECTS,
            "Waiting until these are gone: %s%s"
                .formatted(
                    next.get().describe(),
                    held ? "; then a final snapshot of etcd is taken" : "")));
    return Optional.empty();
  }

  /**
   * What the deletion waits for; empty if it goes on. What could not be made known for long is
   * deleted out of turn, or pods of it would stay for ever.
   */
  private Optional<String> adoptForDeletion(
      HostedControlPlane object, Names names, LiveObjects live, boolean held) {
    var metadata = object.getMetadata();
    var deleted = Instant.parse(metadata.getDeletionTimestamp());
    if (clock.instant().isBefore(deleted.plus(ADOPTION_BEFORE_DELETION))) {
      return adoption.waitsFor(metadata.getNamespace(), names, live);
    }
    for (var unknown : adoption.unknown(metadata.getNamespace(), names, live)) {
      if (!held || Teardown.isBeforeEtcd(unknown)) {
        LOG.warn(
            "{} {} of the forerunner is deleted though it could not be made known",
            unknown.getKind(),
            unknown.getMetadata().getName());
        kube.delete(unknown);
      }
    }
    return Optional.empty();
  }

  /** Nobody writes to etcd any more, and it stays until there is a last backup of it. */
  private void takeFinalSnapshot(HostedControlPlane object, Names names) {
    var metadata = object.getMetadata();
    forgetAllButBackups(metadata.getNamespace(), metadata.getName());
    if (wakeEtcd(object, names)) {
      return;
    }
    Planning planning;
    try {
      planning =
          Plan.planning(
              observer.observe(object, ownerOrItsName(metadata.getNamespace(), names.cluster())));
    } catch (IllegalArgumentException e) {
      reportDeletion(object, FinalSnapshot.failed(String.valueOf(e.getMessage())));
      return;
    }
    named.follow(
        metadata.getNamespace(),
        metadata.getName(),
        BackupTarget.references(planning.controlPlane()));
    var step = FinalSnapshot.plan(planning);
    if (step.actions().stream().noneMatch(Action.KeepBackups.class::isInstance)) {
      backups.forget(metadata.getNamespace(), metadata.getName());
    }
    var failures = new ArrayList<RuntimeException>();
    var _ = perform(planning, step, failures);
    reportDeletion(object, step.state());
    if (!failures.isEmpty()) {
      throw failures.getFirst();
    }
  }

  /** Has etcd start once more if it is stopped; whether it was. */
  private boolean wakeEtcd(HostedControlPlane object, Names names) {
    var objects = observer.objects(object.getMetadata().getNamespace(), names.cluster());
    var stopped =
        objects.get(StatefulSet.class, names.etcd()).filter(set -> Rollout.of(set).wanted() == 0);
    var members = Etcd.members(objects, names);
    if (stopped.isEmpty() || members.isEmpty()) {
      return false;
    }
    kube.scale(stopped.get(), members.getAsInt());
    reportDeletion(
        object,
        new ConditionState(
            ConditionType.DELETING,
            ConditionStatus.TRUE,
            Reason.FINAL_SNAPSHOT_PENDING,
            "etcd, which hibernates, starts once more, and a final snapshot of it is taken"));
    return true;
  }

  /** What the Cluster says is of no importance any more, but for its name. */
  private Cluster ownerOrItsName(String namespace, String name) {
    return cache
        .cluster(namespace, name)
        .orElseGet(() -> {
          var gone = new Cluster();
          gone.setMetadata(new ObjectMetaBuilder().withNamespace(namespace).withName(name).build());
          gone.setSpec(new ClusterSpec(null, null, null, null, null));
          return gone;
        });
  }

  private void forget(HostedControlPlane object) {
    forget(object.getMetadata().getNamespace(), object.getMetadata().getName());
  }

  private void reportDeletion(HostedControlPlane object, ConditionState deleting) {
    report(
        object,
        Report.with(
            object,
            List.of(
                deleting,
                ConditionState.not(
                    ConditionType.READY,
                    Reason.WAITING_FOR_OBJECTS,
                    "The control plane is being deleted"),
                ConditionState.not(
                    ConditionType.AVAILABLE,
                    Reason.WAITING_FOR_OBJECTS,
                    "The control plane is being deleted")),
            clock.instant()));
  }

  private static VolumeRetention volumeRetention(HostedControlPlane object) {
    return Optional.ofNullable(object.getSpec().etcd())
        .flatMap(etcd -> Optional.ofNullable(etcd.volumeRetention()))
        .orElse(VolumeRetention.DELETE);
  }

  /**
   * Whether the Cluster has another control plane now. Objects are named after the Cluster, so they
   * are that one's: its etcd must not go with this object.
   */
  private boolean hasSuccessor(HostedControlPlane object, OwnerReference owner) {
    var namespace = object.getMetadata().getNamespace();
    return cache
        .cluster(namespace, owner.getName())
        .flatMap(Cluster::hostedControlPlane)
        .filter(other -> !other.equals(object.getMetadata().getName()))
        .flatMap(other -> cache.hostedControlPlane(namespace, other))
        .isPresent();
  }

  private void notReady(HostedControlPlane object, Reason reason, String message) {
    report(
        object,
        Report.with(
            object,
            List.of(ConditionState.not(ConditionType.READY, reason, message), Report.notPaused()),
            clock.instant()));
  }

  private void report(HostedControlPlane object, HostedControlPlaneStatus status) {
    if (Spans.part("Report", () -> kube.applyStatus(object, status)) == Kube.Applied.CHANGED) {
      Announcement.make(kube, object, status);
    }
  }

  private static boolean isPaused(HostedControlPlane object, Cluster cluster) {
    return Boolean.TRUE.equals(cluster.getSpec().paused())
        || (object.getMetadata().getAnnotations() != null
            && object.getMetadata().getAnnotations().containsKey(Cluster.PAUSED_ANNOTATION));
  }

  private static Optional<OwnerReference> owner(HostedControlPlane object) {
    return object.getMetadata().getOwnerReferences().stream()
        .filter(o -> o.getKind().equals("Cluster"))
        .filter(o -> o.getApiVersion().startsWith(Cluster.GROUP + "/"))
        .findFirst();
  }
}
