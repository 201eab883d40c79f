package dev.hcp.controller.migration;

import dev.hcp.controller.plan.Action;
import dev.hcp.controller.plan.Rewriting;
import java.util.Optional;

/**
 * Writes the objects of hosted clusters again, beside the passes. A change of what is known of one
 * wakes a pass.
 */
public interface Rewrites {
  /** How far the objects of a hosted cluster are; empty if nobody asked for it. */
  Optional<Rewriting> last(String namespace, String name);

  /**
   * Writes them, unless that was done or is under way for the same. Returns at once.
   *
   * @param wanted which ones, and how the hosted cluster is reached
   */
  void keepUp(String namespace, String name, Action.Rewrite wanted);

  /** Breaks off what is under way, and forgets what is known. */
  void forget(String namespace, String name);
}
