package dev.hcp.process;

/**
 * How a process logs.
 *
 * @param format {@code LOG_FORMAT}, {@code json} by default
 * @param level {@code LOG_LEVEL}, {@code info} by default
 */
public record LogSettings(LogFormat format, LogLevel level) {
  /** Reads the settings. */
  public static LogSettings from(Environment environment) {
    return new LogSettings(
        environment.choice("LOG_FORMAT", LogFormat.JSON),
        environment.choice("LOG_LEVEL", LogLevel.INFO));
  }
}
