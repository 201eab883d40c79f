package dev.hcp.controller.pki;

import dev.hcp.api.v1alpha1.GoDuration;
import dev.hcp.api.v1alpha1.Rotation;
import dev.hcp.controller.plan.Planning;
import dev.hcp.controller.plan.Progress;
import dev.hcp.controller.plan.Progress.Credential;
import dev.hcp.controller.plan.Progress.Phase;
import dev.hcp.controller.plan.Readers;
import dev.hcp.naming.Component;
import dev.hcp.render.pki.SigningKeys;
import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.Map;
import java.util.Optional;
import java.util.SortedSet;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;

/**
 * What is known of the keys by which tokens of service accounts are signed, and what follows.
 *
 * <p>A token is accepted by API servers that know the key by which it was signed. So another key is
 * made known first: pods of API servers are replaced. Once each of them was started with it, API
 * servers and controller-managers are replaced again, to sign by it. The old one is trusted for as
 * long as the spec says, from when nobody signs by it any more; then API servers are replaced once
 * more.
 *
 * @param request the request for a rotation
 * @param retention how long tokens that were signed by an old key stay valid
 * @param live data of the Secret; empty if there is none
 * @param copied keys of which there are copies
 * @param found all keys that there are
 * @param ring the same as they shall be
 * @param trusting API servers that trust and use the keys that are found
 * @param signing controller-managers that use them
 * @param now when this was observed
 */
