package dev.hcp.render.encryption;

import java.nio.charset.StandardCharsets;
import java.util.Base64;
import java.util.Collections;
import java.util.Map;
import java.util.Optional;
import java.util.SortedMap;
import java.util.SortedSet;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * The keys by which API servers encrypt what they store, and what may be encrypted by them. Of
 * neither may anything get lost as long as there are data.
 *
 * @param keys 32 bytes in base64, by number; a key never changes
 * @param resources the resources of which something in etcd may be encrypted, as an API server's
 *     configuration names them
 */
public record KeyRing(SortedMap<Integer, String> keys, SortedSet<String> resources) {
  /** There is no key. */
  public static final KeyRing EMPTY = new KeyRing(new TreeMap<>(), new TreeSet<>());

  /** Number of the first key. */
  public static final int FIRST = 1;

  private static final int KEY_BYTES = 32;
  private static final String KEY = "key-";
  private static final String RESOURCES = "resources";
  private static final Pattern ENTRY = Pattern.compile(KEY + "([1-9][0-9]{0,8})");

  /** Copies the collections. */
  public KeyRing {
    keys = Collections.unmodifiableSortedMap(new TreeMap<>(keys));
    resources = Collections.unmodifiableSortedSet(new TreeSet<>(resources));
  }

  /**
   * What stands in a Secret. Entries that are no keys are left out: an API server would not start
   * with them.
   *
   * @param data of the Secret
   * @param prefix of the names of all entries, in a Secret that holds other things too
   */
  public static KeyRing read(Map<String, String> data, String prefix) {
    var keys = new TreeMap<Integer, String>();
    data.forEach((name, value) -> {
      var entry = ENTRY.matcher(name.startsWith(prefix) ? name.substring(prefix.length()) : "");
      if (entry.matches() && isKey(value)) {
        keys.put(Integer.valueOf(entry.group(1)), value);
      }
    });
    return new KeyRing(keys, names(data.get(prefix + RESOURCES)));
  }

  /** The entries of a Secret, as {@link #read} takes them. */
  public SortedMap<String, String> write(String prefix) {
    var data = new TreeMap<String, String>();
    keys.forEach((number, key) -> data.put(prefix + name(number), key));
    data.put(prefix + RESOURCES, EncryptionRenderer.encoded(String.join(",", resources)));
    return data;
  }

  /** Name of a key, in Secrets and in the configuration. */
  static String name(int number) {
    return KEY + number;
  }

  /** One with a first key, of which there is no use yet. */
  public static KeyRing first(String key) {
    return new KeyRing(new TreeMap<>(Map.of(FIRST, key)), new TreeSet<>());
  }

  /** All that is in one of the two; a key that differs is taken from the other. */
  public KeyRing with(KeyRing other) {
    var all = new TreeMap<>(keys);
    all.putAll(other.keys);
    return new KeyRing(all, union(resources, other.resources));
  }

  /** The same keys, for these resources too. */
  public KeyRing with(SortedSet<String> others) {
    return new KeyRing(keys, union(resources, others));
  }

  /** The same keys, for those of the resources that are among others. */
  public KeyRing only(SortedSet<String> others) {
    var common = new TreeSet<>(resources);
    common.retainAll(others);
    return new KeyRing(keys, common);
  }

  /** Whether nothing of another one is missing here. */
  public boolean has(KeyRing other) {
    return keys.entrySet().containsAll(other.keys.entrySet())
        && resources.containsAll(other.resources);
  }

  /** Resources that are written as a list. */
  static SortedSet<String> names(@Nullable String encoded) {
    return Optional.ofNullable(encoded).flatMap(KeyRing::decoded).stream()
        .flatMap(text -> Stream.of(text.split(",", -1)))
        .filter(name -> !name.isEmpty())
        .collect(Collectors.toCollection(TreeSet::new));
  }

  private static boolean isKey(String value) {
    return bytes(value).filter(bytes -> bytes.length == KEY_BYTES).isPresent();
  }

  private static Optional<String> decoded(String value) {
    return bytes(value).map(bytes -> new String(bytes, StandardCharsets.UTF_8));
  }

  private static Optional<byte[]> bytes(String value) {
    try {
      return Optional.of(Base64.getDecoder().decode(value));
    } catch (IllegalArgumentException e) {
      return Optional.empty();
    }
  }

  private static SortedSet<String> union(SortedSet<String> some, SortedSet<String> others) {
    var all = new TreeSet<>(some);
    all.addAll(others);
    return all;
  }

  /** Without the keys. */
  @Override
  public String toString() {
    return "KeyRing%s for %s".formatted(keys.keySet(), resources);
  }
}
