package dev.hcp.controller.exposure;

import io.fabric8.kubernetes.api.model.Condition;
import io.fabric8.kubernetes.api.model.ObjectMeta;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** What the Gateway's controller says of objects, in their conditions. */
final class Statements {
  private static final String SILENT = "the Gateway's controller has not answered yet";

  private Statements() {}

  /**
   * Why something that must be true is not; empty if it is.
   *
   * @param conditions what is said; null if nothing
   * @param about the object that it is said of
   */
  static Optional<String> unmet(
      @Nullable List<Condition> conditions, String type, ObjectMeta about) {
    var condition = find(conditions, type);
    if (condition.isEmpty()
        || "Unknown".equals(condition.get().getStatus())
        || !isCurrent(condition.get(), about)) {
      return Optional.of(SILENT);
    }
    return "True".equals(condition.get().getStatus())
        ? Optional.empty()
        : Optional.of(words(condition.get()));
  }

  /** Why something is said not to be true; empty if nothing is said, or nothing current. */
  static Optional<String> denied(
      @Nullable List<Condition> conditions, String type, ObjectMeta about) {
    return find(conditions, type)
        .filter(c -> "False".equals(c.getStatus()) && isCurrent(c, about))
        .map(Statements::words);
  }

  private static Optional<Condition> find(@Nullable List<Condition> conditions, String type) {
    return conditions == null
        ? Optional.empty()
        : conditions.stream().filter(c -> type.equals(c.getType())).findFirst();
  }

  private static boolean isCurrent(Condition condition, ObjectMeta about) {
    return condition.getObservedGeneration() == null
        || about.getGeneration() == null
        || condition.getObservedGeneration() >= about.getGeneration();
  }

  private static String words(Condition condition) {
    return "%s: %s".formatted(condition.getReason(), condition.getMessage());
  }
}
