package dev.hcp.controller.reconcile;

import dev.hcp.controller.apiserver.ApiServer;
import dev.hcp.controller.audit.Auditing;
import dev.hcp.controller.authentication.Authentication;
import dev.hcp.controller.backup.Backup;
import dev.hcp.controller.backup.BackupTarget;
import dev.hcp.controller.backup.Drill;
import dev.hcp.controller.controllermanager.ControllerManager;
import dev.hcp.controller.encryption.AtRest;
import dev.hcp.controller.encryption.Encryption;
import dev.hcp.controller.etcd.Etcd;
import dev.hcp.controller.etcd.EtcdVersionChange;
import dev.hcp.controller.expiry.Expiry;
import dev.hcp.controller.exposure.Exposure;
import dev.hcp.controller.kubeconfig.Kubeconfigs;
import dev.hcp.controller.networkpolicy.HostedPolicies;
import dev.hcp.controller.networkpolicy.NetworkPolicies;
import dev.hcp.controller.pki.Authorities;
import dev.hcp.controller.pki.Pki;
import dev.hcp.controller.pki.Signing;
import dev.hcp.controller.plan.Action;
import dev.hcp.controller.plan.ObjectReference;
import dev.hcp.controller.plan.Observation;
import dev.hcp.controller.plan.Planning;
import dev.hcp.controller.plan.PodTrouble;
import dev.hcp.controller.plan.Readers;
import dev.hcp.controller.plan.Restart;
import dev.hcp.controller.plan.Rollout;
import dev.hcp.controller.plan.Sources;
import dev.hcp.controller.plan.Step;
import dev.hcp.controller.plan.Takeover;
import dev.hcp.controller.plan.Waking;
import dev.hcp.controller.restore.Restore;
import dev.hcp.controller.rotation.Rotations;
import dev.hcp.controller.scheduler.Scheduler;
import dev.hcp.controller.upgrade.Upgrade;
import dev.hcp.controller.verticalautoscaling.VerticalAutoscaling;
import dev.hcp.controller.workload.Workload;
import dev.hcp.model.CertificateLifetimes;
import dev.hcp.model.ControlPlane;
import dev.hcp.model.Networks;
import dev.hcp.naming.Component;
import dev.hcp.naming.Names;
import dev.hcp.version.KubernetesVersion;
import dev.hcp.version.VersionTable;
import io.fabric8.kubernetes.api.model.OwnerReferenceBuilder;
import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.api.model.apps.Deployment;
import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;

/**
 * What a pass shall bring about.
 *
 * @param planning what it was planned from
 * @param steps what each component wants, in the order in which it is done
 * @param followed objects that the spec names, which are to be watched from now on
 * @param rotations how far keys and CAs are rotated
 * @param expiry when certificates expire
 */
