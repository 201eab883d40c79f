package dev.hcp.controller.testing;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.HttpURLConnection;
import java.net.URI;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.awaitility.Awaitility;
import org.jspecify.annotations.Nullable;

/** A cluster of etcd whose certificates others give: each member has a folder with its files. */
public final class EtcdPods implements AutoCloseable {
  private static final Duration START = Duration.ofSeconds(60);
  private static final long STOP_SECONDS = 30;

  private final Path directory;
  private final List<Member> members;

  private static final class Member {
    private final int clientPort = ManagementApiServer.freePort();
    private final int peerPort = ManagementApiServer.freePort();
    private final int metricsPort = ManagementApiServer.freePort();
    private @Nullable Process process;
  }

  /**
   * Starts none yet.
   *
   * @param directory for data and logs
   * @param members how many
   */
  public EtcdPods(Path directory, int members) {
    this.directory = directory;
    this.members = IntStream.range(0, members).mapToObj(_ -> new Member()).toList();
  }

  /** Where clients find all of them. */
  public String urls() {
    return members.stream()
        .map(member -> "https://localhost:" + member.clientPort)
        .collect(Collectors.joining(","));
  }

  /**
   * Starts a member, or replaces it.
   *
   * @param files folder with {@code ca.crt}, {@code server.crt}, {@code peer.crt} and their keys
   */
  public void start(int ordinal, Path files) {
    var member = members.get(ordinal);
    end(member);
    var name = "demo-etcd-" + ordinal;
    var command = new ArrayList<String>();
    command.add(Binaries.ETCD.path().toString());
    command.add("--name=" + name);
    command.add("--data-dir=" + directory.resolve(name));
    command.add("--unsafe-no-fsync");
    command.add("--listen-client-urls=https://127.0.0.1:" + member.clientPort);
    command.add("--advertise-client-urls=https://localhost:" + member.clientPort);
    command.add("--listen-peer-urls=https://127.0.0.1:" + member.peerPort);
    command.add("--initial-advertise-peer-urls=https://localhost:" + member.peerPort);
    command.add("--listen-metrics-urls=http://127.0.0.1:" + member.metricsPort);
    command.add(
        "--initial-cluster="
            + IntStream.range(0, members.size())
                .mapToObj(
                    i -> "demo-etcd-%d=https://localhost:%d".formatted(i, members.get(i).peerPort))
                .collect(Collectors.joining(",")));
    command.add("--client-cert-auth=true");
    command.add("--peer-client-cert-auth=true");
    command.add("--trusted-ca-file=" + files.resolve("ca.crt"));
    command.add("--peer-trusted-ca-file=" + files.resolve("ca.crt"));
    command.add("--cert-file=" + files.resolve("server.crt"));
    command.add("--key-file=" + files.resolve("server.key"));
    command.add("--peer-cert-file=" + files.resolve("peer.crt"));
    command.add("--peer-key-file=" + files.resolve("peer.key"));
    try {
      member.process =
          new ProcessBuilder(command)
              .redirectErrorStream(true)
              .redirectOutput(
                  ProcessBuilder.Redirect.appendTo(directory.resolve(name + ".log").toFile()))
              .start();
    } catch (IOException e) {
      throw new UncheckedIOException("cannot start " + name, e);
    }
  }

  /** Waits until all members are ready. */
  public void awaitReady() {
    Awaitility.await("etcd is ready, see " + directory)
        .atMost(START)
        .pollInterval(Duration.ofMillis(100))
        .ignoreExceptions()
        .until(() -> {
          for (var member : members) {
            if (!isReady(member)) {
              return false;
            }
          }
          return true;
        });
  }

  private static boolean isReady(Member member) throws IOException {
    var connection =
        (HttpURLConnection)
            URI.create("http://127.0.0.1:%d/readyz".formatted(member.metricsPort))
                .toURL()
                .openConnection();
    connection.setConnectTimeout(2_000);
    connection.setReadTimeout(5_000);
    try {
      return connection.getResponseCode() == HttpURLConnection.HTTP_OK;
    } finally {
      connection.disconnect();
    }
  }

  private static void end(Member member) {
    var process = member.process;
    if (process == null) {
      return;
    }
    process.destroy();
    try {
      // A leader has to find another one first. While it is there, it has its ports.
      if (!process.waitFor(STOP_SECONDS, TimeUnit.SECONDS)) {
        var _ = process.destroyForcibly().waitFor(STOP_SECONDS, TimeUnit.SECONDS);
      }
    } catch (InterruptedException e) {
      process.destroyForcibly();
      Thread.currentThread().interrupt();
    }
  }

  @Override
  public void close() {
    members.forEach(EtcdPods::end);
  }
}
