package dev.hcp.webhook.admission;

import java.util.Map;

/**
 * One operation of a JSON patch (RFC 6902).
 *
 * @param op {@code add} or {@code replace}
 * @param path JSON pointer
 * @param value what to set
 */
record PatchOperation(String op, String path, Object value) {
  Map<String, Object> toJson() {
    return Map.of("op", op, "path", path, "value", value);
  }
}
