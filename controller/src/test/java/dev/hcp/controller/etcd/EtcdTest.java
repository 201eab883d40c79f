package dev.hcp.controller.etcd;

import static org.assertj.core.api.Assertions.assertThat;

import dev.hcp.api.v1alpha1.Condition;
import dev.hcp.api.v1alpha1.EtcdMemberStatus;
import dev.hcp.api.v1alpha1.HostedControlPlaneStatus;
import dev.hcp.conditions.ConditionType;
import dev.hcp.conditions.Conditions;
import dev.hcp.controller.plan.Action;
import dev.hcp.controller.plan.EtcdIdentity;
import dev.hcp.controller.plan.MemberChanges;
import dev.hcp.controller.plan.ObservedEtcd;
import dev.hcp.controller.plan.ObservedEtcd.Corruption;
import dev.hcp.controller.plan.ReadyPods;
import dev.hcp.controller.plan.Step;
import dev.hcp.controller.reconcile.Outcome;
import dev.hcp.controller.reconcile.Plan;
import dev.hcp.controller.reconcile.Report;
import dev.hcp.controller.scenario.Scenario;
import dev.hcp.render.etcd.EtcdRenderer;
import io.fabric8.kubernetes.api.model.ConfigMap;
import io.fabric8.kubernetes.api.model.Quantity;
import io.fabric8.kubernetes.api.model.apps.Deployment;
import io.fabric8.kubernetes.api.model.apps.StatefulSet;
import io.fabric8.kubernetes.api.model.apps.StatefulSetUpdateStrategyBuilder;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** What is wanted of etcd, and said of it, depending on what its members say. */
final class EtcdTest {
  private static final Instant NOW = Instant.parse("2026-02-03T04:05:06Z");
  private static final ReadyPods NO_PODS = new ReadyPods(Map.of());
  private static final String UID = "00000000-0000-0000-0000-000000000001";

  /** etcd has the new version already, the API servers have not. */
  private final Scenario scenario = Scenario.named("upgrade-2-etcd-settled");

  private static ObservedEtcd.Member healthy(int ordinal) {
    return new ObservedEtcd.Member(
        "demo-etcd-" + ordinal,
        Optional.empty(),
        Optional.of("a" + ordinal),
        true,
        true,
        false,
        false,
        Optional.empty(),
        Optional.of("3.6.8"),
        Optional.of(new Quantity("16Mi")),
        List.of());
  }

  private static ObservedEtcd etcd(ObservedEtcd.Member... members) {
    return new ObservedEtcd(
        true,
        Optional.empty(),
        Optional.of("c1"),
        Optional.of(UID),
        Optional.of("demo-etcd-1"),
        Optional.empty(),
        List.of(members),
        List.of(),
        Optional.empty(),
        Optional.empty(),
        NO_PODS,
        false,
        OptionalLong.empty(),
        Optional.empty());
  }

  private static ObservedEtcd allHealthy() {
    return etcd(healthy(0), healthy(1), healthy(2));
  }

  private static ObservedEtcd without(ObservedEtcd etcd, String trouble) {
    return new ObservedEtcd(
        false,
        Optional.of(trouble),
        etcd.cluster(),
        Optional.empty(),
        Optional.empty(),
        Optional.empty(),
        etcd.members(),
        etcd.strangers(),
        Optional.empty(),
        Optional.empty(),
        NO_PODS,
        false,
        OptionalLong.empty(),
        Optional.empty());
  }

  private static ObservedEtcd identified(Optional<String> cluster, Optional<String> mark) {
    var all = allHealthy();
    return new ObservedEtcd(
        true,
        Optional.empty(),
        cluster,
        mark,
        all.leader(),
        Optional.empty(),
        all.members(),
        List.of(),
        Optional.empty(),
        Optional.empty(),
        NO_PODS,
        false,
        OptionalLong.empty(),
        Optional.empty());
  }

