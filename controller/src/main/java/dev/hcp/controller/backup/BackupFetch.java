package dev.hcp.controller.backup;

import dev.hcp.api.v1alpha1.EtcdBackupSecret;
import dev.hcp.controller.plan.StoreAccess;
import dev.hcp.controller.plan.StoreCredentials;
import dev.hcp.controller.retry.Backoff;
import dev.hcp.controller.store.ObjectStore;
import dev.hcp.controller.store.StoreException;
import dev.hcp.controller.store.Stores;
import io.fabric8.kubernetes.api.model.SecretBuilder;
import java.io.BufferedOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.channels.Channels;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.util.Base64;
import java.util.HashMap;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.TreeMap;

/**
 * Gets one backup from the store, and makes a snapshot of it that etcd's own tool can restore. All
 * that can be known of it is looked at: its size, its SHA-256, that of what it holds, and the one
 * that etcd has put at its end. The memory that this takes does not depend on the size.
 *
 * @param store directory with what a Secret for backups has, a file for each key, and the key of
 *     encrypted backups in {@link #ENCRYPTION_KEY}
 * @param selection which backup
 * @param snapshot file that only appears if all is right
 * @param manifest file that gets the manifest
 */
public record BackupFetch(Path store, BackupSelection selection, Path snapshot, Path manifest) {
  /** File with the key by which backups are encrypted: 32 bytes, or these in base64. */
  public static final String ENCRYPTION_KEY = "encryptionKey";

  private static final EtcdBackupSecret DEFAULT_KEYS =
      new EtcdBackupSecret("store", null, null, null, null, null, null, null);

  private static final int PIECE = 64 * 1024;
  private static final long MEBIBYTE = 1024 * 1024L;

  /** What the files of a store are, as a Secret has them: the form that users write them in. */
  public static Map<String, String> files(StoreAccess access, Optional<String> encryptionKey) {
    var texts = new TreeMap<String, String>();
    // Admission lets nobody have another identity whose pods have none.
    if (access.credentials() instanceof StoreCredentials.AccessKey(var id, var secret)) {
      texts.put(EtcdBackupSecret.ACCESS_KEY_ID, id);
      texts.put(EtcdBackupSecret.SECRET_ACCESS_KEY, secret);
    }
    texts.put(
        EtcdBackupSecret.BUCKET,
        access.prefix().isEmpty()
            ? access.bucket()
            : "%s/%s".formatted(access.bucket(), access.prefix()));
    texts.put(EtcdBackupSecret.REGION, access.region());
    access.endpoint().ifPresent(url -> texts.put(EtcdBackupSecret.HOST, url));
    access.authority().ifPresent(pem -> texts.put(EtcdBackupSecret.CERTIFICATE_AUTHORITY, pem));
    // That is base64 itself, which is one of the forms of a key.
    encryptionKey.ifPresent(key -> texts.put(ENCRYPTION_KEY, key));
    var files = new TreeMap<String, String>();
    texts.forEach((name, text) ->
        files.put(name, Base64.getEncoder().encodeToString(text.getBytes(StandardCharsets.UTF_8))));
    return files;
  }

  /** Does it, and says what became of it. */
  public RestoreReport run(Stores stores, Backoff backoff) throws InterruptedException {
    long start = System.nanoTime();
    try {
      // Once: a Secret that is written anew meanwhile must not mix two stores.
      var access = access();
      var folder = selection.folder(access);
      try (var opened = stores.open(access)) {
        var name = selection.find(opened, folder);
        var manifest = fetch(opened, folder, name, backoff);
        long milliseconds = milliseconds(start);
        return new RestoreReport(
            RestoreReport.SUCCESS,
            name.toString(),
            "backup %s of %s, %d MiB, was fetched and is whole"
                .formatted(
                    name, manifest.time(), (manifest.snapshot().size() + MEBIBYTE - 1) / MEBIBYTE),
            manifest.snapshot().size(),
            manifest.snapshot().revision(),
            manifest.snapshot().keys(),
            milliseconds);
      }
    } catch (BackupSelection.UnfitException e) {
      return RestoreReport.failure(e.why(), e.getMessage(), milliseconds(start));
    } catch (Download.MissingException | StoreException | SnapshotException e) {
      return RestoreReport.failure(Cause.of(e), e.getMessage(), milliseconds(start));
    } catch (IOException e) {
      return RestoreReport.failure(Cause.RESTORATION, e.toString(), milliseconds(start));
    }
  }

