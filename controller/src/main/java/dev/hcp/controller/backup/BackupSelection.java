package dev.hcp.controller.backup;

import dev.hcp.controller.plan.StoreAccess;
import dev.hcp.controller.store.ObjectStore;
import java.io.IOException;
import java.time.Instant;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.OptionalLong;
import java.util.regex.Pattern;

/**
 * Which backup of the store is to be restored, and what it must be like.
 *
 * @param namespace namespace of the control plane whose backup it is
 * @param cluster name of its Cluster
 * @param choice which backup
 * @param limits what it must be like
 */
public record BackupSelection(String namespace, String cluster, Choice choice, Limits limits) {
  /**
   * Which backup is fetched: the one with a name, that of its objects without folder and ending, or
   * else the newest one.
   *
   * @param name its name; empty for the newest one
   * @param upTo when it was begun at the latest; empty for any time
   * @param since when it was begun at the earliest; empty for any time
   */
  public record Choice(Optional<String> name, Optional<Instant> upTo, Optional<Instant> since) {
    /** The one with a name. */
    public static Choice named(String name) {
      return new Choice(Optional.of(name), Optional.empty(), Optional.empty());
    }
  }

  /**
   * What a backup must be like to be fetched.
   *
   * @param etcdVersion version of the etcd that shall have its data; empty for any
   * @param largest bytes that its snapshot may have; empty for any number
   */
  public record Limits(Optional<String> etcdVersion, OptionalLong largest) {
    /** Every backup may be fetched. */
    public static final Limits NONE = new Limits(Optional.empty(), OptionalLong.empty());
  }

  private static final Pattern VERSION = Pattern.compile("v?([0-9]{1,3})\\.([0-9]{1,3})");

  private static final long MEBIBYTE = 1024 * 1024L;

  /** What the names of all objects begin with among which it is. */
  String folder(StoreAccess access) {
    return BackupName.folder(access.prefix(), namespace, cluster);
  }

  /**
   * The backup that is asked for. One with a name need not be there.
   *
   * @param folder what the names of its objects begin with
   */
  BackupName find(ObjectStore opened, String folder) throws IOException, InterruptedException {
    var found = candidate(opened, folder);
    if (choice.since().filter(found.time()::isBefore).isPresent()) {
      throw new UnfitException(
          Cause.NOT_FOUND,
          "backup %s is older than %s, from when on one is wanted"
              .formatted(found, choice.since().get()));
    }
    return found;
  }

  private BackupName candidate(ObjectStore opened, String folder)
      throws IOException, InterruptedException {
    if (choice.name().isPresent()) {
      var name = choice.name().get();
      return BackupName.ofManifest(folder, "%s%s.json".formatted(folder, name))
          .orElseThrow(() ->
              new UnfitException(
                  Cause.NOT_FOUND,
                  "\"%s\" is not the name of a backup, such as 20260821T023011Z-3f9a2c1b"
                      .formatted(name)));
    }
    return opened.list(folder).stream()
        .flatMap(object -> BackupName.ofManifest(folder, object.name()).stream())
        .filter(name -> choice.upTo().filter(name.time()::isAfter).isEmpty())
        .max(BackupName::compareTo)
        .orElseThrow(() ->
            new UnfitException(
                Cause.NOT_FOUND,
                "there is no backup of Cluster %s/%s%s in the store, in folder %s"
                    .formatted(
                        namespace,
                        cluster,
                        choice.upTo().map(" of %s or earlier"::formatted).orElse(""),
                        folder)));
  }

  /**
   * Looks whether it is a backup that was asked for, and one that etcd can have the data of.
   *
   * @throws UnfitException if it is not
   */
  void check(BackupName name, Manifest found) throws UnfitException {
    if (!found.namespace().equals(namespace) || !found.cluster().equals(cluster)) {
      throw new UnfitException(
          Cause.OTHER_CLUSTER,
          "backup %s is one of Cluster %s/%s, and one of %s/%s is wanted"
              .formatted(name, found.namespace(), found.cluster(), namespace, cluster));
    }
    var wanted = limits.etcdVersion();
    var version = found.snapshot().etcdVersion();
    if (wanted.isPresent()) {
      var minor = minor(version);
      if (minor.isEmpty()) {
        throw new UnfitException(
            Cause.ETCD_VERSION,
            "backup %s is of etcd \"%s\", which is no known version".formatted(name, version));
      }
      if (minor.getAsInt() > minor(wanted.get()).orElse(0)) {
        throw new UnfitException(
            Cause.ETCD_VERSION,
            "backup %s is of etcd %s, and etcd %s cannot read what a newer one has written"
                .formatted(name, version, wanted.get()));
      }
    }
    long size = found.snapshot().size();
    if (limits.largest().isPresent() && size > limits.largest().getAsLong()) {
      throw new UnfitException(
          Cause.TOO_LARGE,
          "backup %s has %d MiB, and the database may have %d MiB: raise etcd.volumeSize"
              .formatted(
                  name, (size + MEBIBYTE - 1) / MEBIBYTE, limits.largest().getAsLong() / MEBIBYTE));
    }
  }

  /** A number by which versions are ordered, without the last part; empty for what is none. */
  private static OptionalInt minor(String version) {
    var form = VERSION.matcher(version);
    return form.lookingAt()
        ? OptionalInt.of(Integer.parseInt(form.group(1)) * 1000 + Integer.parseInt(form.group(2)))
        : OptionalInt.empty();
  }

  /** The backup is none that can be restored here, whatever its bytes are. */
  static final class UnfitException extends IOException {
    private static final long serialVersionUID = 1L;

    private final transient Cause why;

    UnfitException(Cause why, String message) {
      super(message);
      this.why = why;
    }

    Cause why() {
      return why;
    }
  }
}