  private static ObservedEtcd.Member silent(int ordinal) {
    var m = healthy(ordinal);
    return new ObservedEtcd.Member(
        m.name(),
        Optional.of("member %s: no answer".formatted(m.name())),
        m.id(),
        true,
        true,
        false,
        false,
        Optional.empty(),
        m.version(),
        m.dbSize(),
        List.of());
  }

  private static ObservedEtcd.Member unlisted(int ordinal) {
    var m = healthy(ordinal);
    return new ObservedEtcd.Member(
        m.name(),
        Optional.empty(),
        m.id(),
        false,
        true,
        false,
        false,
        Optional.empty(),
        m.version(),
        m.dbSize(),
        List.of());
  }

  private static ObservedEtcd.Member behind(int ordinal) {
    var m = healthy(ordinal);
    return new ObservedEtcd.Member(
        m.name(),
        Optional.empty(),
        m.id(),
        true,
        true,
        false,
        true,
        Optional.empty(),
        m.version(),
        m.dbSize(),
        List.of());
  }

  private static ObservedEtcd.Member foreign(int ordinal) {
    var m = healthy(ordinal);
    return new ObservedEtcd.Member(
        m.name(),
        Optional.empty(),
        m.id(),
        true,
        true,
        false,
        false,
        Optional.of("c2"),
        m.version(),
        m.dbSize(),
        List.of());
  }

  private static ObservedEtcd.Member alarmed(int ordinal, String alarm) {
    var m = healthy(ordinal);
    return new ObservedEtcd.Member(
        m.name(),
        Optional.empty(),
        m.id(),
        true,
        true,
        false,
        false,
        Optional.empty(),
        m.version(),
        m.dbSize(),
        List.of(alarm));
  }

  private EtcdTest withCertificates() {
    scenario.with(
        """
        apiVersion: v1
        kind: Secret
        metadata: {name: demo-etcd-ca-bundle, namespace: clusters}
        data: {ca.crt: Q0E=}
        ---
        apiVersion: v1
        kind: Secret
        metadata: {name: demo-etcd-controller-client, namespace: clusters}
        data: {tls.crt: Q0VSVA==, tls.key: S0VZ}
        """);
    return this;
  }

  private EtcdTest withPods(int ready) {
    for (int i = 0; i < 3; i++) {
      scenario.with(
          """
          apiVersion: v1
          kind: Pod
          metadata:
            name: demo-etcd-%d
            namespace: clusters
            labels: {app.kubernetes.io/component: etcd}
          status:
            conditions: [{type: Ready, status: "%s"}]
          """
              .formatted(i, i < ready ? "True" : "False"));
    }
    scenario.edit(
        StatefulSet.class,
        "demo-etcd",
        set -> {
          set.getStatus().setReadyReplicas(ready);
          set.getStatus().setAvailableReplicas(ready);
        });
    return this;
  }

  private EtcdTest recorded(String cluster, String mark) {
    scenario.with(
        """
        apiVersion: v1
        kind: ConfigMap
        metadata: {name: demo-etcd-identity, namespace: clusters}
        data: {cluster-id: "%s", mark: "%s"}
        """
            .formatted(cluster, mark));
    return this;
  }

  private EtcdTest withVolumes(String... capacities) {
    for (int i = 0; i < capacities.length; i++) {
      scenario.with(
          """
          apiVersion: v1
          kind: PersistentVolumeClaim
          metadata: {name: etcd-data-demo-etcd-%d, namespace: clusters}
          status: {capacity: {storage: %s}}
          """
              .formatted(i, capacities[i]));
    }
    return this;
  }

  private Plan plan() {
    return Plan.of(scenario.observation());
  }

  private Step step() {
    return plan().steps().stream()
        .filter(s -> s.state().type() == ConditionType.ETCD)
        .findFirst()
        .orElseThrow();
  }

