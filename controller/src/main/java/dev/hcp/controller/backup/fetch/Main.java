package dev.hcp.controller.backup.fetch;

import dev.hcp.controller.backup.BackupFetch;
import dev.hcp.controller.backup.RestoreReport;
import dev.hcp.controller.retry.Backoff;
import dev.hcp.controller.store.S3Store;
import dev.hcp.process.ConfigurationException;
import dev.hcp.process.Flags;
import dev.hcp.process.LogFormat;
import dev.hcp.process.LogLevel;
import dev.hcp.process.LogSettings;
import dev.hcp.process.Logging;
import dev.hcp.process.Startup;
import java.nio.file.Path;
import java.time.Duration;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.random.RandomGenerator;

/**
 * Fetches one backup. It ends with status 0 if the snapshot is there, and else with 1. What became
 * of it is on standard output, and in the file {@code --report}.
 *
 * <p>{@code --store}: directory with the files of the store's Secret. {@code --namespace}, {@code
 * --cluster}, {@code --backup}: which one. {@code --output}: file of the snapshot. {@code
 * --manifest}: file of the manifest.
 */
public final class Main {
  private static final int FAILED = 1;
  private static final Duration FIRST_RETRY = Duration.ofSeconds(1);
  private static final Duration LONGEST_RETRY = Duration.ofSeconds(30);

  private Main() {}

  /** Fetches, and says what became of it. */
  public static void main(String[] arguments) {
    Startup.run(() -> {
      Logging.configure(new LogSettings(LogFormat.JSON, LogLevel.INFO));
      var flags =
          Flags.parse(
              List.of(arguments),
              new LinkedHashSet<>(
                  List.of(
                      "--store",
                      "--namespace",
                      "--cluster",
                      "--backup",
                      "--output",
                      "--manifest",
                      "--report")));
      var fetch =
          new BackupFetch(
              Path.of(required(flags, "--store")),
              required(flags, "--namespace"),
              required(flags, "--cluster"),
              required(flags, "--backup"),
              Path.of(required(flags, "--output")),
              Path.of(required(flags, "--manifest")));
      var report =
          fetch.run(
              access -> S3Store.open(access, S3Store.Timing.DEFAULT),
              new Backoff(FIRST_RETRY, LONGEST_RETRY, RandomGenerator.getDefault()));
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
