package dev.hcp.validation;

import org.jspecify.annotations.Nullable;

/**
 * One mistake in an object.
 *
 * @param path field, as {@code spec.deployment.apiServer.mounts[name].path}
 * @param value what the field holds; null if it holds nothing or nothing worth repeating
 * @param message what would be accepted
 * @param reason what sort of mistake it is, for machines
 */
public record FieldError(String path, @Nullable Object value, String message, Reason reason) {
  private static final int LONGEST_VALUE = 120;

  /** Sorts of mistakes that the API's Status tells apart. */
  public enum Reason {
    /** Another value would be accepted. */
    INVALID("FieldValueInvalid"),
    /** Something must be there. */
    REQUIRED("FieldValueRequired"),
    /** Something else has the value already. */
    DUPLICATE("FieldValueDuplicate"),
    /** No value, or no other one, is accepted. */
    FORBIDDEN("FieldValueForbidden");

    private final String text;

    Reason(String text) {
      this.text = text;
    }

    /** The reason as the API spells it. */
    public String text() {
      return text;
    }
  }

  /** A value that is not accepted. */
  public FieldError(String path, @Nullable Object value, String message) {
    this(path, value, message, Reason.INVALID);
  }

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
    int lineEnd = text.indexOf('\n');
    int end = Math.min(lineEnd < 0 ? text.length() : lineEnd, LONGEST_VALUE);
    return end == text.length() ? text : text.substring(0, end) + "…";
  }
}