public record Signing(
    Optional<String> request,
    Duration retention,
    Map<String, String> live,
    SigningKeys copied,
    SigningKeys found,
    SigningKeys ring,
    Readers trusting,
    Readers signing,
    Instant now) {
  /** What the names of the copies begin with. */
  static final String COPY = "sa";

  /** The longest that API servers let a token of a pod live, and a day. */
  private static final Duration DEFAULT_RETENTION = Duration.ofDays(366);

  /** More keys than this are not trusted at a time. */
  private static final int MOST_TRUSTED = 5;

  /** Copies the map. */
  public Signing {
    live = Map.copyOf(live);
  }

  /** What is known, and wanted. */
  public static Signing of(Planning planning) {
    var names = planning.controlPlane().names();
    var live = planning.objects().secretData(names.serviceAccountKeys());
    var copied = SigningKeys.readCopies(planning.objects().secretData(names.rootKeys()), COPY);
    var found = SigningKeys.of(SigningKeys.read(live), copied);
    var rotation = planning.controlPlane().spec().rotation();
    var signing =
        new Signing(
            Optional.ofNullable(rotation).flatMap(r -> Optional.ofNullable(r.serviceAccountKey())),
            retention(rotation),
            live,
            copied,
            found,
            found,
            Readers.of(
                planning.objects(),
                Component.API_SERVER,
                names.apiServer(),
                found.files().trustedBy()),
            Readers.of(
                planning.objects(),
                Component.CONTROLLER_MANAGER,
                names.controllerManager(),
                found.files().signedBy()),
            planning.observed().at());
    return signing.as(signing.next());
  }

  private Signing as(SigningKeys wanted) {
    return new Signing(request, retention, live, copied, found, wanted, trusting, signing, now);
  }

  /** One step of a rotation at most: the next one is planned from what this one has brought. */
  private SigningKeys next() {
    if (found.pairs().isEmpty()) {
      return found;
    }
    var order = found.order();
    var rotation = found.rotation();
    if (!order.older().isEmpty()) {
      if (found.since().isEmpty() && isUsed()) {
        return found.since(Optional.of(now));
      }
      if (isOver()) {
        return found.retire();
      }
    }
    if (!rotation.isAsked(request)) {
      boolean over =
          rotation.started().isPresent()
              && (order.next().isPresent() || (order.older().isEmpty() && isTrusted()));
      return over ? found.with(rotation.ended()) : found;
    }
    var spare = found.spare();
    if (spare.isEmpty()) {
      return found;
    }
    if (!order.next().equals(spare)) {
      return order.numbers().size() < MOST_TRUSTED
          ? found.with(order.with(spare.get())).with(rotation.begun(now))
          : found;
    }
    if (rotation.started().isEmpty()) {
      return found.with(rotation.begun(now));
    }
    return isTrusted()
        ? found.with(order.using(spare.get())).with(rotation.met(request)).since(Optional.empty())
        : found;
  }

  /** Copies of the keys, to be kept beside those of the roots; none while there is no key. */
  Map<String, String> copies() {
    return ring.writeCopies(COPY);
  }

  /** What pods are given: what is copied, so that it cannot be lost before they start. */
  public SigningKeys.Files files() {
    return found.files();
  }

  /** Whether there never was a key. */
  boolean isMissing() {
    return ring.pairs().isEmpty();
  }

  /**
   * Data of the Secret as they shall be; empty if they may stay as they are. What was made by
   * Cluster API, or by a predecessor, is not written again unless it is lost.
   */
  Optional<Map<String, String>> wanted() {
    if (isMissing() || (!isCopied() && !copied.pairs().isEmpty())) {
      return Optional.empty();
    }
    var wanted = ring.write();
    boolean rotated = wanted.keySet().stream().anyMatch(SigningKeys::isEntry);
    boolean lost =
        !copied.pairs().isEmpty() && !ring.signing().privateKey().equals(live.get("tls.key"));
    return (rotated && isCopied()) || lost ? Optional.of(wanted) : Optional.empty();
  }

  /** Whether another key is to be made. */
  boolean isAnotherKeyWanted() {
    return !isMissing()
        && ring.rotation().isAsked(request)
        && ring.spare().isEmpty()
        && ring.order().numbers().size() < MOST_TRUSTED
        && isCopied();
  }

  /** Entries of the Secret that have had their time. */
  SortedSet<String> leftOver() {
    var left = new TreeSet<String>();
    if (isWritten() && trusting.complete() && signing.complete()) {
      var wanted = ring.write().keySet();
      live.keySet().stream()
          .filter(SigningKeys::isEntry)
          .filter(name -> !wanted.contains(name))
          .forEach(left::add);
    }
    return left;
  }

  /** When something is to be done though nothing changes; empty if never. */
  public Optional<Instant> due() {
    return ring.order().older().isEmpty()
        ? Optional.empty()
        : ring.since().map(time -> time.plus(retention));
  }

  /** How far the rotation of the key is; empty if none was ever requested. */
  public Optional<Progress> progress() {
    if (isMissing()) {
      return Optional.empty();
    }
    if (ring.rotation().isAsked(request)) {
      return Optional.of(waiting(Phase.PREPARE, request, preparation()));
    }
    var answered = ring.rotation().answered();
    var older = ring.order().older();
    if (answered.isEmpty() || (older.isEmpty() && ring.order().next().isPresent())) {
      return answered.map(
          met -> Progress.completed(Credential.SERVICE_ACCOUNT_KEY, Optional.of(met)));
    }
    if (!older.isEmpty() && ring.since().isEmpty()) {
      return Optional.of(
          waiting(
              Phase.SWITCH,
              answered,
              "all API servers and controller-managers to sign by it, which %d of %d and %d of %d do"
                  .formatted(
                      informed(trusting), trusting.total(), informed(signing), signing.total())));
    }
    if (!older.isEmpty()) {
      return Optional.of(
          waiting(
              Phase.RETIRE,
              answered,
              "tokens of the old key to expire: it is trusted until %s, or until spec.rotation.serviceAccountKeyRetention is shorter"
                  .formatted(
                      due()
                          .map(time -> time.truncatedTo(ChronoUnit.SECONDS).toString())
                          .orElse("then"))));
    }
    return ring.rotation().started().isPresent()
        ? Optional.of(
            waiting(
                Phase.RETIRE,
                answered,
                "all API servers to trust the old key no more, which %d of %d do"
                    .formatted(informed(trusting), trusting.total())))
        : Optional.of(Progress.completed(Credential.SERVICE_ACCOUNT_KEY, answered));
  }

  private String preparation() {
    if (ring.order().numbers().size() >= MOST_TRUSTED && ring.order().next().isEmpty()) {
      return "an old key to go: %d are trusted, which are the most at a time; the next one goes at %s, or when spec.rotation.serviceAccountKeyRetention is shorter"
          .formatted(MOST_TRUSTED, due().map(Instant::toString).orElse("a time not known yet"));
    }
    return ring.spare().isEmpty()
        ? "the new key to be made"
        : "all API servers to trust it, which %d of %d do"
            .formatted(informed(trusting), trusting.total());
  }

  private int informed(Readers readers) {
    return ring.order().equals(found.order()) && isWritten() ? readers.informed() : 0;
  }

  private Progress waiting(Phase phase, Optional<String> asked, String waitingFor) {
    return Progress.waiting(
        Credential.SERVICE_ACCOUNT_KEY, phase, asked, ring.rotation().started(), waitingFor);
  }

  /** Whether the old keys have had their time. */
  private boolean isOver() {
    return found.since().filter(time -> !now.isBefore(time.plus(retention))).isPresent();
  }

  /** Whether all API servers were started with the keys that are found. */
  private boolean isTrusted() {
    return copied.equals(found) && trusting.complete();
  }

  /** Whether nobody signs by an older key any more. */
  private boolean isUsed() {
    return isTrusted() && signing.complete();
  }

  private boolean isCopied() {
    return copied.equals(ring);
  }

  private boolean isWritten() {
    return isCopied() && live.entrySet().containsAll(ring.write().entrySet());
  }

  private static Duration retention(@Nullable Rotation rotation) {
    return rotation == null || rotation.serviceAccountKeyRetention() == null
        ? DEFAULT_RETENTION
        : GoDuration.parse(rotation.serviceAccountKeyRetention());
  }

  /** Without the keys. */
  @Override
  public String toString() {
    return "Signing[%s]".formatted(ring);
  }
}
