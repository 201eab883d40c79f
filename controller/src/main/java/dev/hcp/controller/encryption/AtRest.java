package dev.hcp.controller.encryption;

import dev.hcp.controller.plan.LiveObjects;
import dev.hcp.controller.plan.Planning;
import dev.hcp.model.ControlPlane;
import dev.hcp.naming.Component;
import dev.hcp.naming.Labels;
import dev.hcp.render.encryption.EncryptionRenderer;
import dev.hcp.render.encryption.KeyRing;
import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.api.model.Secret;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.SortedSet;
import java.util.TreeMap;
import java.util.TreeSet;

/**
 * What is known of the encryption of a control plane's data, and what follows.
 *
 * <p>Keys, and the resources of which something may be encrypted, stand in a Secret and in copies
 * beside those of the root keys. Only what is copied is used, so that one of the two may be lost at
 * any time. An API server that writes encrypted what another cannot read would break that one. So
 * all learn to read first: the configuration names the key behind the provider that leaves data as
 * they are, and the pods are replaced. Once each of them was started with that, the order changes,
 * which running API servers follow.
 *
 * @param controlPlane what is wanted
 * @param live data of the Secret; empty if there is none
 * @param copied keys and resources of which there are copies
 * @param ring all keys and resources that there are or shall be
 * @param pods pods of API servers that may be serving
 */
public record AtRest(
    ControlPlane controlPlane,
    Map<String, String> live,
    KeyRing copied,
    KeyRing ring,
    List<Pod> pods) {
  /** What the names of the copies begin with. */
  private static final String COPY = "encryption-";

  private static final Set<String> ENDED = Set.of("Failed", "Succeeded");

  /** Copies the collections. */
  public AtRest {
    live = Map.copyOf(live);
    pods = List.copyOf(pods);
  }

  /** What is known, and wanted. */
  public static AtRest of(Planning planning) {
    var controlPlane = planning.controlPlane();
    var names = controlPlane.names();
    var live = data(planning.objects(), names.encryption());
    var copied = KeyRing.read(data(planning.objects(), names.rootKeys()), COPY);
    var found = KeyRing.read(live, "").with(copied);
    var ring = found.with(EncryptionRenderer.wanted(controlPlane));
    return new AtRest(
        controlPlane,
        live,
        copied,
        found.keys().isEmpty() && EncryptionRenderer.isGiven(controlPlane) ? KeyRing.EMPTY : ring,
        planning.objects().all(Pod.class).stream().filter(AtRest::mayServe).toList());
  }

  /** Copies of all keys, to be kept beside those of the root keys; none while there is no key. */
  public Map<String, String> copies() {
    return ring.keys().isEmpty() ? Map.of() : ring.write(COPY);
  }

  /**
   * What API servers that are started now can read; empty if they read and write data as they are.
   * Until the Secret has a configuration they wait for it. Later they may be given the old one
   * still, so they are not said to know more than that.
   */
  public Optional<KeyRing> readable() {
    if (ring.resources().isEmpty()) {
      return Optional.empty();
    }
    var keys = new TreeMap<>(ring.keys());
    keys.putIfAbsent(KeyRing.FIRST, "");
    var expected = new KeyRing(keys, ring.resources());
    return Optional.of(
        isConfigured() ? expected.only(KeyRing.read(live, "").resources()) : expected);
  }

  /** Whether a key is wanted and there never was one. */
  boolean isKeyMissing() {
    return !ring.resources().isEmpty() && ring.keys().isEmpty();
  }

  /** Whether all keys and resources may be used. */
  boolean isCopied() {
    return copied.has(ring);
  }

  /** The resources that shall be encrypted. */
  SortedSet<String> wanted() {
    return EncryptionRenderer.wanted(controlPlane);
  }

  /** The resources that are written encrypted, by the configuration as it is. */
  SortedSet<String> encrypted() {
    return EncryptionRenderer.encrypted(live);
  }

  /** The resources that may be written encrypted from now on. */
  SortedSet<String> encryptable() {
    var before = encrypted();
    var may = new TreeSet<String>();
    wanted().stream()
        .filter(resource -> before.contains(resource) || informed() == pods.size())
        .forEach(may::add);
    return Collections.unmodifiableSortedSet(may);
  }

  /** The number of API servers that can read all that shall be encrypted. */
  int informed() {
    if (isConfigured() && !KeyRing.read(live, "").has(ring)) {
      return 0;
    }
    var annotations = EncryptionRenderer.annotations(ring);
    return (int)
        pods.stream()
            .filter(pod -> pod.getMetadata().getAnnotations() != null)
            .filter(pod ->
                pod.getMetadata().getAnnotations().entrySet().containsAll(annotations.entrySet()))
            .count();
  }

  private boolean isConfigured() {
    return live.containsKey(EncryptionRenderer.FILE);
  }

  /** Also one that is being deleted: it serves to the end. */
  private static boolean mayServe(Pod pod) {
    return Component.API_SERVER.label().equals(pod.getMetadata().getLabels().get(Labels.COMPONENT))
        && (pod.getStatus() == null
            || pod.getStatus().getPhase() == null
            || !ENDED.contains(pod.getStatus().getPhase()));
  }

  private static Map<String, String> data(LiveObjects objects, String secret) {
    return objects.get(Secret.class, secret).map(Secret::getData).orElse(Map.of());
  }

  /** Without the keys. */
  @Override
  public String toString() {
    return "AtRest[%s]".formatted(ring);
  }
}
