package dev.hcp.webhook.admission;

import dev.hcp.defaulting.Default;
import java.util.List;
import java.util.Map;

/** The answer to an admission request. */
sealed interface Verdict {
  /** The request goes on as it is. */
  Allowed ALLOWED = new Allowed(List.of(), List.of());

  /**
   * The request goes on.
   *
   * @param patch what to write into the object first; may be empty
   * @param warnings what the user should know; shown by kubectl
   */
  record Allowed(List<Default> patch, List<String> warnings) implements Verdict {}

  /**
   * The request is refused.
   *
   * @param code HTTP status that the user's client gets
   * @param reason machine-readable reason of the API's Status
   * @param message for the user
   * @param details of the API's Status; may be empty
   */
  record Denied(int code, String reason, String message, Map<String, Object> details)
      implements Verdict {}
}
