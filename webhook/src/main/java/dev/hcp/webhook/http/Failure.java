package dev.hcp.webhook.http;

import io.fabric8.kubernetes.client.utils.KubernetesSerialization;
import java.util.LinkedHashMap;

/**
 * An HTTP error in the form of the API's Status, so that the API server repeats the message to its
 * user.
 *
 * @param code HTTP status
 * @param message for the sender
 */
record Failure(int code, String message) {
  static Failure of(int code, Exception refused) {
    return new Failure(code, String.valueOf(refused.getMessage()));
  }

  String toJson(KubernetesSerialization serialization) {
    var status = new LinkedHashMap<String, Object>();
    status.put("kind", "Status");
    status.put("apiVersion", "v1");
    status.put("status", "Failure");
    status.put("message", message);
    status.put("code", code);
    return serialization.asJson(status);
  }
}