  private Optional<Action.KeepEtcd> action() {
    return step().actions().stream()
        .filter(Action.KeepEtcd.class::isInstance)
        .map(Action.KeepEtcd.class::cast)
        .findFirst();
  }

  private HostedControlPlaneStatus report() {
    var plan = plan();
    return Report.of(
        plan, plan.steps().stream().map(s -> new Outcome(s, Optional.empty())).toList(), NOW);
  }

  private Condition condition(ConditionType type) {
    return Conditions.find(List.copyOf(report().conditions()), type).orElseThrow();
  }

  private void assertSaid(String reason, String message) {
    var condition = condition(ConditionType.ETCD);
    assertThat(condition.message()).isEqualTo(message);
    assertThat(condition.reason()).isEqualTo(reason);
    assertThat(condition.status())
        .isEqualTo(reason.equals("ReconcileSucceeded") ? "True" : "False");
  }

  private Optional<StatefulSet> set() {
    return step().desired().stream()
        .filter(StatefulSet.class::isInstance)
        .map(StatefulSet.class::cast)
        .findFirst();
  }

  private Optional<Map<String, String>> identity() {
    return step().desired().stream()
        .filter(ConfigMap.class::isInstance)
        .filter(object -> object.getMetadata().getName().equals("demo-etcd-identity"))
        .map(object -> ((ConfigMap) object).getData())
        .findFirst();
  }

  private boolean apiServersMoveOn() {
    return plan().steps().stream()
        .flatMap(s -> s.desired().stream())
        .filter(Deployment.class::isInstance)
        .map(Deployment.class::cast)
        .filter(d -> d.getMetadata().getName().equals("demo-api-server"))
        .allMatch(
            d -> d.getSpec().getTemplate().getMetadata().getAnnotations().containsValue("v1.36.3"));
  }

  // What is said.

  @Test
  void whereAllIsWellTheSameIsSaidAsByPods() {
    assertSaid("ReconcileSucceeded", "All 3 members serve");
    scenario.etcd(allHealthy());
    assertSaid("ReconcileSucceeded", "All 3 members serve");
    assertThat(apiServersMoveOn()).isTrue();
  }

  @Test
  void aReadyPodThatIsNoMemberIsNamed() {
    withPods(3);
    scenario.etcd(etcd(healthy(0), healthy(1), unlisted(2)));
    assertSaid(
        "MembersDiffer",
        "etcd serves, but demo-etcd-2, whose pod is ready, is no member of the cluster");
    assertThat(apiServersMoveOn()).as("API servers wait until etcd is in order").isFalse();
  }

  @Test
  void allThatIsWrongWithMembersIsNamed() {
    scenario.etcd(etcd(silent(0), behind(1), foreign(2)));
    assertSaid(
        "MembersDiffer",
        "etcd serves, but demo-etcd-2 belongs to another cluster, c2;"
            + " member demo-etcd-0: no answer;"
            + " demo-etcd-1 lacks much of what the others have");
    scenario.etcd(etcd(silent(0), healthy(1), healthy(2)));
    assertSaid("MembersNotReady", "etcd serves, but member demo-etcd-0: no answer");
  }

  @Test
  void strangersAreNamed() {
    var all = allHealthy();
    scenario.etcd(
        new ObservedEtcd(
            true,
            Optional.empty(),
            all.cluster(),
            all.mark(),
            all.leader(),
            Optional.empty(),
            all.members(),
            List.of("member old (abc)"),
            Optional.empty(),
            Optional.empty(),
            NO_PODS,
            false,
            OptionalLong.empty(),
            Optional.empty()));
    assertSaid(
        "MembersDiffer", "etcd serves, but member old (abc) belongs to the cluster and should not");
  }

