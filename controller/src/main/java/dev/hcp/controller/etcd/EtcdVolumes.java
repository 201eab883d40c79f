package dev.hcp.controller.etcd;

import dev.hcp.api.v1alpha1.EtcdComponent;
import dev.hcp.controller.plan.Action;
import dev.hcp.controller.plan.Planning;
import dev.hcp.render.etcd.EtcdRenderer;
import dev.hcp.render.etcd.Membership;
import io.fabric8.kubernetes.api.model.PersistentVolumeClaim;
import io.fabric8.kubernetes.api.model.PersistentVolumeClaimCondition;
import io.fabric8.kubernetes.api.model.Quantity;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * How the data volumes grow: by what their claims ask for, since the template of a StatefulSet
 * cannot be changed. That is only ever raised.
 *
 * <p>The next size follows from the size that volumes really have, so a step is taken once, however
 * long a volume needs for it.
 *
 * @param actions what to raise
 * @param problem why volumes are smaller than they should be; empty if they are not, or will not be
 *     for long
 */
record EtcdVolumes(List<Action> actions, Optional<String> problem) {
  /** Size up to which volumes grow unless the user set another. */
  static final Quantity DEFAULT_MAXIMUM = new Quantity("16Gi");

  private static final String STORAGE = "storage";
  private static final long GIBIBYTE = 1L << 30;
  private static final long MEBIBYTE = 1L << 20;

  /** Copies the list. */
  EtcdVolumes {
    actions = List.copyOf(actions);
  }

  /**
   * What to do now.
   *
   * @param filling whether the quota that the volumes allow is nearly used up
   */
  static EtcdVolumes of(Planning planning, boolean filling) {
    var claims = claims(planning);
    var fixed = fixedSize(planning.controlPlane().etcd());
    var wanted = fixed.or(() -> grown(planning, claims, filling));
    var actions = new ArrayList<Action>();
    var refused = new ArrayList<PersistentVolumeClaim>();
    if (wanted.isPresent()) {
      for (var claim : claims) {
        if (!isBound(claim) || requested(claim) >= bytes(wanted.get())) {
          continue;
        }
        if (planning.observed().expandableClasses().contains(storageClass(claim))) {
          actions.add(new Action.EnlargeVolume(claim, wanted.get()));
        } else {
          refused.add(claim);
        }
      }
    }
    var problem =
        refused(refused, wanted)
            .or(() -> failed(claims))
            .or(() ->
                filling && actions.isEmpty() && claims.stream().noneMatch(EtcdVolumes::isGrowing)
                    ? limit(planning, fixed)
                    : Optional.empty());
    return new EtcdVolumes(
        actions,
        filling ? problem.map("the database has nearly used up its quota, and "::concat) : problem);
  }

  /** Bytes of the smallest data volume; empty unless all are there. */
  static OptionalLong capacity(Planning planning) {
    var sizes = claims(planning).stream().flatMap(claim -> provided(claim).stream()).toList();
    return sizes.size() < recorded(planning).members()
        ? OptionalLong.empty()
        : sizes.stream().mapToLong(EtcdVolumes::bytes).min();
  }

  /** Size of the smallest of the data volumes that are there. */
  static Optional<Quantity> smallest(Planning planning) {
    return claims(planning).stream()
        .flatMap(claim -> provided(claim).stream())
        .min(Comparator.comparingLong(EtcdVolumes::bytes));
  }

  static long bytes(Quantity size) {
    return size.getNumericalAmount().longValue();
  }

  /** The size after a step: half as much again, but at least 1 GiB more, in whole GiB. */
  static long next(long capacity) {
    if (capacity > Long.MAX_VALUE / 2) {
      return Long.MAX_VALUE;
    }
    long size = capacity + Math.max(capacity / 2, GIBIBYTE);
    return Math.ceilDiv(size, GIBIBYTE) * GIBIBYTE;
  }

  private static Optional<Quantity> fixedSize(@Nullable EtcdComponent settings) {
    return settings == null || !Boolean.FALSE.equals(settings.autoGrow())
        ? Optional.empty()
        : Optional.ofNullable(settings.volumeSize());
  }

  /** The size that all volumes shall have, which is no less than the largest claim asks for. */
  private static Optional<Quantity> grown(
      Planning planning, List<PersistentVolumeClaim> claims, boolean filling) {
    var largest =
        claims.stream()
            .flatMap(claim -> request(claim).stream())
            .max(Comparator.comparingLong(EtcdVolumes::bytes));
    var capacity = capacity(planning);
    long most = bytes(maximum(planning));
    if (!filling || capacity.isEmpty() || capacity.getAsLong() >= most) {
      return largest;
    }
    long step = Math.min(next(capacity.getAsLong()), most);
    return largest.filter(size -> bytes(size) >= step).or(() -> Optional.of(quantity(step)));
  }

