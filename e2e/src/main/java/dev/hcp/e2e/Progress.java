package dev.hcp.e2e;

import java.io.PrintStream;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;

/** Tells the person who waits what happens, with the seconds since the start in front. */
public final class Progress {
  private final PrintStream out;
  private final Clock clock;
  private final Instant start;

  /**
   * @param out where to print
   * @param clock what the elapsed time is measured with
   */
  public Progress(PrintStream out, Clock clock) {
    this.out = out;
    this.clock = clock;
    this.start = clock.instant();
  }

  /**
   * On this process's error output, so that what a command prints as its result stays alone on its
   * output.
   */
  public static Progress onStandardError() {
    return new Progress(System.err, Clock.systemUTC());
  }

  /** Prints one line. */
  public synchronized void say(String message) {
    out.printf("[%3ds] %s%n", elapsed().toSeconds(), message);
    out.flush();
  }

  /** The time since the start. */
  public Duration elapsed() {
    return Duration.between(start, clock.instant());
  }
}
