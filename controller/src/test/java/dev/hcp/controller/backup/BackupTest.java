package dev.hcp.controller.backup;

import static org.assertj.core.api.Assertions.assertThat;

import dev.hcp.api.v1alpha1.HostedControlPlane;
import dev.hcp.api.v1alpha1.ObjectLockMode;
import dev.hcp.conditions.ConditionState;
import dev.hcp.conditions.ConditionStatus;
import dev.hcp.conditions.ConditionType;
import dev.hcp.conditions.Reason;
import dev.hcp.controller.plan.Action;
import dev.hcp.controller.plan.BackupOrder;
import dev.hcp.controller.plan.BackupState;
import dev.hcp.controller.plan.ObjectReference;
import dev.hcp.controller.plan.StoreCredentials;
import dev.hcp.controller.reconcile.Plan;
import dev.hcp.controller.scenario.Scenario;
import dev.hcp.naming.Labels;
import dev.hcp.process.BackupIdentities;
import io.fabric8.kubernetes.api.model.Secret;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** What is planned for backups. */
class BackupTest {
  private static final Instant LAST = Instant.parse("2026-03-01T02:30:05Z");
  private static final ObjectReference STORE = ObjectReference.secret("clusters", "s3");

  private final Scenario scenario = Scenario.named("minimal");

  @BeforeEach
  void settle() {
    scenario.spec("etcd: {backup: {schedule: '30 2 * * *', secret: {name: s3}}}");
    scenario.status("initialization: {controlPlaneInitialized: true}");
    scenario.edit(
        HostedControlPlane.class,
        "demo",
        object -> object.getMetadata().setCreationTimestamp("2026-03-01T00:00:00Z"));
    scenario.with(
        """
        apiVersion: v1
        kind: Secret
        metadata: {name: s3, namespace: clusters}
        data:
          accessKeyID: aWQ=
          secretAccessKey: c2VjcmV0
          region: aGVyZQ==
          bucket: YnVja2V0L3ByZWZpeA==
        """);
    for (var secret : List.of("demo-etcd-ca-bundle", "demo-etcd-controller-client")) {
      scenario.with(
          """
          apiVersion: v1
          kind: Secret
          metadata:
            name: %s
            namespace: clusters
            labels: {cluster.x-k8s.io/cluster-name: demo}
          data: {ca.crt: Y2E=, tls.crt: Y2VydA==, tls.key: a2V5}
          """
              .formatted(secret));
    }
  }

  @Test
  void whereNoBackupsAreWantedNothingIsSaid() {
    var other = Scenario.named("minimal");
    var plan = Plan.of(other.observation());
    assertThat(plan.makesBackups()).isFalse();
    assertThat(plan.steps()).noneMatch(step -> step.state().type() == ConditionType.BACKUP);
    assertThat(Backup.lastTime(plan.planning())).isNull();
    assertThat(Backup.nextTime(plan.planning())).isNull();
  }

  @Test
  void ordersWhatTheSpecSays() {
    scenario.spec(
        """
        etcd:
          backup:
            schedule: '30 2 * * *'
            timeZone: Europe/Berlin
            secret: {name: s3}
            retention: {count: 7, age: 720h}
            objectLock: {mode: Governance, days: 14}
        """);
    scenario.edit(
        HostedControlPlane.class,
        "demo",
        object ->
            object
                .getMetadata()
                .setAnnotations(Map.of(Labels.BACKUP_ANNOTATION, "before upgrade")));
    var order = order();
    assertThat(order.cluster()).isEqualTo("demo");
    assertThat(order.schedule().next(LAST)).contains(Instant.parse("2026-03-02T01:30:00Z"));
    assertThat(order.since()).isEqualTo("2026-03-01T00:00:00Z");
    assertThat(order.request()).contains("before upgrade");
    assertThat(order.store().place()).isEqualTo("s3://here/bucket/prefix");
    assertThat(order.etcd().members()).hasSize(3);
    assertThat(order.etcd().certificate()).isEqualTo("cert");
    assertThat(order.retention())
        .isEqualTo(new BackupOrder.Retention(OptionalInt.of(7), Optional.of(Duration.ofDays(30))));
    assertThat(order.encryptionKey()).isEmpty();
    assertThat(order.lock()).contains(new BackupOrder.Lock(ObjectLockMode.GOVERNANCE, 14));
    assertThat(order.finalOf()).isEmpty();
    assertThat(plan().followed()).contains(STORE);
  }

