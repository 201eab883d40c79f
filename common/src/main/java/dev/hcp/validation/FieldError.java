package dev.hcp.validation;

import org.jspecify.annotations.Nullable;

/**
 * One mistake in an object.
 *
 * @param path field, as {@code spec.deployment.apiServer.mounts[name].path}
 * @param value what the field holds; null if it holds nothing or nothing worth repeating
 * @param message what would be accepted
 */
public record FieldError(String path, @Nullable Object value, String message) {
  private static final int LONGEST_VALUE = 120;

  /**
   * The form in which Kubernetes reports a mistake: {@code spec.replicas: Invalid value: 0: must be
   * at least 1}.
   */
  @Override
  public String toString() {
    return switch (value) {
      case null -> "%s: %s".formatted(path, message);
      case String text -> "%s: Invalid value: \"%s\": %s".formatted(path, shorten(text), message);
      default -> "%s: Invalid value: %s: %s".formatted(path, value, message);
    };
  }

  private static String shorten(String text) {
    return text.length() <= LONGEST_VALUE ? text : text.substring(0, LONGEST_VALUE) + "…";
  }
}
