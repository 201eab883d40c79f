package dev.hcp.render.encryption;

import dev.hcp.api.v1alpha1.EncryptionAtRest;
import dev.hcp.flags.Program;
import dev.hcp.model.ControlPlane;
import dev.hcp.model.Lists;
import dev.hcp.model.SecretText;
import dev.hcp.naming.Component;
import dev.hcp.naming.Labels;
import dev.hcp.render.Metadata;
import dev.hcp.render.Yaml;
import dev.hcp.render.pod.Pods;
import io.fabric8.kubernetes.api.model.Secret;
import io.fabric8.kubernetes.api.model.SecretBuilder;
import io.fabric8.kubernetes.api.model.Volume;
import io.fabric8.kubernetes.api.model.VolumeMount;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HexFormat;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.SortedSet;
import java.util.TreeMap;
import java.util.TreeSet;

/**
 * How API servers encrypt what they store: by secretbox, which needs no counter and no rotation for
 * the sake of the cipher, so a key can stay for years. API servers follow the file.
 */
public final class EncryptionRenderer {
  /** The resource that is always encrypted, unless nothing is. */
  public static final String SECRETS = "secrets";

  /** Flag of the API server that names the file. */
  public static final String FLAG = "encryption-provider-config";

  /** Entry of the Secret with the file. */
  public static final String FILE = "encryption-configuration.yaml";

  private static final String RELOAD_FLAG = FLAG + "-automatic-reload";
  private static final String WRITTEN_ENCRYPTED = "encrypted";
  private static final String VOLUME = "encryption-config";
  private static final String DIRECTORY = "/etc/kubernetes/encryption";
  private static final int DIGEST_BYTES = 8;

  private EncryptionRenderer() {}

  /** The resources that the spec wants encrypted; none if it wants none. */
  public static SortedSet<String> wanted(ControlPlane controlPlane) {
    var settings = controlPlane.spec().encryptionAtRest();
    var wanted = new TreeSet<String>();
    if (settings == null || !Boolean.TRUE.equals(settings.disabled())) {
      wanted.add(SECRETS);
      wanted.addAll(Lists.orEmpty(settings == null ? null : settings.resources()));
    }
    return Collections.unmodifiableSortedSet(wanted);
  }

  /** The key management service that the spec wants; empty if the key is the controller's. */
  public static Optional<Cipher.Kms> wantedKms(ControlPlane controlPlane) {
    return Optional.ofNullable(controlPlane.spec().encryptionAtRest())
        .map(EncryptionAtRest::wantedKms)
        .map(Cipher.Kms::of);
  }

  /**
   * Whether a configuration of the user's own is given, by a flag that was accepted once. It says
   * how data are to be read, so it stays.
   */
  public static boolean isGiven(ControlPlane controlPlane) {
    var settings = controlPlane.apiServer();
    return settings != null
        && settings.args() != null
        && settings.args().keySet().stream()
            .anyMatch(flag -> Program.KUBE_APISERVER.canonical(flag).equals(FLAG));
  }

  /**
   * The Secret as it is made at first, with keys and no use of them yet.
   *
   * @param ring with a first key
   */
  public static Secret keys(ControlPlane controlPlane, KeyRing ring) {
    return secret(controlPlane, ring.write(""));
  }

  /**
   * The Secret with keys and the file.
   *
   * @param ring with at least one key
   * @param encrypted resources that are written encrypted; all others of the ring are only read
   */
  public static Secret configuration(
      ControlPlane controlPlane, KeyRing ring, SortedSet<String> encrypted) {
    var data = new TreeMap<>(ring.write(""));
    data.put(WRITTEN_ENCRYPTED, SecretText.encoded(String.join(",", encrypted)));
    data.put(FILE, SecretText.encoded(file(ring, encrypted)));
    return secret(controlPlane, data);
  }

  /** The resources that API servers write encrypted, by what stands in the Secret. */
  public static SortedSet<String> encrypted(Map<String, String> data) {
    return data.containsKey(FILE)
        ? KeyRing.names(data, WRITTEN_ENCRYPTED)
        : Collections.emptySortedSet();
  }

