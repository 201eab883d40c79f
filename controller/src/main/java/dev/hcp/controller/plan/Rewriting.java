package dev.hcp.controller.plan;

import java.time.Instant;
import java.util.Optional;

/**
 * How far a hosted cluster is whose objects are written again, so that API servers encrypt them
 * anew.
 *
 * @param run what it is done for; another one begins from the start
 * @param begins when the first object is written: until then an API server may still encrypt by
 *     another key than it was told to
 * @param objects number of objects that were written so far, or that others wrote meanwhile
 * @param done whether that is all of them
 * @param problem why the last attempt was broken off; empty if it was not
 */
public record Rewriting(
    String run, Instant begins, long objects, boolean done, Optional<String> problem) {
  /** One that is to begin. */
  public static Rewriting from(String run, Instant begins) {
    return new Rewriting(run, begins, 0, false, Optional.empty());
  }
}
