package dev.hcp.controller.etcd;

import dev.hcp.controller.plan.LiveObjects;
import dev.hcp.controller.plan.PodTrouble;
import dev.hcp.naming.Component;
import io.fabric8.kubernetes.api.model.ContainerState;
import io.fabric8.kubernetes.api.model.ContainerStateTerminated;
import io.fabric8.kubernetes.api.model.ContainerStatus;
import io.fabric8.kubernetes.api.model.Pod;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.TreeMap;
import java.util.stream.Stream;

/**
 * Why a member that does not run cannot start with the data that it has, by the last words of its
 * container. They are those of etcd 3.5 and 3.6. A member that ends with other words is taken to
 * have its data: nothing that cannot be undone is done to it.
 */
enum DataLoss {
  /** There are none. It was told of no members that it could join, or of others than there are. */
  NO_DATA,

  /** There are some that it cannot read. */
  UNREADABLE,

  /** They are those of a member that was removed, as which it ends by itself. */
  OF_REMOVED;

  private static final String CONTAINER = "etcd";

  /** What keeps a member from data that it may have, which can end with the same words. */
  private static final List<String> OBSTACLES =
      List.of(
          "no space left on device",
          "permission denied",
          "input/output error",
          "read-only file system");

  /** What is the matter with the member, as the end of a sentence. */
  String description() {
    return switch (this) {
      case NO_DATA -> "has no data";
      case UNREADABLE -> "cannot read its data";
      case OF_REMOVED -> "has the data of a removed member";
    };
  }

  private List<String> words() {
    return switch (this) {
      case NO_DATA ->
          List.of(
              "could not retrieve cluster information from the given URLs",
              "couldn't find local name",
              "error validating peerURLs",
              "has already been bootstrapped");
      case UNREADABLE ->
          List.of(
              "cannot be repaired",
              "cannot use none as id",
              "crc mismatch",
              "storage/backend.newBackend(",
              "Was the raft log corrupted, truncated, or lost?",
              "wal: file not found",
              "wal: slice bounds out of range",
              "failed to find database snapshot file",
              "invalid database");
      // When it learns of it while it starts, it ends before it listens.
      case OF_REMOVED -> List.of("permanently removed from the cluster", "server is stopping");
    };
  }

  /** The members of a control plane that cannot start, by name, and why. */
  static Map<String, DataLoss> all(LiveObjects objects) {
    var all = new TreeMap<String, DataLoss>();
    for (var pod : PodTrouble.pods(objects, Component.ETCD)) {
      of(pod).ifPresent(loss -> all.put(pod.getMetadata().getName(), loss));
    }
    return all;
  }

  /** Why the member of a pod cannot start; empty if it runs, or it is not known why not. */
  static Optional<DataLoss> of(Pod pod) {
    return container(pod).flatMap(DataLoss::end).flatMap(DataLoss::of);
  }

  /** How often the container of a pod has been started again. */
  static int restarts(Pod pod) {
    return container(pod)
        .map(container -> Objects.requireNonNullElse(container.getRestartCount(), 0))
        .orElse(0);
  }

  /** Whether the container of a pod runs. */
  static boolean runs(Pod pod) {
    return container(pod).filter(DataLoss::runs).isPresent();
  }

  private static boolean runs(ContainerStatus container) {
    return container.getState() != null && container.getState().getRunning() != null;
  }

  private static Optional<ContainerStatus> container(Pod pod) {
    return pod.getStatus() == null || pod.getStatus().getContainerStatuses() == null
        ? Optional.empty()
        : pod.getStatus().getContainerStatuses().stream()
            .filter(container -> container.getName().equals(CONTAINER))
            .findFirst();
  }

  /** How the container ended last, unless it runs again. */
  private static Optional<ContainerStateTerminated> end(ContainerStatus container) {
    return runs(container)
        ? Optional.empty()
        : Stream.of(container.getState(), container.getLastState())
            .filter(Objects::nonNull)
            .map(ContainerState::getTerminated)
            .filter(Objects::nonNull)
            .findFirst();
  }

  private static Optional<DataLoss> of(ContainerStateTerminated end) {
    if (Integer.valueOf(0).equals(end.getExitCode())) {
      // A member that learns that it was removed ends as if it had been asked to.
      return Optional.of(OF_REMOVED);
    }
    var message = Objects.requireNonNullElse(end.getMessage(), "");
    return OBSTACLES.stream().anyMatch(message::contains)
        ? Optional.empty()
        : Stream.of(values())
            .filter(loss -> loss.words().stream().anyMatch(message::contains))
            .findFirst();
  }
}