  private Manifest fetch(ObjectStore opened, String folder, BackupName name, Backoff backoff)
      throws IOException, InterruptedException {
    var json =
        opened
            .get(name.manifest(folder), Manifest.LONGEST)
            .orElseThrow(() ->
                new BackupSelection.UnfitException(
                    Cause.NOT_FOUND,
                    "the store has no object %s, so there is no such backup"
                        .formatted(name.manifest(folder))));
    var found =
        Manifest.parse(json)
            .orElseThrow(
                () -> damaged("the manifest %s cannot be read".formatted(name.manifest(folder))));
    selection.check(name, found);
    var backup = name.toString();
    var key = key(backup, found);
    var partial = Path.of(snapshot + ".partial");
    try {
      try (var download = new Download(opened, name.data(folder), found.size(), backoff);
          var channel =
              FileChannel.open(
                  partial,
                  StandardOpenOption.CREATE,
                  StandardOpenOption.TRUNCATE_EXISTING,
                  StandardOpenOption.WRITE)) {
        var file = new BufferedOutputStream(Channels.newOutputStream(channel), PIECE);
        var sha256 = copy(download, backup, found, key, file);
        file.flush();
        if (!sha256.equals(found.snapshot().sha256())) {
          throw damaged(
              "the snapshot in backup %s has SHA-256 %s, and its manifest says %s"
                  .formatted(backup, sha256, found.snapshot().sha256()));
        }
        if (channel.size() != found.snapshot().size()) {
          throw damaged(
              "the snapshot in backup %s has %d bytes, and its manifest says %d"
                  .formatted(backup, channel.size(), found.snapshot().size()));
        }
        channel.force(true);
      }
      Files.write(manifest, json);
      Files.move(partial, snapshot, StandardCopyOption.ATOMIC_MOVE);
      sync(snapshot.resolveSibling("."));
      return found;
    } finally {
      Files.deleteIfExists(partial);
    }
  }

  /**
   * Writes the snapshot.
   *
   * @return SHA-256 of the snapshot, hexadecimal
   */
  private static String copy(
      Download download, String backup, Manifest found, Optional<byte[]> key, OutputStream file)
      throws IOException {
    if (key.isEmpty()) {
      return plain(download, found, file);
    }
    try {
      var sha256 = Decryptor.decrypt(key.get(), download, file);
      compare(download, found);
      return sha256;
    } catch (StoreException | SnapshotException | Download.MissingException e) {
      throw e;
    } catch (IOException e) {
      // The key was compared before.
      throw new SnapshotException(
          SnapshotException.Kind.DAMAGED,
          "backup %s cannot be decrypted: %s".formatted(backup, e.getMessage()),
          e);
    }
  }

  private static String plain(Download download, Manifest found, OutputStream file)
      throws IOException {
    var checksum = new SnapshotChecksum();
    var piece = new byte[PIECE];
    for (int count = download.read(piece); count >= 0; count = download.read(piece)) {
      checksum.update(piece, 0, count);
      file.write(piece, 0, count);
    }
    compare(download, found);
    return checksum.verify();
  }

  private static void compare(Download download, Manifest found) throws SnapshotException {
    if (download.position() != found.size()) {
      throw damaged(
          "object %s has %d bytes, and its manifest says %d"
              .formatted(found.object(), download.position(), found.size()));
    }
    var sha256 = download.sha256();
    if (!sha256.equals(found.sha256())) {
      throw damaged(
          "object %s has SHA-256 %s, and its manifest says %s"
              .formatted(found.object(), sha256, found.sha256()));
    }
  }

  private static SnapshotException damaged(String message) {
    return new SnapshotException(SnapshotException.Kind.DAMAGED, message, null);
  }

  /** The key to decrypt with; empty if the backup is not encrypted. */
  private Optional<byte[]> key(String backup, Manifest found) throws IOException {
    var encryption = found.encryption();
    if (encryption == null) {
      return Optional.empty();
    }
    var file = store.resolve(ENCRYPTION_KEY);
    if (!Files.exists(file)) {
      throw new BackupSelection.UnfitException(
          Cause.OTHER_KEY,
          "backup %s is encrypted with the key %s, and there is none"
              .formatted(backup, encryption.keyId()));
    }
    var key =
        EncryptionKey.parse(Files.readAllBytes(file))
            .orElseThrow(() ->
                new BackupSelection.UnfitException(
                    Cause.OTHER_KEY,
                    "the key by which backups are encrypted is not " + EncryptionKey.FORM));
    if (!ChunkCipher.keyId(key).equals(encryption.keyId())) {
      throw new BackupSelection.UnfitException(
          Cause.OTHER_KEY,
          "backup %s is encrypted with the key %s, and the key is %s now"
              .formatted(backup, encryption.keyId(), ChunkCipher.keyId(key)));
    }
    return Optional.of(key);
  }

  private StoreAccess access() throws StoreException, IOException {
    var data = new HashMap<String, String>();
    try (var files = Files.newDirectoryStream(store, file -> Files.isRegularFile(file))) {
      for (var file : files) {
        data.put(
            Objects.requireNonNull(file.getFileName()).toString(),
            Base64.getEncoder().encodeToString(Files.readAllBytes(file)));
      }
    }
    var read =
        StoreSecret.read(
            DEFAULT_KEYS,
            new SecretBuilder()
                .withNewMetadata()
                .withName(DEFAULT_KEYS.name())
                .endMetadata()
                .withData(data)
                .build());
    return read.access()
        .orElseThrow(() ->
            new StoreException(
                StoreException.Kind.OTHER,
                "%s: %s".formatted(store, String.join("; ", read.problems())),
                null));
  }

  /** So that the new name is there even if the machine ends now. */
  private static void sync(Path directory) throws IOException {
    try (var channel = FileChannel.open(directory, StandardOpenOption.READ)) {
      channel.force(true);
    }
  }

  private static long milliseconds(long start) {
    return (System.nanoTime() - start) / 1_000_000;
  }
}
