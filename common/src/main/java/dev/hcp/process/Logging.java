package dev.hcp.process;

import ch.qos.logback.classic.Level;
import ch.qos.logback.classic.LoggerContext;
import ch.qos.logback.classic.encoder.PatternLayoutEncoder;
import ch.qos.logback.classic.filter.ThresholdFilter;
import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.core.ConsoleAppender;
import ch.qos.logback.core.encoder.Encoder;
import ch.qos.logback.core.filter.Filter;
import ch.qos.logback.core.spi.FilterReply;
import java.util.Map;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.slf4j.bridge.SLF4JBridgeHandler;

/**
 * Sets up logging: errors go to standard error, everything below to standard output. Set up by code
 * because the settings come from the environment and the image has no place for a file to edit.
 */
public final class Logging {
  /** Our own loggers, the only ones that follow the level {@code debug}. */
  private static final String OWN = "dev.hcp";

  /** Libraries that report what we handle ourselves, or what nobody can act upon. */
  private static final Map<String, Level> QUIET =
      Map.of(
          "io.fabric8.kubernetes.client.dsl.internal.VersionUsageUtils", Level.ERROR,
          "io.grpc", Level.ERROR,
          "io.netty", Level.WARN,
          "io.vertx", Level.WARN,
          "io.javalin", Level.WARN,
          "org.eclipse.jetty", Level.WARN,
          "software.amazon.awssdk", Level.WARN);

  private static final String TEXT =
      "%d{yyyy-MM-dd'T'HH:mm:ss.SSS'Z', UTC} %-5level %logger{0}"
          + " %replace(%msg){'[\\r\\n]+', ' '} %kvp %mdc%n%ex";

  private Logging() {}

  /** Replaces whatever logging was set up before in this process. */
  public static void configure(LogSettings settings) {
    var context = (LoggerContext) LoggerFactory.getILoggerFactory();
    context.reset();
    var level = Level.valueOf(settings.level().name());
    var root = context.getLogger(Logger.ROOT_LOGGER_NAME);
    root.setLevel(level.isGreaterOrEqual(Level.INFO) ? level : Level.INFO);
    context.getLogger(OWN).setLevel(level);
    QUIET.forEach((name, quiet) ->
        context.getLogger(name).setLevel(level.isGreaterOrEqual(quiet) ? level : quiet));

    root.addAppender(console(context, "System.out", settings.format(), belowError()));
    root.addAppender(console(context, "System.err", settings.format(), fromError()));

    SLF4JBridgeHandler.removeHandlersForRootLogger();
    SLF4JBridgeHandler.install();
    Thread.setDefaultUncaughtExceptionHandler((thread, error) ->
        LoggerFactory.getLogger(Logging.class)
            .error("Thread {} ended by an exception", thread.getName(), error));
  }

  private static ConsoleAppender<ILoggingEvent> console(
      LoggerContext context, String stream, LogFormat format, Filter<ILoggingEvent> filter) {
    filter.start();
    var appender = new ConsoleAppender<ILoggingEvent>();
    appender.setContext(context);
    appender.setName(stream);
    appender.setTarget(stream);
    appender.addFilter(filter);
    appender.setEncoder(encoder(context, format));
    appender.start();
    return appender;
  }

  private static Encoder<ILoggingEvent> encoder(LoggerContext context, LogFormat format) {
    return switch (format) {
      case JSON -> {
        var encoder = new JsonLogEncoder();
        encoder.setContext(context);
        encoder.start();
        yield encoder;
      }
      case TEXT -> {
        var encoder = new PatternLayoutEncoder();
        encoder.setContext(context);
        encoder.setPattern(TEXT);
        encoder.start();
        yield encoder;
      }
    };
  }

  private static Filter<ILoggingEvent> fromError() {
    var filter = new ThresholdFilter();
    filter.setLevel(Level.ERROR.levelStr);
    return filter;
  }

  private static Filter<ILoggingEvent> belowError() {
    return new Filter<>() {
      @Override
      public FilterReply decide(ILoggingEvent event) {
        return event.getLevel().isGreaterOrEqual(Level.ERROR)
            ? FilterReply.DENY
            : FilterReply.NEUTRAL;
      }
    };
  }
}
