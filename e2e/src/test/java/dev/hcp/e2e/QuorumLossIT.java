package dev.hcp.e2e;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.hcp.api.v1alpha1.Condition;
import dev.hcp.api.v1alpha1.HostedControlPlaneRestore;
import dev.hcp.api.v1alpha1.RestorePhase;
import dev.hcp.conditions.ConditionType;
import dev.hcp.e2e.hosted.HostedCluster;
import dev.hcp.naming.Labels;
import io.fabric8.kubernetes.api.model.ConfigMapBuilder;
import io.fabric8.kubernetes.client.KubernetesClient;
import java.time.Duration;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import org.junit.jupiter.api.MethodOrderer;
import org.junit.jupiter.api.Order;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestMethodOrder;
import org.junit.jupiter.api.condition.EnabledIfEnvironmentVariable;
import org.junit.jupiter.api.extension.ExtendWith;

/**
 * Two of three volumes are gone: nothing happens unless the user has said so, and then the cluster
 * goes on with the third. All three are gone: the newest backup is restored. By {@code make
 * test-quorum-loss} only: evidence takes minutes.
 */
@Order(36)
@EnabledIfEnvironmentVariable(
    named = "TEST_QUORUM_LOSS",
    matches = "1",
    disabledReason = "make test-quorum-loss runs it")
@ExtendWith({BedExtension.class, HostedClustersExtension.class})
@TestMethodOrder(MethodOrderer.OrderAnnotation.class)
final class QuorumLossIT {
  private static final String SECRET = "backups";
  private static final Duration DEADLINE = Duration.ofMinutes(2);
  private static final Duration RECOVERY_DEADLINE = Duration.ofMinutes(10);

  private final Bed bed;
  private final KubernetesClient management;
  private final HostedCluster demo;
  private final EtcdMembers members;

  QuorumLossIT(Bed bed, KubernetesClient management, HostedCluster demo) {
    this.bed = bed;
    this.management = management;
    this.demo = demo;
    this.members = new EtcdMembers(bed, management, demo);
  }

  @Test
  @Order(1)
  void theClusterGoesOnWithTheThirdIfTheUserSaysSo() {
    await("all members are healthy").atMost(DEADLINE).until(() -> members.areHealthy(3));
    var survivor = demo.names().etcdMember(1);
    var lost = List.of(demo.names().etcdMember(0), demo.names().etcdMember(2));
    var apiServer = apiServers();
    try (var recorder = new ConditionRecorder(management, demo);
        var writes = new AcknowledgedWrites(bed.kubeconfig(demo.namespace(), demo.name()))) {
      await("something is written").atMost(DEADLINE).until(() -> writes.acknowledged() > 20);
      writes.stop();
      lost.forEach(members::lose);

      await("it is known that both have no data")
          .atMost(RECOVERY_DEADLINE)
          .until(() -> lost.stream().allMatch(name -> etcd().contains(name + " has no data")));
      assertThat(reason()).contains("QuorumLost");
      assertThat(recorded("survivor")).as("nothing is done without the user's word").isEmpty();

      members.patch("{quorumLoss: {policy: FromSurvivor}}");
      await("the cluster goes on with three members")
          .atMost(RECOVERY_DEADLINE)
          .until(() -> members.areHealthy(3) && demo.isReady() && demo.answers());
      assertThat(recorder.history(ConditionType.ETCD))
          .anyMatch(state -> state.contains("Recovering"));
      assertThat(recorded("recoveries")).isEqualTo("1");
      assertThat(recorded("survivor")).isEmpty();
      assertThat(members.all()).extracting(member -> member.name()).contains(survivor);
      await("all API servers have started anew")
          .atMost(DEADLINE)
          .until(() -> apiServers().stream().noneMatch(apiServer::contains));
      writes.assertNothingIsLost();
    }
  }

  @Test
  @Order(2)
  void theNewestBackupIsRestoredIfTheUserSaysSo() {
    await("all members are healthy").atMost(DEADLINE).until(() -> members.areHealthy(3));
    try (var store = S3Server.start(bed.network().host());
        var hosted = bed.client(demo.namespace(), demo.name())) {
      management.resource(store.secret(demo.namespace(), SECRET)).serverSideApply();
      members.patch(
          "{backup: {schedule: '@monthly', secret: {name: %s}}, quorumLoss: {policy: Never}}"
              .formatted(SECRET));
      create(hosted, "before");
      bed.kubectl("annotate", "hcp", demo.name(), "--namespace", demo.namespace(), "--overwrite")
          .with("%s=before all is lost".formatted(Labels.BACKUP_ANNOTATION))
          .check();
      await("a backup is made")
          .atMost(DEADLINE)
          .until(() ->
              "before all is lost"
                  .equals(demo.controlPlane().orElseThrow().getStatus().etcdLastBackupRequest()));
      create(hosted, "after");
      for (int ordinal = 0; ordinal < 3; ordinal++) {
        members.lose(demo.names().etcdMember(ordinal));
      }
      await("it is known that none has data")
          .atMost(RECOVERY_DEADLINE)
          .until(() -> etcd().contains(demo.names().etcdMember(2) + " has no data"));
      assertThat(restores()).as("nothing is done without the user's word").isEmpty();

      members.patch("{quorumLoss: {policy: FromBackup, maxBackupAge: 24h}}");
      await("the backup is restored")
          .atMost(RECOVERY_DEADLINE)
          .until(() ->
              restores().stream()
                  .anyMatch(restore ->
                      restore.getStatus() != null
                          && restore.getStatus().phase() == RestorePhase.SUCCEEDED));
      await("the cluster works")
          .atMost(RECOVERY_DEADLINE)
          .until(() -> members.areHealthy(3) && demo.isReady() && demo.answers());
      assertThat(hosted.configMaps().inNamespace("default").withName("before").get()).isNotNull();
      assertThat(hosted.configMaps().inNamespace("default").withName("after").get()).isNull();
      assertThat(restores()).as("once for each etcd that was lost").hasSize(1);
    }
  }

  private static void create(KubernetesClient hosted, String name) {
    var _ =
        hosted
            .resource(
                new ConfigMapBuilder()
                    .withNewMetadata()
                    .withNamespace("default")
                    .withName(name)
                    .endMetadata()
                    .build())
            .create();
  }

  private List<HostedControlPlaneRestore> restores() {
    return management
        .resources(HostedControlPlaneRestore.class)
        .inNamespace(demo.namespace())
        .list()
        .getItems();
  }

  private List<String> apiServers() {
    return demo.pods().stream()
        .filter(pod -> pod.getMetadata().getName().contains("-api-server-"))
        .map(pod -> pod.getMetadata().getUid())
        .toList();
  }

  private String recorded(String key) {
    return Objects.requireNonNull(
        management
            .configMaps()
            .inNamespace(demo.namespace())
            .withName(demo.names().etcdMembership())
            .get()
            .getData()
            .get(key));
  }

  private String etcd() {
    return demo.condition(ConditionType.ETCD).map(Condition::message).orElse("");
  }

  private Optional<String> reason() {
    return demo.condition(ConditionType.ETCD).map(Condition::reason);
  }
}