  @Test
  void encryptsWithTheKeyOfAnotherSecret() {
    scenario.spec(
        "etcd: {backup: {schedule: '@daily', secret: {name: s3}, encryption: {secretName: key}}}");
    assertThat(plan().followed()).contains(STORE, ObjectReference.secret("clusters", "key"));
    assertThat(state().message()).isEqualTo("Secret key has not been read yet");
    scenario.with(
        """
        apiVersion: v1
        kind: Secret
        metadata: {name: key, namespace: clusters}
        data: {encryptionKey: c2hvcnQ=}
        """);
    assertThat(state().reason()).isEqualTo(Reason.BACKUP_SECRET_INVALID);
    assertThat(state().message())
        .isEqualTo(
            "Secret key, key encryptionKey: there is none that is 32 bytes, or these in base64, as openssl rand -base64 32 prints them");
    scenario.edit(
        Secret.class,
        "key",
        secret ->
            secret.setData(
                Map.of("encryptionKey", "MDEyMzQ1Njc4OTAxMjM0NTY3ODkwMTIzNDU2Nzg5MDE=")));
    assertThat(order().encryptionKey()).contains("MDEyMzQ1Njc4OTAxMjM0NTY3ODkwMTIzNDU2Nzg5MDE=");
    assertThat(order().toString()).doesNotContain("MDEy");
  }

  @Test
  void aSecretThatIsMissingOrLacksAKeyIsSaid() {
    scenario.edit(Secret.class, "s3", secret -> secret.setData(Map.of("region", "aGVyZQ==")));
    assertThat(plan().makesBackups()).isFalse();
    assertThat(state().status()).isEqualTo(ConditionStatus.FALSE);
    assertThat(state().reason()).isEqualTo(Reason.BACKUP_SECRET_INVALID);
    assertThat(state().message())
        .isEqualTo(
            "Secret s3 has no key accessKeyID; Secret s3 has no key secretAccessKey; Secret s3 has no key bucket");
    scenario.without(Secret.class, "s3").missing(STORE);
    assertThat(state().message()).isEqualTo("Secret s3, which backups need, does not exist");
  }

  @Test
  void aSecretOfAnotherNamespaceNeedsAGrant() {
    scenario.spec("etcd: {backup: {schedule: '@daily', secret: {name: far, namespace: security}}}");
    scenario.edit(
        Secret.class,
        "s3",
        secret -> {
          secret.getMetadata().setName("far");
          secret.getMetadata().setNamespace("security");
        });
    assertThat(plan().makesBackups()).isFalse();
    assertThat(state().reason()).isEqualTo(Reason.REFERENCE_NOT_PERMITTED);
    scenario.with(
        """
        apiVersion: gateway.networking.k8s.io/v1beta1
        kind: ReferenceGrant
        metadata: {name: backups, namespace: security}
        spec:
          from:
          - {group: controlplane.cluster.x-k8s.io, kind: HostedControlPlane, namespace: clusters}
          to:
          - {group: "", kind: Secret, name: far}
        """);
    assertThat(order().store().credentials())
        .isEqualTo(new StoreCredentials.AccessKey("id", "secret"));
  }

  private static final String ROLE = "arn:aws:iam::123456789012:role/backups";

