package dev.hcp.controller.backup;

import dev.hcp.controller.plan.BackupOrder;
import dev.hcp.controller.plan.BackupState;
import dev.hcp.controller.retry.Backoff;
import dev.hcp.controller.store.ObjectStore;
import dev.hcp.controller.store.ObjectStore.StoredObject;
import dev.hcp.controller.store.StoreException;
import dev.hcp.controller.store.Stores;
import java.io.IOException;
import java.security.SecureRandom;
import java.time.Duration;
import java.time.Instant;
import java.util.Base64;
import java.util.HashMap;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.TreeSet;
import java.util.random.RandomGenerator;

/**
 * What is done in the store of one control plane. Nothing of it is remembered here.
 *
 * @param namespace namespace of the control plane
 * @param name name of the control plane
 * @param order what is wanted
 */
record BackupRun(String namespace, String name, BackupOrder order) {
  /** More than any snapshot comes in at once. */
  private static final int PIECE = 64 * 1024;

  /** Where the newest manifests are no good, older ones are looked at, but not all of them. */
  private static final int MOST_MANIFESTS = 5;

  /** How long to wait before what was cut is read on. */
  private static final Duration FIRST_PAUSE = Duration.ofSeconds(1);

  private static final Duration LONGEST_PAUSE = Duration.ofSeconds(30);

  /** Looks which backups there are. */
  BackupState look(Stores stores) throws IOException, InterruptedException {
    try (var store = stores.open(order.store())) {
      var newest = newest(store);
      return new BackupState(
          true,
          true,
          newest.map(manifest -> Instant.parse(manifest.time())),
          newest.flatMap(manifest -> Optional.ofNullable(manifest.request())),
          Optional.empty(),
          Optional.empty(),
          newest.flatMap(BackupRun::finished));
    }
  }

  /** Of which control plane a backup is the last one, if of any. */
  static Optional<BackupState.FinalBackup> finished(Manifest manifest) {
    return Optional.ofNullable(manifest.finalOf())
        .map(uid -> new BackupState.FinalBackup(uid, manifest.object()));
  }

  /**
   * Makes a backup. The last one of a control plane is read back before it counts: what it was made
   * of is removed afterwards.
   *
   * @param time when it is begun
   * @param longest how long it may take
   * @param request the last request that is met, once this is made
   */
  Manifest make(
      Stores stores,
      SnapshotSource source,
      RandomGenerator random,
      Instant time,
      Duration longest,
      Optional<String> request)
      throws IOException, InterruptedException {
    var name = BackupName.of(time, random.nextInt());
    var backup = order.finalOf().isPresent() ? name.asFinal() : name;
    try (var store = stores.open(order.store())) {
      long highest = newest(store).map(Manifest::highestRevision).orElse(0L);
      var manifest = upload(store, source, backup, longest, highest, request);
      if (order.finalOf().isPresent()) {
        readBack(store, manifest, random);
      }
      store.put(backup.manifest(folder()), manifest.toJson());
      return manifest;
    }
  }

  private static void readBack(ObjectStore store, Manifest manifest, RandomGenerator random)
      throws IOException, InterruptedException {
    try (var stored =
        new Download(
            store,
            manifest.object(),
            manifest.size(),
            new Backoff(FIRST_PAUSE, LONGEST_PAUSE, random))) {
      var piece = new byte[PIECE];
      int count = 0;
      while (count >= 0) {
        count = stored.read(piece);
      }
      if (stored.position() != manifest.size() || !stored.sha256().equals(manifest.sha256())) {
        // No later backup would clean up.
        store.delete(manifest.object());
        throw new SnapshotException(
            SnapshotException.Kind.DAMAGED,
            "object %s is not what was written when it is read back".formatted(manifest.object()),
            null);
      }
    }
  }

