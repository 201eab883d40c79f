package dev.hcp.controller.reconcile;

import dev.hcp.api.v1alpha1.HostedControlPlane;
import dev.hcp.api.v1alpha1.HostedControlPlaneRestore;
import dev.hcp.api.v1alpha1.RestorePhase;
import dev.hcp.conditions.Reason;
import dev.hcp.controller.apiserver.Probing;
import dev.hcp.controller.backup.Backups;
import dev.hcp.controller.backup.Drills;
import dev.hcp.controller.backup.FinalSnapshot;
import dev.hcp.controller.etcd.EtcdMembers;
import dev.hcp.controller.exposure.HostNames;
import dev.hcp.controller.kube.Kube;
import dev.hcp.controller.machines.MachineLooks;
import dev.hcp.controller.migration.Rewrites;
import dev.hcp.controller.plan.Action;
import dev.hcp.controller.plan.Planning;
import dev.hcp.controller.plan.RestoreProgress;
import dev.hcp.controller.restore.RestoreStatuses;
import dev.hcp.controller.workload.HostedClusters;
import dev.hcp.model.RotationRecord;
import dev.hcp.naming.Labels;
import dev.hcp.render.encryption.EncryptionRenderer;
import dev.hcp.render.encryption.KeyRing;
import dev.hcp.render.pki.AuthorityKeys;
import dev.hcp.render.pki.PkiRenderer;
import dev.hcp.render.pki.SigningKeys;
import io.fabric8.kubernetes.api.model.GenericKubernetesResource;
import io.fabric8.kubernetes.api.model.HasMetadata;
import io.fabric8.kubernetes.api.model.PersistentVolumeClaim;
import io.fabric8.kubernetes.api.model.Quantity;
import io.fabric8.kubernetes.client.KubernetesClientException;
import java.net.HttpURLConnection;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.Base64;
import java.util.Map;
import java.util.Optional;
import java.util.function.Supplier;
import java.util.stream.Collectors;

/** Does what steps want besides objects: by requests to the management cluster, or by others. */
final class Actions {
  /**
   * Makes keys.
   *
   * @param serviceAccounts data of the Secret with service-account keys
   * @param encryption a key for encryption at rest
   * @param authorities CAs
   */
  record NewKeys(
      Supplier<Map<String, String>> serviceAccounts,
      Supplier<String> encryption,
      Authorities authorities) {
    /** Makes CAs. */
    interface Authorities {
      /**
       * A new CA.
       *
       * @param commonName whom its certificate names
       * @param now from when on it is valid
       * @param lifetime for how long
       * @param like certificate of the CA that signs now, base64 of PEM
       */
      AuthorityKeys.Pair make(String commonName, Instant now, Duration lifetime, String like);
    }
  }

  private final Kube kube;
  private final Probing probing;
  private final HostedClusters hostedClusters;
  private final Backups backups;
  private final Drills drills;
  private final HostNames hostNames;
  private final EtcdMembers etcd;
  private final Rewrites rewrites;
  private final MachineLooks machines;
  private final NewKeys newKeys;
  private final InstantSource clock;

  Actions(
      Kube kube,
      Probing probing,
      HostedClusters hostedClusters,
      Backups backups,
      Drills drills,
      HostNames hostNames,
      EtcdMembers etcd,
      Rewrites rewrites,
      MachineLooks machines,
      NewKeys newKeys,
      InstantSource clock) {
    this.kube = kube;
    this.probing = probing;
    this.hostedClusters = hostedClusters;
    this.backups = backups;
    this.drills = drills;
    this.hostNames = hostNames;
    this.etcd = etcd;
    this.rewrites = rewrites;
    this.machines = machines;
    this.newKeys = newKeys;
    this.clock = clock;
  }

