package dev.hcp.e2e.process;

import dev.hcp.e2e.BedException;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;

/**
 * One run of a program: arguments, surroundings and a deadline. Instances are immutable; each
 * method returns a changed copy.
 */
public final class Command {
  private static final Duration DEFAULT_DEADLINE = Duration.ofMinutes(1);
  private static final int LINES_SHOWN = 15;

  private final List<String> launcher;
  private final List<String> arguments;
  private final Map<String, String> environment;
  private final Optional<Path> directory;
  private final Optional<String> input;
  private final Optional<Path> log;
  private final Duration deadline;

  private Command(
      List<String> launcher,
      List<String> arguments,
      Map<String, String> environment,
      Optional<Path> directory,
      Optional<String> input,
      Optional<Path> log,
      Duration deadline) {
    this.launcher = List.copyOf(launcher);
    this.arguments = List.copyOf(arguments);
    this.environment = Map.copyOf(environment);
    this.directory = directory;
    this.input = input;
    this.log = log;
    this.deadline = deadline;
  }

  /** A run of {@code arguments}, the first of which is the program. */
  public static Command of(String... arguments) {
    return of(List.of(arguments));
  }

  /** A run of {@code arguments}, the first of which is the program. */
  public static Command of(List<String> arguments) {
    return new Command(
        List.of(),
        arguments,
        Map.of(),
        Optional.empty(),
        Optional.empty(),
        Optional.empty(),
        DEFAULT_DEADLINE);
  }

  /**
   * The same run started by another program, {@code before}, such as one that enters a namespace
   * first.
   */
  public Command startedBy(List<String> before) {
    return new Command(
        Stream.concat(before.stream(), launcher.stream()).toList(),
        arguments,
        environment,
        directory,
        input,
        log,
        deadline);
  }

  /** The same run with more arguments at the end. */
  public Command with(String... more) {
    return new Command(
        launcher,
        Stream.concat(arguments.stream(), Stream.of(more)).toList(),
        environment,
        directory,
        input,
        log,
        deadline);
  }

  /** Where it runs. */
  public Path directory() {
    return directory.orElse(Path.of("")).toAbsolutePath();
  }

  /** The same run in {@code directory}. */
  public Command in(Path directory) {
    return new Command(
        launcher, arguments, environment, Optional.of(directory), input, log, deadline);
  }

  /** The same run with one more environment variable. */
  public Command env(String name, String value) {
    return env(Map.of(name, value));
  }

  /** The same run with more environment variables. */
  public Command env(Map<String, String> more) {
    var all = new LinkedHashMap<>(environment);
    all.putAll(more);
    return new Command(launcher, arguments, all, directory, input, log, deadline);
  }

  /** The same run with {@code text} as its standard input; without, standard input is empty. */
  public Command input(String text) {
    return new Command(
        launcher, arguments, environment, directory, Optional.of(text), log, deadline);
  }

  /**
   * The same run with its error output, and its output where it is not asked for, appended to
   * {@code file}.
   */
  public Command log(Path file) {
    return new Command(
        launcher, arguments, environment, directory, input, Optional.of(file), deadline);
  }

  /** The same run, killed with its children when it takes longer. */
  public Command within(Duration deadline) {
    return new Command(launcher, arguments, environment, directory, input, log, deadline);
  }

  /** What the program printed to its output; fails if it did not end with 0. */
  public String output() {
    var result = run();
    if (!result.succeeded()) {
      throw failure("failed with exit code %d".formatted(result.exitCode()), result);
    }
    return result.output();
  }

  /** Runs it for its effect; fails if it did not end with 0. */
  public void check() {
    var result = run();
    log.ifPresent(file -> append(file, result.output()));
    if (!result.succeeded()) {
      throw failure("failed with exit code %d".formatted(result.exitCode()), result);
    }
  }

