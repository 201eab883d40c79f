package dev.hcp.conditions;

import dev.hcp.api.v1alpha1.Condition;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.Collection;
import java.util.List;
import java.util.Optional;

/** Lists of conditions. */
public final class Conditions {
  /** Longest message that the API accepts. */
  private static final int MAX_MESSAGE = 32_768;

  private Conditions() {}

  /**
   * The conditions to publish, ordered by type. One whose status is that of the previous list keeps
   * its transition time.
   *
   * @param previous the published list
   * @param states what to say now; types that are not among them are dropped
   * @param generation generation of the spec that the states speak of
   * @param now transition time of what changed
   */
  public static List<Condition> next(
      Collection<Condition> previous,
      Collection<ConditionState> states,
      long generation,
      Instant now) {
    var time = now.truncatedTo(ChronoUnit.SECONDS).toString();
    return states.stream()
        .sorted((a, b) -> a.type().compareTo(b.type()))
        .map(state ->
            new Condition(
                state.type().value(),
                state.status().value(),
                generation,
                find(previous, state.type())
                    .filter(before -> before.status().equals(state.status().value()))
                    .map(Condition::lastTransitionTime)
                    .orElse(time),
                state.reason().value(),
                state.message().length() <= MAX_MESSAGE
                    ? state.message()
                    : state.message().substring(0, MAX_MESSAGE)))
        .toList();
  }

  /**
   * What the condition of one type says of a generation; empty if it says nothing of it, or what
   * this version does not know.
   */
  public static Optional<ConditionState> state(
      Collection<Condition> conditions, ConditionType type, long generation) {
    return find(conditions, type)
        .filter(c -> c.observedGeneration() != null && c.observedGeneration() == generation)
        .flatMap(c ->
            ConditionStatus.of(c.status())
                .flatMap(status ->
                    Reason.of(c.reason())
                        .map(reason -> new ConditionState(type, status, reason, c.message()))));
  }

  /** The condition of one type. */
  public static Optional<Condition> find(Collection<Condition> conditions, ConditionType type) {
    return conditions.stream().filter(c -> c.type().equals(type.value())).findFirst();
  }
}
