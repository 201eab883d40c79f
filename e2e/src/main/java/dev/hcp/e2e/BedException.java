package dev.hcp.e2e;

/**
 * The bed cannot do what was asked. The message is meant for the person at the terminal: what
 * failed, with which value, where to look and what to do.
 */
public final class BedException extends RuntimeException {
  private static final long serialVersionUID = 1L;

  /**
   * @param message what a person needs to know
   */
  public BedException(String message) {
    super(message);
  }

  /**
   * @param message what a person needs to know
   * @param cause what the failure was seen as
   */
  public BedException(String message, Throwable cause) {
    super(message, cause);
  }
}
