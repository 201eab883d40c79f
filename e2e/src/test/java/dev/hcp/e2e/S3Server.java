package dev.hcp.e2e;

import dev.hcp.e2e.process.Command;
import dev.hcp.e2e.process.Wait;
import dev.hcp.e2e.store.Cache;
import dev.hcp.e2e.store.FileTrees;
import dev.hcp.e2e.store.SourceTree;
import dev.hcp.e2e.tools.Toolbox;
import io.fabric8.kubernetes.api.model.Secret;
import io.fabric8.kubernetes.api.model.SecretBuilder;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/** An S3 server as a process of this machine, which keeps objects in files. */
final class S3Server implements AutoCloseable {
  private static final String BUCKET = "backups";
  private static final String ACCESS_KEY_ID = "access-key";
  private static final String SECRET_ACCESS_KEY = "secret-access-key";

  private static final Duration START = Duration.ofMinutes(1);
  private static final Duration STOP = Duration.ofSeconds(10);

  private final String program;
  private final String host;
  private final int port;
  private final Path folder;
  private @Nullable Process process;

  private S3Server(String program, String host, int port, Path folder) {
    this.program = program;
    this.host = host;
    this.port = port;
    this.folder = folder;
  }

  /** Starts one with an empty bucket at an address of this machine, on a free port. */
  static S3Server start(String host) {
    var program =
        Toolbox.command(
            "versitygw",
            SourceTree.locate(System.getenv()),
            Cache.locate(System.getenv()),
            Progress.onStandardError());
    try {
      var folder = Files.createTempDirectory("s3-server");
      Files.createDirectories(folder.resolve("buckets").resolve(BUCKET));
      var server = new S3Server(program.toString(), host, freePort(host), folder);
      server.resume();
      return server;
    } catch (IOException e) {
      throw new UncheckedIOException("cannot start an S3 server", e);
    }
  }

  private static int freePort(String host) throws IOException {
    try (var socket = new ServerSocket(0, 1, InetAddress.getByName(host))) {
      return socket.getLocalPort();
    }
  }

  /** Where it listens, as a Secret names it. */
  String address() {
    return "http://%s:%d".formatted(host, port);
  }

  /** A Secret by which backups are stored in it. */
  Secret secret(String namespace, String name) {
    return new SecretBuilder()
        .withNewMetadata()
        .withName(name)
        .withNamespace(namespace)
        .endMetadata()
        .addToStringData("accessKeyID", ACCESS_KEY_ID)
        .addToStringData("secretAccessKey", SECRET_ACCESS_KEY)
        .addToStringData("bucket", BUCKET + "/e2e")
        .addToStringData("host", address())
        .build();
  }

  /** The files of all objects whose names end so, by name. */
  List<Path> objects(String end) {
    try (Stream<Path> files = Files.walk(folder.resolve("buckets").resolve(BUCKET))) {
      return files.filter(file -> file.toString().endsWith(end)).sorted().toList();
    } catch (IOException e) {
      throw new UncheckedIOException("cannot list the objects", e);
    }
  }

  /** The file of an object. */
  Path object(String name) {
    return folder.resolve("buckets").resolve(BUCKET).resolve(name);
  }

  /** Ends it; what it keeps stays. */
  void stop() {
    if (process == null) {
      return;
    }
    process.destroy();
    try {
      if (!process.waitFor(STOP.toSeconds(), TimeUnit.SECONDS)) {
        process.destroyForcibly();
      }
    } catch (InterruptedException e) {
      process.destroyForcibly();
      Thread.currentThread().interrupt();
    }
    process = null;
  }

  /** Lets it stand still, or go on: signals {@code STOP} and {@code CONT}. */
  void signal(String signal) {
    if (process == null) {
      throw new IllegalStateException("the S3 server does not run");
    }
    Command.of("kill", "-" + signal, Long.toString(process.pid())).check();
  }

  /** Starts it again. */
  void resume() {
    try {
      var started =
          new ProcessBuilder(
                  program,
                  "--access=" + ACCESS_KEY_ID,
                  "--secret=" + SECRET_ACCESS_KEY,
                  "--port=%s:%d".formatted(host, port),
                  "posix",
                  folder.resolve("buckets").toString())
              .directory(folder.toFile())
              .redirectErrorStream(true)
              .redirectOutput(folder.resolve("log").toFile())
              .start();
      process = started;
      Wait.until("the S3 server listens, see " + folder, START, () -> listens(started));
    } catch (IOException e) {
      throw new UncheckedIOException("cannot start an S3 server", e);
    }
  }

  private boolean listens(Process started) {
    if (!started.isAlive()) {
      throw new BedException("the S3 server ended, see " + folder);
    }
    try (var _ = new Socket(host, port)) {
      return true;
    } catch (IOException _) {
      return false;
    }
  }

  @Override
  public void close() {
    stop();
    FileTrees.delete(folder);
  }
}
