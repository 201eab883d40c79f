package dev.hcp.controller.plan;

import java.util.Optional;

/**
 * How far a hosted cluster is whose objects are written again, so that API servers encrypt them
 * anew.
 *
 * @param run what it is done for; another one begins from the start
 * @param objects number of objects that were written so far, or that others wrote meanwhile
 * @param done whether that is all of them
 * @param problem why the last attempt was broken off; empty if it was not
 */
public record Rewriting(String run, long objects, boolean done, Optional<String> problem) {
  /** One that is to begin. */
  public static Rewriting of(String run) {
    return new Rewriting(run, 0, false, Optional.empty());
  }
}
