package dev.hcp.e2e;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.hcp.api.v1alpha1.HostedControlPlane;
import dev.hcp.e2e.hosted.HostedCluster;
import io.fabric8.kubernetes.client.KubernetesClient;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import org.awaitility.core.ConditionTimeoutException;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Order;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.condition.EnabledIfEnvironmentVariable;
import org.junit.jupiter.api.extension.ExtendWith;

/**
 * Nothing is written for a paused control plane, though backups become due every minute, an object
 * is missing, and the spec asks for something else. By {@code make test-endurance} only: it waits
 * for five minutes.
 */
@Order(96)
@EnabledIfEnvironmentVariable(
    named = EnduranceIT.WANTED,
    matches = "1",
    disabledReason = "make test-endurance runs it")
@ExtendWith(BedExtension.class)
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
final class PausedIT {
  private static final String NAME = "halted";
  private static final int RANGE = 136;
  private static final String SECRET = "backups";
  private static final Duration PAUSE = Duration.ofMinutes(5);
  private static final Duration MARGIN = Duration.ofSeconds(30);
  private static final Duration SETTLING = Duration.ofSeconds(20);
  private static final Duration DEADLINE = Duration.ofMinutes(4);

  private final Bed bed;
  private final KubernetesClient management;
  private final HostedCluster cluster;
  private final Pause pause;
  private final S3Server store;
  private final AuditLog log;

  PausedIT(Bed bed, KubernetesClient management) {
    this.bed = bed;
    this.management = management;
    this.cluster = new HostedCluster(bed, management, NAME, NAME);
    this.pause = new Pause(bed, cluster);
    this.store = S3Server.start(bed.network().host());
    this.log = new AuditLog(bed.auditLog());
  }

  @BeforeAll
  void aBackupIsMadeEveryMinute() {
    Manifests.createRestrictedNamespace(bed, NAME);
    var _ = management.resource(store.secret(NAME, SECRET)).create();
    Manifests.apply(
        bed,
        Manifests.small(NAME, RANGE)
            .replace(
                "etcd: {replicas: 1}",
                "etcd: {replicas: 1, backup: {schedule: '* * * * *', secret: {name: %s}}}"
                    .formatted(SECRET)));
    HostedClustersExtension.awaitReady(cluster, DEADLINE);
    await("a backup is made").atMost(DEADLINE).until(() -> !backups().isEmpty());
  }

  @AfterAll
  void nothingIsLeft() {
    pause.end();
    cluster.delete();
    await("it is gone").atMost(DEADLINE).until(() -> cluster.cluster().isEmpty());
    management.namespaces().withName(NAME).delete();
    store.close();
  }

  @Test
  void nothingIsWrittenForFiveMinutes() {
    pause.begin();
    await("what was under way is over").atMost(DEADLINE).until(this::isNoBackupUnderWay);
    var missing = cluster.names().konnectivity();
    bed.kubectl("delete", "configmap", missing, "--namespace", NAME)
        .with(Manifests.AS_THE_CLUSTER_ITSELF)
        .check();
    bed.kubectl("patch", "hcp", NAME, "--namespace", NAME, "--type=merge")
        .with("--patch", "{\"spec\":{\"replicas\":2}}")
        .check();
    pause.awaitSaid();
    var backups = backups();
    var versions = resourceVersion();
    long start = log.end();

    await("five minutes have passed")
        .during(PAUSE)
        .atMost(PAUSE.plus(MARGIN))
        .pollInterval(Duration.ofSeconds(5))
        .untilAsserted(() -> assertThat(writes(start)).isEmpty());
    assertThat(backups()).isEqualTo(backups);
    assertThat(resourceVersion()).isEqualTo(versions);
    assertThat(cluster.answers()).isTrue();

    pause.end();
    await("all that was held back is done")
        .atMost(DEADLINE)
        .untilAsserted(() -> {
          assertThat(cluster.object("configmap", missing)).isPresent();
          assertThat(cluster.controlPlane().orElseThrow().getStatus().readyReplicas()).isEqualTo(2);
          assertThat(backups()).hasSizeGreaterThan(backups.size());
        });
    assertThat(writes(start)).as("the log shows the controller's writes").isNotEmpty();
    HostedClustersExtension.awaitReady(cluster, DEADLINE);
  }

  private boolean isNoBackupUnderWay() {
    var before = backups();
    try {
      await().during(SETTLING).atMost(SETTLING.plus(MARGIN)).until(() -> backups().equals(before));
      return true;
    } catch (ConditionTimeoutException _) {
      return false;
    }
  }

  private List<String> backups() {
    return store.objects(".json").stream().map(Object::toString).toList();
  }

  private List<AuditLog.Request> writes(long position) {
    return log.since(position).stream()
        .filter(AuditLog.Request::isWrite)
        .filter(request -> request.isIn(NAME))
        .toList();
  }

  private Optional<String> resourceVersion() {
    return cluster
        .controlPlane()
        .map(HostedControlPlane::getMetadata)
        .map(metadata -> metadata.getResourceVersion());
  }
}
