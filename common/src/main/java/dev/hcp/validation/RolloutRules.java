package dev.hcp.validation;

import dev.hcp.api.v1alpha1.RolloutSettings;
import java.time.OffsetDateTime;
import java.time.format.DateTimeParseException;
import java.util.regex.Pattern;

/** When pods are started anew. */
final class RolloutRules {
  private static final Pattern FORM = Pattern.compile(RolloutSettings.FORM);

  private RolloutRules() {}

  static void check(Field field, RolloutSettings rollout) {
    var after = rollout.after();
    field.at("after").require(after == null || isTime(after), after, RolloutSettings.ACCEPTED);
  }

  private static boolean isTime(String text) {
    if (text.length() > RolloutSettings.LONGEST || !FORM.matcher(text).matches()) {
      return false;
    }
    try {
      OffsetDateTime.parse(text);
      return true;
    } catch (DateTimeParseException _) {
      return false;
    }
  }
}
