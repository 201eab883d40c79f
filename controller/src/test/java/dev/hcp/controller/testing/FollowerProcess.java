package dev.hcp.controller.testing;

import dev.hcp.flags.Program;
import io.fabric8.kubernetes.client.Config;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;

/** A controller-manager or scheduler of an API server, that listens on the loopback interface. */
public final class FollowerProcess implements AutoCloseable {
  private static final int STOP_SECONDS = 10;

  private final Process process;
  private final Path output;
  private final int port;

  private FollowerProcess(Process process, Path output, int port) {
    this.process = process;
    this.output = output;
    this.port = port;
  }

  /**
   * Starts it.
   *
   * @param apiServer with all rights
   * @param flags besides those for the port and for the API server
   * @param directory where it may write
   */
  public static FollowerProcess start(
      Program program, Config apiServer, List<String> flags, Path directory) throws IOException {
    int port = ManagementApiServer.freePort();
    var kubeconfig =
        Files.writeString(
            directory.resolve(program.title() + ".kubeconfig"),
            """
            apiVersion: v1
            kind: Config
            clusters: [{name: a, cluster: {server: "%s", certificate-authority: "%s"}}]
            users: [{name: a, user: {token: "%s"}}]
            contexts: [{name: a, context: {cluster: a, user: a}}]
            current-context: a
            """
                .formatted(
                    apiServer.getMasterUrl(),
                    apiServer.getCaCertFile(),
                    apiServer.getOauthToken()));
    var command = new ArrayList<String>();
    command.add(Attempt.binary(program).path().toString());
    for (var flag :
        List.of("kubeconfig", "authentication-kubeconfig", "authorization-kubeconfig")) {
      command.add("--%s=%s".formatted(flag, kubeconfig));
    }
    command.addAll(
        List.of("--bind-address=127.0.0.1", "--secure-port=" + port, "--leader-elect=false"));
    command.addAll(flags);
    var output = directory.resolve(program.title() + ".log");
    var process =
        new ProcessBuilder(command)
            .directory(directory.toFile())
            .redirectErrorStream(true)
            .redirectOutput(output.toFile())
            .start();
    return new FollowerProcess(process, output, port);
  }

  /** Port of metrics and probes. */
  public int port() {
    return port;
  }

  /** Whether it has not ended. */
  public boolean isAlive() {
    return process.isAlive();
  }

  /** What it has written. */
  public String output() throws IOException {
    return Files.readString(output);
  }

  @Override
  public void close() {
    process.destroy();
    try {
      if (!process.waitFor(STOP_SECONDS, TimeUnit.SECONDS)) {
        process.destroyForcibly();
      }
    } catch (InterruptedException e) {
      process.destroyForcibly();
      Thread.currentThread().interrupt();
    }
  }
}