  /**
   * Runs it and returns how it ended; fails only if it cannot be started or misses its deadline.
   */
  public Result run() {
    var process = start();
    try (var readers = Executors.newVirtualThreadPerTaskExecutor()) {
      var output = CompletableFuture.supplyAsync(() -> read(process.getInputStream()), readers);
      var error = CompletableFuture.supplyAsync(() -> read(process.getErrorStream()), readers);
      readers.execute(() -> feed(process));
      var ended = process.waitFor(deadline.toMillis(), TimeUnit.MILLISECONDS);
      if (!ended) {
        kill(process);
        process.waitFor();
      }
      var result = new Result(process.exitValue(), output.get(), error.get());
      log.ifPresent(file -> append(file, "$ %s%n%s".formatted(this, result.error())));
      if (!ended) {
        throw failure("did not end within %d s".formatted(deadline.toSeconds()), result);
      }
      return result;
    } catch (InterruptedException e) {
      kill(process);
      Thread.currentThread().interrupt();
      throw new BedException("interrupted while waiting for %s".formatted(this), e);
    } catch (ExecutionException e) {
      throw new BedException("cannot read what %s prints".formatted(this), e);
    }
  }

  /**
   * Runs it on this process's own terminal and streams, without a deadline, and returns its exit
   * code.
   */
  public int runAttached() {
    try {
      return builder().inheritIO().start().waitFor();
    } catch (IOException e) {
      throw cannotStart(e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new BedException("interrupted while waiting for %s".formatted(this), e);
    }
  }

  /** Starts it detached from this process, with everything it prints going to its log. */
  public Process startDetached() {
    var target = log.orElseThrow(() -> new IllegalStateException("a detached process needs a log"));
    try {
      return builder()
          .redirectInput(Path.of("/dev/null").toFile())
          .redirectErrorStream(true)
          .redirectOutput(ProcessBuilder.Redirect.appendTo(target.toFile()))
          .start();
    } catch (IOException e) {
      throw cannotStart(e);
    }
  }

  private Process start() {
    try {
      return builder().start();
    } catch (IOException e) {
      throw cannotStart(e);
    }
  }

  private ProcessBuilder builder() {
    var builder = new ProcessBuilder(Stream.concat(launcher.stream(), arguments.stream()).toList());
    builder.environment().putAll(environment);
    directory.ifPresent(d -> builder.directory(d.toFile()));
    return builder;
  }

  private BedException cannotStart(IOException e) {
    return new BedException(
        "cannot start %s: %s".formatted(arguments.getFirst(), e.getMessage()), e);
  }

  private BedException failure(String how, Result result) {
    var where = log.map("; log: %s"::formatted).orElse("");
    var said = result.error().isBlank() ? result.output() : result.error();
    var lines = said.strip().lines().toList();
    var last = lines.subList(Math.max(0, lines.size() - LINES_SHOWN), lines.size());
    return new BedException(
        "%s %s%s%n%s"
            .formatted(this, how, where, String.join("\n", last).indent(2).stripTrailing()));
  }

  private void feed(Process process) {
    try (var stream = process.getOutputStream()) {
      if (input.isPresent()) {
        stream.write(input.get().getBytes(StandardCharsets.UTF_8));
      }
    } catch (IOException _) {
      // A program may end without having read all of its input; its exit code tells whether that
      // was a failure.
    }
  }

  private static String read(InputStream stream) {
    try {
      return new String(stream.readAllBytes(), StandardCharsets.UTF_8);
    } catch (IOException _) {
      // The stream of a process that was killed may break; the deadline is what is reported.
      return "";
    }
  }

  private static void append(Path file, String text) {
    try {
      Files.createDirectories(file.toAbsolutePath().getParent());
      Files.writeString(file, text, StandardOpenOption.CREATE, StandardOpenOption.APPEND);
    } catch (IOException e) {
      throw new BedException("cannot write the log %s".formatted(file), e);
    }
  }

  private static void kill(Process process) {
    process.descendants().forEach(ProcessHandle::destroyForcibly);
    process.destroyForcibly();
  }

  @Override
  public String toString() {
    var text = String.join(" ", arguments);
    return text.length() <= 200 ? text : text.substring(0, 200) + "…";
  }

  /**
   * How a run ended.
   *
   * @param exitCode 0 for success
   * @param output all of standard output
   * @param error all of standard error
   */
  public record Result(int exitCode, String output, String error) {
    /** Whether the program says that it did what it was asked. */
    public boolean succeeded() {
      return exitCode == 0;
    }
  }
}
