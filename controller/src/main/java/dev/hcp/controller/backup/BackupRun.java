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
import java.util.EnumSet;
import java.util.HashMap;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.random.RandomGenerator;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * What is done in the store of one control plane. Nothing of it is remembered here.
 *
 * @param namespace namespace of the control plane
 * @param name name of the control plane
 * @param order what is wanted
 */
record BackupRun(String namespace, String name, BackupOrder order) {
  private static final Logger LOG = LoggerFactory.getLogger(BackupRun.class);

  /** More than any snapshot comes in at once. */
  private static final int PIECE = 64 * 1024;

  /** Whoever does not answer will not do so the next time either. */
  private static final Set<StoreException.Kind> SILENT =
      EnumSet.of(
          StoreException.Kind.CONNECTION_REFUSED,
          StoreException.Kind.TIMEOUT,
          StoreException.Kind.UNKNOWN_HOST);

  /** Where the newest manifests are no good, older ones are looked at, but not all of them. */
  private static final int MOST_MANIFESTS = 5;

  /** How long to wait before what was cut is read on. */
  private static final Duration FIRST_PAUSE = Duration.ofSeconds(1);

  private static final Duration LONGEST_PAUSE = Duration.ofSeconds(30);

  /** Looks which backups there are. */
  BackupState look(Stores stores) throws IOException, InterruptedException {
    try (var store = stores.open(order.store())) {
      if (order.lock().isPresent()) {
        store.requireLocks();
      }
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
      var lock = lock(backup);
      if (lock.isPresent()) {
        // Before all of it is sent for nothing.
        store.requireLocks();
      }
      long highest = newest(store).map(Manifest::highestRevision).orElse(0L);
      var manifest = upload(store, source, backup, longest, highest, request, lock);
      if (lock.isPresent()) {
        requireLocked(store, manifest.object(), lock.get());
      }
      if (order.finalOf().isPresent()) {
        readBack(store, manifest, random);
      }
      try {
        store.put(backup.manifest(folder()), manifest.toJson(), lock);
      } catch (StoreException e) {
        // Whoever is silent would be waited for once more.
        if (!SILENT.contains(e.kind())) {
          // The manifest may be there in spite of the failure, and must not be without the data.
          drop(store, backup.manifest(folder()), backup.data(folder()));
        }
        throw e;
      }
      return manifest;
    }
  }

  private Optional<ObjectStore.Lock> lock(BackupName backup) {
    return order
        .lock()
        .map(lock ->
            new ObjectStore.Lock(lock.mode(), backup.time().plus(Duration.ofDays(lock.days()))));
  }

  /**
   * A store that does not know locks takes no notice of them. Who may lock, but not see what is
   * locked, has to rely on what the bucket says.
   */
  private void requireLocked(ObjectStore store, String object, ObjectStore.Lock lock)
      throws StoreException, InterruptedException {
    Optional<Instant> until;
    try {
      until = store.lockedUntil(object);
    } catch (StoreException e) {
      if (e.kind() != StoreException.Kind.ACCESS_DENIED) {
        throw e;
      }
      LOG.atInfo()
          .addKeyValue("namespace", namespace)
          .addKeyValue("name", name)
          .log("Whether the backup is locked is not looked at: {}", e.getMessage());
      return;
    }
    if (until.filter(time -> !time.isBefore(lock.until())).isEmpty()) {
      drop(store, object);
      throw new StoreException(
          StoreException.Kind.NO_OBJECT_LOCK,
          "object %s was to be locked until %s, and the store says that it is %s"
              .formatted(
                  object,
                  lock.until(),
                  until.map("locked until %s"::formatted).orElse("not locked")),
          null);
    }
  }

  private void readBack(ObjectStore store, Manifest manifest, RandomGenerator random)
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
        drop(store, manifest.object());
        throw new SnapshotException(
            SnapshotException.Kind.DAMAGED,
            "object %s is not what was written when it is read back".formatted(manifest.object()),
            null);
      }
    }
  }

  /**
   * Deletes what has no manifest: nobody would find it, nor delete it. The next backup matters more
   * than what is left if that fails.
   *
   * @param objects in this order, until one cannot be deleted
   */
  private void drop(ObjectStore store, String... objects) throws InterruptedException {
    try {
      for (var object : objects) {
        store.delete(object);
      }
    } catch (StoreException e) {
      LOG.atWarn()
          .addKeyValue("namespace", namespace)
          .addKeyValue("name", name)
          .log("Data of a backup that has no manifest are left: {}", e.getMessage());
    }
  }

  private Manifest upload(
      ObjectStore store,
      SnapshotSource source,
      BackupName backup,
      Duration longest,
      long highestRevision,
      Optional<String> request,
      Optional<ObjectStore.Lock> lock)
      throws IOException, InterruptedException {
    var object = backup.data(folder());
    try (var upload = store.upload(object, lock)) {
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
          order.finalOf().orElse(null),
          lock.map(ObjectStore.Lock::until).map(Instant::toString).orElse(null));
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
   * What became of old backups.
   *
   * @param kept why some are kept that have served their time; empty if none are
   * @param asWanted whether that is how it shall be
   */
  record Tidied(Optional<String> kept, boolean asWanted) {
    /** All are gone that shall go. */
    static final Tidied ALL = new Tidied(Optional.empty(), true);

    /** Some are kept that shall go. */
    static Tidied not(String why) {
      return new Tidied(Optional.of(why), false);
    }
  }

  /**
   * Deletes what has served its time, and what was left behind. What is newer does not replace what
   * has more in it. What is locked stays until a later backup finds that its lock is over.
   *
   * @param made the backup that was made just now
   */
  Tidied tidy(Stores stores, Manifest made, Instant now)
      throws StoreException, InterruptedException {
    try (var store = stores.open(order.store())) {
      store.dropUploads(folder(), now.minus(Retention.ABANDONED));
      // One whose beginning was answered to nobody; the next try has made the object.
      store.dropUploads(made.object(), Instant.MAX);
      if (order.retention().equals(BackupOrder.Retention.ALL)) {
        return Tidied.ALL;
      }
      if (made.lacksData()) {
        return Tidied.not(
            "the last backup has revision %d, and an earlier one had %d: has etcd lost data?"
                .formatted(made.snapshot().revision(), made.highestRevision()));
      }
      var locked = new TreeSet<BackupName>();
      for (var object :
          Retention.obsolete(folder(), store.list(folder()), order.retention(), now)) {
        var backup = BackupName.ofEither(folder(), object).orElseThrow();
        if (!locked.contains(backup) && !delete(store, object, now)) {
          locked.add(backup);
        }
      }
      return locked.isEmpty()
          ? Tidied.ALL
          : new Tidied(
              Optional.of(
                  "%d of them have served their time, and are locked".formatted(locked.size())),
              true);
    }
  }

  /**
   * Deletes an object, unless it is locked. Asked to delete one that is, a store that keeps
   * versions would hide it, and nobody would find it any more.
   *
   * @return whether it was not locked
   */
  private boolean delete(ObjectStore store, String object, Instant now)
      throws StoreException, InterruptedException {
    if (BackupName.ofManifest(folder(), object).isPresent()
        && store
            .get(object, Manifest.LONGEST)
            .flatMap(Manifest::parse)
            .filter(manifest -> manifest.isLocked(now))
            .isPresent()) {
      return false;
    }
    try {
      store.delete(object);
      return true;
    } catch (StoreException e) {
      if (e.kind() != StoreException.Kind.LOCKED) {
        throw e;
      }
      return false;
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
