package dev.hcp.process;

import ch.qos.logback.classic.Level;
import ch.qos.logback.classic.Logger;
import ch.qos.logback.classic.LoggerContext;
import dev.hcp.api.v1alpha1.GoDuration;
import dev.hcp.process.HttpEndpoint.Answer;
import dev.hcp.process.HttpEndpoint.Request;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.time.temporal.ChronoUnit;
import java.util.Arrays;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import org.slf4j.LoggerFactory;

/**
 * Changes log levels of a running process for a while. Only of our own loggers: those of libraries
 * may log credentials at level debug. What was changed ends by itself, so that nobody is left with
 * a process that logs too much, or too little.
 */
public final class LogLevels implements AutoCloseable {
  /** Where they are asked for and changed. */
  public static final String PATH = "/log-levels";

  private static final org.slf4j.Logger LOG = LoggerFactory.getLogger(LogLevels.class);
  private static final Pattern OWN = Pattern.compile("dev\\.hcp(\\.[A-Za-z0-9_]{1,64}){0,8}");
  private static final Duration DEFAULT_DURATION = Duration.ofMinutes(15);
  private static final Duration LONGEST = Duration.ofHours(24);

  /** More than anybody keeps track of. */
  private static final int MOST_CHANGES = 32;

  private final LoggerContext context = (LoggerContext) LoggerFactory.getILoggerFactory();
  private final ScheduledExecutorService timer =
      Executors.newSingleThreadScheduledExecutor(
          Thread.ofPlatform().daemon().name("log-levels").factory());
  private final InstantSource clock;
  private final Map<String, Change> changes = new TreeMap<>();

  /**
   * What a logger has for a while.
   *
   * @param before what it had; empty for that of the logger above it
   */
  private record Change(Optional<Level> before, Level level, Instant until) {}

  /** Changes nothing yet. Logging must be set up before. */
  public LogLevels(InstantSource clock) {
    this.clock = clock;
  }

  /** What is logged now. */
  synchronized Answer show() {
    var lines = new StringBuilder();
    lines.append("dev.hcp %s%n".formatted(name(logger("dev.hcp").getEffectiveLevel())));
    changes.forEach((logger, change) ->
        lines.append("%s %s until %s%n".formatted(logger, name(change.level()), change.until())));
    return Answer.plain(200, lines.toString());
  }

  /**
   * Does what a request wants.
   *
   * @param user who wants it
   */
  Answer change(Request request, String user) {
    var logger = request.parameter("logger").orElse("dev.hcp");
    if (!OWN.matcher(logger).matches()) {
      return refuse("logger", logger, "dev.hcp, or a package or class below it");
    }
    var wanted = request.parameter("level").orElse("");
    var level =
        Arrays.stream(LogLevel.values())
            .filter(candidate -> candidate.name().equals(wanted.toUpperCase(Locale.ROOT)))
            .findFirst();
    if (level.isEmpty()) {
      return refuse(
          "level",
          wanted,
          Arrays.stream(LogLevel.values())
              .map(known -> known.name().toLowerCase(Locale.ROOT))
              .collect(Collectors.joining(", ")));
    }
    var text = request.parameter("for");
    var duration = text.isEmpty() ? Optional.of(DEFAULT_DURATION) : text.flatMap(LogLevels::parse);
    if (duration.isEmpty()) {
      return refuse("for", text.get(), "a duration of up to 24h, such as 30m");
    }
    return change(logger, Level.valueOf(level.get().name()), duration.get(), user);
  }

  private synchronized Answer change(String name, Level level, Duration duration, String user) {
    if (!changes.containsKey(name) && changes.size() >= MOST_CHANGES) {
      return Answer.plain(
          409, "%d loggers are changed already, wait for one to end\n".formatted(MOST_CHANGES));
    }
    var until = clock.instant().plus(duration).truncatedTo(ChronoUnit.SECONDS);
    var logger = logger(name);
    var before =
        Optional.ofNullable(changes.get(name))
            .map(Change::before)
            .orElseGet(() -> Optional.ofNullable(logger.getLevel()));
    var change = new Change(before, level, until);
    changes.put(name, change);
    logger.setLevel(level);
    var _ = timer.schedule(() -> end(name, change), duration.toMillis(), TimeUnit.MILLISECONDS);
    LOG.atWarn()
        .addKeyValue("logger", name)
        .addKeyValue("level", name(level))
        .addKeyValue("user", user)
        .log("The log level is another until {}", until);
    return Answer.plain(200, "%s %s until %s\n".formatted(name, name(level), until));
  }

  private synchronized void end(String name, Change change) {
    // Another change of the same logger has an end of its own.
    if (changes.remove(name, change)) {
      logger(name).setLevel(change.before().orElse(null));
      LOG.atInfo().addKeyValue("logger", name).log("The log level is again what it was");
    }
  }

  private Logger logger(String name) {
    return context.getLogger(name);
  }

  private static String name(Level level) {
    return level.levelStr.toLowerCase(Locale.ROOT);
  }

  private static Optional<Duration> parse(String text) {
    try {
      return Optional.of(GoDuration.parse(text))
          .filter(duration -> duration.isPositive() && duration.compareTo(LONGEST) <= 0);
    } catch (IllegalArgumentException _) {
      return Optional.empty();
    }
  }

  private static Answer refuse(String parameter, String value, String accepted) {
    return Answer.plain(
        400, "%s: invalid value \"%s\": accepted is %s\n".formatted(parameter, value, accepted));
  }

  @Override
  public void close() {
    timer.shutdownNow();
  }
}