  /**
   * Does it.
   *
   * @param planning what the pass knows
   */
  void perform(Planning planning, Action action) {
    var object = planning.observed().hostedControlPlane();
    switch (action) {
      case Action.CreateServiceAccountKeys(var request) ->
          createUnlessThere(
              PkiRenderer.serviceAccountKeys(
                  planning.controlPlane(),
                  SigningKeys.read(newKeys.serviceAccounts().get())
                      .with(RotationRecord.of(request))
                      .write()));
      case Action.CreateEncryptionKey(var request) ->
          createUnlessThere(
              EncryptionRenderer.keys(
                  planning.controlPlane(),
                  KeyRing.first(newKeys.encryption().get()).with(RotationRecord.of(request))));
      case Action.AddServiceAccountKey(var secret, int number) ->
          kube.edit(
              secret,
              present(
                  SigningKeys.added(
                      number, SigningKeys.read(newKeys.serviceAccounts().get()).signing())));
      case Action.AddEncryptionKey(var secret, int number) ->
          kube.edit(secret, present(Map.of(KeyRing.name(number), newKeys.encryption().get())));
      case Action.AddAuthority(var secret, var root, int number) ->
          kube.edit(
              secret,
              present(
                  AuthorityKeys.added(
                      root,
                      number,
                      newKeys
                          .authorities()
                          .make(
                              root.commonName(),
                              clock.instant(),
                              root.lifetime(planning.controlPlane()),
                              secret.getData().getOrDefault(root.alias() + ".crt", "")))));
      case Action.Reissue(var certificate, var why) -> kube.reissue(certificate, why);
      case Action.RemoveEntries(var secret, var entries) ->
          kube.edit(
              secret,
              entries.stream().collect(Collectors.toMap(entry -> entry, _ -> Optional.empty())));
      case Action.Rewrite wanted ->
          rewrites.keepUp(
              object.getMetadata().getNamespace(), object.getMetadata().getName(), wanted);
      case Action.LookAtMachines wanted ->
          machines.keepUp(
              object.getMetadata().getNamespace(), object.getMetadata().getName(), wanted);
      case Action.RollOut(var deployment, var after) -> kube.rollOut(deployment, after);
      case Action.PublishEndpoint(var endpoint) -> kube.applyEndpoint(object, endpoint);
      case Action.TellInfrastructure(var reference, var endpoint) ->
          kube.findInfrastructureCluster(
                  reference.apiGroup(),
                  reference.kind(),
                  object.getMetadata().getNamespace(),
                  reference.name())
              .filter(Actions::waitsForEndpoint)
              .ifPresent(
                  infrastructure -> kube.setInfrastructureEndpoint(infrastructure, endpoint));
      case Action.FollowNames(var names) ->
          hostNames.follow(
              object.getMetadata().getNamespace(), object.getMetadata().getName(), names);
      case Action.KeepBackups(var order, var remembered) ->
          backups.keepUp(
              object.getMetadata().getNamespace(),
              object.getMetadata().getName(),
              order,
              remembered);
      case Action.RecordFinalSnapshot(var snapshot) -> recordFinalSnapshot(object, snapshot);
      case Action.KeepDrills wanted ->
          drills.keepUp(
              object.getMetadata().getNamespace(), object.getMetadata().getName(), wanted);
      case Action.Create(var wanted) -> createUnlessThere(wanted);
      case Action.ReportRestore(var restore, var progress) -> report(restore, progress);
      case Action.RequestRestore(var restore) -> request(object, restore);
      case Action.SyncWorkload wanted ->
          hostedClusters.keepUp(
              object.getMetadata().getNamespace(), object.getMetadata().getName(), wanted);
      case Action.KeepEtcd wanted ->
          etcd.keepUp(object.getMetadata().getNamespace(), object.getMetadata().getName(), wanted);
      case Action.EnlargeVolume(var claim, var size) -> enlarge(object, claim, size);
      case Action.Annotate(var pod, var key, var value) -> kube.annotate(pod, key, value);
      case Action.AwaitAnswer(var endpoint, var authority) ->
          probing.await(
              object.getMetadata().getNamespace(),
              object.getMetadata().getName(),
              endpoint,
              new String(Base64.getDecoder().decode(authority), StandardCharsets.US_ASCII));
    }
  }

  private void request(HostedControlPlane object, HostedControlPlaneRestore restore) {
    if (isCreated(restore)) {
      kube.event(
          object,
          Kube.EventType.WARNING,
          "RestoreRequested",
          "Restore",
          "A majority of the members of etcd has lost its data. As the policy says, the newest backup is restored: see HostedControlPlaneRestore %s"
              .formatted(restore.getMetadata().getName()));
    }
  }

  private void report(HostedControlPlaneRestore restore, RestoreProgress progress) {
    var status = RestoreStatuses.of(restore, progress, clock.instant());
    if (kube.applyStatus(restore, status) == Kube.Applied.CHANGED
        && RestoreStatuses.isNews(restore, progress)) {
      kube.event(
          restore,
          progress.phase() == RestorePhase.FAILED || progress.reason() == Reason.RESTORE_RETRIED
              ? Kube.EventType.WARNING
              : Kube.EventType.NORMAL,
          progress.reason().value(),
          "Restore",
          progress.message());
    }
  }

  private void recordFinalSnapshot(HostedControlPlane object, String snapshot) {
    kube.annotate(
        object,
        Labels.FINAL_SNAPSHOT_ANNOTATION,
        Optional.of(FinalSnapshot.record(object, snapshot)));
    kube.event(
        object,
        Kube.EventType.NORMAL,
        "FinalSnapshotTaken",
        "Delete",
        "The final snapshot of etcd is %s; etcd is removed now".formatted(snapshot));
  }

  private static Map<String, Optional<String>> present(Map<String, String> entries) {
    return entries.entrySet().stream()
        .collect(Collectors.toMap(Map.Entry::getKey, entry -> Optional.of(entry.getValue())));
  }

  private void enlarge(HostedControlPlane object, PersistentVolumeClaim claim, Quantity size) {
    if (kube.enlarge(claim, size) == Kube.Applied.CHANGED) {
      kube.event(
          object,
          Kube.EventType.NORMAL,
          "EnlargingVolume",
          "Enlarge",
          "PersistentVolumeClaim %s asks for %s now"
              .formatted(claim.getMetadata().getName(), size));
    }
  }

  /**
   * Created, never applied: keys that exist already, though the cache has not seen them yet, must
   * stay.
   */
  private void createUnlessThere(HasMetadata object) {
    var _ = isCreated(object);
  }

  /** Whether the object was not there, and is now. */
  private boolean isCreated(HasMetadata object) {
    try {
      kube.create(object);
      return true;
    } catch (KubernetesClientException e) {
      if (e.getCode() != HttpURLConnection.HTTP_CONFLICT) {
        throw e;
      }
      return false;
    }
  }

  private static boolean waitsForEndpoint(GenericKubernetesResource infrastructure) {
    return !(infrastructure.get("spec", "controlPlaneEndpoint", "host") instanceof String host)
        || host.isEmpty();
  }
}