  @Test
  void alarmsComeFirst() {
    scenario.etcd(etcd(silent(0), alarmed(1, "NOSPACE"), healthy(2)));
    assertThat(condition(ConditionType.ETCD).reason()).isEqualTo("NoSpace");
    assertThat(condition(ConditionType.ETCD).message()).contains("demo-etcd-1");
    assertThat(condition(ConditionType.AVAILABLE).reason()).isNotEqualTo("NoSpace");
    scenario.etcd(etcd(alarmed(0, "CORRUPT"), alarmed(1, "NOSPACE"), healthy(2)));
    assertThat(condition(ConditionType.ETCD).reason()).isEqualTo("DataCorrupt");
    assertThat(condition(ConditionType.ETCD).message()).contains("demo-etcd-0");
  }

  @Test
  void whatIsKnownOfDataThatDifferIsSaid() {
    scenario.etcd(allHealthy().with(Corruption.UNEXAMINED));
    assertSaid(
        "DataCorrupt",
        "etcd says that the data of its members differ, and not whose are wrong, and takes no"
            + " writes; the controller compares the data");
    scenario.etcd(
        etcd(alarmed(0, "CORRUPT"), healthy(1), healthy(2))
            .with(new Corruption(Optional.of("demo-etcd-0"), false, Optional.of("SEEN"))));
    assertSaid(
        "DataCorrupt",
        "etcd says that the data of demo-etcd-0 differ from those of the others, and takes no"
            + " writes; SEEN. So demo-etcd-0 is removed once all members answer, and made anew"
            + " from the data of the others");
    scenario.etcd(allHealthy().with(new Corruption(Optional.empty(), false, Optional.of("SEEN"))));
    assertThat(condition(ConditionType.ETCD).message())
        .contains("SEEN. That does not single out one member, so nothing is done by itself")
        .contains("restore a backup");
    scenario.etcd(allHealthy().with(new Corruption(Optional.empty(), true, Optional.of("SEEN"))));
    assertThat(condition(ConditionType.ETCD).message())
        .contains("SEEN. So all have the same data now");
  }

  @Test
  void withoutAnAgreementTheApiServersCannotBeUsed() {
    withPods(3);
    scenario.etcd(without(allHealthy(), "member demo-etcd-0 knows of no leader"));
    assertSaid("QuorumLost", "etcd does not serve: member demo-etcd-0 knows of no leader");
    assertThat(condition(ConditionType.AVAILABLE).reason()).isEqualTo("QuorumLost");
  }

  @Test
  void aMajorityThatAgreesCountsMoreThanPods() {
    withPods(1);
    scenario.etcd(allHealthy());
    assertThat(condition(ConditionType.AVAILABLE).reason()).isNotEqualTo("QuorumLost");
  }

  @Test
  void membersThatOnlyTheControllerDoesNotReachDoNotMakeTheClusterUnavailable() {
    withPods(3);
    scenario.etcd(without(etcd(silent(0), silent(1), silent(2)), "member demo-etcd-0: no answer"));
    assertSaid(
        "EtcdUnreachable",
        "3 of 3 pods are ready, but the controller reaches no member, so nothing is maintained:"
            + " member demo-etcd-0: no answer");
    assertThat(condition(ConditionType.AVAILABLE).reason()).isNotEqualTo("QuorumLost");
  }

  @Test
  void ifPodsAreGoneTooThatIsWhatIsSaid() {
    withPods(1);
    scenario.etcd(without(etcd(silent(0), silent(1), silent(2)), "member demo-etcd-0: no answer"));
    assertThat(condition(ConditionType.ETCD).reason()).isEqualTo("QuorumLost");
    assertThat(condition(ConditionType.ETCD).message()).startsWith("1 of 3 members are ready");
    assertThat(condition(ConditionType.AVAILABLE).reason()).isEqualTo("QuorumLost");
  }

  @ParameterizedTest
  @CsvSource({
    "NoSpace, NoSpace",
    "EtcdDataChanged, EtcdDataChanged",
    "QuorumLost, ReconcileSucceeded"
  })
  void aControllerThatHasJustStartedRepeatsWhatOnlyMembersCanSay(String before, String now) {
    scenario.status(
        """
        conditions:
          - type: EtcdClusterReady
            status: "False"
            observedGeneration: 2
            lastTransitionTime: "2026-01-01T00:00:00Z"
            reason: %s
            message: before
        """
            .formatted(before));
    assertThat(condition(ConditionType.ETCD).reason()).isEqualTo(now);
  }