  private Manifest upload(
      ObjectStore store,
      SnapshotSource source,
      BackupName backup,
      Duration longest,
      long highestRevision,
      Optional<String> request)
      throws IOException, InterruptedException {
    var object = backup.data(folder());
    try (var upload = store.upload(object)) {
      var output = output(upload);
      var checksum = new SnapshotChecksum();
      var bytes = new byte[PIECE];
      var origin =
          source.stream(
              namespace,
              name,
              order.etcd(),
              longest,
              piece -> {
                while (piece.hasRemaining()) {
                  int length = Math.min(piece.remaining(), bytes.length);
                  piece.get(bytes, 0, length);
                  checksum.update(bytes, 0, length);
                  output.write(bytes, 0, length);
                }
              });
      var sha256 = checksum.verify();
      var stored = output.finish().orElseGet(() -> new Output.Stored(checksum.size(), sha256));
      upload.complete();
      return new Manifest(
          Manifest.FORMAT,
          namespace,
          order.cluster(),
          backup.time().toString(),
          object,
          stored.size(),
          stored.sha256(),
          new Manifest.Snapshot(
              checksum.size(),
              sha256,
              origin.etcdVersion(),
              origin.revision(),
              origin.clusterId(),
              origin.member(),
              origin.keys().isPresent() ? origin.keys().getAsLong() : null),
          key()
              .map(key -> new Manifest.Encryption(ChunkCipher.ALGORITHM, ChunkCipher.keyId(key)))
              .orElse(null),
          Math.max(highestRevision, origin.revision()),
          request.orElse(null),
          order.finalOf().orElse(null));
    }
  }

  private Output output(ObjectStore.Upload upload) throws StoreException, InterruptedException {
    var key = key();
    return key.isPresent()
        ? Encryptor.begin(key.get(), new SecureRandom(), upload)
        : new Output.Plain(upload);
  }

  private Optional<byte[]> key() {
    return order.encryptionKey().map(Base64.getDecoder()::decode);
  }

  /**
   * Deletes what has served its time, and what was left behind. What is newer does not replace what
   * has more in it.
   *
   * @param made the backup that was made just now
   * @return why nothing was deleted; empty if all was that shall be
   */
  Optional<String> tidy(Stores stores, Manifest made, Instant now)
      throws StoreException, InterruptedException {
    try (var store = stores.open(order.store())) {
      store.dropUploads(folder(), now.minus(Retention.ABANDONED));
      if (order.retention().equals(BackupOrder.Retention.ALL)) {
        return Optional.empty();
      }
      if (made.lacksData()) {
        return Optional.of(
            "the last backup has revision %d, and an earlier one had %d: has etcd lost data?"
                .formatted(made.snapshot().revision(), made.highestRevision()));
      }
      for (var object :
          Retention.obsolete(folder(), store.list(folder()), order.retention(), now)) {
        store.delete(object);
      }
      return Optional.empty();
    }
  }

  private String folder() {
    return BackupName.folder(order.store().prefix(), namespace, order.cluster());
  }

  /** The newest backup that is there as its manifest says. */
  private Optional<Manifest> newest(ObjectStore store) throws IOException, InterruptedException {
    var objects = store.list(folder());
    var sizes = new HashMap<String, Long>();
    objects.forEach(object -> sizes.put(object.name(), object.size()));
    for (var backup : newestFirst(objects)) {
      var manifest =
          store.get(backup.manifest(folder()), Manifest.LONGEST).flatMap(Manifest::parse);
      if (manifest
          .filter(found -> Objects.equals(sizes.get(backup.data(folder())), found.size()))
          .isPresent()) {
        return manifest;
      }
    }
    return Optional.empty();
  }

  private List<BackupName> newestFirst(List<StoredObject> objects) {
    var backups = new TreeSet<BackupName>();
    objects.forEach(
        object -> BackupName.ofManifest(folder(), object.name()).ifPresent(backups::add));
    return backups.reversed().stream().limit(MOST_MANIFESTS).toList();
  }
}
