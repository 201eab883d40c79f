package dev.hcp.controller.memory;

/** What goes wrong with a request. */
@FunctionalInterface
public interface Disturbance {
  /** Nothing goes wrong. */
  Disturbance NONE = (_, _) -> {};

  /** Moments of a request at which it can fail. */
  enum Moment {
    /** The API server has not done it. */
    BEFORE,
    /** The API server has done it, but the answer is lost. */
    AFTER
  }

  /**
   * Called at each moment of each request; throws what the product shall see.
   *
   * @param request the request
   * @param moment the moment
   */
  void strike(Request request, Moment moment);
}
