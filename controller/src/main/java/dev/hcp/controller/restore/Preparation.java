package dev.hcp.controller.restore;

import dev.hcp.conditions.Reason;
import dev.hcp.controller.backup.RestorePods;
import dev.hcp.controller.plan.LiveObjects;
import dev.hcp.controller.plan.RestoreEnd;
import dev.hcp.model.ControlPlane;
import dev.hcp.naming.Labels;
import dev.hcp.render.etcd.EtcdRenderer;
import dev.hcp.render.etcd.Membership;
import dev.hcp.render.etcd.Restoration;
import io.fabric8.kubernetes.api.model.HasMetadata;
import io.fabric8.kubernetes.api.model.PersistentVolumeClaim;
import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.api.model.Secret;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.SplittableRandom;

/**
 * What there is of the preparation of a restoration: the pod that fetches and restores the backup,
 * and the claim of the volume on which it does so.
 *
 * @param ordinal ordinal of the member whose volume that is
 * @param pod the pod, of whichever restoration
 * @param claim the claim, of whichever restoration
 * @param secret the Secret by which the pod gets at the store
 */
record Preparation(
    int ordinal,
    Optional<Pod> pod,
    Optional<PersistentVolumeClaim> claim,
    Optional<Secret> secret) {
  private static final Duration FIRST_RETRY = Duration.ofSeconds(10);
  private static final Duration LONGEST_RETRY = Duration.ofMinutes(10);
  private static final int MOST_DOUBLINGS = 10;

  /** What another attempt will not change. */
  private static final Set<Reason> HOPELESS =
      Set.of(
          Reason.BACKUP_NOT_FOUND,
          Reason.ETCD_TOO_OLD,
          Reason.BACKUP_TOO_LARGE,
          Reason.ENCRYPTION_KEY_DIFFERS);

  /** What another attempt may change, if it was a fault on the way. */
  private static final Set<Reason> DOUBTFUL =
      Set.of(Reason.BACKUP_DAMAGED, Reason.BACKUP_NOT_RESTORABLE);

  private static final int ENOUGH_ATTEMPTS = 3;

  /** What there is; the volume is the first of those that no member has now. */
  static Preparation of(LiveObjects objects, ControlPlane controlPlane, Membership membership) {
    var names = controlPlane.names();
    int ordinal =
        membership
            .restoration()
            .filter(current -> current.stage() != Restoration.Stage.FENCED)
            .map(_ -> membership.first())
            .orElse(Restoration.otherFirst(membership.first()));
    return new Preparation(
        ordinal,
        objects.get(Pod.class, names.restore()),
        objects.get(PersistentVolumeClaim.class, EtcdRenderer.claim(controlPlane, ordinal)),
        objects.get(Secret.class, names.restore()));
  }

  /** How the pod of a restoration has ended; empty while it has not, or is another's. */
  Optional<RestoreEnd> end(String uid) {
    return own(uid).flatMap(RestorePods::end);
  }

  /** The pod, if it is that of a restoration. */
  Optional<Pod> own(String uid) {
    return pod.filter(live -> isOf(live, uid));
  }

  /** Which attempt the pod is; 0 if there is none of ours. */
  int attempt(String uid) {
    var text =
        own(uid)
            .map(live -> annotations(live).getOrDefault(Labels.RESTORE_ATTEMPT_ANNOTATION, ""))
            .orElse("");
    return text.matches("[0-9]{1,6}") ? Integer.parseInt(text) : 0;
  }

  /** What another restoration has left, which has to go first. */
  List<HasMetadata> strange(String uid) {
    var strange = new ArrayList<HasMetadata>();
    pod.filter(live -> !isOf(live, uid)).ifPresent(strange::add);
    claim.filter(live -> !isOf(live, uid)).ifPresent(strange::add);
    return undeleted(strange);
  }

  /** Whether nothing of another restoration is left. */
  boolean isClear(String uid) {
    return pod.filter(live -> !isOf(live, uid)).isEmpty()
        && claim
            .filter(live -> !isOf(live, uid) || live.getMetadata().getDeletionTimestamp() != null)
            .isEmpty();
  }

  /** The pod and the Secret, if they are not being deleted. */
  List<HasMetadata> tools() {
    var tools = new ArrayList<HasMetadata>();
    pod.ifPresent(tools::add);
    secret.ifPresent(tools::add);
    return undeleted(tools);
  }

  /** All of it that is not being deleted. A claim that restores nothing is not ours. */
  List<HasMetadata> everything() {
    var all = new ArrayList<>(tools());
    claim
        .filter(live -> annotations(live).containsKey(Labels.RESTORE_ANNOTATION))
        .ifPresent(all::add);
    return undeleted(all);
  }

  /** The pod that has failed, and the volume on which it did. */
  List<HasMetadata> failed() {
    var failed = new ArrayList<HasMetadata>();
    pod.ifPresent(failed::add);
    claim.ifPresent(failed::add);
    return undeleted(failed);
  }

  /** When there will be another attempt after a failure; empty if there is none to be. */
  Optional<Instant> again(String uid, RestoreEnd.Failure failure) {
    int attempt = attempt(uid);
    if (HOPELESS.contains(failure.reason())
        || (DOUBTFUL.contains(failure.reason()) && attempt >= ENOUGH_ATTEMPTS)) {
      return Optional.empty();
    }
    return Optional.of(
        own(uid).map(RestorePods::time).orElse(Instant.EPOCH).plus(delay(uid, attempt)));
  }

  /** Longer with each attempt; a fifth of it differs, so that many do not come at once. */
  private static Duration delay(String uid, int attempt) {
    long longest =
        Math.min(
            FIRST_RETRY.toMillis() << Math.clamp(attempt - 1, 0, MOST_DOUBLINGS),
            LONGEST_RETRY.toMillis());
    var random = new SplittableRandom(uid.hashCode() + (long) attempt);
    return Duration.ofMillis(longest - random.nextLong(longest / 5));
  }

  private static boolean isOf(HasMetadata object, String uid) {
    return uid.equals(annotations(object).get(Labels.RESTORE_ANNOTATION));
  }

  private static List<HasMetadata> undeleted(List<HasMetadata> objects) {
    return objects.stream()
        .filter(object -> object.getMetadata().getDeletionTimestamp() == null)
        .toList();
  }

  private static Map<String, String> annotations(HasMetadata object) {
    return Objects.requireNonNullElse(object.getMetadata().getAnnotations(), Map.of());
  }
}