  // Which etcd it is.

  @Test
  void theFirstEtcdWithAMarkIsRecorded() {
    assertThat(identity()).isEmpty();
    scenario.etcd(identified(Optional.of("c1"), Optional.empty()));
    assertThat(identity()).isEmpty();
    scenario.etcd(allHealthy());
    assertThat(identity()).contains(Map.of("cluster-id", "c1", "mark", UID));
  }

  @ParameterizedTest
  @CsvSource({"c1, other", "c2, " + UID, "c2, other", "c1,", "c2,"})
  void anotherEtcdStopsAllChangesToIt(String cluster, String mark) {
    recorded("c1", UID).withPods(3);
    scenario.etcd(identified(Optional.of(cluster), Optional.ofNullable(mark)));
    assertThat(condition(ConditionType.ETCD).reason()).isEqualTo("EtcdDataChanged");
    assertThat(condition(ConditionType.ETCD).message())
        .contains("ConfigMap demo-etcd-identity", "cluster " + cluster, "cluster c1", UID);
    assertThat(condition(ConditionType.AVAILABLE))
        .returns("False", Condition::status)
        .returns("EtcdDataChanged", Condition::reason);
    assertThat(set()).isEmpty();
    assertThat(identity())
        .as("what is recorded stays")
        .contains(Map.of("cluster-id", "c1", "mark", UID));
    assertThat(apiServersMoveOn()).isFalse();
  }

  @Test
  void theSameEtcdIsChanged() {
    recorded("c1", UID);
    scenario.etcd(allHealthy());
    assertThat(set()).isPresent();
    assertSaid("ReconcileSucceeded", "All 3 members serve");
  }

  @Test
  void anEtcdThatDoesNotServeIsNotTakenForAnother() {
    recorded("c1", UID).withPods(3);
    scenario.etcd(without(allHealthy(), "no leader"));
    assertThat(condition(ConditionType.ETCD).reason()).isEqualTo("QuorumLost");
    assertThat(set()).isPresent();
  }

  // What is looked at.

  @Test
  void nobodyIsAskedBeforeAPodIsReady() {
    withCertificates().withPods(0);
    assertThat(action()).isEmpty();
    withPods(1);
    assertThat(action()).isPresent();
    withPods(0).recorded("c1", UID);
    assertThat(action()).as("a cluster that has existed is asked always").isPresent();
  }

  @Test
  void withoutCertificatesNobodyCanBeAsked() {
    withPods(3);
    assertThat(action()).isEmpty();
  }

  @Test
  void membersAreAskedByTheirOwnNames() {
    withCertificates().withPods(2).withVolumes("2Gi", "1Gi", "3Gi").recorded("c1", UID);
    scenario.status(
        """
        etcdLastDefragTime: "2026-01-02T03:04:05Z"
        etcdLastAttemptedDefragTime: "2026-01-02T03:04:06Z"
        """);
    var wanted = action().orElseThrow();
    assertThat(wanted.access().members())
        .extracting(
            endpoint -> "%s %s:%d".formatted(endpoint.member(), endpoint.host(), endpoint.port()))
        .containsExactly(
            "demo-etcd-0 demo-etcd-0.e-demo-etcd.clusters.svc:2379",
            "demo-etcd-1 demo-etcd-1.e-demo-etcd.clusters.svc:2379",
            "demo-etcd-2 demo-etcd-2.e-demo-etcd.clusters.svc:2379");
    assertThat(wanted.access().authorities()).isEqualTo("CA");
    assertThat(wanted.access().certificate()).isEqualTo("CERT");
    assertThat(wanted.access().key()).isEqualTo("KEY");
    assertThat(wanted.pods().names()).containsExactlyInAnyOrder("demo-etcd-0", "demo-etcd-1");
    assertThat(wanted.changes()).isEqualTo(MemberChanges.NONE);
    assertThat(wanted.recorded()).contains(new EtcdIdentity("c1", UID));
    assertThat(wanted.mark()).isEqualTo(UID);
    assertThat(wanted.maintained()).isFalse();
    assertThat(wanted.capacity()).isEqualTo(OptionalLong.of(1L << 30));
    assertThat(wanted.defragmented()).contains(Instant.parse("2026-01-02T03:04:05Z"));
    assertThat(wanted.defragmentationTried()).contains(Instant.parse("2026-01-02T03:04:06Z"));
  }

