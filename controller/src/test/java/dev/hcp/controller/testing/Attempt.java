package dev.hcp.controller.testing;

import dev.hcp.flags.Program;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;

/**
 * A program of Kubernetes that was started with some flags, and ended because of them.
 *
 * @param status its exit status
 * @param output what it wrote
 */
public record Attempt(int status, String output) {
  private static final Duration PATIENCE = Duration.ofSeconds(60);

  /**
   * Starts a program.
   *
   * @param directory where it may write
   * @throws AssertionError if it does not end
   */
  public static Attempt to(Program program, List<String> flags, Path directory)
      throws IOException, InterruptedException {
    var command = new ArrayList<>(List.of(binary(program).path().toString()));
    command.addAll(flags);
    var output = directory.resolve("output");
    var process =
        new ProcessBuilder(command)
            .directory(directory.toFile())
            .redirectErrorStream(true)
            .redirectOutput(output.toFile())
            .start();
    try {
      if (!process.waitFor(PATIENCE.toSeconds(), TimeUnit.SECONDS)) {
        throw new AssertionError(
            "%s has not ended:%n%s".formatted(command, Files.readString(output)));
      }
    } finally {
      process.destroyForcibly();
    }
    return new Attempt(process.exitValue(), Files.readString(output));
  }

  static Binaries binary(Program program) {
    return switch (program) {
      case KUBE_APISERVER -> Binaries.KUBE_APISERVER;
      case KUBE_CONTROLLER_MANAGER -> Binaries.KUBE_CONTROLLER_MANAGER;
      case KUBE_SCHEDULER -> Binaries.KUBE_SCHEDULER;
      case KUBE_PROXY -> Binaries.KUBE_PROXY;
      case ETCD, KONNECTIVITY_SERVER, KONNECTIVITY_AGENT, COREDNS ->
          throw new IllegalArgumentException(program.title() + " is not one of Kubernetes");
    };
  }
}
