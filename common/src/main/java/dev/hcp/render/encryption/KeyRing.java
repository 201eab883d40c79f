package dev.hcp.render.encryption;

import dev.hcp.model.KeyOrder;
import dev.hcp.model.RotationRecord;
import dev.hcp.model.SecretText;
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

/**
 * The keys by which API servers encrypt what they store, and what may be encrypted by them. Of
 * neither may anything get lost as long as there are data.
 *
 * @param keys 32 bytes in base64, by number; a key never changes
 * @param resources the resources of which something in etcd may be encrypted, as an API server's
 *     configuration names them
 * @param order the keys that API servers are given, the one first by which they write. A key that
 *     they were given last, and that is gone, may still be named: who knew it has forgotten it
 *     without being told
 * @param retired keys by which nothing in etcd is encrypted any more, but perhaps something in
 *     older backups
 * @param rotation what is remembered of rotations
 */
public record KeyRing(
    SortedMap<Integer, String> keys,
    SortedSet<String> resources,
    KeyOrder order,
    SortedMap<Integer, String> retired,
    RotationRecord rotation) {
  /** There is no key. */
  public static final KeyRing EMPTY = new KeyRing(new TreeMap<>(), new TreeSet<>());

  /** Number of the first key. */
  public static final int FIRST = 1;

  private static final int KEY_BYTES = 32;
  private static final String KEY = "key-";
  private static final String RETIRED = "retired-";
  private static final String RESOURCES = "resources";
  private static final String ORDER = "order";
  private static final String NUMBER = "([1-9][0-9]{0,8})";
  private static final Pattern KEY_ENTRY = Pattern.compile(KEY + NUMBER);
  private static final Pattern RETIRED_ENTRY = Pattern.compile(RETIRED + NUMBER);

  /** Copies the collections. */
  public KeyRing {
    keys = Collections.unmodifiableSortedMap(new TreeMap<>(keys));
    resources = Collections.unmodifiableSortedSet(new TreeSet<>(resources));
    retired = Collections.unmodifiableSortedMap(new TreeMap<>(retired));
  }

  /** Keys that were never rotated. */
  public KeyRing(SortedMap<Integer, String> keys, SortedSet<String> resources) {
    this(keys, resources, KeyOrder.oldest(keys.keySet()), new TreeMap<>(), RotationRecord.NONE);
  }

  /**
   * What stands in a Secret. Entries that are no keys are left out: an API server would not start
   * with them.
   *
   * @param data of the Secret
   * @param prefix of the names of all entries, in a Secret that holds other things too
   */
  public static KeyRing read(Map<String, String> data, String prefix) {
    var keys = keys(data, prefix, KEY_ENTRY);
    return new KeyRing(
        keys,
        names(data, prefix + RESOURCES),
        KeyOrder.read(data, prefix + ORDER, keys.keySet()),
        keys(data, prefix, RETIRED_ENTRY),
        RotationRecord.read(data, prefix));
  }

  private static SortedMap<Integer, String> keys(
      Map<String, String> data, String prefix, Pattern form) {
    var keys = new TreeMap<Integer, String>();
    data.forEach((name, value) -> {
      var entry = form.matcher(name.startsWith(prefix) ? name.substring(prefix.length()) : "");
      if (entry.matches() && isKey(value)) {
        keys.put(Integer.valueOf(entry.group(1)), value);
      }
    });
    return keys;
  }

  /** The entries of a Secret, as {@link #read} takes them. */
  public SortedMap<String, String> write(String prefix) {
    var data = new TreeMap<String, String>();
    keys.forEach((number, key) -> data.put(prefix + name(number), key));
    data.put(prefix + RESOURCES, SecretText.encoded(String.join(",", resources)));
    if (!order.equals(KeyOrder.oldest(keys.keySet()))) {
      data.put(prefix + ORDER, SecretText.encoded(order.text()));
    }
    retired.forEach((number, key) -> data.put(prefix + RETIRED + number, key));
    data.putAll(rotation.write(prefix));
    return data;
  }

  /** Name of a key, in Secrets and in the configuration. */
  public static String name(int number) {
    return KEY + number;
  }

  /** Whether an entry of the Secret belongs to keys and their rotation. */
  public static boolean isEntry(String name) {
    return KEY_ENTRY.matcher(name).matches() || RotationRecord.isEntry(name) || ORDER.equals(name);
  }

  /** One with a first key, of which there is no use yet. */
  public static KeyRing first(String key) {
    return new KeyRing(new TreeMap<>(Map.of(FIRST, key)), new TreeSet<>());
  }

  /**
   * What there is by a Secret and by the copies of it. What there are copies of counts; a key that
   * is newer than all of these has just been made, and an older one that was not retired has lost
   * its copy.
   */
  public static KeyRing of(KeyRing live, KeyRing copied) {
    var resources = union(live.resources, copied.resources);
    var retired = new TreeMap<>(live.retired);
    retired.putAll(copied.retired);
    if (copied.keys.isEmpty()) {
      return new KeyRing(live.keys, resources, live.order, retired, live.rotation);
    }
    var keys = new TreeMap<>(live.keys);
    keys.keySet().removeAll(retired.keySet());
    keys.putAll(copied.keys);
    return new KeyRing(keys, resources, copied.order, retired, copied.rotation);
  }

  /** The same keys, for these resources too. */
  public KeyRing with(SortedSet<String> others) {
    return new KeyRing(keys, union(resources, others), order, retired, rotation);
  }

  /** The same keys, of which others are used. */
  public KeyRing with(KeyOrder other) {
    return new KeyRing(keys, resources, other, retired, rotation);
  }

  /** The same keys, of which something else is remembered. */
  public KeyRing with(RotationRecord other) {
    return new KeyRing(keys, resources, order, retired, other);
  }

  /** The same keys, for those of the resources that are among others. */
  public KeyRing only(SortedSet<String> others) {
    var common = new TreeSet<>(resources);
    common.retainAll(others);
    return new KeyRing(keys, common, order, retired, rotation);
  }

  /** Without the keys that were used before, by which nothing is encrypted any more. */
  public KeyRing retire() {
    var current = new TreeMap<>(keys);
    var old = new TreeMap<>(retired);
    old.putAll(keys.headMap(order.first()));
    current.keySet().removeAll(outdated());
    return new KeyRing(current, resources, order, old, rotation.ended());
  }

  /** Keys that were used before, and by which something may be encrypted still. */
  public SortedSet<Integer> outdated() {
    return order.numbers().isEmpty()
        ? new TreeSet<>()
        : new TreeSet<>(keys.headMap(order.first()).keySet());
  }

  /**
   * A key that was used before, and of which API servers know nothing: somebody has put it back,
   * for a backup that needs it.
   */
  public Optional<Integer> unknown() {
    return outdated().stream().filter(number -> !order.numbers().contains(number)).findFirst();
  }

  /** With all keys that older backups may need, and that API servers are given too. */
  public KeyRing withRetired() {
    if (keys.isEmpty()) {
      return this;
    }
    var all = new TreeMap<>(retired);
    all.putAll(keys);
    var known = order;
    for (int number : retired.keySet()) {
      known = known.numbers().contains(number) ? known : known.with(number);
    }
    return new KeyRing(all, resources, known, retired, rotation);
  }

  /** With an older key that API servers are given too. */
  public KeyRing knowing(int number) {
    return with(order.with(number));
  }

  /** The newest key, if it was never used. */
  public Optional<Integer> spare() {
    return order.spare(keys);
  }

  /** Whether nothing of another one is missing here, and the same keys are used. */
  public boolean has(KeyRing other) {
    return keys.entrySet().containsAll(other.keys.entrySet())
        && resources.containsAll(other.resources)
        && order.equals(other.order)
        && retired.entrySet().containsAll(other.retired.entrySet())
        && rotation.equals(other.rotation);
  }

  /** Resources that are written as a list. */
  static SortedSet<String> names(Map<String, String> data, String entry) {
    return SecretText.read(data, entry).stream()
        .flatMap(text -> Stream.of(text.split(",", -1)))
        .filter(name -> !name.isEmpty())
        .collect(Collectors.toCollection(TreeSet::new));
  }

  private static boolean isKey(String value) {
    try {
      return Base64.getDecoder().decode(value).length == KEY_BYTES;
    } catch (IllegalArgumentException _) {
      return false;
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
    return "KeyRing%s, %s in use, for %s".formatted(keys.keySet(), order.text(), resources);
  }
}