  @Test
  void unlessAllVolumesAreKnownTheirSizeIsNot() {
    withCertificates().withPods(3).withVolumes("1Gi", "1Gi");
    assertThat(action().orElseThrow().capacity()).isEmpty();
    withVolumes("1Gi", "1Gi", "1Gi");
    assertThat(action().orElseThrow().capacity()).isPresent();
  }

  // The status.

  @Test
  void theStatusListsMembers() {
    assertThat(report().etcd()).isNull();
    var all = etcd(healthy(0), silent(1), alarmed(2, "NOSPACE"));
    scenario.etcd(
        new ObservedEtcd(
            true,
            Optional.empty(),
            all.cluster(),
            all.mark(),
            all.leader(),
            Optional.empty(),
            all.members(),
            List.of(),
            Optional.of(Instant.parse("2026-01-02T03:04:05.678Z")),
            Optional.of(Instant.parse("2026-01-02T03:04:06.789Z")),
            NO_PODS,
            false,
            OptionalLong.empty(),
            Optional.empty()));
    var status = report();
    assertThat(status.etcd().clusterID()).isEqualTo("c1");
    assertThat(status.etcd().leader()).isEqualTo("demo-etcd-1");
    assertThat(status.etcd().members())
        .containsExactly(
            new EtcdMemberStatus(
                "demo-etcd-0", "a0", true, false, "3.6.8", new Quantity("16Mi"), null),
            new EtcdMemberStatus(
                "demo-etcd-1", "a1", false, false, "3.6.8", new Quantity("16Mi"), null),
            new EtcdMemberStatus(
                "demo-etcd-2",
                "a2",
                false,
                false,
                "3.6.8",
                new Quantity("16Mi"),
                List.of("NOSPACE")));
    assertThat(status.etcdLastDefragTime()).isEqualTo("2026-01-02T03:04:05Z");
    assertThat(status.etcdLastAttemptedDefragTime()).isEqualTo("2026-01-02T03:04:06Z");
  }

  @Test
  void untilMembersAreAskedTheStatusStays() {
    scenario.status(
        """
        etcdLastDefragTime: "2026-01-02T03:04:05Z"
        etcdLastAttemptedDefragTime: "2026-01-02T03:04:06Z"
        etcd:
          clusterID: c1
          members: [{name: demo-etcd-0, healthy: true}]
        """);
    var status = report();
    assertThat(status.etcd().clusterID()).isEqualTo("c1");
    assertThat(status.etcd().members()).hasSize(1);
    assertThat(status.etcdLastDefragTime()).isEqualTo("2026-01-02T03:04:05Z");
    scenario.etcd(allHealthy());
    assertThat(report().etcdLastAttemptedDefragTime()).isEqualTo("2026-01-02T03:04:06Z");
    assertThat(report().etcd().members()).hasSize(3);
  }

  // Volumes.

  private static ObservedEtcd filling(long quota, ObservedEtcd.Member... members) {
    var etcd = etcd(members);
    return new ObservedEtcd(
        true,
        Optional.empty(),
        etcd.cluster(),
        etcd.mark(),
        etcd.leader(),
        Optional.empty(),
        etcd.members(),
        List.of(),
        Optional.empty(),
        Optional.empty(),
        NO_PODS,
        false,
        OptionalLong.of(quota),
        Optional.empty());
  }

