package dev.hcp.model;

import java.time.Instant;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;

/**
 * What is remembered of the rotations of a key, beside the keys.
 *
 * @param answered the request that was met last, or is past recall; empty if there was none
 * @param started when the rotation that is under way was begun; empty if none is
 */
public record RotationRecord(Optional<String> answered, Optional<Instant> started) {
  /** There was no rotation. */
  public static final RotationRecord NONE = new RotationRecord(Optional.empty(), Optional.empty());

  private static final String ANSWERED = "answered";
  private static final String STARTED = "started";

  /** The keys are those that this asks for. */
  public static RotationRecord of(Optional<String> request) {
    return new RotationRecord(request, Optional.empty());
  }

  /** The same, while a rotation is under way. */
  public RotationRecord begun(Instant now) {
    return new RotationRecord(answered, Optional.of(now));
  }

  /** The same, while none is under way. */
  public RotationRecord ended() {
    return RotationRecord.of(answered);
  }

  /** The same, past recall. */
  public RotationRecord met(Optional<String> request) {
    return new RotationRecord(request, started);
  }

  /** Whether a request asks for a rotation. */
  public boolean isAsked(Optional<String> request) {
    return request.isPresent() && !request.equals(answered);
  }

  /**
   * What stands in a Secret.
   *
   * @param prefix of the names of all entries
   */
  public static RotationRecord read(Map<String, String> data, String prefix) {
    return new RotationRecord(
        SecretText.read(data, prefix + ANSWERED), SecretText.time(data, prefix + STARTED));
  }

  /** The entries of a Secret, as {@link #read} takes them. */
  public Map<String, String> write(String prefix) {
    var data = new TreeMap<String, String>();
    answered.ifPresent(request -> data.put(prefix + ANSWERED, SecretText.encoded(request)));
    started.ifPresent(time -> data.put(prefix + STARTED, SecretText.encoded(time.toString())));
    return data;
  }

  /** Whether an entry of a Secret, without a prefix, is of this. */
  public static boolean isEntry(String name) {
    return name.equals(ANSWERED) || name.equals(STARTED);
  }
}
