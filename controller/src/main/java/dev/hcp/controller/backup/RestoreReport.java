package dev.hcp.controller.backup;

import com.fasterxml.jackson.annotation.JsonIgnoreProperties;
import com.fasterxml.jackson.annotation.JsonInclude;
import io.fabric8.kubernetes.client.KubernetesClientException;
import io.fabric8.kubernetes.client.utils.KubernetesSerialization;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * What a program that has to do with a restoration leaves behind as the termination message of its
 * container.
 *
 * @param result {@link #SUCCESS}, or the label of what went wrong
 * @param backup name of the backup; null if none was found, or this is not about one
 * @param message what was done, or what happened, in a sentence without a full stop
 * @param bytes size of the snapshot; null if it was not looked at
 * @param revision revision of the key-value store; null if it was not looked at
 * @param keys number of keys at the revision of the manifest; null if they were not counted
 * @param milliseconds how long it took
 */
@JsonInclude(JsonInclude.Include.NON_NULL)
@JsonIgnoreProperties(ignoreUnknown = true)
public record RestoreReport(
    String result,
    @Nullable String backup,
    String message,
    @Nullable Long bytes,
    @Nullable Long revision,
    @Nullable Long keys,
    long milliseconds) {

  /** The result if all is well. */
  public static final String SUCCESS = "success";

  /** Where a container leaves its message, unless its pod says otherwise. */
  public static final Path FILE = Path.of("/dev/termination-log");

  /** Kubernetes keeps 4096 bytes of a message, and would cut it anywhere. */
  private static final int LONGEST_MESSAGE = 1000;

  private static final KubernetesSerialization JSON = new KubernetesSerialization();

  /** That something went wrong. */
  static RestoreReport failure(Cause cause, @Nullable String message, long milliseconds) {
    var text = String.valueOf(message);
    return new RestoreReport(
        cause.label(),
        null,
        text.substring(0, Math.min(text.length(), LONGEST_MESSAGE)),
        null,
        null,
        null,
        milliseconds);
  }

  /** Whether all is well. */
  public boolean isSuccess() {
    return SUCCESS.equals(result);
  }

  /** As it is written. */
  public String toJson() {
    return JSON.asJson(this);
  }

  /** Leaves it behind. Where there is no such file, nobody asked for it. */
  public void leave(Path file) throws IOException {
    try {
      Files.writeString(
          file,
          toJson(),
          StandardCharsets.UTF_8,
          StandardOpenOption.WRITE,
          StandardOpenOption.TRUNCATE_EXISTING);
    } catch (NoSuchFileException _) {
      // Not in a container of Kubernetes.
    }
  }

  /** Reads one; empty if it is none. */
  static Optional<RestoreReport> parse(@Nullable String json) {
    if (json == null || !json.startsWith("{")) {
      return Optional.empty();
    }
    try {
      return Optional.ofNullable(JSON.unmarshal(json, RestoreReport.class))
          .filter(report -> report.result() != null && report.message() != null);
    } catch (KubernetesClientException | IllegalArgumentException _) {
      // Such as one that was cut.
      return Optional.empty();
    }
  }
}
