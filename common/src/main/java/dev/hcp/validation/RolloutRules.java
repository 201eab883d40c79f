package dev.hcp.validation;

import dev.hcp.api.v1alpha1.RolloutSettings;
import java.time.DateTimeException;
import java.time.OffsetDateTime;
import org.jspecify.annotations.Nullable;

/** When pods are replaced although nothing changes. */
final class RolloutRules {
  private RolloutRules() {}

  static void check(Field field, @Nullable RolloutSettings rollout) {
    var after = rollout == null ? null : rollout.after();
    field
        .at("after")
        .require(
            after == null || isTime(after),
            after,
            "must be a time with its offset, for example 2026-12-01T02:30:00Z");
  }

  private static boolean isTime(String text) {
    try {
      var _ = OffsetDateTime.parse(text);
      return true;
    } catch (DateTimeException _) {
      return false;
    }
  }
}