  private EtcdTest withBoundVolumes(String size) {
    for (int i = 0; i < 3; i++) {
      scenario.with(
          """
          apiVersion: v1
          kind: PersistentVolumeClaim
          metadata: {name: etcd-data-demo-etcd-%d, namespace: clusters}
          spec: {storageClassName: fast, resources: {requests: {storage: %s}}}
          status: {phase: Bound, capacity: {storage: %s}}
          """
              .formatted(i, size, size));
    }
    return this;
  }

  private List<String> enlarged() {
    return step().actions().stream()
        .filter(Action.EnlargeVolume.class::isInstance)
        .map(Action.EnlargeVolume.class::cast)
        .map(action -> action.size().toString())
        .toList();
  }

  @Test
  void volumesGrowIfTheQuotaThatTheyAllowIsNearlyUsedUp() {
    withPods(3).withBoundVolumes("2Gi");
    scenario.with(
        """
        apiVersion: storage.k8s.io/v1
        kind: StorageClass
        metadata: {name: fast}
        provisioner: example.com/disks
        allowVolumeExpansion: true
        """);
    long quota = EtcdRenderer.quota(2L << 30);
    scenario.etcd(filling(quota, healthy(0), healthy(1), healthy(2)));
    assertThat(enlarged()).containsExactly("3Gi", "3Gi", "3Gi");
    assertSaid("ReconcileSucceeded", "All 3 members serve");
    scenario.etcd(filling(EtcdRenderer.quota(1L << 30), healthy(0), healthy(1), healthy(2)));
    assertThat(enlarged()).as("it was of smaller volumes that this was said").isEmpty();
    scenario.etcd(allHealthy());
    assertThat(enlarged()).isEmpty();
    recorded("c9", UID);
    scenario.etcd(filling(quota, healthy(0), healthy(1), healthy(2)));
    assertThat(enlarged()).as("of another etcd nothing is changed").isEmpty();
  }

  @Test
  void whyVolumesDoNotGrowIsSaidTogetherWithTheAlarm() {
    withPods(3).withBoundVolumes("2Gi");
    scenario.etcd(
        filling(EtcdRenderer.quota(2L << 30), healthy(0), healthy(1), alarmed(2, "NOSPACE")));
    assertThat(condition(ConditionType.ETCD))
        .returns("False", Condition::status)
        .returns("NoSpace", Condition::reason);
    assertThat(condition(ConditionType.ETCD).message())
        .contains("The database of demo-etcd-2 has reached its quota")
        .contains("StorageClass fast");
  }

  @Test
  void theStatusSaysHowLargeVolumesAndDatabasesAre() {
    assertThat(report().etcdVolumeSize()).hasToString("1Gi");
    assertThat(report().etcdVolumeUsage()).isNull();
    withVolumes("3Gi", "2Gi", "4Gi");
    assertThat(report().etcdVolumeSize()).hasToString("2Gi");
    scenario.status("etcdVolumeUsage: 512Mi");
    assertThat(report().etcdVolumeUsage()).as("until members are asked").hasToString("512Mi");
    scenario.etcd(allHealthy());
    assertThat(report().etcdVolumeUsage()).hasToString("16Mi");
  }

  // The quota.

  private long quota() {
    return EtcdRenderer.quota(set().orElseThrow()).orElseThrow();
  }

  private void liveQuota(long bytes) {
    scenario.edit(
        StatefulSet.class,
        "demo-etcd",
        set ->
            set.getSpec()
                .getTemplate()
                .getSpec()
                .getContainers()
                .getFirst()
                .setArgs(new ArrayList<>(List.of("--quota-backend-bytes=" + bytes))));
  }

