package dev.hcp.controller.encryption;

import dev.hcp.controller.plan.HostedCluster;
import dev.hcp.controller.plan.KmsHealth;
import dev.hcp.controller.plan.Planning;
import dev.hcp.controller.plan.Progress;
import dev.hcp.controller.plan.Progress.Credential;
import dev.hcp.controller.plan.Progress.Phase;
import dev.hcp.controller.plan.Readers;
import dev.hcp.controller.plan.Rewriting;
import dev.hcp.model.ControlPlane;
import dev.hcp.model.KeyOrder;
import dev.hcp.model.Lists;
import dev.hcp.model.RotationRecord;
import dev.hcp.naming.Component;
import dev.hcp.render.encryption.Cipher;
import dev.hcp.render.encryption.EncryptionRenderer;
import dev.hcp.render.encryption.KeyRing;
import java.time.Instant;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.SortedMap;
import java.util.SortedSet;
import java.util.TreeSet;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

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
 * <p>Another key goes the same way: it is named behind the one in use, then in front of it, and
 * pods are replaced each time. Once all write by it, everything is written again, and the old key
 * goes. A key management service is such a key, but nothing has to be made for it. It changes its
 * own key by itself, so a request for a rotation only has everything written again.
 *
 * @param controlPlane what is wanted
 * @param request the request for a rotation
 * @param live data of the Secret; empty if there is none
 * @param configured keys and resources of it
 * @param copied keys and resources of which there are copies
 * @param found all keys that there are, and resources that there are or shall be
 * @param ring the same as it shall be
 * @param readers API servers that can read all that is found, and write by the key in use
 * @param rewriting how far everything is written again
 * @param service the key management service that is wanted; empty if the key is the controller's
 * @param health whether an API server could use its services; empty if that is not known
 */
