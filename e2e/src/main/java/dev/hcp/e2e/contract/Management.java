package dev.hcp.e2e.contract;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.List;

/** A management cluster, as far as rules need it. */
interface Management {
  /** Reads an object; a missing node if there is none, or no such kind. */
  JsonNode get(Address address);

  /**
   * Lists objects.
   *
   * @param selector by labels; empty for all
   */
  List<JsonNode> list(String apiVersion, String kind, String namespace, String selector);

  /**
   * Changes an object by a JSON merge patch.
   *
   * @param dryRun whether nothing is to be stored
   */
  Reply patch(Address address, JsonNode patch, boolean dryRun);

  /** Reads subresource scale; a missing node if there is none. */
  JsonNode scale(Address address);

  /** Sets the number of replicas by subresource scale. */
  Reply scale(Address address, int replicas);

  /** Applies an object with a field manager of its own, without storing it. */
  Reply dryApply(Address address, JsonNode object);

  /** Creates an object. */
  Reply create(JsonNode object);

  /** Deletes an object. Absence is success. */
  void delete(Address address);

  /** What an API server answers to the holder of a kubeconfig. */
  Snapshot.Answer ask(String kubeconfig);

  /**
   * What became of a change.
   *
   * @param code 200, or the code of the refusal
   * @param object what the API server answered; missing if it refused
   * @param message why it refused
   */
  record Reply(int code, JsonNode object, String message) {
    private static final int LONGEST = 240;

    /** Whether the API server took it. */
    boolean isAccepted() {
      return code < 300;
    }

    /** In words. */
    String words() {
      return isAccepted()
          ? "accepted"
          : "refused with %d: %s%s"
              .formatted(
                  code,
                  message.substring(0, Math.min(message.length(), LONGEST)),
                  message.length() > LONGEST ? "…" : "");
    }
  }
}
