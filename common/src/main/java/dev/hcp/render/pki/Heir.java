package dev.hcp.render.pki;

import dev.hcp.model.SecretText;
import java.time.Instant;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.regex.Pattern;

/**
 * The CA by which certificates of nodes are signed, ahead of taking the place of the one that signs
 * all else.
 *
 * @param number its number
 * @param since since when no other signs certificates of nodes; empty if one may still do
 */
public record Heir(int number, Optional<Instant> since) {
  private static final String NUMBER = "heir";
  private static final String SINCE = "heir-since";
  private static final Pattern FORM = Pattern.compile("[1-9][0-9]{0,8}");

  /** The same, since a time. */
  public Heir since(Instant time) {
    return new Heir(number, Optional.of(time));
  }

  /**
   * What stands in a Secret.
   *
   * @param prefix of the names of all entries
   */
  static Optional<Heir> read(Map<String, String> data, String prefix) {
    return SecretText.read(data, prefix + NUMBER)
        .filter(text -> FORM.matcher(text).matches())
        .map(text -> new Heir(Integer.parseInt(text), SecretText.time(data, prefix + SINCE)));
  }

  /** The entries of a Secret, as {@link #read} takes them. */
  Map<String, String> write(String prefix) {
    var data = new TreeMap<String, String>();
    data.put(prefix + NUMBER, SecretText.encoded(String.valueOf(number)));
    since.ifPresent(time -> data.put(prefix + SINCE, SecretText.encoded(time.toString())));
    return data;
  }
}
