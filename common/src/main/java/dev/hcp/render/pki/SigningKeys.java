package dev.hcp.render.pki;

import dev.hcp.model.KeyOrder;
import dev.hcp.model.RotationRecord;
import dev.hcp.model.SecretText;
import dev.hcp.naming.Labels;
import java.io.ByteArrayOutputStream;
import java.time.Instant;
import java.util.Base64;
import java.util.Collections;
import java.util.Map;
import java.util.Optional;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.regex.Pattern;
import java.util.stream.Collectors;

/**
 * The keys by which tokens of service accounts are signed, and those by which they are trusted.
 *
 * <p>Programs read them once, when they start. So each set of keys has an entry of its own in the
 * Secret: a pod that is started for it waits for it, whatever the node still has of the Secret.
 *
 * @param pairs key pairs by number
 * @param order the keys that are trusted, the one first by which tokens are signed
 * @param rotation what is remembered of rotations
 * @param since since when no token was signed by an older key; empty if one may be, or there is no
 *     older key
 */
public record SigningKeys(
    SortedMap<Integer, Pair> pairs,
    KeyOrder order,
    RotationRecord rotation,
    Optional<Instant> since) {
  /** There is no key. */
  public static final SigningKeys EMPTY =
      new SigningKeys(new TreeMap<>(), KeyOrder.EMPTY, RotationRecord.NONE, Optional.empty());

  /** Number of the first key. */
  public static final int FIRST = 1;

  private static final KeyOrder FIRST_ALONE = KeyOrder.of(FIRST);
  private static final String PUBLIC = "tls.crt";
  private static final String PRIVATE = "tls.key";
  private static final String KEY = "key-";
  private static final String PUBLIC_SUFFIX = ".pub";
  private static final String PRIVATE_SUFFIX = ".key";
  private static final String TRUSTED = "trusted-";
  private static final String ORDER = "order";
  private static final String SINCE = "since";
  private static final Pattern PUBLIC_ENTRY = Pattern.compile("key-([1-9][0-9]{0,8})\\.pub");
  private static final Pattern ENTRY =
      Pattern.compile("(key|trusted)-[1-9][0-9-]*\\.(pub|key)|order|since");

  /**
   * A key pair.
   *
   * @param publicKey base64 of PEM
   * @param privateKey base64 of PEM
   */
  public record Pair(String publicKey, String privateKey) {
    /** Without the private key. */
    @Override
    public String toString() {
      return "Pair[%s]".formatted(publicKey);
    }
  }

  /**
   * What a pod is given.
   *
   * @param trusted entry of the Secret with the public keys that are trusted
   * @param signing entry of the Secret with the private key by which is signed
   * @param trustedBy annotations of pods that trust these keys, and sign
   * @param signedBy annotations of pods that sign
   */
  public record Files(
      String trusted, String signing, Map<String, String> trustedBy, Map<String, String> signedBy) {
    /** Of keys that were never rotated. */
    public static final Files FIRST = new Files(PUBLIC, PRIVATE, Map.of(), Map.of());

    /** Copies the maps. */
    public Files {
      trustedBy = Map.copyOf(trustedBy);
      signedBy = Map.copyOf(signedBy);
    }
  }

  /** Copies the map. */
  public SigningKeys {
    pairs = Collections.unmodifiableSortedMap(new TreeMap<>(pairs));
  }

  /** What stands in the Secret. */
  public static SigningKeys read(Map<String, String> data) {
    return read(data, PUBLIC, PRIVATE, "");
  }

  /**
   * What stands in the Secret with the copies.
   *
   * @param prefix what the names of all entries begin with
   */
  public static SigningKeys readCopies(Map<String, String> data, String prefix) {
    return read(data, prefix + ".crt", prefix + ".key", prefix + "-");
  }

  private static SigningKeys read(
      Map<String, String> data, String publicEntry, String privateEntry, String prefix) {
    var pairs = new TreeMap<Integer, Pair>();
    data.forEach((name, publicKey) -> {
      var entry =
          PUBLIC_ENTRY.matcher(name.startsWith(prefix) ? name.substring(prefix.length()) : "");
      if (entry.matches()) {
        var number = Integer.valueOf(entry.group(1));
        pair(publicKey, data.getOrDefault(prefix + KEY + number + PRIVATE_SUFFIX, ""))
            .ifPresent(pair -> pairs.put(number, pair));
      }
    });
    if (!data.containsKey(prefix + ORDER) && !pairs.containsKey(FIRST)) {
      pair(data.getOrDefault(publicEntry, ""), data.getOrDefault(privateEntry, ""))
          .ifPresent(pair -> pairs.put(FIRST, pair));
    }
    return new SigningKeys(
        pairs,
        KeyOrder.read(data, prefix + ORDER, pairs.keySet()),
        RotationRecord.read(data, prefix),
        SecretText.time(data, prefix + SINCE));
  }

  private static Optional<Pair> pair(String publicKey, String privateKey) {
    return publicKey.isEmpty() || privateKey.isEmpty()
        ? Optional.empty()
        : Optional.of(new Pair(publicKey, privateKey));
  }

  /** The entries of the Secret, in the form that Cluster API expects, and those of rotations. */
  public SortedMap<String, String> write() {
    var data = write(PUBLIC, PRIVATE, "");
    if (!isFirst()) {
      data.put(trustedEntry(), trusted());
    }
    return data;
  }

  /** The entries of the Secret with the copies. */
  public SortedMap<String, String> writeCopies(String prefix) {
    return write(prefix + ".crt", prefix + ".key", prefix + "-");
  }

  private SortedMap<String, String> write(String publicEntry, String privateEntry, String prefix) {
    var data = new TreeMap<String, String>();
    if (pairs.isEmpty()) {
      return data;
    }
    data.put(publicEntry, trusted());
    data.put(privateEntry, signing().privateKey());
    if (!isFirst() || pairs.size() > 1) {
      pairs.forEach((number, pair) -> {
        data.put(prefix + KEY + number + PUBLIC_SUFFIX, pair.publicKey());
        data.put(prefix + KEY + number + PRIVATE_SUFFIX, pair.privateKey());
      });
      data.put(prefix + ORDER, SecretText.encoded(order.text()));
    }
    since.ifPresent(time -> data.put(prefix + SINCE, SecretText.encoded(time.toString())));
    data.putAll(rotation.write(prefix));
    return data;
  }

  /** The entries of the Secret by which a key is added. */
  public static Map<String, String> added(int number, Pair pair) {
    return Map.of(
        KEY + number + PUBLIC_SUFFIX,
        pair.publicKey(),
        KEY + number + PRIVATE_SUFFIX,
        pair.privateKey());
  }

  /** Whether an entry of the Secret belongs to rotations. */
  public static boolean isEntry(String name) {
    return ENTRY.matcher(name).matches() || RotationRecord.isEntry(name);
  }

  /** What pods are given. */
  public Files files() {
    return isFirst()
        ? Files.FIRST
        : new Files(
            trustedEntry(),
            KEY + order.first() + PRIVATE_SUFFIX,
            Map.of(Labels.SERVICE_ACCOUNT_KEYS_ANNOTATION, order.text()),
            Map.of(Labels.SERVICE_ACCOUNT_KEYS_ANNOTATION, KeyOrder.of(order.first()).text()));
  }

  /**
   * What there is by the Secret and by the copies of it. What there are copies of counts; a key
   * that is newer than all of these has just been made, and an older one that is still known has
   * lost its copy.
   */
  public static SigningKeys of(SigningKeys live, SigningKeys copied) {
    if (copied.pairs.isEmpty()) {
      return live;
    }
    var pairs = new TreeMap<>(live.pairs);
    pairs
        .keySet()
        .removeIf(
            number -> number < copied.pairs.lastKey() && !copied.order.numbers().contains(number));
    pairs.putAll(copied.pairs);
    return new SigningKeys(pairs, copied.order, copied.rotation, copied.since);
  }

  /** The same keys, of which others are used. */
  public SigningKeys with(KeyOrder other) {
    return new SigningKeys(pairs, other, rotation, since);
  }

  /** The same keys, of which something else is remembered. */
  public SigningKeys with(RotationRecord other) {
    return new SigningKeys(pairs, order, other, since);
  }

  /** The same keys, of which the older ones are not used since a time. */
  public SigningKeys since(Optional<Instant> time) {
    return new SigningKeys(pairs, order, rotation, time);
  }

  /** Without the keys that are older than the one in use. */
  public SigningKeys retire() {
    return new SigningKeys(
        pairs.tailMap(order.first()), order.withoutOlder(), rotation, Optional.empty());
  }

  /** The newest key, if it was never used. */
  public Optional<Integer> spare() {
    return order.spare(pairs);
  }

  /** The pair by which is signed. */
  public Pair signing() {
    return Optional.ofNullable(pairs.get(order.first())).orElseThrow();
  }

  private boolean isFirst() {
    return order.equals(FIRST_ALONE) || order.numbers().isEmpty();
  }

  private SortedMap<Integer, Pair> trustedPairs() {
    var trusted = new TreeMap<>(pairs);
    trusted.keySet().retainAll(order.numbers());
    return trusted;
  }

  private String trustedEntry() {
    return TRUSTED
        + trustedPairs().keySet().stream().map(String::valueOf).collect(Collectors.joining("-"))
        + PUBLIC_SUFFIX;
  }

  /** All trusted public keys in one file. */
  private String trusted() {
    var keys = trustedPairs().values();
    if (keys.size() == 1) {
      return keys.iterator().next().publicKey();
    }
    var all = new ByteArrayOutputStream();
    for (var pair : keys) {
      var pem = Base64.getDecoder().decode(pair.publicKey());
      all.writeBytes(pem);
      if (pem[pem.length - 1] != '\n') {
        all.write('\n');
      }
    }
    return Base64.getEncoder().encodeToString(all.toByteArray());
  }

  /** Without the keys. */
  @Override
  public String toString() {
    return "SigningKeys%s, %s in use".formatted(pairs.keySet(), order.text());
  }
}
