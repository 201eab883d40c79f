package dev.hcp.controller.plan;

import dev.hcp.naming.Component;
import dev.hcp.naming.Labels;
import io.fabric8.kubernetes.api.model.ContainerState;
import io.fabric8.kubernetes.api.model.ContainerStatus;
import io.fabric8.kubernetes.api.model.Pod;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.function.Predicate;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/** Why pods do not work, in a sentence for people. */
public final class PodTrouble {
  /** Waiting reasons that pass by themselves. */
  private static final Set<String> HARMLESS = Set.of("ContainerCreating", "PodInitializing");

  private static final int LONGEST_END = 500;

  /** After so many restarts a container is one that ends again and again. */
  private static final int REPEATED = 2;

  private PodTrouble() {}

  /**
   * What hinders the pods of a component, worst first; empty if nothing that a person should look
   * at.
   */
  public static Optional<String> describe(LiveObjects objects, Component component) {
    return describe(pods(objects, component));
  }

  /** What hinders these pods. */
  public static Optional<String> describe(List<Pod> pods) {
    return Stream.of(
            failures(pods),
            pods.stream().flatMap(pod -> unschedulable(pod).stream()),
            pods.stream().flatMap(pod -> containers(pod).flatMap(c -> starting(pod, c).stream())))
        .flatMap(s -> s)
        .findFirst();
  }

  /**
   * Why these pods do not start: an image that cannot be had, a container that ends again and
   * again; empty if there is nothing but to wait.
   */
  static Optional<String> failure(List<Pod> pods) {
    return failures(pods).findFirst();
  }

  /** The same of those of their containers of which the name is meant. */
  public static Optional<String> failure(List<Pod> pods, Predicate<String> container) {
    return failures(pods, container).findFirst();
  }

  /** Why these pods do not start, or find no node; empty if there is nothing but to wait. */
  static Optional<String> hindrance(List<Pod> pods) {
    return Stream.concat(failures(pods), pods.stream().flatMap(pod -> unschedulable(pod).stream()))
        .findFirst();
  }

  private static Stream<String> failures(List<Pod> pods) {
    return failures(pods, _ -> true);
  }

  private static Stream<String> failures(List<Pod> pods, Predicate<String> container) {
    return pods.stream()
        .flatMap(pod ->
            containers(pod)
                .filter(c -> container.test(c.getName()))
                .flatMap(c -> waiting(pod, c).or(() -> ended(pod, c)).stream()));
  }

  /** The pods of a component that are not being deleted. */
  public static List<Pod> pods(LiveObjects objects, Component component) {
    return objects.all(Pod.class).stream()
        .filter(
            pod -> component.label().equals(pod.getMetadata().getLabels().get(Labels.COMPONENT)))
        .filter(pod -> pod.getMetadata().getDeletionTimestamp() == null)
        .toList();
  }

  /** Whether a pod is ready. */
  public static boolean isReady(Pod pod) {
    return pod.getStatus() != null
        && pod.getStatus().getConditions() != null
        && pod.getStatus().getConditions().stream()
            .anyMatch(c -> "Ready".equals(c.getType()) && "True".equals(c.getStatus()));
  }

  /** Whether no container of a pod is known to be waiting or to have ended. */
  public static boolean mayRun(Pod pod) {
    return pod.getStatus() != null
        && Objects.requireNonNullElse(
                pod.getStatus().getContainerStatuses(), List.<ContainerStatus>of())
            .stream()
            .map(ContainerStatus::getState)
            .allMatch(state -> state == null || state.getRunning() != null);
  }

  /** Whether any container of a pod, but for those that prepare it, has ever started. */
  public static boolean hasRun(Pod pod) {
    return isReady(pod)
        || (pod.getStatus() != null
            && Objects.requireNonNullElse(
                    pod.getStatus().getContainerStatuses(), List.<ContainerStatus>of())
                .stream()
                .anyMatch(container ->
                    restarts(container) > 0
                        || hasStarted(container.getState())
                        || hasStarted(container.getLastState())));
  }

  private static boolean hasStarted(@Nullable ContainerState state) {
    return state != null && (state.getRunning() != null || state.getTerminated() != null);
  }

  private static int restarts(ContainerStatus container) {
    return Objects.requireNonNullElse(container.getRestartCount(), 0);
  }

  private static Stream<ContainerStatus> containers(Pod pod) {
    return pod.getStatus() == null
        ? Stream.empty()
        : Stream.of(
                pod.getStatus().getInitContainerStatuses(), pod.getStatus().getContainerStatuses())
            .filter(Objects::nonNull)
            .flatMap(List::stream);
  }

  private static Optional<String> waiting(Pod pod, ContainerStatus container) {
    var waiting = container.getState() == null ? null : container.getState().getWaiting();
    if (waiting == null || waiting.getReason() == null || HARMLESS.contains(waiting.getReason())) {
      return Optional.empty();
    }
    return Optional.of(
        "pod %s: container %s: %s%s%s"
            .formatted(
                pod.getMetadata().getName(),
                container.getName(),
                waiting.getReason(),
                waiting.getMessage() == null ? "" : " (" + waiting.getMessage() + ")",
                lastEnd(container).map(end -> "; it " + end).orElse("")));
  }

  /**
   * A container that runs again, or is about to, but has ended more than once before it was ready.
   * Once may be because of what it needs and what was not there yet.
   */
  private static Optional<String> ended(Pod pod, ContainerStatus container) {
    return Boolean.TRUE.equals(container.getReady()) || restarts(container) < REPEATED
        ? Optional.empty()
        : lastEnd(container)
            .map(end ->
                "pod %s: container %s %s"
                    .formatted(pod.getMetadata().getName(), container.getName(), end));
  }

  /** How it ended the last time, if that was no success. */
  private static Optional<String> lastEnd(ContainerStatus container) {
    var last = container.getLastState() == null ? null : container.getLastState().getTerminated();
    if (last == null || last.getExitCode() == null || last.getExitCode() == 0) {
      return Optional.empty();
    }
    return Optional.of(
        "last ended with exit code %d%s%s"
            .formatted(
                last.getExitCode(),
                last.getReason() == null ? "" : ", " + last.getReason(),
                last.getMessage() == null ? "" : ": " + lastLines(last.getMessage())));
  }

  /** What a program says last is what it ends for. */
  private static String lastLines(String message) {
    var text = message.strip();
    return text.length() <= LONGEST_END ? text : "…" + text.substring(text.length() - LONGEST_END);
  }

  private static Optional<String> unschedulable(Pod pod) {
    if (pod.getStatus() == null || pod.getStatus().getConditions() == null) {
      return Optional.empty();
    }
    return pod.getStatus().getConditions().stream()
        .filter(c -> "PodScheduled".equals(c.getType()) && "False".equals(c.getStatus()))
        .findFirst()
        .map(c ->
            "pod %s: %s: %s".formatted(pod.getMetadata().getName(), c.getReason(), c.getMessage()));
  }

  private static Optional<String> starting(Pod pod, ContainerStatus container) {
    var state = container.getState();
    if (Boolean.TRUE.equals(container.getReady()) || state == null) {
      return Optional.empty();
    }
    var what =
        state.getWaiting() != null
            ? "waits for its volumes and image"
            : state.getRunning() != null ? "runs but is not ready" : "has ended";
    return Optional.of(
        "pod %s: container %s %s%s"
            .formatted(
                pod.getMetadata().getName(),
                container.getName(),
                what,
                lastEnd(container).map(end -> "; it " + end).orElse("")));
  }
}
