package dev.hcp.webhook.admission;

/** An object whose values do not fit its kind, although the schema let them pass. */
final class UnreadableObjectException extends Exception {
  private static final long serialVersionUID = 1L;

  UnreadableObjectException(String message, Throwable cause) {
    super(message, cause);
  }
}
