package dev.hcp.e2e.contract;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.ArrayList;
import java.util.List;

/** Gathers what a rule reads, and what of it is not as the rule wants. */
final class Look {
  private static final int LONGEST_VALUE = 120;

  private final List<String> right = new ArrayList<>();
  private final List<String> wrong = new ArrayList<>();

  /**
   * Something that was read.
   *
   * @param holds whether it is as it should be
   * @param read what it is
   * @param wanted what it should be
   */
  Look at(boolean holds, String read, String wanted) {
    if (holds) {
      right.add(read);
    } else {
      wrong.add("%s; wanted: %s".formatted(read, wanted));
    }
    return this;
  }

  /** A field that should have this value. */
  Look equal(JsonNode object, String path, Object wanted) {
    var value = object.at(path);
    return at(
        text(value).equals(String.valueOf(wanted)),
        "%s is %s".formatted(dotted(path), shown(value)),
        String.valueOf(wanted));
  }

  /** A field that should be there. */
  Look present(JsonNode object, String path) {
    var value = object.at(path);
    return at(
        !value.isMissingNode() && !value.isNull() && !text(value).isEmpty(),
        "%s is %s".formatted(dotted(path), shown(value)),
        "a value");
  }

  /** Whether all is as it should be, with all that was read, or with all that is wrong. */
  Verdict verdict() {
    return wrong.isEmpty()
        ? Verdict.pass(String.join("; ", right))
        : Verdict.fail(String.join(". ", wrong));
  }

  static String text(JsonNode value) {
    return value.isValueNode() ? value.asText() : value.toString();
  }

  static String shown(JsonNode value) {
    if (value.isMissingNode() || value.isNull()) {
      return "not set";
    }
    var text = text(value);
    return text.length() <= LONGEST_VALUE ? text : text.substring(0, LONGEST_VALUE) + "…";
  }

  static String dotted(String path) {
    return path.substring(1).replace('/', '.').replace("~1", "/");
  }
}
