package dev.hcp.controller.backup;

import static org.assertj.core.api.Assertions.assertThat;

import dev.hcp.controller.plan.StoreAccess;
import dev.hcp.controller.retry.Backoff;
import dev.hcp.controller.store.ObjectStore;
import dev.hcp.controller.store.S3Store;
import dev.hcp.controller.testing.S3StandIn;
import dev.hcp.controller.testing.S3StandIn.Fault;
import dev.hcp.controller.testing.S3StandIn.Operation;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.time.Duration;
import java.time.Instant;
import java.util.Arrays;
import java.util.Base64;
import java.util.HexFormat;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.random.RandomGenerator;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What is fetched, and what is said of what cannot be. */
class BackupFetchTest {
  private static final String NAME = "20260821T023011Z-3f9a2c1b";
  private static final String OBJECT = "prefix/clusters/demo/%s.etcd".formatted(NAME);
  private static final String MANIFEST = "prefix/clusters/demo/%s.json".formatted(NAME);
  private static final byte[] SNAPSHOT = Snapshots.of(3_000_000, 5);
  private static final byte[] KEY =
      "01234567890123456789012345678901".getBytes(StandardCharsets.US_ASCII);
  private static final byte[] OTHER_KEY =
      "other567890123456789012345678901".getBytes(StandardCharsets.US_ASCII);

  private final S3StandIn server = S3StandIn.plain();

  @TempDir private Path folder;

  @BeforeEach
  void backUp() throws IOException {
    Files.createDirectories(folder.resolve("store"));
    store(server.access(), Optional.empty());
    put(SNAPSHOT, SNAPSHOT, Optional.empty());
  }

  @AfterEach
  void stop() {
    server.close();
  }

  @Test
  void aBackupIsFetchedWithItsManifest() throws Exception {
    var report = fetch();
    assertThat(report.isSuccess()).as("%s", report).isTrue();
    assertThat(report.bytes()).isEqualTo(SNAPSHOT.length);
    assertThat(report.revision()).isEqualTo(42);
    assertThat(Files.readAllBytes(folder.resolve("snapshot.db"))).isEqualTo(SNAPSHOT);
    assertThat(Files.readAllBytes(folder.resolve("manifest.json")))
        .isEqualTo(server.objects().get(MANIFEST));
    assertThat(RestoreReport.parse(report.toJson())).contains(report);
  }

  @Test
  void anEncryptedBackupIsDecrypted() throws Exception {
    putEncrypted();
    store(server.access(), Optional.of(Base64.getEncoder().encodeToString(KEY)));
    assertThat(fetch().result()).isEqualTo("success");
    assertThat(Files.readAllBytes(folder.resolve("snapshot.db"))).isEqualTo(SNAPSHOT);
  }

  @Test
  void anotherKeyIsTold() throws Exception {
    putEncrypted();
    assertThat(fetch().message()).contains("is encrypted with the key", "and there is none");
    store(server.access(), Optional.of(Base64.getEncoder().encodeToString(OTHER_KEY)));
    assertFails("encryption_key", ChunkCipher.keyId(OTHER_KEY));
  }

  @Test
  void aBitThatDiffersIsFound() throws Exception {
    var damaged = SNAPSHOT.clone();
    damaged[1_000_000] ^= 1;
    server.put(OBJECT, damaged);
    assertFails("damaged", "has SHA-256");
    putEncrypted();
    var encrypted = server.objects().get(OBJECT).clone();
    encrypted[1_000_000] ^= 1;
    server.put(OBJECT, encrypted);
    store(server.access(), Optional.of(Base64.getEncoder().encodeToString(KEY)));
    assertFails("damaged", "cannot be decrypted");
  }

  /** What etcd itself has put at the end decides in the end. */
  @Test
  void aSnapshotWhoseOwnChecksumIsWrongIsFound() throws Exception {
    var wrong = SNAPSHOT.clone();
    wrong[wrong.length - 1] ^= 1;
    put(wrong, wrong, Optional.empty());
    assertFails("damaged", "and etcd says");
  }

  @Test
  void anObjectThatIsShorterOrLongerIsFound() throws Exception {
    server.put(OBJECT, Arrays.copyOf(SNAPSHOT, SNAPSHOT.length - 1));
    assertFails("damaged", "has %d bytes".formatted(SNAPSHOT.length - 1));
    server.put(OBJECT, Arrays.copyOf(SNAPSHOT, SNAPSHOT.length + 1));
    assertFails("damaged", "has more than the %d bytes".formatted(SNAPSHOT.length));
    server.put(OBJECT, new byte[0]);
    assertFails("damaged", "has 0 bytes");
  }

