package dev.hcp.process;

/** The least severity that is logged. */
public enum LogLevel {
  /** Details of our own code; libraries stay at {@link #INFO}. */
  DEBUG,
  /** One line per decision. */
  INFO,
  /** What may need attention. */
  WARN,
  /** What failed. */
  ERROR
}