public record Plan(
    Planning planning,
    List<Step> steps,
    List<ObjectReference> followed,
    Rotations rotations,
    Expiry expiry) {
  /** So long after its end a pod that does not end is taken for one of a node that is lost. */
  private static final Duration LOST = Duration.ofMinutes(5);

  /** Copies the lists. */
  public Plan {
    steps = List.copyOf(steps);
    followed = List.copyOf(followed);
  }

  /**
   * Makes a plan.
   *
   * @param seen what is there
   * @throws IllegalArgumentException if the spec, or the Cluster's network, cannot work
   */
  public static Plan of(Observation seen) {
    var planning = planning(seen);
    var controlPlane = planning.controlPlane();
    var observed = planning.observed();
    var version = wantedVersion(observed).toString();
    var steps = new ArrayList<Step>();
    var atRest = AtRest.of(planning);
    var signing = Signing.of(planning);
    var authorities = Authorities.of(planning);
    Upgrade.plan(planning).ifPresent(steps::add);
    var certificates = Pki.plan(planning, atRest, signing, authorities);
    var expiry = Expiry.of(planning, certificates);
    certificates.stream().map(expiry::amend).forEach(steps::add);
    steps.addAll(Exposure.plan(planning));
    steps.add(NetworkPolicies.plan(planning, atRest.servers()));
    steps.add(Etcd.plan(planning, authorities));
    Backup.plan(planning).ifPresent(steps::add);
    Drill.plan(planning).ifPresent(steps::add);
    Restore.plan(planning).ifPresent(steps::add);
    steps.addAll(Kubeconfigs.plan(planning));
    steps.add(Authentication.plan(planning));
    Auditing.plan(planning).ifPresent(steps::add);
    steps.add(Encryption.plan(planning, atRest));
    VerticalAutoscaling.plan(planning).ifPresent(steps::add);
    ApiServer.autoscaling(planning).ifPresent(steps::add);
    steps.add(ApiServer.plan(planning, atRest, signing, authorities, version));
    steps.add(ControllerManager.plan(planning, signing, authorities, version));
    steps.add(Scheduler.plan(planning, authorities, version));
    var kubernetes = Exposure.part(planning);
    steps.addAll(
        Workload.plan(
            planning,
            authorities,
            Stream.concat(kubernetes.stream(), HostedPolicies.part(planning, kubernetes).stream())
                .toList()));
    var takeover = Takeover.of(planning.objects(), controlPlane.names());
    steps.replaceAll(takeover::hold);
    var followed =
        Stream.of(
                Auditing.references(controlPlane),
                BackupTarget.references(controlPlane),
                Restore.references(observed, controlPlane),
                Sources.references(planning))
            .flatMap(List::stream)
            .distinct()
            .toList();
    return new Plan(
        planning, steps, followed, Rotations.of(planning, atRest, signing, authorities), expiry);
  }

  /**
   * What components plan from.
   *
   * @param seen what is there
   * @throws IllegalArgumentException if the spec, or the Cluster's network, cannot work
   */
  static Planning planning(Observation seen) {
    var controlPlane = controlPlane(seen);
    var observed = Etcd.current(seen, controlPlane);
    return new Planning(
        controlPlane,
        observed,
        Exposure.reach(observed, controlPlane),
        Restore.restoring(observed, controlPlane));
  }

  /** After which time to look again though nothing changes; empty if no time matters. */
  public Optional<Duration> again() {
    var now = planning.observed().at();
    return Stream.of(rotations.due(), Restore.due(planning), expiry.due(), Restart.due(planning))
        .flatMap(Optional::stream)
        .filter(now::isBefore)
        .min(Instant::compareTo)
        // In whole seconds, and not too early.
        .map(time -> Duration.between(now, time).truncatedTo(ChronoUnit.SECONDS).plusSeconds(1));
  }

  /** Whether backups are to be made from now on. */
  public boolean makesBackups() {
    return does(Action.KeepBackups.class);
  }

  /** Whether backups are to be restored for a test from now on. */
  public boolean makesDrills() {
    return does(Action.KeepDrills.class);
  }

  /** Whether machines are to be looked at from now on. */
  public boolean looksAtMachines() {
    return does(Action.LookAtMachines.class);
  }

  /** Whether objects of the hosted cluster are to be written again from now on. */
  public boolean rewrites() {
    return does(Action.Rewrite.class);
  }

  private boolean does(Class<? extends Action> kind) {
    return steps.stream().flatMap(step -> step.actions().stream()).anyMatch(kind::isInstance);
  }

  private static ControlPlane controlPlane(Observation observed) {
    var names = new Names(observed.cluster().getMetadata().getName());
    var wanted =
        Waking.isStopped(observed.objects(), names)
            ? stoppedVersion(observed, names)
            : wantedVersion(observed);
    var table = components(wanted);
    var components =
        table.withEtcd(EtcdVersionChange.atLeast(observed.objects(), names, table.etcd()));
    var untouched = controlPlane(observed, names, wanted, wanted, components);
    var first =
        controlPlane(
            observed,
            names,
            wanted,
            wanted,
            components.withEtcd(
                EtcdVersionChange.kept(observed, untouched).orElse(components.etcd())));
    var apiServers = apiServerVersion(observed, first);
    return controlPlane(
        observed,
        names,
        apiServers,
        followerVersion(observed, names, apiServers),
        VersionTable.find(apiServers).orElse(components).withEtcd(etcdVersion(observed, first)));
  }

  /**
   * What was stopped starts again as it was; another version is for what runs. Of a version that
   * never came up only the API servers were told.
   */
  private static KubernetesVersion stoppedVersion(Observation observed, Names names) {
    return Stream.of(names.apiServer(), names.controllerManager())
        .flatMap(deployment -> running(observed, deployment).stream())
        .min(Comparator.naturalOrder())
        .filter(version -> VersionTable.find(version).isPresent())
        .orElse(wantedVersion(observed));
  }

  private static ControlPlane controlPlane(
      Observation observed,
      Names names,
      KubernetesVersion apiServers,
      KubernetesVersion followers,
      VersionTable.Components components) {
    var object = observed.hostedControlPlane();
    return new ControlPlane(
        object.getMetadata().getNamespace(),
        names,
        new OwnerReferenceBuilder()
            .withApiVersion(object.getApiVersion())
            .withKind(object.getKind())
            .withName(object.getMetadata().getName())
            .withUid(object.getMetadata().getUid())
            .withController(true)
            .withBlockOwnerDeletion(true)
            .build(),
        object.getSpec(),
        apiServers,
        followers,
        components,
        Networks.of(observed.cluster().getSpec().clusterNetwork()),
        CertificateLifetimes.of(object.getSpec().certificates()),
        observed.forwarderImage());
  }

  private static VersionTable.Components components(KubernetesVersion wanted) {
    return VersionTable.find(wanted)
        .orElseThrow(() ->
            new IllegalArgumentException(
                "spec.version: %s cannot be hosted; accepted are %s"
                    .formatted(wanted, VersionTable.range())));
  }

  /**
   * etcd goes ahead, after a backup; all else has to fit the API servers, which would otherwise be
   * replaced twice: for what runs beside them, and again for their own version.
   */
  private static String etcdVersion(Observation observed, ControlPlane wanted) {
    return EtcdVersionChange.ahead(observed, wanted)
        .filter(change -> Backup.isMissing(observed, wanted, change))
        .map(EtcdVersionChange::from)
        .orElse(wanted.components().etcd());
  }

  private static KubernetesVersion wantedVersion(Observation observed) {
    return KubernetesVersion.parse(observed.hostedControlPlane().getSpec().version());
  }

  /**
   * API servers take a new version once nothing speaks against it and etcd is settled. They go back
   * at once, but never to what none of them serves any more.
   */
  private static KubernetesVersion apiServerVersion(Observation observed, ControlPlane wanted) {
    return running(observed, wanted.names().apiServer())
        .filter(running ->
            wanted.version().compareTo(running) < 0
                ? ApiServer.isTooLow(observed, wanted)
                : !Etcd.settled(observed, wanted)
                    || Upgrade.ahead(observed).filter(Upgrade::isHeld).isPresent())
        .orElse(wanted.version());
  }

  /**
   * Controller-manager and scheduler take a new version once every API server serves it: they may
   * not be newer. One that is ending counts too, since it serves until the last has left it.
   */
  private static KubernetesVersion followerVersion(
      Observation observed, Names names, KubernetesVersion apiServers) {
    boolean served =
        observed
            .objects()
            .get(Deployment.class, names.apiServer())
            .map(Rollout::of)
            .filter(Rollout::isServed)
            .filter(r -> r.version().equals(Optional.of(apiServers.toString())))
            .isPresent();
    boolean isOlderOneLeft =
        Readers.pods(observed.objects(), Component.API_SERVER).stream()
            .filter(pod -> !isLost(pod, observed.at()))
            .flatMap(pod -> Rollout.version(pod.getMetadata()).stream())
            .flatMap(version -> KubernetesVersion.tryParse(version).stream())
            .anyMatch(version -> version.compareTo(apiServers) < 0);
    return served && !isOlderOneLeft
        ? apiServers
        : running(observed, names.controllerManager())
            .or(() -> running(observed, names.scheduler()))
            .orElse(apiServers);
  }

  /** Whether a pod should have ended long ago, and serves nobody: so its node is lost. */
  private static boolean isLost(Pod pod, Instant now) {
    return Optional.ofNullable(pod.getMetadata().getDeletionTimestamp())
        .map(Instant::parse)
        .filter(end -> end.plus(LOST).isBefore(now))
        .filter(_ -> !PodTrouble.isReady(pod))
        .isPresent();
  }

  private static Optional<KubernetesVersion> running(Observation observed, String deployment) {
    return observed
        .objects()
        .get(Deployment.class, deployment)
        .map(Rollout::of)
        .flatMap(Rollout::version)
        .flatMap(KubernetesVersion::tryParse);
  }
}
