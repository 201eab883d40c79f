package dev.hcp.controller.plan;

/** Asks for a pass because something happened that no watch can see. */
@FunctionalInterface
public interface Trigger {
  /** Puts a control plane into the queue; one that does not exist is ignored. Returns at once. */
  void reconcile(String namespace, String name);
}
