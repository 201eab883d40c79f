package dev.hcp.validation.cel;

/** An expression that is none; the message says why. */
final class CelException extends Exception {
  CelException(String message) {
    super(message);
  }
}