  @Test
  void theQuotaFollowsTheVolumesThatThereAre() {
    assertThat(quota()).as("what was asked for").isEqualTo(EtcdRenderer.quota(1L << 30));
    withVolumes("10Gi", "10Gi");
    assertThat(quota()).as("one is not known yet").isEqualTo(EtcdRenderer.quota(1L << 30));
    withVolumes("10Gi", "9Gi", "10Gi");
    assertThat(quota()).as("the smallest").isEqualTo(EtcdRenderer.quota(9L << 30));
  }

  @Test
  void aQuotaInUseIsRaisedIfThatIsWorthARestartAndNeverLowered() {
    liveQuota(966_367_641);
    assertThat(quota()).isEqualTo(966_367_641);
    long fits = EtcdRenderer.quota(10L << 30);
    withVolumes("10Gi", "10Gi", "10Gi");
    assertThat(quota()).isEqualTo(fits);
    liveQuota(fits);
    assertThat(quota()).isEqualTo(fits);
    withVolumes("10300Mi", "10300Mi", "10300Mi");
    assertThat(quota()).as("a little more").isEqualTo(fits);
    withVolumes("12Gi", "12Gi", "12Gi");
    assertThat(quota()).isGreaterThan(fits);
  }

  @ParameterizedTest
  @CsvSource({"512Mi, 128", "1Gi, 404", "10Gi, 6241", "100Gi, 64609"})
  void beneathTheQuotaThereIsSpaceForLogAndCopy(String volume, long mebibytes) {
    long capacity = new Quantity(volume).getNumericalAmount().longValue();
    assertThat(EtcdRenderer.quota(capacity)).isEqualTo(mebibytes * 1024 * 1024);
  }

  // Replacement of pods.

  private void strategy(Integer partition) {
    scenario.edit(
        StatefulSet.class,
        "demo-etcd",
        set ->
            set.getSpec()
                .setUpdateStrategy(
                    new StatefulSetUpdateStrategyBuilder()
                        .withType("RollingUpdate")
                        .withNewRollingUpdate()
                        .withPartition(partition)
                        .endRollingUpdate()
                        .build()));
  }

  @Test
  void podsAreReplacedByTheControllerAndByNobodyElse() {
    var strategy = set().orElseThrow().getSpec().getUpdateStrategy();
    assertThat(strategy.getType()).isEqualTo("OnDelete");
    assertThat(strategy.getRollingUpdate()).isNull();
    strategy(0);
    strategy = set().orElseThrow().getSpec().getUpdateStrategy();
    assertThat(strategy.getType()).isEqualTo("RollingUpdate");
    assertThat(strategy.getRollingUpdate().getPartition()).isEqualTo(3);
    strategy(3);
    assertThat(set().orElseThrow().getSpec().getUpdateStrategy().getType()).isEqualTo("OnDelete");
    scenario.edit(
        StatefulSet.class,
        "demo-etcd",
        set -> set.getSpec().getUpdateStrategy().setRollingUpdate(null));
    assertThat(set().orElseThrow().getSpec().getUpdateStrategy().getType()).isEqualTo("OnDelete");
  }

  @Test
  void anOutdatedPodIsDeletedWhileAllIsWell() {
    withPods(3);
    scenario.edit(StatefulSet.class, "demo-etcd", set -> set.getStatus().setUpdatedReplicas(0));
    scenario.edit(
        StatefulSet.class, "demo-etcd", set -> set.getStatus().setUpdateRevision("demo-etcd-2"));
    assertThat(step().obsolete())
        .extracting(object -> object.getMetadata().getName())
        .containsExactly("demo-etcd-2");
    assertSaid(
        "RolloutInProgress",
        "All members serve, and 0 of 3 are up to date; the others are replaced one at a time");
    recorded("c1", UID);
    scenario.etcd(identified(Optional.of("c2"), Optional.of(UID)));
    assertThat(step().obsolete()).as("another etcd").isEmpty();
  }
}
