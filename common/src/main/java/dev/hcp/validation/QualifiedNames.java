package dev.hcp.validation;

import java.nio.charset.StandardCharsets;
import java.util.Map;
import java.util.regex.Pattern;

/** Keys of labels, annotations and resources, with an optional DNS name in front of them. */
final class QualifiedNames {
  private static final Pattern NAME =
      Pattern.compile("[A-Za-z0-9]([-A-Za-z0-9_.]{0,61}[A-Za-z0-9])?");

  /** Most bytes of all annotations of an object. */
  static final int MOST_ANNOTATION_BYTES = 256 * 1024;

  private QualifiedNames() {}

  static boolean isKey(String key) {
    int slash = key.indexOf('/');
    return NAME.matcher(key.substring(slash + 1)).matches()
        && (slash < 0 || DnsNames.isSubdomain(key.substring(0, slash)));
  }

  /** Whether a label may have a value. */
  static boolean isValue(String value) {
    return value.isEmpty() || NAME.matcher(value).matches();
  }

  /** Bytes of annotations as the API server counts them: all keys and values. */
  static long bytes(Map<String, String> annotations) {
    return annotations.entrySet().stream()
        .mapToLong(entry -> bytes(entry.getKey()) + bytes(entry.getValue()))
        .sum();
  }

  static void labels(Field field, Map<String, String> labels) {
    labels.forEach((key, value) -> {
      checkKey(field.key(key), key);
      field
          .key(key)
          .require(
              isValue(value),
              value,
              "must be empty, or 1 to 63 letters, digits, '-', '_' or '.', with a letter or digit"
                  + " at both ends");
    });
  }

  static void annotations(Field field, Map<String, String> annotations) {
    annotations.keySet().forEach(key -> checkKey(field.key(key), key));
    long bytes = bytes(annotations);
    field.require(
        bytes <= MOST_ANNOTATION_BYTES,
        bytes,
        "must have at most %d bytes in all".formatted(MOST_ANNOTATION_BYTES));
  }

  private static void checkKey(Field field, String key) {
    field.require(isKey(key), key, "must have a key such as team or example.com/team");
  }

  private static long bytes(String text) {
    return text.getBytes(StandardCharsets.UTF_8).length;
  }
}
