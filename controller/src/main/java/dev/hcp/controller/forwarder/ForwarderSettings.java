package dev.hcp.controller.forwarder;

import dev.hcp.process.ConfigurationException;
import dev.hcp.process.Flags;
import dev.hcp.process.LogFormat;
import dev.hcp.process.LogLevel;
import dev.hcp.process.LogSettings;
import java.nio.file.Path;
import java.time.Duration;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Locale;

/**
 * Configuration of the forwarder, all of it by flags.
 *
 * @param targets {@code --targets}: directory with the receivers
 * @param port {@code --port}: where events are taken, on the loopback interface
 * @param healthPort {@code --health-port}
 * @param timeout {@code --timeout}: seconds for a receiver to take a batch; the API server itself
 *     gives up after 30
 * @param bufferBytes {@code --buffer}: mebibytes of batches that are under way at the same time
 * @param logging {@code --log-level}
 */
record ForwarderSettings(
    Path targets,
    int port,
    int healthPort,
    Duration timeout,
    int bufferBytes,
    LogSettings logging) {
  private static final int MEBIBYTE = 1 << 20;

  static ForwarderSettings from(List<String> arguments) {
    var flags =
        Flags.parse(
            arguments,
            new LinkedHashSet<>(
                List.of(
                    "--targets",
                    "--port",
                    "--health-port",
                    "--timeout",
                    "--buffer",
                    "--log-level")));
    return new ForwarderSettings(
        Path.of(
            flags
                .value("--targets")
                .orElseThrow(() -> new ConfigurationException("--targets is not given"))),
        number(flags, "--port", "8090"),
        number(flags, "--health-port", "8091"),
        Duration.ofSeconds(number(flags, "--timeout", "20")),
        number(flags, "--buffer", "32") * MEBIBYTE,
        new LogSettings(LogFormat.JSON, level(flags.value("--log-level").orElse("info"))));
  }

  private static int number(Flags flags, String name, String defaultValue) {
    var value = flags.value(name).orElse(defaultValue);
    try {
      return Integer.parseInt(value);
    } catch (NumberFormatException _) {
      throw new ConfigurationException("%s: \"%s\" is not a number".formatted(name, value));
    }
  }

  private static LogLevel level(String value) {
    try {
      return LogLevel.valueOf(value.toUpperCase(Locale.ROOT));
    } catch (IllegalArgumentException _) {
      throw new ConfigurationException(
          "--log-level: \"%s\" is not accepted; accepted: debug, info, warn, error"
              .formatted(value));
    }
  }
}
