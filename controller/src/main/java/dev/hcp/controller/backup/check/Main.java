package dev.hcp.controller.backup.check;

import dev.hcp.controller.backup.RestoreCheck;
import dev.hcp.controller.backup.RestoreReport;
import dev.hcp.process.ConfigurationException;
import dev.hcp.process.Flags;
import dev.hcp.process.LogFormat;
import dev.hcp.process.LogLevel;
import dev.hcp.process.LogSettings;
import dev.hcp.process.Logging;
import dev.hcp.process.Startup;
import java.net.URI;
import java.nio.file.Path;
import java.time.Duration;
import java.util.LinkedHashSet;
import java.util.List;

/**
 * Looks at a restored etcd. It ends with status 0 if that serves what was backed up, and else with
 * 1. What became of it is on standard output, and in the file {@code --report}.
 *
 * <p>{@code --endpoint}: URL of etcd, without TLS. {@code --manifest}: file of the manifest. {@code
 * --timeout}: seconds until it must answer.
 */
public final class Main {
  private static final int FAILED = 1;

  private Main() {}

  /** Looks, and says what it saw. */
  public static void main(String[] arguments) {
    Startup.run(() -> {
      Logging.configure(new LogSettings(LogFormat.JSON, LogLevel.INFO));
      var flags =
          Flags.parse(
              List.of(arguments),
              new LinkedHashSet<>(List.of("--endpoint", "--manifest", "--timeout", "--report")));
      var check =
          new RestoreCheck(
              endpoint(required(flags, "--endpoint")),
              Path.of(required(flags, "--manifest")),
              seconds(required(flags, "--timeout")));
      var report = check.run();
      System.out.println(report.toJson());
      report.leave(flags.value("--report").map(Path::of).orElse(RestoreReport.FILE));
      if (!report.isSuccess()) {
        System.exit(FAILED);
      }
    });
  }

  private static URI endpoint(String value) {
    try {
      return URI.create(value);
    } catch (IllegalArgumentException e) {
      throw new ConfigurationException(
          "--endpoint: \"%s\" is not a URL: %s".formatted(value, e.getMessage()));
    }
  }

  private static Duration seconds(String value) {
    try {
      return Duration.ofSeconds(Long.parseLong(value));
    } catch (NumberFormatException _) {
      throw new ConfigurationException("--timeout: \"%s\" is not a number".formatted(value));
    }
  }

  private static String required(Flags flags, String name) {
    return flags
        .value(name)
        .orElseThrow(() -> new ConfigurationException("%s is not given".formatted(name)));
  }
}
