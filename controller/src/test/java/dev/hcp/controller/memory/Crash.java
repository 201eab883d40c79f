package dev.hcp.controller.memory;

/** The process ends. Nothing may catch this but the test. */
public final class Crash extends Error {
  private static final long serialVersionUID = 1L;

  /** A crash. */
  public Crash(Request request) {
    super("crashed at " + request);
  }
}
