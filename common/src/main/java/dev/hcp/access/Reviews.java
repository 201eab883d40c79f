package dev.hcp.access;

/** Says who callers are, and whether they may do what they ask for. */
@FunctionalInterface
public interface Reviews {
  /**
   * What is to be said of the bearer of a token. May take its time, and may be asked by several
   * threads.
   *
   * @param token what it has shown
   * @param call what it asks for
   */
  Verdict review(String token, Call call);
}
