package dev.hcp.controller.store;

import static java.nio.charset.StandardCharsets.US_ASCII;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import dev.hcp.api.v1alpha1.ObjectLockMode;
import dev.hcp.controller.plan.StoreAccess;
import dev.hcp.controller.store.ObjectStore.StoredObject;
import dev.hcp.controller.store.StoreException.Kind;
import dev.hcp.controller.testing.S3StandIn;
import dev.hcp.controller.testing.S3StandIn.Fault;
import dev.hcp.controller.testing.S3StandIn.Operation;
import dev.hcp.controller.testing.S3StandIn.Request;
import dev.hcp.controller.testing.ServerPki;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** What a store does, and what is made of it when it does not. */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class S3StoreTest {
  private static final int PART = S3Store.PART_SIZE;
  private static final String NAME = "prefix/clusters/demo/x.etcd";
  private static final long SEED = 20_260_101L;

  /** Longer than anything here takes that is meant to succeed. */
  private static final S3Store.Timing PATIENT =
      new S3Store.Timing(
          Duration.ofSeconds(20),
          Duration.ofSeconds(20),
          Duration.ofSeconds(60),
          Duration.ofSeconds(120));

  private static final S3Store.Timing IMPATIENT =
      new S3Store.Timing(
          Duration.ofSeconds(20),
          Duration.ofMillis(500),
          Duration.ofSeconds(60),
          Duration.ofSeconds(120));

  private final S3StandIn server = S3StandIn.plain();

  @BeforeEach
  void clear() {
    server.recover();
    server.clear();
  }

  @AfterAll
  void stop() {
    server.close();
  }

  @ParameterizedTest
  @ValueSource(ints = {0, 1, PART - 1, PART, PART + 1, 2 * PART, 2 * PART + 12_345})
  void anObjectOfAnySizeArrives(int size) throws Exception {
    var content = random(size);
    try (var store = S3Store.open(server.access(), PATIENT)) {
      upload(store, content);
      assertThat(server.objects()).containsOnlyKeys(NAME);
      assertThat(server.objects().get(NAME)).isEqualTo(content);
      assertThat(server.unfinishedUploads()).isZero();
      assertThat(server.requests())
          .filteredOn(request -> request.operation() == Operation.UPLOAD_PART)
          .hasSize(Math.max(1, (size + PART - 1) / PART));
    }
  }

  @Test
  void nothingIsSeenBeforeItIsComplete() throws Exception {
    try (var store = S3Store.open(server.access(), PATIENT)) {
      try (var upload = store.upload(NAME)) {
        upload.write(random(PART + 1), 0, PART + 1);
        assertThat(server.objects()).isEmpty();
        assertThat(server.unfinishedUploads()).isOne();
      }
      assertThat(server.objects()).isEmpty();
      assertThat(server.unfinishedUploads()).isZero();
    }
  }

  @Test
  void smallObjectsAreWrittenReadListedAndRemoved() throws Exception {
    var content = "{}".getBytes(StandardCharsets.UTF_8);
    try (var store = S3Store.open(server.access(), PATIENT)) {
      for (int i = 0; i < 5; i++) {
        store.put("prefix/a/" + i, content);
      }
      store.put("prefix/b/0", content);
      assertThat(store.list("prefix/a/"))
          .hasSize(5)
          .startsWith(new StoredObject("prefix/a/0", 2), new StoredObject("prefix/a/1", 2));
      assertThat(store.get("prefix/a/0", 100)).hasValue(content);
      assertThat(store.get("prefix/a/0", 1)).hasValue("{".getBytes(StandardCharsets.UTF_8));
      assertThat(store.get("prefix/a/9", 100)).isEmpty();
      store.delete("prefix/a/0");
      store.delete("prefix/a/9");
      assertThat(store.list("prefix/a/")).hasSize(4);
      assertThat(store.list("prefix/c/")).isEmpty();
    }
  }

  @Test
  void bothKindsOfObjectsAreLockedAndSoNotDeleted() throws Exception {
    var until = Instant.now().truncatedTo(ChronoUnit.SECONDS).plus(Duration.ofDays(7));
    try (var locking = S3StandIn.plain();
        var store = S3Store.open(locking.access(), PATIENT)) {
      locking.allowLocks();
      store.requireLocks();
      var lock = Optional.of(new ObjectStore.Lock(ObjectLockMode.COMPLIANCE, until));
      try (var upload = store.upload(NAME, lock)) {
        upload.write(random(PART + 1), 0, PART + 1);
        upload.complete();
      }
      store.put("prefix/small", new byte[1], lock);
      store.put("prefix/free", new byte[1]);
      assertThat(locking.locks())
          .containsOnlyKeys(NAME, "prefix/small")
          .allSatisfy(
              (_, found) -> assertThat(found).isEqualTo(new S3StandIn.Lock("COMPLIANCE", until)));
      assertThat(store.lockedUntil(NAME)).contains(until);
      assertThat(store.lockedUntil("prefix/free")).isEmpty();
      for (var name : List.of(NAME, "prefix/small")) {
        var refused = catchThrowableOfType(StoreException.class, () -> store.delete(name));
        assertThat(refused.kind()).isEqualTo(Kind.LOCKED);
        assertThat(refused).hasMessageContaining("keeps it, since it is locked");
      }
      store.delete("prefix/free");
      locking.lock(NAME, Instant.now().minusSeconds(1));
      store.delete(NAME);
      assertThat(locking.objects()).containsOnlyKeys("prefix/small");
    }
  }

  @Test
  void aBucketWithoutObjectLockIsSaid() throws Exception {
    var lock = Optional.of(new ObjectStore.Lock(ObjectLockMode.GOVERNANCE, Instant.now()));
    try (var store = S3Store.open(server.access(), PATIENT)) {
      assertThat(catchThrowableOfType(StoreException.class, store::requireLocks))
          .hasMessage(
              "bucket backups has no object lock, which spec.etcd.backup.objectLock needs: make a"
                  + " bucket with it, or leave objectLock out")
          .extracting(StoreException::kind)
          .isEqualTo(Kind.NO_OBJECT_LOCK);
      assertThat(catchThrowableOfType(StoreException.class, () -> store.upload(NAME, lock)).kind())
          .isEqualTo(Kind.NO_OBJECT_LOCK);
      assertThat(
              catchThrowableOfType(StoreException.class, () -> store.put(NAME, new byte[1], lock))
                  .kind())
          .isEqualTo(Kind.NO_OBJECT_LOCK);
      // What a store says that does not know of locks at all, or not to this key.
      server.fail(Fault.error(Operation.LOCKS, 501, "NotImplemented"));
      assertThat(catchThrowableOfType(StoreException.class, store::requireLocks).kind())
          .isEqualTo(Kind.NO_OBJECT_LOCK);
      server.fail(Fault.error(Operation.LOCKS, 403, "AccessDenied"));
      assertThat(catchThrowableOfType(StoreException.class, store::requireLocks))
          .hasMessageContaining("asking whether bucket backups has object lock")
          .extracting(StoreException::kind)
          .isEqualTo(Kind.ACCESS_DENIED);
    }
  }

  @Test
  void uploadsThatWereLeftBehindAreDropped() throws Exception {
    try (var store = S3Store.open(server.access(), PATIENT)) {
      var begun = store.upload(NAME);
      var other = store.upload("prefix/other/demo/x.etcd");
      server.backdateUploads(Instant.parse("2026-01-01T00:00:00Z"));
      store.dropUploads("prefix/clusters/demo/", Instant.parse("2025-12-31T00:00:00Z"));
      assertThat(server.unfinishedUploads()).isEqualTo(2);
      store.dropUploads("prefix/clusters/demo/", Instant.parse("2026-01-02T00:00:00Z"));
      assertThat(server.unfinishedUploads()).isOne();
      begun.close();
      other.close();
      assertThat(server.unfinishedUploads()).isZero();
    }
  }

  @Test
  void aStoreWithACaOfItsOwnIsTrustedByThat() throws Exception {
    try (var encrypted = S3StandIn.encrypted();
        var store = S3Store.open(encrypted.access(), PATIENT)) {
      var content = random(PART + 1);
      upload(store, content);
      assertThat(encrypted.objects().get(NAME)).isEqualTo(content);
    }
  }

  @Test
  void aStoreWhoseCaIsNotKnownIsNotTrusted() throws Exception {
    try (var encrypted = S3StandIn.encrypted()) {
      var stranger = new ServerPki("localhost").authority();
      for (var authority : new Optional<?>[] {Optional.empty(), Optional.of(stranger)}) {
        var access =
            with(
                encrypted.access(),
                encrypted.access().endpoint(),
                authority.map(String.class::cast));
        assertThat(failure(access).kind()).isEqualTo(Kind.TLS);
        assertThat(failure(access)).hasMessageContaining("is not trusted: ");
      }
      assertThat(encrypted.requests()).isEmpty();
    }
  }

  @Test
  void certificatesThatAreNoneAreSaid() {
    var access = with(server.access(), server.access().endpoint(), Optional.of("nonsense"));
    assertThatThrownBy(() -> S3Store.open(access, PATIENT))
        .isInstanceOf(StoreException.class)
        .hasMessageStartingWith("the CA certificates of the store cannot be read: ");
  }

  @Test
  void aStoreWithoutTlsIsNoStoreWithTls() throws Exception {
    try (var socket = new ServerSocket(0, 16, InetAddress.getByName("localhost"))) {
      var _ = Thread.ofVirtual().start(() -> answerPlainly(socket));
      var access =
          with(
              server.access(),
              Optional.of("https://localhost:" + socket.getLocalPort()),
              Optional.empty());
      assertThat(failure(access).kind()).isEqualTo(Kind.TLS);
    }
  }

  private static void answerPlainly(ServerSocket socket) {
    while (!socket.isClosed()) {
      try (var connection = socket.accept()) {
        connection.getOutputStream().write("HTTP/1.1 400 Bad Request\r\n\r\n".getBytes(US_ASCII));
      } catch (IOException _) {
        // The test has ended, or the client has.
      }
    }
  }

  @Test
  void aWrongKeyIsSaid() throws Exception {
    var failure = failure(server.access(S3StandIn.BUCKET, "another"));
    assertThat(failure.kind()).isEqualTo(Kind.WRONG_KEY);
    assertThat(failure)
        .hasMessageContaining(
            "does not accept access key another, or its secret (HTTP 403, InvalidAccessKeyId")
        .hasMessageNotContaining("secret:");
  }

  @Test
  void aMissingBucketIsSaid() throws Exception {
    var failure = failure(server.access("elsewhere", S3StandIn.ACCESS_KEY_ID));
    assertThat(failure.kind()).isEqualTo(Kind.BUCKET_NOT_FOUND);
    assertThat(failure).hasMessageContaining("has no bucket elsewhere in region us-east-1");
  }

  @ParameterizedTest
  @CsvSource({
    "403, AccessDenied, ACCESS_DENIED",
    "403, SignatureDoesNotMatch, WRONG_KEY",
    "400, BadDigest, CHECKSUM",
    "507, InsufficientStorage, FULL",
    "403, QuotaExceeded, FULL",
    "503, SlowDown, UNAVAILABLE",
    "500, InternalError, UNAVAILABLE",
    "400, InvalidRequest, OTHER"
  })
  void whatTheStoreSaysIsToldApart(int status, String code, Kind kind) throws Exception {
    server.fail(Fault.error(Operation.CREATE_UPLOAD, status, code));
    assertThat(failure(server.access()).kind()).isEqualTo(kind);
    assertThat(failure(server.access())).hasMessageContaining(code);
    server.recover();
    try (var store = S3Store.open(server.access(), PATIENT)) {
      upload(store, random(10));
    }
  }

  @Test
  void nobodyThereIsSaid() throws Exception {
    int port;
    try (var socket = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
      port = socket.getLocalPort();
    }
    var access = with(server.access(), Optional.of("http://localhost:" + port), Optional.empty());
    assertThat(failure(access).kind()).isEqualTo(Kind.CONNECTION_REFUSED);
  }

  @Test
  void aHostThatIsNotKnownIsSaid() throws Exception {
    var access = with(server.access(), Optional.of("http://s3.invalid"), Optional.empty());
    assertThat(failure(access).kind()).isEqualTo(Kind.UNKNOWN_HOST);
  }

  @Test
  void aStoreThatDoesNotAnswerIsGivenUp() throws Exception {
    var release = new CountDownLatch(1);
    server.fail((request, _) -> {
      if (request.operation() != Operation.CREATE_UPLOAD) {
        return false;
      }
      await(release);
      return true;
    });
    try {
      var failure = failure(server.access(), IMPATIENT);
      assertThat(failure.kind()).isEqualTo(Kind.TIMEOUT);
      assertThat(failure).hasMessageContaining("did not answer in time");
    } finally {
      release.countDown();
    }
  }

  /** At each part, and in between, and when it should be complete. */
  @ParameterizedTest
  @CsvSource({
    "UPLOAD_PART, 1",
    "UPLOAD_PART, 2",
    "UPLOAD_PART, 3",
    "COMPLETE_UPLOAD, 0",
    "CREATE_UPLOAD, 0"
  })
  void aConnectionThatIsCutLeavesNothingBehind(Operation operation, int part) throws Exception {
    server.fail(Fault.cut(operation, part));
    var content = random(2 * PART + 100);
    try (var store = S3Store.open(server.access(), PATIENT)) {
      var failure = catchThrowableOfType(StoreException.class, () -> upload(store, content));
      assertThat(failure.kind()).isEqualTo(Kind.CONNECTION_LOST);
      assertThat(server.objects()).isEmpty();
      assertThat(server.unfinishedUploads()).isZero();
      // It was tried more than once: networks are like that.
      assertThat(server.requests())
          .filteredOn(request -> request.operation() == operation && request.part() == part)
          .hasSizeGreaterThan(1);
      server.recover();
      upload(store, content);
      assertThat(server.objects().get(NAME)).isEqualTo(content);
    }
  }

  @Test
  void aConnectionThatIsCutOnceDoesNotMatter() throws Exception {
    var cut = new AtomicReference<Request>();
    server.fail((request, exchange) -> {
      if (request.part() == 2 && cut.compareAndSet(null, request)) {
        return Fault.cut(Operation.UPLOAD_PART, 2).strike(request, exchange);
      }
      return false;
    });
    var content = random(2 * PART + 100);
    try (var store = S3Store.open(server.access(), PATIENT)) {
      upload(store, content);
    }
    assertThat(cut.get()).isNotNull();
    assertThat(server.objects().get(NAME)).isEqualTo(content);
  }

  @Test
  void anUploadThatCannotBeDroppedIsNoObject() throws Exception {
    server.fail((request, exchange) ->
        Fault.error(Operation.COMPLETE_UPLOAD, 500, "InternalError").strike(request, exchange)
            || Fault.error(Operation.ABORT_UPLOAD, 500, "InternalError").strike(request, exchange));
    try (var store = S3Store.open(server.access(), PATIENT)) {
      assertThatThrownBy(() -> upload(store, random(10))).isInstanceOf(StoreException.class);
    }
    assertThat(server.objects()).isEmpty();
    assertThat(server.unfinishedUploads()).isOne();
  }

  @Test
  void whoIsInterruptedStopsAndCleansUp() throws Exception {
    var reached = new CountDownLatch(1);
    var release = new CountDownLatch(1);
    server.fail((request, _) -> {
      if (request.part() != 2) {
        return false;
      }
      reached.countDown();
      await(release);
      return true;
    });
    var result = new AtomicReference<Throwable>();
    var thread =
        Thread.ofVirtual()
            .start(() -> {
              try (var store = S3Store.open(server.access(), PATIENT)) {
                upload(store, random(3 * PART));
              } catch (IOException | InterruptedException e) {
                result.set(e);
              }
            });
    try {
      assertThat(reached.await(60, TimeUnit.SECONDS)).isTrue();
      thread.interrupt();
      assertThat(thread.join(Duration.ofSeconds(60))).isTrue();
      assertThat(result.get()).isInstanceOf(InterruptedException.class);
      assertThat(server.objects()).isEmpty();
      assertThat(server.unfinishedUploads()).isZero();
    } finally {
      release.countDown();
    }
  }

  private static void upload(ObjectStore store, byte[] content)
      throws StoreException, InterruptedException {
    try (var upload = store.upload(NAME)) {
      var random = new Random(SEED);
      for (int from = 0; from < content.length; ) {
        int length = Math.min(1 + random.nextInt(3 * PART / 2), content.length - from);
        upload.write(content, from, length);
        from += length;
      }
      upload.complete();
    }
  }

  private static StoreException failure(StoreAccess access) throws IOException {
    return failure(access, PATIENT);
  }

  private static StoreException failure(StoreAccess access, S3Store.Timing timing)
      throws IOException {
    try (var store = S3Store.open(access, timing)) {
      return catchThrowableOfType(StoreException.class, () -> upload(store, random(10)));
    }
  }

  private static StoreAccess with(
      StoreAccess access, Optional<String> endpoint, Optional<String> authority) {
    return new StoreAccess(
        endpoint,
        access.region(),
        access.bucket(),
        access.prefix(),
        access.credentials(),
        authority);
  }

  private static void await(CountDownLatch latch) {
    try {
      assertThat(latch.await(120, TimeUnit.SECONDS)).isTrue();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  private static byte[] random(int size) {
    var content = new byte[size];
    new Random(SEED).nextBytes(content);
    return content;
  }
}