  @Test
  void whatIsNotThereIsTold() throws Exception {
    server.clear();
    assertFails("not_found", "there is no such backup");
    put(SNAPSHOT, SNAPSHOT, Optional.empty());
    var manifest = server.objects().get(MANIFEST);
    server.clear();
    server.put(MANIFEST, manifest);
    assertFails("missing", OBJECT);
    server.put(MANIFEST, "{".getBytes(StandardCharsets.UTF_8));
    assertFails("damaged", "cannot be read");
    assertThat(fetch("../../other").result()).isEqualTo("not_found");
  }

  @Test
  void theNewestOneIsFoundThatIsWanted() throws Exception {
    var manifest = server.objects().get(MANIFEST);
    server.put("prefix/clusters/demo/20260822T023011Z-00000000.json", manifest);
    server.put("prefix/clusters/demo/20260822T023011Z-00000000.etcd", SNAPSHOT);
    server.put("prefix/clusters/other/20260823T023011Z-00000000.json", manifest);
    assertThat(fetch(newest("2026-08-21T02:30:11Z", null), BackupSelection.Limits.NONE))
        .returns(NAME, RestoreReport::backup)
        .returns(true, RestoreReport::isSuccess);
    assertThat(fetch(newest(null, null), BackupSelection.Limits.NONE).backup())
        .isEqualTo("20260822T023011Z-00000000");
    assertThat(fetch(newest("2026-08-21T02:30:10Z", null), BackupSelection.Limits.NONE))
        .returns("not_found", RestoreReport::result)
        .extracting(RestoreReport::message)
        .asString()
        .contains("of 2026-08-21T02:30:10Z or earlier", "prefix/clusters/demo/");
    assertThat(fetch(newest(null, "2026-08-23T00:00:00Z"), BackupSelection.Limits.NONE))
        .returns("not_found", RestoreReport::result)
        .extracting(RestoreReport::message)
        .asString()
        .contains("20260822T023011Z-00000000 is older than 2026-08-23T00:00:00Z");
  }

  @Test
  void oneOfAnotherClusterIsRefused() throws Exception {
    var manifest = new String(server.objects().get(MANIFEST), StandardCharsets.UTF_8);
    server.put(
        MANIFEST,
        manifest
            .replace("\"cluster\":\"demo\"", "\"cluster\":\"other\"")
            .getBytes(StandardCharsets.UTF_8));
    assertFails("other_cluster", "is one of Cluster clusters/other");
  }

  @Test
  void oneThatEtcdCannotHaveIsRefused() throws Exception {
    assertThat(fetch(newest(null, null), limits("3.5.24-0", 1L << 40)))
        .returns("etcd_version", RestoreReport::result)
        .extracting(RestoreReport::message)
        .asString()
        .contains("is of etcd 3.6.", "etcd 3.5.24-0 cannot read");
    assertThat(fetch(newest(null, null), limits("3.10.0-0", 1L << 40)).isSuccess()).isTrue();
    assertThat(fetch(newest(null, null), limits("3.6.8-0", SNAPSHOT.length)).isSuccess()).isTrue();
    assertThat(fetch(newest(null, null), limits("3.6.8-0", SNAPSHOT.length - 1L)))
        .returns("too_large", RestoreReport::result)
        .extracting(RestoreReport::message)
        .asString()
        .contains("raise etcd.volumeSize");
    var manifest = new String(server.objects().get(MANIFEST), StandardCharsets.UTF_8);
    server.put(
        MANIFEST,
        manifest
            .replaceAll("\"etcdVersion\":\"[^\"]*\"", "\"etcdVersion\":\"unknown\"")
            .getBytes(StandardCharsets.UTF_8));
    assertThat(fetch(newest(null, null), limits("3.6.8-0", 1L << 40)).result())
        .isEqualTo("etcd_version");
  }

  private static BackupSelection.Choice newest(@Nullable String upTo, @Nullable String since) {
    return new BackupSelection.Choice(
        Optional.empty(),
        Optional.ofNullable(upTo).map(Instant::parse),
        Optional.ofNullable(since).map(Instant::parse));
  }

  private static BackupSelection.Limits limits(String etcdVersion, long largest) {
    return new BackupSelection.Limits(Optional.of(etcdVersion), OptionalLong.of(largest));
  }

  @Test
  void whatTheStoreSaysIsTold() throws Exception {
    store(server.access(S3StandIn.BUCKET, "nobody"), Optional.empty());
    assertFails("wrong_key", "does not accept access key nobody");
    store(server.access("elsewhere", S3StandIn.ACCESS_KEY_ID), Optional.empty());
    assertFails("bucket_not_found", "elsewhere");
    store(server.access(), Optional.empty());
    server.fail(Fault.error(Operation.GET, 403, "AccessDenied"));
    assertFails("access_denied", "AccessDenied");
    server.fail(Fault.error(Operation.GET, 503, "SlowDown"));
    assertFails("unavailable", "SlowDown");
    Files.delete(folder.resolve("store/bucket"));
    assertFails("other", "has no key bucket");
  }