  /** Flags of the API server. */
  public static Map<String, String> flags() {
    return Map.of(FLAG, DIRECTORY + "/" + FILE, RELOAD_FLAG, "true");
  }

  /**
   * Annotations of the pods: a digest of what they can read, and by which key they write, and of no
   * key.
   */
  public static Map<String, String> annotations(KeyRing ring) {
    return Map.of(Labels.ENCRYPTION_ANNOTATION, digest(ring));
  }

  /** The volume of the API server, with the file alone. */
  public static Volume volume(ControlPlane controlPlane) {
    return Pods.projected(
        VOLUME, List.of(Pods.secret(controlPlane.names().encryption(), FILE, FILE)));
  }

  /** The mount of the API server. */
  public static VolumeMount mount() {
    return Pods.readOnly(VOLUME, DIRECTORY);
  }

  private static Secret secret(ControlPlane controlPlane, Map<String, String> data) {
    return new SecretBuilder()
        .withMetadata(
            Metadata.of(controlPlane, controlPlane.names().encryption(), Component.ENCRYPTION))
        .withType("Opaque")
        .withData(data)
        .build();
  }

  /**
   * The first provider of a resource writes, all of them read; of several keys the first writes.
   */
  private static String file(KeyRing ring, SortedSet<String> encrypted) {
    var readOnly = new TreeSet<>(ring.resources());
    readOnly.removeAll(encrypted);
    var groups = new ArrayList<Map<String, Object>>();
    if (ring.services().isEmpty()) {
      if (!encrypted.isEmpty()) {
        groups.add(group(encrypted, providers(ring, encrypted.first(), true)));
      }
      if (!readOnly.isEmpty()) {
        groups.add(group(readOnly, providers(ring, readOnly.first(), false)));
      }
    } else {
      // A service has a name of its own for each resource.
      var all = new TreeSet<>(encrypted);
      all.addAll(readOnly);
      for (var resource : all) {
        groups.add(
            group(Set.of(resource), providers(ring, resource, encrypted.contains(resource))));
      }
    }
    var document = new LinkedHashMap<String, Object>();
    document.put("apiVersion", "apiserver.config.k8s.io/v1");
    document.put("kind", "EncryptionConfiguration");
    document.put("resources", groups);
    return Yaml.write(document);
  }

  private static List<Object> providers(KeyRing ring, String resource, boolean writes) {
    var keys = new ArrayList<Map<String, Object>>();
    var providers = new ArrayList<Object>();
    for (int number : ring.order().numbers()) {
      switch (ring.keys().get(number)) {
        case Cipher.Key(var secret) -> {
          // All keys of the controller are one provider, where the first of them is.
          if (keys.isEmpty()) {
            providers.add(Map.of("secretbox", Map.of("keys", keys)));
          }
          keys.add(new TreeMap<>(Map.of("name", KeyRing.name(number), "secret", secret)));
        }
        case Cipher.Kms service ->
            providers.add(KmsRenderer.provider(number, service.settings(), resource));
        case null -> {}
      }
    }
    providers.add(writes ? providers.size() : 0, Map.of("identity", Map.of()));
    return providers;
  }

  private static Map<String, Object> group(Set<String> resources, List<?> providers) {
    var group = new LinkedHashMap<String, Object>();
    group.put("resources", List.copyOf(resources));
    group.put("providers", providers);
    return group;
  }

  private static String digest(KeyRing ring) {
    try {
      var digest = MessageDigest.getInstance("SHA-256");
      ring.order().numbers().forEach(number -> update(digest, name(ring, number)));
      ring.resources().forEach(resource -> update(digest, resource));
      return HexFormat.of().formatHex(digest.digest(), 0, DIGEST_BYTES);
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException("every Java runtime has SHA-256", e);
    }
  }

  /** A number that was given to a service that was never used is given again. */
  private static String name(KeyRing ring, int number) {
    return ring.keys().getOrDefault(number, ring.retired().get(number)) instanceof Cipher.Kms kms
        ? "kms-%d:%s".formatted(number, kms.name())
        : KeyRing.name(number);
  }

  private static void update(MessageDigest digest, String word) {
    digest.update(word.getBytes(StandardCharsets.UTF_8));
    digest.update((byte) 0);
  }
}