  private static Quantity maximum(Planning planning) {
    var settings = planning.controlPlane().etcd();
    return settings == null
        ? DEFAULT_MAXIMUM
        : Objects.requireNonNullElse(settings.maxVolumeSize(), DEFAULT_MAXIMUM);
  }

  private static Optional<String> refused(
      List<PersistentVolumeClaim> refused, Optional<Quantity> wanted) {
    if (refused.isEmpty()) {
      return Optional.empty();
    }
    var names = names(refused);
    var classes =
        refused.stream()
            .map(EtcdVolumes::storageClass)
            .distinct()
            .map(name -> name.isEmpty() ? "no StorageClass" : "StorageClass " + name)
            .collect(Collectors.joining(", "));
    return Optional.of(
        "the volumes of %s cannot be enlarged to %s: they have %s, and only a class with allowVolumeExpansion allows that"
            .formatted(names, wanted.map(Quantity::toString).orElse("more"), classes));
  }

  /** What those say that enlarge volumes. */
  private static Optional<String> failed(List<PersistentVolumeClaim> claims) {
    return claims.stream()
        .filter(EtcdVolumes::isInfeasible)
        .findFirst()
        .map(claim ->
            "the volume of %s cannot be enlarged to %s: %s"
                .formatted(
                    claim.getMetadata().getName(),
                    request(claim).map(Quantity::toString).orElse("more"),
                    claim.getStatus().getConditions().stream()
                        .filter(condition -> condition.getType().endsWith("ResizeError"))
                        .map(PersistentVolumeClaimCondition::getMessage)
                        .filter(Objects::nonNull)
                        .findFirst()
                        .orElse("the storage does not do it")));
  }

  private static Optional<String> limit(Planning planning, Optional<Quantity> fixed) {
    if (fixed.isPresent()) {
      return Optional.of(
          "the volumes do not grow by themselves: raise etcd.volumeSize, which is %s"
              .formatted(fixed.get()));
    }
    var most = maximum(planning);
    return capacity(planning).orElse(0) >= bytes(most)
        ? Optional.of("the volumes do not grow beyond %s: raise etcd.maxVolumeSize".formatted(most))
        : Optional.empty();
  }

  private static List<PersistentVolumeClaim> claims(Planning planning) {
    var controlPlane = planning.controlPlane();
    return recorded(planning)
        .ordinals()
        .mapToObj(i ->
            planning
                .objects()
                .get(PersistentVolumeClaim.class, EtcdRenderer.claim(controlPlane, i)))
        .flatMap(Optional::stream)
        .toList();
  }

  private static Membership recorded(Planning planning) {
    return EtcdMembership.recorded(planning.objects(), planning.controlPlane());
  }

  /** Only the size of a claim that has a volume can be changed. */
  private static boolean isBound(PersistentVolumeClaim claim) {
    return claim.getMetadata().getDeletionTimestamp() == null
        && claim.getStatus() != null
        && "Bound".equals(claim.getStatus().getPhase())
        && provided(claim).isPresent();
  }

  private static boolean isGrowing(PersistentVolumeClaim claim) {
    return provided(claim).filter(size -> bytes(size) >= requested(claim)).isEmpty();
  }

  private static boolean isInfeasible(PersistentVolumeClaim claim) {
    var status = claim.getStatus();
    var sizes = status == null ? null : status.getAllocatedResourceStatuses();
    var size = sizes == null ? null : sizes.get(STORAGE);
    return size != null && size.endsWith("Infeasible");
  }

  private static Optional<Quantity> provided(PersistentVolumeClaim claim) {
    var status = claim.getStatus();
    return status == null || status.getCapacity() == null
        ? Optional.empty()
        : Optional.ofNullable(status.getCapacity().get(STORAGE));
  }

  private static Optional<Quantity> request(PersistentVolumeClaim claim) {
    var spec = claim.getSpec();
    return spec == null || spec.getResources() == null || spec.getResources().getRequests() == null
        ? Optional.empty()
        : Optional.ofNullable(spec.getResources().getRequests().get(STORAGE));
  }

  private static long requested(PersistentVolumeClaim claim) {
    return request(claim).map(EtcdVolumes::bytes).orElse(0L);
  }

  /** Name of the class; empty if there is none. */
  private static String storageClass(PersistentVolumeClaim claim) {
    var spec = claim.getSpec();
    return spec == null ? "" : Objects.requireNonNullElse(spec.getStorageClassName(), "");
  }

  private static String names(List<PersistentVolumeClaim> claims) {
    return claims.stream()
        .map(claim -> claim.getMetadata().getName())
        .collect(Collectors.joining(", "));
  }

  private static Quantity quantity(long bytes) {
    if (bytes % GIBIBYTE == 0) {
      return new Quantity(Long.toString(bytes / GIBIBYTE), "Gi");
    }
    return bytes % MEBIBYTE == 0
        ? new Quantity(Long.toString(bytes / MEBIBYTE), "Mi")
        : new Quantity(Long.toString(bytes), "");
  }
}
