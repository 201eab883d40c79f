package dev.hcp.controller.etcd;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowableOfType;
import static org.awaitility.Awaitility.await;

import dev.hcp.controller.plan.EtcdAccess;
import dev.hcp.controller.testing.EtcdPki;
import dev.hcp.controller.testing.EtcdProcesses;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Predicate;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;

/** Requests to a real etcd of one member. */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class EtcdClientIT {
  private static final String MEMBER = "demo-etcd-0";
  private static final long QUOTA = 32L * 1024 * 1024;
  private static final int CHECKSUM = 32;
  private static final Duration LONG = Duration.ofMinutes(2);

  private final EtcdProcesses etcd = EtcdProcesses.start(1, "--quota-backend-bytes=" + QUOTA);
  private final EtcdClients clients =
      new EtcdClients(
          new EtcdClients.Deadlines(Duration.ofSeconds(20), LONG, LONG, Duration.ofSeconds(3)));

  @AfterAll
  void stop() {
    clients.close();
    etcd.close();
  }

  private MemberStatus statusOnce(Predicate<MemberStatus> condition) {
    return await().atMost(LONG).until(() -> client().status(MEMBER), condition);
  }

  private EtcdClient client() {
    return clients.of("clusters", "demo", etcd.access());
  }

  @Test
  void aMemberSaysWhatItIs() {
    var status = client().status(MEMBER);
    assertThat(status.leads()).isTrue();
    assertThat(status.learner()).isFalse();
    assertThat(status.cluster().exists()).isTrue();
    assertThat(status.raftIndex()).isPositive();
    assertThat(status.appliedIndex()).isPositive();
    assertThat(status.revision()).isPositive();
    assertThat(status.dbSize()).isPositive();
    assertThat(status.dbSizeInUse()).isPositive().isLessThanOrEqualTo(status.dbSize());
    assertThat(status.version()).matches("3\\.\\d+\\.\\d+.*");
    if (!status.version().startsWith("3.5.")) {
      assertThat(status.quota()).isEqualTo(OptionalLong.of(QUOTA));
    }
    var list = client().list(MEMBER);
    assertThat(list.cluster()).isEqualTo(status.cluster());
    assertThat(list.members()).hasSize(1);
    assertThat(list.members().getFirst().id()).isEqualTo(status.member());
    assertThat(list.members().getFirst().name()).isEqualTo(MEMBER);
    assertThat(list.members().getFirst().learner()).isFalse();
    assertThat(list.members().getFirst().peerUrls()).hasSize(1);
  }

  @Test
  void aKeyIsWrittenOnceAndRead() {
    assertThat(client().read(MEMBER, "once").value()).isEmpty();
    assertThat(client().putIfAbsent(MEMBER, "once", "first")).isTrue();
    assertThat(client().putIfAbsent(MEMBER, "once", "second")).isFalse();
    var read = client().read(MEMBER, "once");
    assertThat(read.value()).isEqualTo(Optional.of("first"));
    assertThat(read.cluster()).isEqualTo(client().status(MEMBER).cluster());
    assertThat(read.revision()).isPositive();
  }

  @Test
  void compactingAndDefragmentingGivesSpaceBack() {
    for (int round = 0; round < 8; round++) {
      etcd.put("again", 4, 200_000);
    }
    // etcd counts what is in use only when it writes to its database, a little later.
    var full = statusOnce(status -> status.dbSizeInUse() > 8 * 4 * 200_000);
    client().compact(MEMBER, full.revision());
    client().compact(MEMBER, full.revision());
    var compacted = statusOnce(status -> status.dbSizeInUse() < full.dbSizeInUse());
    client().defragment(MEMBER);
    assertThat(client().status(MEMBER).dbSize()).isLessThan(compacted.dbSize());
    assertThat(client().read(MEMBER, "again0").value()).isPresent();
  }

  @Test
  void aSnapshotEndsWithItsChecksum() throws IOException, NoSuchAlgorithmException {
    etcd.put("kept", 20, 50_000);
    var bytes = new ByteArrayOutputStream();
    var pieces = new AtomicInteger();
    var announced = new long[1];
    long length =
        client()
            .snapshot(
                MEMBER,
                LONG,
                (piece, remaining) -> {
                  if (pieces.getAndIncrement() == 0) {
                    announced[0] = piece.remaining() + remaining;
                  }
                  var content = new byte[piece.remaining()];
                  piece.get(content);
                  bytes.writeBytes(content);
                });
    var all = bytes.toByteArray();
    assertThat(pieces.get()).isGreaterThan(10);
    assertThat(length).isEqualTo(all.length);
    assertThat(announced[0]).isEqualTo(all.length - CHECKSUM);
    var database = Arrays.copyOf(all, all.length - CHECKSUM);
    assertThat(MessageDigest.getInstance("SHA-256").digest(database))
        .isEqualTo(Arrays.copyOfRange(all, all.length - CHECKSUM, all.length));
  }

  @Test
  void aSinkThatFailsEndsTheSnapshotAndNothingElse() {
    assertThatThrownBy(() ->
            client()
                .snapshot(
                    MEMBER,
                    LONG,
                    (_, _) -> {
                      throw new IOException("full");
                    }))
        .isInstanceOf(IOException.class)
        .hasMessage("full");
    assertThat(client().status(MEMBER).leads()).isTrue();
  }

  @Test
  void aSnapshotThatStallsIsGivenUp() {
    etcd.put("bulk", 100, 100_000);
    try {
      var failure =
          catchThrowableOfType(
              EtcdException.class,
              () -> client().snapshot(MEMBER, LONG, (_, _) -> etcd.signal(MEMBER, "STOP")));
      assertThat(failure.kind()).isEqualTo(EtcdException.Kind.NO_ANSWER);
      assertThat(failure).hasMessageContaining(MEMBER).hasMessageContaining("3000 ms");
    } finally {
      etcd.signal(MEMBER, "CONT");
    }
    assertThat(client().status(MEMBER).leads()).isTrue();
    etcd.delete("bulk", 100);
  }

  @Test
  void membersThatAreNotThereCannotBeAsked() {
    assertThatThrownBy(() -> client().status("demo-etcd-1"))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("demo-etcd-1")
        .hasMessageContaining(MEMBER);
  }

  @Test
  void aMemberOfAnotherAuthorityIsNotTrusted() {
    var stranger = new EtcdPki();
    var access = etcd.access(stranger.authority(), stranger.issue("stranger"));
    var failure =
        catchThrowableOfType(
            EtcdException.class, () -> clients.of("clusters", "a", access).status(MEMBER));
    assertThat(failure.kind()).isEqualTo(EtcdException.Kind.UNTRUSTED);
    assertThat(failure)
        .hasMessageStartingWith("member demo-etcd-0: its certificate is not trusted");
  }

  @Test
  void etcdDoesNotTrustACertificateOfAnotherAuthority() {
    var access = etcd.access(etcd.pki().authority(), new EtcdPki().issue("stranger"));
    var failure =
        catchThrowableOfType(
            EtcdException.class, () -> clients.of("clusters", "b", access).status(MEMBER));
    assertThat(failure.kind()).isIn(EtcdException.Kind.UNTRUSTED, EtcdException.Kind.UNREACHABLE);
  }

  @Test
  void credentialsThatCannotBeReadAreNamed() {
    var good = etcd.access();
    var noKey = new EtcdAccess(good.members(), good.authorities(), good.certificate(), "rubbish");
    var noCa = new EtcdAccess(good.members(), "", good.certificate(), good.key());
    for (var access : List.of(noKey, noCa)) {
      var failure =
          catchThrowableOfType(EtcdException.class, () -> clients.of("clusters", "c", access));
      assertThat(failure.kind()).isEqualTo(EtcdException.Kind.CREDENTIALS);
    }
    assertThat(good.toString()).doesNotContain("PRIVATE");
  }

  @Test
  void aClientIsKeptUntilCredentialsChangeOrItIsForgotten() {
    var first = clients.of("clusters", "d", etcd.access());
    assertThat(first.status(MEMBER).leads()).isTrue();
    assertThat(clients.of("clusters", "d", etcd.access())).isSameAs(first);
    var renewed = etcd.renewedAccess();
    var second = clients.of("clusters", "d", renewed);
    assertThat(second).isNotSameAs(first);
    assertThat(second.status(MEMBER).leads()).isTrue();
    assertThatThrownBy(() -> first.status(MEMBER)).isInstanceOf(EtcdException.class);
    clients.forget("clusters", "d");
    assertThatThrownBy(() -> second.status(MEMBER)).isInstanceOf(EtcdException.class);
    assertThat(clients.of("clusters", "d", renewed).status(MEMBER).leads()).isTrue();
  }

  @Test
  void aSnapshotOutlivesARenewalOfTheCertificate() throws IOException {
    etcd.put("long", 40, 100_000);
    var access = etcd.access();
    var pieces = new AtomicInteger();
    long length =
        clients
            .of("clusters", "e", access)
            .snapshot(
                MEMBER,
                LONG,
                (_, _) -> {
                  if (pieces.getAndIncrement() == 0) {
                    var _ = clients.of("clusters", "e", etcd.renewedAccess());
                  }
                });
    assertThat(length).isGreaterThan(4_000_000);
    assertThat(pieces.get()).isGreaterThan(100);
  }

  @Test
  void afterTheEndNothingIsOpened() {
    var ended = new EtcdClients(EtcdClients.Deadlines.DEFAULT);
    ended.close();
    assertThatThrownBy(() -> ended.of("clusters", "demo", etcd.access()))
        .isInstanceOf(EtcdException.class);
  }
}
