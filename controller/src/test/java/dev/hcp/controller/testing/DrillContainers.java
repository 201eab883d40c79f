package dev.hcp.controller.testing;

import io.fabric8.kubernetes.api.model.Container;
import io.fabric8.kubernetes.api.model.Pod;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;

/**
 * The containers of a pod as processes of this machine, one after the other as a kubelet would
 * start them: with the commands and arguments of the pod, but for directories and ports.
 */
public final class DrillContainers implements AutoCloseable {
  private static final Duration DEADLINE = Duration.ofSeconds(90);

  /** Size of the heap of our own programs: half of what the containers have. */
  public static final int HEAP_MEBIBYTES = 64;

  private final Path folder;
  private final Map<String, String> replacements = new LinkedHashMap<>();
  private final List<Process> running = new ArrayList<>();

  /**
   * Runs nothing yet.
   *
   * @param folder gets what containers leave
   * @param directories directories in containers, and what stands for them here
   */
  public DrillContainers(Path folder, Map<String, Path> directories) {
    this.folder = folder;
    directories.forEach((inside, here) -> replacements.put(inside, here.toString()));
    replacements.put(":2379", ":" + ManagementApiServer.freePort());
    replacements.put(":2380", ":" + ManagementApiServer.freePort());
  }

  /**
   * How a container has ended.
   *
   * @param status its exit status
   * @param message its termination message
   */
  public record Ended(int status, String message) {}

  /** Runs a container to its end. */
  public Ended run(Pod pod, String name) {
    var process = start(pod, name);
    try {
      if (!process.waitFor(DEADLINE.toSeconds(), TimeUnit.SECONDS)) {
        process.destroyForcibly();
        throw new IllegalStateException("%s does not end, see %s".formatted(name, folder));
      }
      var report = folder.resolve(name + ".report");
      return new Ended(
          process.exitValue(),
          Files.size(report) > 0
              ? Files.readString(report)
              : Files.readString(folder.resolve(name + ".log")));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IllegalStateException(e);
    }
  }

  /** Starts a container that does not end by itself. */
  public Process start(Pod pod, String name) {
    var container =
        Stream.of(pod.getSpec().getInitContainers(), pod.getSpec().getContainers())
            .flatMap(List::stream)
            .filter(candidate -> candidate.getName().equals(name))
            .findFirst()
            .orElseThrow();
    try {
      Files.write(folder.resolve(name + ".report"), new byte[0]);
      var process =
          new ProcessBuilder(command(container))
              .directory(folder.toFile())
              .redirectErrorStream(true)
              .redirectOutput(folder.resolve(name + ".log").toFile())
              .start();
      running.add(process);
      return process;
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private List<String> command(Container container) {
    var command = new ArrayList<String>();
    var program = container.getCommand().getFirst();
    switch (program) {
      case "java" -> {
        command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
        command.add("-Xmx%dm".formatted(HEAP_MEBIBYTES));
        container.getCommand().stream()
            .filter(part -> part.startsWith("-XX:+"))
            .forEach(command::add);
        command.addAll(
            List.of(
                "-cp", System.getProperty("java.class.path"), container.getCommand().getLast()));
      }
      case "etcd" -> command.add(Binaries.ETCD.path().toString());
      case "etcdutl" -> command.add(Binaries.ETCDUTL.path().toString());
      default -> throw new IllegalArgumentException(program);
    }
    container.getArgs().forEach(argument -> command.add(here(argument)));
    if (program.equals("java")) {
      command.add("--report=" + folder.resolve(container.getName() + ".report"));
    }
    return command;
  }

  private String here(String argument) {
    var text = argument;
    for (var replacement : replacements.entrySet()) {
      text = text.replace(replacement.getKey(), replacement.getValue());
    }
    return text;
  }

  @Override
  public void close() {
    running.forEach(Process::destroyForcibly);
  }
}
