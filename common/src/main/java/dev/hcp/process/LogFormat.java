package dev.hcp.process;

/** How a log record is written. */
public enum LogFormat {
  /** One JSON object per line. */
  JSON,
  /** One line for people; a stack trace follows on lines of its own. */
  TEXT
}
