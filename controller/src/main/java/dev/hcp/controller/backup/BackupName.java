package dev.hcp.controller.backup;

import java.time.DateTimeException;
import java.time.Instant;
import java.time.LocalDateTime;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.time.format.ResolverStyle;
import java.time.temporal.ChronoUnit;
import java.util.HexFormat;
import java.util.Optional;
import java.util.regex.Pattern;

/**
 * What the two objects of a backup are called. Names sort by time. Two backups never share a name,
 * so that what a killed controller has left behind gets mixed up with nothing.
 *
 * @param time when the backup was begun, in whole seconds
 * @param distinction tells backups of the same second apart, 8 hexadecimal digits
 * @param isFinal whether it is the last one of a control plane that is deleted
 */
record BackupName(Instant time, String distinction, boolean isFinal)
    implements Comparable<BackupName> {
  private static final String DATA = ".etcd";
  private static final String MANIFEST = ".json";
  private static final String FINAL = "-final";

  /** Neither colons, which some file systems behind stores do not take, nor fractions. */
  private static final DateTimeFormatter TIME =
      DateTimeFormatter.ofPattern("uuuuMMdd'T'HHmmss'Z'")
          .withZone(ZoneOffset.UTC)
          .withResolverStyle(ResolverStyle.STRICT);

  private static final Pattern FORM =
      Pattern.compile("([0-9]{8}T[0-9]{6}Z)-([0-9a-f]{8})(" + FINAL + ")?\\.(etcd|json)");

  /**
   * A name that was not used before.
   *
   * @param distinction a random number
   */
  static BackupName of(Instant time, int distinction) {
    return new BackupName(
        time.truncatedTo(ChronoUnit.SECONDS), HexFormat.of().toHexDigits(distinction), false);
  }

  /** The same, as the name of the last backup of a control plane. */
  BackupName asFinal() {
    return new BackupName(time, distinction, true);
  }

  /** What the names of all objects of one control plane begin with. */
  static String folder(String prefix, String namespace, String cluster) {
    return "%s%s/%s/".formatted(prefix.isEmpty() ? "" : prefix + "/", namespace, cluster);
  }

  /** Whose data an object of a folder is; empty if it is no such object. */
  static Optional<BackupName> ofData(String folder, String object) {
    return of(folder, object, DATA);
  }

  /** Whose manifest an object of a folder is; empty if it is no such object. */
  static Optional<BackupName> ofManifest(String folder, String object) {
    return of(folder, object, MANIFEST);
  }

  /** Whose data or manifest an object of a folder is; empty if it is no such object. */
  static Optional<BackupName> ofEither(String folder, String object) {
    return ofManifest(folder, object).or(() -> ofData(folder, object));
  }

  /** Name of the object with the snapshot. */
  String data(String folder) {
    return folder + this + DATA;
  }

  /** Name of the object that says that the backup is whole, and what is in it. */
  String manifest(String folder) {
    return folder + this + MANIFEST;
  }

  @Override
  public int compareTo(BackupName other) {
    return toString().compareTo(other.toString());
  }

  @Override
  public String toString() {
    return "%s-%s%s".formatted(TIME.format(time), distinction, isFinal ? FINAL : "");
  }

  private static Optional<BackupName> of(String folder, String object, String suffix) {
    if (!object.startsWith(folder) || !object.endsWith(suffix)) {
      return Optional.empty();
    }
    var form = FORM.matcher(object.substring(folder.length()));
    if (!form.matches()) {
      return Optional.empty();
    }
    try {
      var time = LocalDateTime.parse(form.group(1), TIME).toInstant(ZoneOffset.UTC);
      return Optional.of(new BackupName(time, form.group(2), form.group(3) != null));
    } catch (DateTimeException _) {
      // Such as 30 February: nothing of ours.
      return Optional.empty();
    }
  }
}
