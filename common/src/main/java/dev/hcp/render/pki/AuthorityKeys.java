package dev.hcp.render.pki;

import dev.hcp.model.KeyOrder;
import dev.hcp.model.RotationRecord;
import dev.hcp.model.SecretText;
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
 * A CA and those that follow it, or went before: which of them signs, and which are trusted.
 *
 * <p>All of this stands in the Secret with the copies of the root keys. The Secret of the CA has
 * the one that signs. The Secret with the trust bundle has all certificates, and what is
 * remembered, so that one of the three may be lost at any time.
 *
 * @param pairs CAs by number, as they were made
 * @param order the CAs that are trusted, the one first that signs
 * @param rotation what is remembered of rotations
 * @param issued since when all certificates are of the CA that signs; empty if some may be of an
 *     older one, or there never was another
 * @param heir of the Kubernetes CA: the one that signs certificates of nodes; empty if that is the
 *     one that signs all else
 */
public record AuthorityKeys(
    SortedMap<Integer, Pair> pairs,
    KeyOrder order,
    RotationRecord rotation,
    Optional<Instant> issued,
    Optional<Heir> heir) {
  /** Number of the first CA. */
  public static final int FIRST = 1;

  private static final KeyOrder FIRST_ALONE = KeyOrder.of(FIRST);
  private static final String KEY = "key-";
  private static final String AUTHORITY = "authority-";
  private static final String TRUSTED = "trusted-";
  private static final String CERTIFICATE_SUFFIX = ".crt";
  private static final String KEY_SUFFIX = ".key";
  private static final String ORDER = "order";
  private static final String ISSUED = "issued";
  private static final Pattern COPY = Pattern.compile("key-([1-9][0-9]{0,8})\\.crt");
  private static final Pattern PUBLISHED = Pattern.compile("authority-([1-9][0-9]{0,8})\\.crt");
  private static final Pattern ENTRY =
      Pattern.compile(
          "key-[1-9][0-9]{0,8}\\.(crt|key)|order|issued|answered|started|heir|heir-since");

  /**
   * A CA.
   *
   * @param certificate base64 of PEM
   * @param key base64 of PEM; empty if it is not known
   */
  public record Pair(String certificate, String key) {
    /** Whether it can sign. */
    public boolean isWhole() {
      return !key.isEmpty();
    }

    /** Without the key. */
    @Override
    public String toString() {
      return "Pair[%s]".formatted(certificate);
    }
  }

  /** Copies the map. */
  public AuthorityKeys {
    pairs = Collections.unmodifiableSortedMap(new TreeMap<>(pairs));
  }

  /**
   * What there is. What stands with the copies counts; what is published helps out where something
   * of that is lost.
   *
   * @param copies data of the Secret with the copies
   * @param bundle data of the Secret with the trust bundle
   * @param live what the Secret of the CA has; empty if there is no such Secret
   * @param next data of the Secret with the CA that is about to follow; empty if there is none
   */
  public static AuthorityKeys read(
      Root root,
      Map<String, String> copies,
      Map<String, String> bundle,
      Optional<Pair> live,
      Map<String, String> next) {
    var prefix = root.alias() + "-";
    var pairs = new TreeMap<Integer, Pair>();
    bundle.forEach((name, certificate) -> {
      var entry = PUBLISHED.matcher(name);
      if (entry.matches() && !certificate.isEmpty()) {
        pairs.put(Integer.valueOf(entry.group(1)), new Pair(certificate, ""));
      }
    });
    copies.forEach((name, certificate) -> {
      var entry = COPY.matcher(name.startsWith(prefix) ? name.substring(prefix.length()) : "");
      if (entry.matches()) {
        var key = copies.getOrDefault(prefix + KEY + entry.group(1) + KEY_SUFFIX, "");
        if (!key.isEmpty() && !certificate.isEmpty()) {
          pairs.put(Integer.valueOf(entry.group(1)), new Pair(certificate, key));
        }
      }
    });
    boolean isCopied = copies.containsKey(prefix + ORDER) || !bundle.containsKey(ORDER);
    var record = isCopied ? copies : bundle;
    var recordPrefix = isCopied ? prefix : "";
    if (!record.containsKey(recordPrefix + ORDER) && !pairs.containsKey(FIRST)) {
      copy(root, copies).or(() -> live).ifPresent(pair -> pairs.put(FIRST, pair));
    }
    var heir = Heir.read(record, recordPrefix);
    heir.ifPresent(known ->
        pairs.computeIfPresent(
            known.number(),
            (number, pair) ->
                pair.isWhole() ? pair : next(next, number, pair.certificate()).orElse(pair)));
    var order = KeyOrder.read(record, recordPrefix + ORDER, pairs.keySet());
    // What is retired may still be found for a while.
    pairs.keySet().removeIf(number -> number < order.first() && !order.numbers().contains(number));
    return new AuthorityKeys(
            pairs,
            order,
            RotationRecord.read(record, recordPrefix),
            SecretText.time(record, recordPrefix + ISSUED),
            heir)
        .with(live);
  }

  /** What the Secret with the CA that is about to follow has of it. */
  private static Optional<Pair> next(Map<String, String> next, int number, String certificate) {
    var text = String.valueOf(number);
    return Optional.of(
            new Pair(
                next.getOrDefault(nextCertificate(text), ""), next.getOrDefault(nextKey(text), "")))
        .filter(Pair::isWhole)
        .filter(pair -> pair.certificate().equals(certificate));
  }

  private static Optional<Pair> copy(Root root, Map<String, String> copies) {
    return Optional.of(
            new Pair(
                copies.getOrDefault(root.alias() + CERTIFICATE_SUFFIX, ""),
                copies.getOrDefault(root.alias() + KEY_SUFFIX, "")))
        .filter(pair -> pair.isWhole() && !pair.certificate().isEmpty());
  }

  /** With what the Secret of the CA says: the certificate is renewed there. */
  private AuthorityKeys with(Optional<Pair> live) {
    if (live.isEmpty() || pairs.isEmpty()) {
      return this;
    }
    var signing = signing();
    if (signing.isWhole()) {
      return signing.key().equals(live.get().key()) ? with(order.first(), live.get()) : this;
    }
    // The key of the CA that should sign is lost.
    var other =
        pairs.entrySet().stream()
            .filter(pair -> pair.getKey() < order.first())
            .filter(pair -> pair.getValue().certificate().equals(live.get().certificate()))
            .map(Map.Entry::getKey)
            .findFirst();
    return other
        .map(number ->
            new AuthorityKeys(
                    pairs,
                    KeyOrder.of(number),
                    RotationRecord.NONE,
                    Optional.empty(),
                    Optional.empty())
                .with(number, live.get()))
        .orElseGet(() -> with(order.first(), live.get()));
  }

  private AuthorityKeys with(int number, Pair pair) {
    var all = new TreeMap<>(pairs);
    all.put(number, pair);
    return new AuthorityKeys(all, order, rotation, issued, heir);
  }

  /** The entries of the Secret with the copies. */
  public SortedMap<String, String> copies(Root root) {
    var data = new TreeMap<String, String>();
    if (pairs.isEmpty()) {
      return data;
    }
    data.put(root.alias() + CERTIFICATE_SUFFIX, signing().certificate());
    if (signing().isWhole()) {
      data.put(root.alias() + KEY_SUFFIX, signing().key());
    }
    var prefix = root.alias() + "-";
    if (!isFirst() || pairs.size() > 1) {
      pairs.forEach((number, pair) -> {
        if (pair.isWhole()) {
          data.put(prefix + KEY + number + CERTIFICATE_SUFFIX, pair.certificate());
          data.put(prefix + KEY + number + KEY_SUFFIX, pair.key());
        }
      });
      data.put(prefix + ORDER, SecretText.encoded(order.text()));
    }
    issued.ifPresent(time -> data.put(prefix + ISSUED, SecretText.encoded(time.toString())));
    data.putAll(rotation.write(prefix));
    heir.ifPresent(known -> data.putAll(known.write(prefix)));
    return data;
  }

  /** The entries of the Secret with the trust bundle. */
  public SortedMap<String, String> published() {
    var data = new TreeMap<String, String>();
    if (pairs.isEmpty()) {
      return data;
    }
    data.put(PkiRenderer.BUNDLE_KEY, bundle());
    if (!isFirst() || pairs.size() > 1) {
      pairs.forEach(
          (number, pair) -> data.put(AUTHORITY + number + CERTIFICATE_SUFFIX, pair.certificate()));
      data.put(ORDER, SecretText.encoded(order.text()));
    }
    if (!isFirst()) {
      data.put(entry(), bundle());
    }
    issued.ifPresent(time -> data.put(ISSUED, SecretText.encoded(time.toString())));
    data.putAll(rotation.write(""));
    heir.ifPresent(known -> data.putAll(known.write("")));
    return data;
  }

  /** The entries of the Secret with the CA that is about to follow; none if there is none. */
  public Map<String, String> next() {
    var number = signsForNodes();
    if (number.isEmpty()) {
      return Map.of();
    }
    var pair = pair(number.get());
    var text = String.valueOf(number.get());
    return Map.of(nextCertificate(text), pair.certificate(), nextKey(text), pair.key());
  }

  /** Entry of that Secret with the certificate. */
  static String nextCertificate(String number) {
    return "ca-" + number + CERTIFICATE_SUFFIX;
  }

  /** Entry of that Secret with the key. */
  static String nextKey(String number) {
    return "ca-" + number + KEY_SUFFIX;
  }

  /** The heir, if its key is known. */
  private Optional<Integer> signsForNodes() {
    return heir.map(Heir::number)
        .filter(number -> Optional.ofNullable(pairs.get(number)).filter(Pair::isWhole).isPresent());
  }

  /** The entries of the Secret with the copies by which a CA is added. */
  public static Map<String, String> added(Root root, int number, Pair pair) {
    var entry = root.alias() + "-" + KEY + number;
    return Map.of(entry + CERTIFICATE_SUFFIX, pair.certificate(), entry + KEY_SUFFIX, pair.key());
  }

  /** Whether an entry of the Secret with the copies belongs to rotations of a CA. */
  public static boolean isEntry(Root root, String name) {
    var prefix = root.alias() + "-";
    return name.startsWith(prefix) && ENTRY.matcher(name.substring(prefix.length())).matches();
  }

  /** Whether an entry of the Secret with the trust bundle is what pods are given. */
  public static boolean isTrusted(String name) {
    return name.startsWith(TRUSTED);
  }

  /** Whether something is remembered of rotations in the Secret with the trust bundle. */
  public static boolean isRecorded(Map<String, String> bundle) {
    return bundle.containsKey(ORDER)
        || !RotationRecord.read(bundle, "").equals(RotationRecord.NONE);
  }

  /** What pods are given. */
  public Trust trust(Root root) {
    if (isFirst()) {
      return new Trust(root, PkiRenderer.BUNDLE_KEY, "", "", "");
    }
    boolean isUsed = order.older().isEmpty() || issued.isPresent();
    return new Trust(
        root,
        entry(),
        sorted(","),
        isUsed ? order.text() : sorted(","),
        signsForNodes().map(String::valueOf).orElse(""));
  }

  /** The same CAs, of which others are used. */
  public AuthorityKeys with(KeyOrder other) {
    return new AuthorityKeys(pairs, other, rotation, issued, heir);
  }

  /** The same CAs, of which something else is remembered. */
  public AuthorityKeys with(RotationRecord other) {
    return new AuthorityKeys(pairs, order, other, issued, heir);
  }

  /** The same CAs, of which all certificates are of the one that signs since a time. */
  public AuthorityKeys issued(Optional<Instant> time) {
    return new AuthorityKeys(pairs, order, rotation, time, heir);
  }

  /** The same CAs, of which another signs certificates of nodes. */
  public AuthorityKeys with(Heir other) {
    return new AuthorityKeys(pairs, order, rotation, issued, Optional.of(other));
  }

  /** Without the CAs that are older than the one that signs. */
  public AuthorityKeys retire() {
    return new AuthorityKeys(
        pairs.tailMap(order.first()),
        order.withoutOlder(),
        rotation,
        Optional.empty(),
        Optional.empty());
  }

  /** The newest CA, if it has never signed. */
  public Optional<Integer> spare() {
    return order.spare(pairs).filter(number -> pair(number).isWhole());
  }

  /** The CA that signs. */
  public Pair signing() {
    return pair(order.first());
  }

  private Pair pair(int number) {
    return Optional.ofNullable(pairs.get(number)).orElseThrow();
  }

  private boolean isFirst() {
    return order.equals(FIRST_ALONE) || order.numbers().isEmpty();
  }

  private String entry() {
    return TRUSTED + sorted("-") + CERTIFICATE_SUFFIX;
  }

  private String sorted(String separator) {
    return order.numbers().stream()
        .sorted()
        .map(String::valueOf)
        .collect(Collectors.joining(separator));
  }

  /** All trusted certificates in one file. */
  private String bundle() {
    var trusted = new TreeMap<>(pairs);
    trusted.keySet().retainAll(order.numbers());
    if (trusted.size() == 1) {
      return trusted.firstEntry().getValue().certificate();
    }
    var all = new ByteArrayOutputStream();
    for (var pair : trusted.values()) {
      var pem = Base64.getDecoder().decode(pair.certificate());
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
    return "AuthorityKeys%s, %s in use".formatted(pairs.keySet(), order.text());
  }
}
