package dev.hcp.access;

/** Whether a caller gets what it asks for. */
public sealed interface Verdict {
  /**
   * It does.
   *
   * @param user whom the API server takes it for
   */
  record Allowed(String user) implements Verdict {}

  /**
   * It did not say who it is, or not so that the API server believes it.
   *
   * @param why what is wrong, for the caller
   */
  record Unauthenticated(String why) implements Verdict {}

  /**
   * It is known, and may not.
   *
   * @param why what is missing, for the caller
   */
  record Forbidden(String why) implements Verdict {}

  /**
   * The API server has not said.
   *
   * @param why what is wrong, for the caller
   * @param detail the same for the log, with what is nobody else's business
   */
  record Unknown(String why, String detail) implements Verdict {}
}
