package dev.hcp.controller.etcd;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;
import static org.awaitility.Awaitility.await;

import dev.hcp.controller.testing.EtcdProcesses;
import java.time.Duration;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;

/** Requests to a real etcd of three members, of which some fail. */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class EtcdMembersIT {
  private static final Duration SOON = Duration.ofSeconds(60);
  private static final long QUOTA = 16L * 1024 * 1024;

  private final EtcdProcesses etcd = EtcdProcesses.start(3, "--quota-backend-bytes=" + QUOTA);
  private final EtcdClients clients =
      new EtcdClients(
          new EtcdClients.Deadlines(
              Duration.ofSeconds(10),
              Duration.ofMinutes(1),
              Duration.ofMinutes(1),
              Duration.ofSeconds(10)));

  @AfterAll
  void stop() {
    clients.close();
    etcd.close();
  }

  private EtcdClient client() {
    return clients.of("clusters", "demo", etcd.access());
  }

  private String leader() {
    return client().members().stream()
        .filter(member -> client().status(member).leads())
        .findFirst()
        .orElseThrow();
  }

  private String follower() {
    var leader = leader();
    return client().members().stream().filter(m -> !m.equals(leader)).findFirst().orElseThrow();
  }

  @Test
  void allMembersSayTheSameOfTheCluster() {
    assertThat(client().members()).containsExactly("demo-etcd-0", "demo-etcd-1", "demo-etcd-2");
    assertThat(client().members().stream().map(client()::status).map(MemberStatus::cluster))
        .hasSize(3)
        .containsOnly(client().list("demo-etcd-0").cluster());
    assertThat(client().members().stream().filter(m -> client().status(m).leads())).hasSize(1);
    assertThat(client().list("demo-etcd-2").members())
        .extracting(MemberList.Entry::name)
        .containsExactlyInAnyOrder("demo-etcd-0", "demo-etcd-1", "demo-etcd-2");
  }

  @Test
  void leadershipIsHandedOver() {
    var leader = leader();
    var successor = follower();
    client().moveLeader(leader, client().status(successor).member());
    await().atMost(SOON).until(() -> leader().equals(successor));
    var refused =
        catchThrowableOfType(
            EtcdException.class,
            () -> client().moveLeader(leader, client().status(leader).member()));
    assertThat(refused.kind()).isEqualTo(EtcdException.Kind.REFUSED);
    assertThat(refused).hasMessageContaining(leader);
  }

  @Test
  void whoIsGoneIsNamedAndTheOthersServe() {
    var gone = follower();
    var leader = leader();
    etcd.kill(gone);
    try {
      var failure = catchThrowableOfType(EtcdException.class, () -> client().status(gone));
      assertThat(failure.kind()).isEqualTo(EtcdException.Kind.UNREACHABLE);
      assertThat(failure).hasMessageContaining(gone);
      assertThat(client().read(leader, "any").value()).isEmpty();
      assertThat(client().list(leader).members()).hasSize(3);
    } finally {
      etcd.restart(gone);
      etcd.awaitReady();
    }
    await()
        .atMost(SOON)
        .ignoreExceptionsInstanceOf(EtcdException.class)
        .until(() -> client().status(gone).leader().exists());
  }

  @Test
  void withoutAMajorityAMemberStillSaysWhatItIs() {
    var left = follower();
    var gone = client().members().stream().filter(m -> !m.equals(left)).toList();
    gone.forEach(etcd::kill);
    try {
      await().atMost(SOON).until(() -> !client().status(left).leader().exists());
      assertThat(client().status(left).errors()).anyMatch(e -> e.contains("no leader"));
      var failure = catchThrowableOfType(EtcdException.class, () -> client().read(left, "any"));
      assertThat(failure.kind()).isIn(EtcdException.Kind.REFUSED, EtcdException.Kind.NO_ANSWER);
    } finally {
      gone.forEach(etcd::restart);
      etcd.awaitReady();
    }
    await()
        .atMost(SOON)
        .ignoreExceptionsInstanceOf(EtcdException.class)
        .until(
            () -> client().members().stream().allMatch(m -> client().status(m).leader().exists()));
  }

  @Test
  void aFullDatabaseRaisesAnAlarmThatCanBeResolved() {
    var leader = leader();
    for (int i = 0; i < 200 && client().alarms(leader).isEmpty(); i++) {
      try {
        etcd.put("full", 1, 1_000_000);
      } catch (IllegalStateException e) {
        // That no more is taken is what this is about.
        assertThat(e).hasStackTraceContaining("database space exceeded");
      }
    }
    assertThat(client().alarms(leader))
        .isNotEmpty()
        .extracting(EtcdAlarm::kind)
        .containsOnly(EtcdAlarm.Kind.NO_SPACE);
    assertThat(client().status(leader).errors()).anyMatch(e -> e.contains("NOSPACE"));
    client().compact(leader, client().status(leader).revision());
    client().members().forEach(client()::defragment);
    client().alarms(leader).forEach(alarm -> client().disarm(leader, alarm));
    assertThat(client().alarms(leader)).isEmpty();
    etcd.put("fits", 1, 1_000);
    etcd.delete("full", 1);
  }
}