  @Test
  void aStoreThatIsNotTrustedIsTold() throws Exception {
    try (var encrypted = S3StandIn.encrypted();
        var another = S3StandIn.encrypted()) {
      var access = encrypted.access();
      store(
          new StoreAccess(
              access.endpoint(),
              access.region(),
              access.bucket(),
              access.prefix(),
              access.credentials(),
              another.access().authority()),
          Optional.empty());
      assertFails("tls", "is not trusted");
    }
  }

  @Test
  void goesOnWhereItWasCut() throws Exception {
    var cuts = new AtomicInteger();
    server.fail((request, exchange) -> {
      if (request.operation() != Operation.GET
          || !request.key().equals(OBJECT)
          || cuts.incrementAndGet() > 3) {
        return false;
      }
      var range = exchange.getRequestHeaders().getFirst("Range");
      int from = range == null ? 0 : Integer.parseInt(range.replaceAll("[^0-9]", ""));
      exchange.sendResponseHeaders(range == null ? 200 : 206, SNAPSHOT.length - from);
      exchange.getResponseBody().write(SNAPSHOT, from, 500_000);
      exchange.close();
      return true;
    });
    assertThat(fetch().result()).isEqualTo("success");
    assertThat(cuts.get()).isEqualTo(4);
    assertThat(Files.readAllBytes(folder.resolve("snapshot.db"))).isEqualTo(SNAPSHOT);
  }

  @Test
  void givesUpWhenNothingComesAnyMore() throws Exception {
    server.fail((request, exchange) -> {
      if (!request.key().equals(OBJECT)) {
        return false;
      }
      exchange.sendResponseHeaders(200, SNAPSHOT.length);
      exchange.close();
      return true;
    });
    assertFails("connection_lost", OBJECT);
  }

  private void assertFails(String label, String message) throws Exception {
    var report = fetch();
    assertThat(report.result()).as("%s", report).isEqualTo(label);
    assertThat(report.message()).contains(message);
    assertThat(Cause.told(label)).isPresent();
    try (var files = Files.list(folder)) {
      assertThat(files.map(file -> file.getFileName().toString())).containsExactly("store");
    }
  }

  private RestoreReport fetch() throws InterruptedException {
    return fetch(NAME);
  }

  private RestoreReport fetch(String name) throws InterruptedException {
    return fetch(BackupSelection.Choice.named(name), BackupSelection.Limits.NONE);
  }

  private RestoreReport fetch(BackupSelection.Choice choice, BackupSelection.Limits limits)
      throws InterruptedException {
    return new BackupFetch(
            folder.resolve("store"),
            new BackupSelection("clusters", "demo", choice, limits),
            folder.resolve("snapshot.db"),
            folder.resolve("manifest.json"))
        .run(
            access -> S3Store.open(access, S3Store.Timing.DEFAULT),
            new Backoff(Duration.ofMillis(1), Duration.ofMillis(10), RandomGenerator.getDefault()));
  }

  /** As a kubelet would mount the Secret. */
  private void store(StoreAccess access, Optional<String> key) throws IOException {
    for (var file : BackupFetch.files(access, key).entrySet()) {
      Files.write(
          folder.resolve("store").resolve(file.getKey()),
          Base64.getDecoder().decode(file.getValue()));
    }
  }

  private void putEncrypted() throws IOException {
    var upload = new InMemory();
    try {
      var encryptor = Encryptor.begin(KEY, new SecureRandom(), upload);
      encryptor.write(SNAPSHOT, 0, SNAPSHOT.length);
      encryptor.finish();
    } catch (InterruptedException e) {
      throw new IllegalStateException(e);
    }
    put(
        upload.bytes.toByteArray(),
        SNAPSHOT,
        Optional.of(new Manifest.Encryption(ChunkCipher.ALGORITHM, ChunkCipher.keyId(KEY))));
  }

  private void put(byte[] object, byte[] snapshot, Optional<Manifest.Encryption> encryption) {
    server.put(OBJECT, object);
    server.put(
        MANIFEST,
        new Manifest(
                Manifest.FORMAT,
                "clusters",
                "demo",
                "2026-08-21T02:30:11Z",
                OBJECT,
                object.length,
                sha256(object),
                new Manifest.Snapshot(
                    snapshot.length, sha256(snapshot), "3.6.8", 42, "c1", "demo-etcd-0", 7L),
                encryption.orElse(null),
                42,
                null,
                null,
                null)
            .toJson());
  }

  private static String sha256(byte[] bytes) {
    return HexFormat.of().formatHex(Sha256.digest().digest(bytes));
  }

  /** An upload that goes nowhere. */
  private static final class InMemory implements ObjectStore.Upload {
    private final ByteArrayOutputStream bytes = new ByteArrayOutputStream();

    @Override
    public void write(byte[] from, int offset, int length) {
      bytes.write(from, offset, length);
    }

    @Override
    public void complete() {}

    @Override
    public void close() {}
  }
}
