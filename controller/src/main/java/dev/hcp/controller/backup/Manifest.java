package dev.hcp.controller.backup;

import com.fasterxml.jackson.annotation.JsonIgnoreProperties;
import com.fasterxml.jackson.annotation.JsonInclude;
import io.fabric8.kubernetes.client.KubernetesClientException;
import io.fabric8.kubernetes.client.utils.KubernetesSerialization;
import java.nio.charset.StandardCharsets;
import java.time.DateTimeException;
import java.time.Instant;
import java.util.Objects;
import java.util.Optional;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * What is known of a backup, as JSON in an object beside it. It is written last: without a manifest
 * there is no backup.
 *
 * @param format version of this form, {@link #FORMAT}
 * @param namespace namespace of the control plane
 * @param cluster name of its Cluster
 * @param time when the backup was begun
 * @param object name of the object with the snapshot
 * @param size bytes of that object
 * @param sha256 SHA-256 of that object, hexadecimal
 * @param snapshot what the object holds
 * @param encryption how it is encrypted; null if it is not
 * @param highestRevision the highest revision that this or an earlier backup has; one that is
 *     higher than that of the snapshot says that etcd had lost data
 * @param request the last request for a backup that was met by this or an earlier one; null if
 *     there was none
 * @param finalOf UID of the control plane whose last backup this is: it was made when nobody could
 *     write any more, and read back; null for any other backup
 * @param lockedUntil until when both objects were locked; null if they were not
 */
@JsonInclude(JsonInclude.Include.NON_NULL)
@JsonIgnoreProperties(ignoreUnknown = true)
record Manifest(
    int format,
    String namespace,
    String cluster,
    String time,
    String object,
    long size,
    String sha256,
    Snapshot snapshot,
    @Nullable Encryption encryption,
    long highestRevision,
    @Nullable String request,
    @Nullable String finalOf,
    @Nullable String lockedUntil) {

  /** The version that is written, and the only one that is read. */
  static final int FORMAT = 1;

  /** Bytes that are read of one at most; one has some hundred. */
  static final int LONGEST = 64 * 1024;

  private static final KubernetesSerialization JSON = new KubernetesSerialization();

  /**
   * A snapshot, as {@code etcdctl snapshot save} would have written it.
   *
   * @param size bytes, with the 32 bytes of etcd's own checksum
   * @param sha256 SHA-256 of all these, hexadecimal
   * @param etcdVersion version of the member that gave it
   * @param revision revision of the key-value store when it was begun, at least
   * @param clusterId identity of the etcd cluster, hexadecimal
   * @param member name of the member that gave it
   * @param keys number of keys at that revision; null if it is not known, as in what was written
   *     before this was looked at
   */
  @JsonInclude(JsonInclude.Include.NON_NULL)
  @JsonIgnoreProperties(ignoreUnknown = true)
  record Snapshot(
      long size,
      String sha256,
      String etcdVersion,
      long revision,
      String clusterId,
      String member,
      @Nullable Long keys) {}

  /**
   * How an object is encrypted.
   *
   * @param algorithm name of the form
   * @param keyId tells keys apart, without telling the key
   */
  @JsonInclude(JsonInclude.Include.NON_NULL)
  @JsonIgnoreProperties(ignoreUnknown = true)
  record Encryption(String algorithm, String keyId) {}

  /** Whether etcd held more when an earlier backup was made. */
  boolean lacksData() {
    return snapshot.revision() < highestRevision;
  }

  /** Whether it was locked, and that is not over. */
  boolean isLocked(Instant now) {
    try {
      return lockedUntil != null && Instant.parse(lockedUntil).isAfter(now);
    } catch (DateTimeException _) {
      // Somebody has written something else there. The store knows what is locked.
      return false;
    }
  }

  /** The manifest as it is stored. */
  byte[] toJson() {
    return JSON.asJson(this).getBytes(StandardCharsets.UTF_8);
  }

  /** Reads a manifest; empty if it is none, not all of one, or one of a later form. */
  static Optional<Manifest> parse(byte[] json) {
    var text = new String(json, StandardCharsets.UTF_8);
    if (!text.startsWith("{")) {
      // Else it would be read as YAML.
      return Optional.empty();
    }
    try {
      return Optional.ofNullable(JSON.unmarshal(text, Manifest.class)).filter(Manifest::isWhole);
    } catch (KubernetesClientException | IllegalArgumentException _) {
      return Optional.empty();
    }
  }

  /** A later form may lack what this one has, and a reader of JSON lets everything be missing. */
  private boolean isWhole() {
    return format == FORMAT
        && Stream.of(namespace, cluster, time, object, sha256, snapshot).noneMatch(Objects::isNull);
  }
}
