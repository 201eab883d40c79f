package dev.hcp.webhook.admission;

import dev.hcp.validation.FieldError;
import java.util.List;

/**
 * What is to be said about an object in view of others.
 *
 * @param errors what it is refused for
 * @param warnings what its author should know; each is one line
 */
record Findings(List<FieldError> errors, List<String> warnings) {
  /** Nothing. */
  static final Findings NONE = new Findings(List.of(), List.of());
}
