package dev.hcp.controller.reconcile;

import java.time.Duration;
import java.util.Optional;

/** Brings one control plane closer to what its spec says. */
@FunctionalInterface
public interface Reconciler {
  /**
   * Makes one pass. An object that no longer exists is nothing to do.
   *
   * @return after which time to look again even if nothing changes; empty to wait for the next
   *     change
   * @throws RuntimeException if something failed that may go better later; the caller tries again
   *     with back-off
   */
  Optional<Duration> reconcile(String namespace, String name);
}
