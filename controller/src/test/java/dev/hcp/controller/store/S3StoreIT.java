package dev.hcp.controller.store;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import dev.hcp.api.v1alpha1.ObjectLockMode;
import dev.hcp.controller.plan.StoreAccess;
import dev.hcp.controller.store.StoreException.Kind;
import dev.hcp.controller.testing.S3Server;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;

/** A real S3 server takes what is sent, signatures and checksums included. */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class S3StoreIT {
  private final S3Server server = S3Server.start();

  @AfterAll
  void stop() {
    server.close();
  }

  @Test
  void largeAndSmallObjectsArrive() throws IOException, InterruptedException {
    var content = new byte[2 * S3Store.PART_SIZE + 12_345];
    new Random(1).nextBytes(content);
    var small = "{}".getBytes(StandardCharsets.UTF_8);
    try (var store = open(server.access())) {
      try (var upload = store.upload("prefix/a/large.etcd")) {
        upload.write(content, 0, content.length);
        assertThat(store.list("prefix/a/")).isEmpty();
        upload.complete();
      }
      store.put("prefix/a/small.json", small);
      assertThat(Files.readAllBytes(server.file("prefix/a/large.etcd"))).isEqualTo(content);
      assertThat(store.list("prefix/a/"))
          .containsExactly(
              new ObjectStore.StoredObject("prefix/a/large.etcd", content.length),
              new ObjectStore.StoredObject("prefix/a/small.json", small.length));
      assertThat(store.get("prefix/a/small.json", 100)).hasValue(small);
      assertThat(store.get("prefix/a/missing.json", 100)).isEmpty();
      store.delete("prefix/a/large.etcd");
      store.delete("prefix/a/large.etcd");
      store.delete("prefix/a/small.json");
      assertThat(store.list("prefix/a/")).isEmpty();
    }
  }

  @Test
  void uploadsThatWereLeftBehindAreDropped() throws IOException, InterruptedException {
    try (var store = open(server.access())) {
      var left = store.upload("prefix/left/a.etcd");
      left.write(new byte[S3Store.PART_SIZE + 1], 0, S3Store.PART_SIZE + 1);
      store.dropUploads("prefix/left/", Instant.now().minus(Duration.ofHours(1)));
      left.write(new byte[S3Store.PART_SIZE], 0, S3Store.PART_SIZE);
      store.dropUploads("prefix/left/", Instant.now().plus(Duration.ofHours(1)));
      assertThat(
              catchThrowableOfType(
                  StoreException.class,
                  () -> {
                    left.write(new byte[S3Store.PART_SIZE], 0, S3Store.PART_SIZE);
                    left.complete();
                  }))
          .isNotNull();
      assertThat(store.list("prefix/left/")).isEmpty();
    }
  }

  @Test
  void objectsAreLocked() throws IOException, InterruptedException {
    var until = Instant.now().truncatedTo(ChronoUnit.SECONDS).plus(Duration.ofDays(1));
    var lock = Optional.of(new ObjectStore.Lock(ObjectLockMode.GOVERNANCE, until));
    try (var store = open(server.withLocks())) {
      store.requireLocks();
      try (var upload = store.upload("prefix/lock/a.etcd", lock)) {
        upload.write(new byte[S3Store.PART_SIZE + 1], 0, S3Store.PART_SIZE + 1);
        upload.complete();
      }
      store.put("prefix/lock/a.json", new byte[1], lock);
      store.put("prefix/lock/free.json", new byte[1]);
      for (var name : List.of("prefix/lock/a.etcd", "prefix/lock/a.json")) {
        assertThat(store.lockedUntil(name)).contains(until);
        assertThat(catchThrowableOfType(StoreException.class, () -> store.delete(name)))
            .as("deleting %s", name)
            .isNotNull()
            .extracting(StoreException::kind)
            .isEqualTo(Kind.LOCKED);
      }
      assertThat(store.lockedUntil("prefix/lock/free.json")).isEmpty();
      store.delete("prefix/lock/free.json");
      assertThat(store.list("prefix/lock/")).hasSize(2);
    }
    try (var store = open(server.access())) {
      assertThat(catchThrowableOfType(StoreException.class, store::requireLocks).kind())
          .isEqualTo(Kind.NO_OBJECT_LOCK);
      assertThat(
              catchThrowableOfType(
                      StoreException.class, () -> store.put("prefix/lock/b", new byte[1], lock))
                  .kind())
          .isEqualTo(Kind.NO_OBJECT_LOCK);
    }
  }

  @Test
  void wrongKeysSecretsAndBucketsAreToldApart() throws IOException {
    assertFails(server.access(S3Server.BUCKET, "nobody", "secret"), Kind.WRONG_KEY);
    assertFails(server.wrongSecret(), Kind.WRONG_KEY);
    assertFails(server.access("elsewhere"), Kind.BUCKET_NOT_FOUND);
  }

  private static void assertFails(StoreAccess access, Kind kind) throws IOException {
    var failure = failure(access);
    assertThat(failure.kind()).as(failure.getMessage()).isEqualTo(kind);
  }

  private static StoreException failure(StoreAccess access) throws IOException {
    try (var store = open(access)) {
      return catchThrowableOfType(StoreException.class, () -> store.list("prefix/"));
    }
  }

  private static ObjectStore open(StoreAccess access) throws StoreException {
    return S3Store.open(access, S3Store.Timing.DEFAULT);
  }
}
