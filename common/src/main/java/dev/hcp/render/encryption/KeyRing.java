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
 * neither may anything get lost as long as there are data. A key management service is a key among
 * the others here: it has a number, is known before it is used, and is retired.
 *
 * @param keys the keys by number. One of the controller never changes; what leads to a service may
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
    SortedMap<Integer, Cipher> keys,
    SortedSet<String> resources,
    KeyOrder order,
    SortedMap<Integer, Cipher> retired,
    RotationRecord rotation) {
  /** There is no key. */
  public static final KeyRing EMPTY = new KeyRing(new TreeMap<>(), new TreeSet<>());

  /** Number of the first key. */
  public static final int FIRST = 1;

  /** What the names of copies begin with. */
  public static final String COPY = "encryption-";

  private static final int KEY_BYTES = 32;
  private static final String KEY = "key-";
  private static final String KMS = "kms-";
  private static final String RETIRED = "retired-";
  private static final String RESOURCES = "resources";
  private static final String ORDER = "order";
  private static final String NUMBER = "([1-9][0-9]{0,8})";
  private static final Pattern KEY_ENTRY = Pattern.compile(KEY + NUMBER);
  private static final Pattern KMS_ENTRY = Pattern.compile(KMS + NUMBER);
  private static final Pattern RETIRED_ENTRY = Pattern.compile(RETIRED + NUMBER);
  private static final Pattern RETIRED_KMS_ENTRY = Pattern.compile(RETIRED + KMS + NUMBER);

  /** Copies the collections. */
  public KeyRing {
    keys = Collections.unmodifiableSortedMap(new TreeMap<>(keys));
    resources = Collections.unmodifiableSortedSet(new TreeSet<>(resources));
    retired = Collections.unmodifiableSortedMap(new TreeMap<>(retired));
  }

  /** Keys that were never rotated. */
  public KeyRing(SortedMap<Integer, Cipher> keys, SortedSet<String> resources) {
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
    var keys = keys(data, prefix, KEY_ENTRY, KMS_ENTRY);
    return new KeyRing(
        keys,
        names(data, prefix + RESOURCES),
        KeyOrder.read(data, prefix + ORDER, keys.keySet()),
        keys(data, prefix, RETIRED_ENTRY, RETIRED_KMS_ENTRY),
        RotationRecord.read(data, prefix));
  }

  /** What there are copies of, beside those of the root keys. */
  public static KeyRing readCopies(Map<String, String> data) {
    return read(data, COPY);
  }

  private static SortedMap<Integer, Cipher> keys(
      Map<String, String> data, String prefix, Pattern key, Pattern service) {
    var keys = new TreeMap<Integer, Cipher>();
    data.forEach((name, value) -> {
      var entry = name.startsWith(prefix) ? name.substring(prefix.length()) : "";
      var ofKey = key.matcher(entry);
      if (ofKey.matches() && isKey(value)) {
        keys.put(Integer.valueOf(ofKey.group(1)), new Cipher.Key(value));
      }
      var ofService = service.matcher(entry);
      if (ofService.matches()) {
        SecretText.read(data, name)
            .flatMap(Cipher.Kms::read)
            .ifPresent(found -> keys.putIfAbsent(Integer.valueOf(ofService.group(1)), found));
      }
    });
    return keys;
  }

  /** The entries of a Secret, as {@link #read} takes them. */
  public SortedMap<String, String> write(String prefix) {
    var data = new TreeMap<String, String>();
    keys.forEach((number, key) -> put(data, prefix, number, key));
    data.put(prefix + RESOURCES, SecretText.encoded(String.join(",", resources)));
    if (!order.equals(KeyOrder.oldest(keys.keySet()))) {
      data.put(prefix + ORDER, SecretText.encoded(order.text()));
    }
    retired.forEach((number, key) -> {
      switch (key) {
        case Cipher.Key(var secret) -> data.put(prefix + RETIRED + number, secret);
        case Cipher.Kms _ -> put(data, prefix + RETIRED, number, key);
      }
    });
    data.putAll(rotation.write(prefix));
    return data;
  }

  private static void put(Map<String, String> data, String prefix, int number, Cipher key) {
    switch (key) {
      case Cipher.Key(var secret) -> data.put(prefix + name(number), secret);
      case Cipher.Kms(var definition) ->
          data.put(prefix + KMS + number, SecretText.encoded(definition));
    }
  }

  /** Name of a key of the controller, in Secrets and in the configuration. */
  public static String name(int number) {
    return KEY + number;
  }

  /** Whether an entry of the Secret belongs to keys and their rotation. */
  public static boolean isEntry(String name) {
    return KEY_ENTRY.matcher(name).matches()
        || KMS_ENTRY.matcher(name).matches()
        || RotationRecord.isEntry(name)
        || ORDER.equals(name);
  }

  /** One with a first key, of which there is no use yet. */
  public static KeyRing first(String key) {
    return first(new Cipher.Key(key));
  }

  /** One with a first key or service, of which there is no use yet. */
  public static KeyRing first(Cipher key) {
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
    // Two services of one name cannot be known, and the newer one decrypts what the older one did.
    all.keySet()
        .removeIf(number ->
            !keys.containsKey(number)
                && all.get(number) instanceof Cipher.Kms service
                && all.tailMap(number, false).values().stream()
                    .anyMatch(other -> isService(other, service.name())));
    var known = order;
    for (int number : retired.keySet()) {
      known =
          known.numbers().contains(number) || !all.containsKey(number) ? known : known.with(number);
    }
    return new KeyRing(all, resources, known, retired, rotation);
  }

  /** With an older key that API servers are given too. */
  public KeyRing knowing(int number) {
    return with(order.with(number));
  }

  /** What is used; empty if there is nothing. */
  public Optional<Cipher> current() {
    return order.numbers().isEmpty()
        ? Optional.empty()
        : Optional.ofNullable(keys.get(order.first()));
  }

  /** The services that API servers are given, by number. */
  public SortedMap<Integer, Cipher.Kms> services() {
    var services = new TreeMap<Integer, Cipher.Kms>();
    for (int number : order.numbers()) {
      if (keys.get(number) instanceof Cipher.Kms service) {
        services.put(number, service);
      }
    }
    return services;
  }

  /** Whether the next key to be used is a service. */
  public boolean isServiceNext() {
    return order.next().filter(number -> keys.get(number) instanceof Cipher.Kms).isPresent();
  }

  /** With another key or service, of which there is no use yet. */
  public KeyRing adding(int number, Cipher key) {
    var all = new TreeMap<>(keys);
    all.put(number, key);
    return new KeyRing(all, resources, order, retired, rotation);
  }

  /** With services that another one has, and of which API servers may know still. */
  public KeyRing withServices(KeyRing other) {
    var all = new TreeMap<>(keys);
    other.services().forEach(all::putIfAbsent);
    return new KeyRing(all, resources, order, retired, rotation);
  }

  /**
   * What is wanted now: the service of this name is reached in this way, and those that were never
   * used are forgotten unless they are that one.
   */
  public KeyRing wanting(Optional<Cipher.Kms> wanted) {
    var all = new TreeMap<>(keys);
    wanted.ifPresent(
        service -> all.replaceAll((_, key) -> isService(key, service.name()) ? service : key));
    if (!order.numbers().isEmpty()) {
      all.tailMap(order.first(), false)
          .values()
          .removeIf(key -> key instanceof Cipher.Kms && wanted.filter(key::equals).isEmpty());
    }
    var known =
        order.numbers().stream()
            .filter(number -> order.first() >= number || all.containsKey(number))
            .toList();
    return new KeyRing(all, resources, new KeyOrder(known), retired, rotation);
  }

  /** Whether a key is the service of this name. */
  public static boolean isService(Cipher key, String name) {
    return key instanceof Cipher.Kms service && service.name().equals(name);
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