public record AtRest(
    ControlPlane controlPlane,
    Optional<String> request,
    Map<String, String> live,
    KeyRing configured,
    KeyRing copied,
    KeyRing found,
    KeyRing ring,
    Readers readers,
    Optional<Rewriting> rewriting,
    Optional<Cipher.Kms> service,
    Optional<KmsHealth> health) {
  /** Copies the collections. */
  public AtRest {
    live = Map.copyOf(live);
  }

  /** What is known, and wanted. */
  public static AtRest of(Planning planning) {
    var controlPlane = planning.controlPlane();
    var names = controlPlane.names();
    var live = planning.objects().secretData(names.encryption());
    var copied = KeyRing.readCopies(planning.objects().secretData(names.rootKeys()));
    var configured = KeyRing.read(live, "");
    var keys = KeyRing.of(configured, copied);
    var service = EncryptionRenderer.wantedKms(controlPlane);
    var request =
        Optional.ofNullable(controlPlane.spec().rotation())
            .flatMap(rotation -> Optional.ofNullable(rotation.encryptionKey()));
    var found = found(controlPlane, keys, service, request);
    var atRest =
        new AtRest(
            controlPlane,
            request,
            live,
            configured,
            copied,
            found,
            found,
            Readers.of(
                planning.objects(),
                Component.API_SERVER,
                names.apiServer(),
                EncryptionRenderer.annotations(found)),
            planning.observed().rewriting(),
            service,
            planning.observed().workload().flatMap(HostedCluster::kms));
    return atRest.as(
        // Who comes back with a backup may need what was retired since, and retires it again later.
        planning.restoring().fence().isPresent()
            ? found.withRetired()
            : atRest.next(planning.observed().at()));
  }

  private static KeyRing found(
      ControlPlane controlPlane,
      KeyRing keys,
      Optional<Cipher.Kms> service,
      Optional<String> request) {
    var wanted = EncryptionRenderer.wanted(controlPlane);
    if (!keys.keys().isEmpty()) {
      return keys.with(wanted).wanting(service);
    }
    if (EncryptionRenderer.isGiven(controlPlane)) {
      return KeyRing.EMPTY;
    }
    return wanted.isEmpty() || service.isEmpty()
        ? keys.with(wanted)
        : KeyRing.first(service.get()).with(wanted).with(RotationRecord.of(request));
  }

  private AtRest as(KeyRing wanted) {
    return new AtRest(
        controlPlane,
        request,
        live,
        configured,
        copied,
        found,
        wanted,
        readers,
        rewriting,
        service,
        health);
  }

  /** One step of a rotation at most: the next one is planned from what this one has brought. */
  private KeyRing next(Instant now) {
    if (found.keys().isEmpty()) {
      return found;
    }
    if (!found.outdated().isEmpty()) {
      return found
          .unknown()
          .map(found::knowing)
          .orElseGet(() -> isRewritten() ? found.retire() : found);
    }
    var rotation = found.rotation();
    if (!isAnotherWanted(found)) {
      if (!rotation.isAsked(request)) {
        return rotation.started().isPresent() ? found.with(rotation.ended()) : found;
      }
      if (rotation.started().isEmpty()) {
        return found.with(rotation.begun(now));
      }
      return isRewritten() ? found.with(rotation.met(request).ended()) : found;
    }
    var spare = found.spare().filter(number -> isWanted(found.keys().get(number)));
    if (spare.isEmpty()) {
      return service.map(wanted -> found.adding(nextNumber(), wanted)).orElse(found);
    }
    if (!found.order().next().equals(spare)) {
      // What was known before that one is forgotten: no data are left of it.
      return found
          .with(KeyOrder.of(found.order().first()).with(spare.get()))
          .with(rotation.begun(now));
    }
    if (rotation.started().isEmpty()) {
      return found.with(rotation.begun(now));
    }
    return isKnown()
        ? found
            .with(found.order().using(spare.get()))
            .with(rotation.met(request.or(rotation::answered)))
        : found;
  }

  /** Whether another key, or service, than the one in use is to be used. */
  private boolean isAnotherWanted(KeyRing keys) {
    return keys.current()
        .map(current ->
            !isWanted(current)
                || (current instanceof Cipher.Key && keys.rotation().isAsked(request)))
        .orElse(false);
  }

  /** Whether a key is of the kind that the spec wants, or the service. */
  private boolean isWanted(@Nullable Cipher key) {
    return switch (key) {
      case null -> false;
      case Cipher.Key _ -> service.isEmpty();
      case Cipher.Kms kms ->
          service.filter(wanted -> KeyRing.isService(kms, wanted.name())).isPresent();
    };
  }

  /** Whether everything is to be written again though the service in use stays. */
  private boolean isWrittenAgain(KeyRing keys) {
    return !isAnotherWanted(keys)
        && keys.current().filter(Cipher.Kms.class::isInstance).isPresent()
        && keys.rotation().isAsked(request)
        && keys.rotation().started().isPresent();
  }

  /** A number that no key has, nor had as far as that is known. */
  int nextNumber() {
    return Stream.of(found, configured, copied)
            .flatMap(keys -> Stream.of(keys.keys(), keys.retired()))
            .flatMap(keys -> keys.keySet().stream())
            .mapToInt(Integer::intValue)
            .max()
            .orElse(0)
        + 1;
  }

  /** Copies of all keys, to be kept beside those of the root keys; none while there is no key. */
  public Map<String, String> copies() {
    return ring.keys().isEmpty() ? Map.of() : ring.write(KeyRing.COPY);
  }

  /**
   * What API servers that are started now can read, and by which key they write; empty if they read
   * and write data as they are. Until the Secret has a configuration they wait for it. Later they
   * may be given the old one still, so they are not said to know more than that.
   */
  public Optional<KeyRing> readable() {
    if (ring.resources().isEmpty()) {
      return Optional.empty();
    }
    if (!isConfigured()) {
      return Optional.of(ring.keys().isEmpty() ? KeyRing.first("").with(ring.resources()) : ring);
    }
    return Optional.of(
        ring.only(configured.resources()).with(configured.order()).withServices(configured));
  }

  /** Whether a key is wanted and there never was one. */
  boolean isKeyMissing() {
    return !ring.resources().isEmpty() && ring.keys().isEmpty();
  }

  /** Whether all keys and resources may be used. */
  boolean isCopied() {
    return copied.has(ring);
  }

  /** Whether another key is to be made. */
  boolean isAnotherKeyWanted() {
    return !ring.keys().isEmpty()
        && ring.outdated().isEmpty()
        && service.isEmpty()
        && isAnotherWanted(ring)
        && ring.spare().isEmpty()
        && isCopied();
  }

  /** Whether everything is to be written again: it was encrypted by a key that shall go. */
  boolean isRewriteWanted() {
    return (!ring.outdated().isEmpty() || isWrittenAgain(ring))
        && (isKnown() || rewriting.filter(now -> now.run().equals(run())).isPresent());
  }

  /** What everything is written again for: the key in use, and what of. */
  String run() {
    return run(ring);
  }

  private String run(KeyRing keys) {
    return "%d %s%s"
        .formatted(
            keys.order().first(),
            String.join(",", keys.resources()),
            isWrittenAgain(keys) ? " " + request.orElseThrow() : "");
  }

  private boolean isRewritten() {
    return isKnown()
        && rewriting.filter(now -> now.done() && now.run().equals(run(found))).isPresent();
  }

  /** Whether all API servers have all that is found. */
  private boolean isKnown() {
    return copied.has(found) && isConfigured() && configured.has(found) && readers.complete();
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
    boolean all = informed() == readers.total() && isProven(before);
    var may = new TreeSet<String>();
    wanted().stream().filter(resource -> before.contains(resource) || all).forEach(may::add);
    return Collections.unmodifiableSortedSet(may);
  }

  /**
   * Whether what is in use is known to work. A cluster that runs without encryption does not begin
   * with a service that nobody has reached; a new one has nothing to lose.
   */
  private boolean isProven(SortedSet<String> before) {
    return !before.isEmpty()
        || !isConfigured()
        || ring.current().filter(Cipher.Kms.class::isInstance).isEmpty()
        || health.filter(KmsHealth::works).isPresent();
  }

  /** What is used, in words; empty if that is a key of the controller. */
  Optional<String> inUse() {
    return ring.current()
        .filter(Cipher.Kms.class::isInstance)
        .map(Cipher.Kms.class::cast)
        .map(kms -> "KMS " + kms.name());
  }

  /** Services that API servers are given, by number. */
  SortedMap<Integer, Cipher.Kms> services() {
    return readable().map(KeyRing::services).orElseGet(Collections::emptySortedMap);
  }

  /** URLs of the servers that plugins call. */
  public List<String> servers() {
    return services().values().stream()
        .map(kms -> kms.settings().plugin())
        .flatMap(plugin -> Lists.orEmpty(plugin.servers()).stream())
        .distinct()
        .sorted()
        .toList();
  }

  /** Whether data are still encrypted by something else than what the spec wants. */
  boolean isChangeAhead() {
    return !ring.keys().isEmpty() && !ring.current().map(this::isWanted).orElse(false);
  }

  /** The number of API servers that can read all that shall be encrypted. */
  int informed() {
    return isConfigured() && !configured.has(ring) ? 0 : readers.informed();
  }

  /** The number of API servers that may be serving. */
  int apiServers() {
    return readers.total();
  }

  /** How far the rotation of the key is; empty if none was ever requested. */
  public Optional<Progress> progress() {
    var rotation = ring.rotation();
    if (EncryptionRenderer.isGiven(controlPlane) && ring.keys().isEmpty()) {
      return request.map(asked ->
          waiting(
              Phase.PREPARE,
              "a key of the controller: what is encrypted is said by deployment.apiServer.args[%s]; take that flag away, or remove spec.rotation.encryptionKey"
                  .formatted(EncryptionRenderer.FLAG)));
    }
    if (ring.keys().isEmpty()) {
      return Optional.empty();
    }
    if (!ring.outdated().isEmpty()) {
      return Optional.of(waiting(Phase.SWITCH, isKnown() ? rewritten() : told("write by it")));
    }
    if (isLeftOver()) {
      return Optional.of(waiting(Phase.RETIRE, "the old key to be gone from where it is used"));
    }
    if (isWrittenAgain(ring)) {
      return Optional.of(waiting(Phase.SWITCH, isKnown() ? rewritten() : told("know it")));
    }
    if (rotation.isAsked(request) || isAnotherWanted(ring)) {
      return Optional.of(
          waiting(
              Phase.PREPARE, ring.spare().isEmpty() ? "the new key to be made" : told("know it")));
    }
    return rotation
        .answered()
        .map(answered -> Progress.completed(Credential.ENCRYPTION_KEY, Optional.of(answered)));
  }

  /** Entries of the Secret that have had their time. */
  SortedSet<String> leftOver() {
    var left = new TreeSet<String>();
    if (isCopied() && configured.has(ring)) {
      var wanted = ring.write("").keySet();
      live.keySet().stream()
          .filter(KeyRing::isEntry)
          .filter(name -> !wanted.contains(name))
          .forEach(left::add);
    }
    return left;
  }

  /** Whether a key is somewhere still of which there is no use any more. */
  private boolean isLeftOver() {
    var there = new TreeSet<>(copied.keys().keySet());
    there.addAll(configured.keys().keySet());
    return there.stream().anyMatch(number -> ring.retired().containsKey(number));
  }

  private String told(String what) {
    return "all API servers to %s, which %d of %d do"
        .formatted(
            what,
            copied.has(ring) && configured.has(ring) ? readers.informed() : 0,
            readers.total());
  }

  private String rewritten() {
    return "everything to be written again: %s%s"
        .formatted(
            String.join(", ", ring.resources()),
            rewriting.filter(known -> known.run().equals(run())).map(AtRest::describe).orElse(""));
  }

  private static String describe(Rewriting now) {
    return now.objects() == 0 && now.problem().isEmpty()
        ? "; it begins at %s, when no API server can encrypt by another key any more"
            .formatted(now.begins())
        : "; %d objects so far%s"
            .formatted(
                now.objects(), now.problem().map("; it is tried again: %s"::formatted).orElse(""));
  }

  private Progress waiting(Phase phase, String waitingFor) {
    return Progress.waiting(
        Credential.ENCRYPTION_KEY,
        phase,
        phase == Phase.PREPARE || isWrittenAgain(ring) ? request : ring.rotation().answered(),
        ring.rotation().started(),
        waitingFor);
  }

  private boolean isConfigured() {
    return live.containsKey(EncryptionRenderer.FILE);
  }

  /** Without the keys. */
  @Override
  public String toString() {
    return "AtRest[%s]".formatted(ring);
  }
}
