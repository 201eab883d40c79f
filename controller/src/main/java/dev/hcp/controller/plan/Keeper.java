package dev.hcp.controller.plan;

/**
 * Who enters into Service {@code default/kubernetes} of the hosted cluster where it leads. API
 * servers are started accordingly, so a change replaces them.
 */
public sealed interface Keeper {
  /**
   * The API servers themselves.
   *
   * @param address IP address that all of them enter
   */
  record ApiServers(String address) implements Keeper {}

  /** The controller; the API servers know no address of theirs. */
  record Controller() implements Keeper {}

  /**
   * Not known yet. API servers that run are left as they are.
   *
   * @param awaited what has to be known first, in words
   */
  record Unknown(String awaited) implements Keeper {}
}