  /** Whoever writes a spec would otherwise get wherever the controller gets. */
  @Test
  void anIdentityOfTheControllerIsOnlyUsedWhereThatIsAllowed() {
    scenario.spec(
        """
        etcd:
          backup:
            schedule: '@daily'
            secret: {name: s3}
            credentials: {source: WebIdentity, roleARN: '%s'}
        """
            .formatted(ROLE));
    scenario.edit(
        Secret.class,
        "s3",
        secret -> secret.setData(Map.of("region", "aGVyZQ==", "bucket", "YnVja2V0L3ByZWZpeA==")));
    assertThat(plan().makesBackups()).isFalse();
    assertThat(state().status()).isEqualTo(ConditionStatus.FALSE);
    assertThat(state().reason()).isEqualTo(Reason.IDENTITY_NOT_PERMITTED);
    assertThat(state().message())
        .isEqualTo(
            "the controller does not let control planes of namespace clusters use role %s with"
                    .formatted(ROLE)
                + " bucket bucket; whoever runs it can allow that by BACKUP_IDENTITIES: clusters=%s@bucket"
                    .formatted(ROLE));
    scenario.permitted(
        identities(new BackupIdentities.Rule("others", ROLE, Optional.empty(), "bucket")));
    assertThat(state().reason()).isEqualTo(Reason.IDENTITY_NOT_PERMITTED);
    scenario.permitted(
        identities(new BackupIdentities.Rule("clusters", ROLE, Optional.empty(), "bucket")));
    assertThat(order().store().credentials())
        .isEqualTo(new StoreCredentials.WebIdentity(ROLE, "clusters.demo"));
    assertThat(order().store().place()).isEqualTo("s3://here/bucket/prefix");
    // Nor is it sent anywhere else.
    scenario.edit(
        Secret.class,
        "s3",
        secret -> secret.setData(Map.of("host", "c3RvcmU=", "bucket", "YnVja2V0")));
    assertThat(state().reason()).isEqualTo(Reason.IDENTITY_NOT_PERMITTED);
    assertThat(state().message())
        .contains("store https://store and bucket bucket")
        .endsWith("clusters=%s@https://store/bucket".formatted(ROLE));
  }

  @Test
  void theControllersOwnIdentityIsOnlyUsedWhereThatIsAllowed() {
    scenario.spec(
        "etcd: {backup: {schedule: '@daily', secret: {name: s3}, credentials: {source:"
            + " Controller}}}");
    assertThat(state().reason()).isEqualTo(Reason.IDENTITY_NOT_PERMITTED);
    assertThat(state().message()).endsWith("clusters=controller@bucket");
    scenario.permitted(
        identities(new BackupIdentities.Rule("*", "controller", Optional.empty(), "bucket")));
    assertThat(order().store().credentials()).isEqualTo(new StoreCredentials.Controller());
  }

  private static BackupIdentities identities(BackupIdentities.Rule rule) {
    return new BackupIdentities(List.of(rule), Optional.empty(), Optional.empty());
  }

  /** Whoever writes a spec must not be able to have the keys of a cluster sent to himself. */
  @Test
  void keysOfClustersAreNoCredentials() {
    scenario.edit(
        Secret.class,
        "s3",
        secret -> secret.getMetadata().setLabels(Map.of(Labels.MANAGED_BY, Labels.MANAGER)));
    assertThat(plan().makesBackups()).isFalse();
    assertThat(state().reason()).isEqualTo(Reason.INVALID_SPEC);
  }

  @Test
  void beginsOnceThereIsSomething() {
    scenario.status("initialization: {controlPlaneInitialized: false}");
    assertThat(plan().makesBackups()).isFalse();
    assertThat(state().status()).isEqualTo(ConditionStatus.UNKNOWN);
    assertThat(state().reason()).isEqualTo(Reason.WAITING_FOR_ETCD);
  }

  @Test
  void beforeTheFirstBackupItIsSaidWhenThatIs() {
    assertThat(state().status()).isEqualTo(ConditionStatus.UNKNOWN);
    assertThat(state().message()).isEqualTo("The store is being looked at for earlier backups");
    scenario.backedUp(known(Optional.empty(), Optional.empty(), Optional.empty()));
    assertThat(state().status()).isEqualTo(ConditionStatus.UNKNOWN);
    assertThat(state().reason()).isEqualTo(Reason.FIRST_BACKUP_PENDING);
    assertThat(state().message())
        .isEqualTo("There is no backup yet; the next one is due at 2026-03-01T02:30:00Z");
  }

