package dev.hcp.controller.testing;

import dev.hcp.controller.plan.StoreAccess;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.Socket;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.awaitility.Awaitility;
import software.amazon.awssdk.auth.credentials.AwsBasicCredentials;
import software.amazon.awssdk.auth.credentials.StaticCredentialsProvider;
import software.amazon.awssdk.http.urlconnection.UrlConnectionHttpClient;
import software.amazon.awssdk.regions.Region;
import software.amazon.awssdk.services.s3.S3Client;

/**
 * An S3 server as a process of this machine that listens on the loopback interface only. It checks
 * signatures, and keeps objects in files.
 */
public final class S3Server implements AutoCloseable {
  /** The bucket that is there from the beginning. */
  public static final String BUCKET = "backups";

  /** The bucket that {@link #withLocks} makes. */
  public static final String LOCKING_BUCKET = "locked-backups";

  private static final Duration START = Duration.ofSeconds(60);
  private static final Duration STOP = Duration.ofSeconds(10);
  private static final String ACCESS_KEY_ID = "access-key";
  private static final String SECRET_ACCESS_KEY = "secret-access-key";

  private final Path directory;
  private final int port = ManagementApiServer.freePort();
  private Process process;

  private S3Server(Path directory) {
    this.directory = directory;
  }

  /** Starts one with an empty bucket. */
  public static S3Server start() {
    var binary = Binaries.VERSITYGW.path();
    try {
      var server = new S3Server(Files.createTempDirectory("s3-server"));
      try {
        server.launch(binary);
        return server;
      } catch (IOException | RuntimeException e) {
        server.close();
        throw e;
      }
    } catch (IOException e) {
      throw new UncheckedIOException("cannot start an S3 server", e);
    }
  }

  private void launch(Path binary) throws IOException {
    Files.createDirectories(directory.resolve("buckets").resolve(BUCKET));
    process =
        new ProcessBuilder(
                List.of(
                    binary.toString(),
                    "--access=" + ACCESS_KEY_ID,
                    "--secret=" + SECRET_ACCESS_KEY,
                    "--port=127.0.0.1:" + port,
                    "posix",
                    directory.resolve("buckets").toString()))
            .directory(directory.toFile())
            .redirectErrorStream(true)
            .redirectOutput(directory.resolve("log").toFile())
            .start();
    Awaitility.await("the S3 server listens, see " + directory)
        .atMost(START)
        .pollInterval(Duration.ofMillis(100))
        .failFast("the S3 server ended, see " + directory, () -> !process.isAlive())
        .until(this::listens);
  }

  private boolean listens() {
    try (var _ = new Socket(InetAddress.getLoopbackAddress(), port)) {
      return true;
    } catch (IOException _) {
      return false;
    }
  }

  /** Makes another bucket, which has object lock. */
  public StoreAccess withLocks() {
    try (var client = client()) {
      var _ =
          client.createBucket(
              request -> request.bucket(LOCKING_BUCKET).objectLockEnabledForBucket(true));
    }
    return access(LOCKING_BUCKET);
  }

  /** Asks it as somebody else would. The caller closes it. */
  public S3Client client() {
    return S3Client.builder()
        .httpClient(UrlConnectionHttpClient.create())
        .region(Region.US_EAST_1)
        .credentialsProvider(
            StaticCredentialsProvider.create(
                AwsBasicCredentials.create(ACCESS_KEY_ID, SECRET_ACCESS_KEY)))
        .endpointOverride(URI.create("http://127.0.0.1:" + port))
        .forcePathStyle(true)
        .build();
  }

  /** How it is reached. */
  public StoreAccess access() {
    return access(BUCKET, ACCESS_KEY_ID, SECRET_ACCESS_KEY);
  }

  /** How another bucket would be reached. */
  public StoreAccess access(String bucket) {
    return access(bucket, ACCESS_KEY_ID, SECRET_ACCESS_KEY);
  }

  /** How somebody would try to reach it. */
  public StoreAccess access(String bucket, String accessKeyId, String secretAccessKey) {
    return new StoreAccess(
        Optional.of("http://127.0.0.1:" + port),
        "us-east-1",
        bucket,
        "prefix",
        accessKeyId,
        secretAccessKey,
        Optional.empty());
  }

  /** Where it listens. */
  int port() {
    return port;
  }

  /** Number of uploads that were begun, and neither completed nor dropped. */
  public long unfinishedUploads() {
    var all = file(".sgwtmp").resolve("multipart");
    if (!Files.exists(all)) {
      return 0;
    }
    try (var uploads = Files.find(all, 2, (path, _) -> all.relativize(path).getNameCount() == 2)) {
      return uploads.count();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** Names of all objects that end so, sorted. */
  public List<String> objects(String end) {
    var bucket = directory.resolve("buckets").resolve(BUCKET);
    try (Stream<Path> files = Files.walk(bucket)) {
      return files
          .filter(Files::isRegularFile)
          .map(file -> bucket.relativize(file).toString())
          .filter(name -> name.endsWith(end) && !name.startsWith("."))
          .sorted()
          .toList();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** The id of the access key, with another secret. */
  public StoreAccess wrongSecret() {
    return access(BUCKET, ACCESS_KEY_ID, "another");
  }

  /** The file of an object. */
  public Path file(String object) {
    return file(BUCKET, object);
  }

  /** The file of an object of a bucket. */
  public Path file(String bucket, String object) {
    return directory.resolve("buckets").resolve(bucket).resolve(object);
  }

  @Override
  public void close() {
    if (process != null) {
      process.destroy();
      try {
        if (!process.waitFor(STOP.toSeconds(), TimeUnit.SECONDS)) {
          process.destroyForcibly();
        }
      } catch (InterruptedException e) {
        process.destroyForcibly();
        Thread.currentThread().interrupt();
      }
    }
    try (Stream<Path> files = Files.walk(directory)) {
      for (var file : files.sorted(Comparator.reverseOrder()).toList()) {
        Files.deleteIfExists(file);
      }
    } catch (IOException e) {
      throw new UncheckedIOException("cannot remove " + directory, e);
    }
  }
}
