package dev.hcp.controller.backup.place;

import dev.hcp.controller.backup.RestorePlacement;
import dev.hcp.controller.backup.RestoreReport;
import dev.hcp.process.ConfigurationException;
import dev.hcp.process.Flags;
import dev.hcp.process.LogFormat;
import dev.hcp.process.LogLevel;
import dev.hcp.process.LogSettings;
import dev.hcp.process.Logging;
import dev.hcp.process.Startup;
import java.nio.file.Path;
import java.util.LinkedHashSet;
import java.util.List;

/**
 * Puts restored data in place. It ends with status 0 if they are there, and else with 1. What
 * became of it is on standard output, and in the file {@code --report}.
 *
 * <p>{@code --from}: directory that etcd's own tool has made. {@code --to}: data directory of the
 * member, in the same file system.
 */
public final class Main {
  private static final int FAILED = 1;

  private Main() {}

  /** Places, and says what became of it. */
  public static void main(String[] arguments) {
    Startup.run(() -> {
      Logging.configure(new LogSettings(LogFormat.JSON, LogLevel.INFO));
      var flags =
          Flags.parse(
              List.of(arguments), new LinkedHashSet<>(List.of("--from", "--to", "--report")));
      var report =
          new RestorePlacement(Path.of(required(flags, "--from")), Path.of(required(flags, "--to")))
              .run();
      System.out.println(report.toJson());
      report.leave(flags.value("--report").map(Path::of).orElse(RestoreReport.FILE));
      if (!report.isSuccess()) {
        System.exit(FAILED);
      }
    });
  }

  private static String required(Flags flags, String name) {
    return flags
        .value(name)
        .orElseThrow(() -> new ConfigurationException("%s is not given".formatted(name)));
  }
}
