package dev.hcp.controller.backup.fetch;

import dev.hcp.controller.backup.BackupFetch;
import dev.hcp.controller.backup.BackupSelection;
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
import java.time.Instant;
import java.time.format.DateTimeParseException;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.OptionalLong;
import java.util.random.RandomGenerator;

/**
 * Fetches one backup. It ends with status 0 if the snapshot is there, and else with 1. What became
 * of it is on standard output, and in the file {@code --report}.
 *
 * <p>{@code --store}: directory with the files of the store's Secret. {@code --namespace}, {@code
 * --cluster}: whose. {@code --backup}: its name; without it the newest one, with {@code --up-to}
 * the newest one that was begun then or earlier. With {@code --since}, none that is older. {@code
 * --etcd-version}: what shall have its data. {@code --largest}: bytes that its snapshot may have.
 * {@code --output}: file of the snapshot. {@code --manifest}: file of the manifest.
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
                      "--up-to",
                      "--since",
                      "--etcd-version",
                      "--largest",
                      "--output",
                      "--manifest",
                      "--report")));
      var fetch =
          new BackupFetch(
              Path.of(required(flags, "--store")),
              new BackupSelection(
                  required(flags, "--namespace"),
                  required(flags, "--cluster"),
                  new BackupSelection.Choice(
                      flags.value("--backup"),
                      flags.value("--up-to").map(text -> time("--up-to", text)),
                      flags.value("--since").map(text -> time("--since", text))),
                  new BackupSelection.Limits(
                      flags.value("--etcd-version"),
                      flags.value("--largest").map(Main::bytes).orElse(OptionalLong.empty()))),
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

  private static Instant time(String flag, String text) {
    try {
      return Instant.parse(text);
    } catch (DateTimeParseException _) {
      throw new ConfigurationException(
          "%s: \"%s\" is not a time such as 2026-08-21T02:30:11Z".formatted(flag, text));
    }
  }

  private static OptionalLong bytes(String text) {
    try {
      return OptionalLong.of(Long.parseLong(text));
    } catch (NumberFormatException _) {
      throw new ConfigurationException(
          "--largest: \"%s\" is not a number of bytes".formatted(text));
    }
  }

  private static String required(Flags flags, String name) {
    return flags
        .value(name)
        .orElseThrow(() -> new ConfigurationException("%s is not given".formatted(name)));
  }
}