  @Test
  void saysWhenTheLastBackupWasAndTheNextWillBe() {
    scenario.backedUp(known(Optional.of(LAST), Optional.empty(), Optional.empty()));
    assertThat(state().status()).isEqualTo(ConditionStatus.TRUE);
    assertThat(state().message())
        .isEqualTo(
            "The last backup was made at 2026-03-01T02:30:05Z; the next one is due at 2026-03-02T02:30:00Z");
    var planning = plan().planning();
    assertThat(Backup.lastTime(planning)).isEqualTo("2026-03-01T02:30:05Z");
    assertThat(Backup.nextTime(planning)).isEqualTo("2026-03-02T02:30:00Z");
    assertThat(Backup.lastRequest(planning)).isEqualTo("request");
  }

  @Test
  void whatCannotBeDeletedIsSaidButIsNoFailure() {
    scenario.backedUp(known(Optional.of(LAST), Optional.empty(), Optional.of("not allowed")));
    assertThat(state().status()).isEqualTo(ConditionStatus.TRUE);
    assertThat(state().message()).endsWith("; older ones are kept: not allowed");
  }

  @Test
  void aFailureHasItsCauseTheNextTryAndTheLastSuccess() {
    var again = Instant.parse("2026-03-02T02:40:00Z");
    scenario.backedUp(
        known(
            Optional.of(LAST),
            Optional.of(
                new BackupState.Failure(Reason.STORE_ACCESS_DENIED, "the key is wrong", again)),
            Optional.empty()));
    assertThat(state().status()).isEqualTo(ConditionStatus.FALSE);
    assertThat(state().reason()).isEqualTo(Reason.STORE_ACCESS_DENIED);
    assertThat(state().message())
        .isEqualTo(
            "the key is wrong; it is tried again at 2026-03-02T02:40:00Z; the last backup was made at 2026-03-01T02:30:05Z");
    // An outage of the store is none of the control plane.
    assertThat(state().isUnmet()).isFalse();
  }

  /** A controller that starts knows the last backup from the status, and says what it said. */
  @Test
  void nothingChangesWhenTheControllerStarts() {
    scenario.status(
        """
        initialization: {controlPlaneInitialized: true}
        etcdLastBackupTime: "2026-03-01T02:30:05Z"
        etcdLastBackupRequest: before upgrade
        conditions:
        - type: BackupReady
          status: "False"
          observedGeneration: 1
          lastTransitionTime: "2026-03-01T00:00:00Z"
          reason: StoreFull
          message: said before
        """);
    scenario.edit(
        HostedControlPlane.class, "demo", object -> object.getMetadata().setGeneration(1L));
    assertThat(state())
        .isEqualTo(ConditionState.not(ConditionType.BACKUP, Reason.STORE_FULL, "said before"));
    var remembered = action().remembered();
    assertThat(remembered.looked()).isTrue();
    assertThat(remembered.last()).contains(LAST);
    assertThat(remembered.request()).contains("before upgrade");
    var planning = plan().planning();
    assertThat(Backup.lastTime(planning)).isEqualTo("2026-03-01T02:30:05Z");
    assertThat(Backup.nextTime(planning)).isEqualTo("2026-03-02T02:30:00Z");
    assertThat(Backup.lastRequest(planning)).isEqualTo("before upgrade");
    // Until it has tried by itself.
    scenario.backedUp(known(Optional.of(LAST), Optional.empty(), Optional.empty()));
    assertThat(state().status()).isEqualTo(ConditionStatus.TRUE);
  }

  private static BackupState known(
      Optional<Instant> last, Optional<BackupState.Failure> failure, Optional<String> untidied) {
    return new BackupState(true, true, last, last.map(_ -> "request"), failure, untidied);
  }

  private Plan plan() {
    return Plan.of(scenario.observation());
  }

  private ConditionState state() {
    return plan().steps().stream()
        .map(step -> step.state())
        .filter(state -> state.type() == ConditionType.BACKUP)
        .findFirst()
        .orElseThrow();
  }

  private Action.KeepBackups action() {
    return plan().steps().stream()
        .flatMap(step -> step.actions().stream())
        .filter(Action.KeepBackups.class::isInstance)
        .map(Action.KeepBackups.class::cast)
        .findFirst()
        .orElseThrow();
  }

  private BackupOrder order() {
    return action().order();
  }
}
