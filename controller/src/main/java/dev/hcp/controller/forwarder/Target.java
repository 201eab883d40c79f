package dev.hcp.controller.forwarder;

import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.net.ConnectException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.net.http.HttpTimeoutException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** A receiver of audit events. */
final class Target {
  private static final Logger LOG = LoggerFactory.getLogger(Target.class);
  private static final int MOST_CONNECTIONS = 32;
  private static final int SUCCESS = 200;
  private static final int NO_SUCCESS = 300;

  private final URI url;
  private final Optional<Path> token;
  private final HttpClient client;
  private final Duration timeout;
  private final Semaphore connections = new Semaphore(MOST_CONNECTIONS, true);
  private final AtomicBoolean failing = new AtomicBoolean();

  /**
   * Nothing is sent yet.
   *
   * @param token file with the token that is sent along; it may change
   */
  Target(URI url, Optional<Path> token, HttpClient client, Duration timeout) {
    this.url = url;
    this.token = token;
    this.client = client;
    this.timeout = timeout;
  }

  /**
   * Sends a batch and waits for the answer.
   *
   * @return why the receiver does not have it; empty if it does
   */
  Optional<String> send(byte[] batch) {
    Optional<String> failure;
    try {
      failure =
          connections.tryAcquire(timeout.toMillis(), TimeUnit.MILLISECONDS)
              ? sendNow(batch)
              : Optional.of("%s is too slow".formatted(this));
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      failure = Optional.of("%s: interrupted".formatted(this));
    }
    report(failure);
    return failure;
  }

  private Optional<String> sendNow(byte[] batch) throws InterruptedException {
    try {
      int status = status(batch);
      return status >= SUCCESS && status < NO_SUCCESS
          ? Optional.empty()
          : Optional.of("%s answers %d".formatted(this, status));
    } catch (IOException e) {
      return Optional.of("%s: %s".formatted(this, e));
    } finally {
      connections.release();
    }
  }

  /** Without what might be secret in the URL. */
  @Override
  public String toString() {
    return "%s://%s%s".formatted(url.getScheme(), url.getAuthority(), url.getPath());
  }

  private int status(byte[] batch) throws IOException, InterruptedException {
    var request = request(batch);
    try {
      return client.send(request, HttpResponse.BodyHandlers.discarding()).statusCode();
    } catch (ConnectException | HttpTimeoutException e) {
      throw e;
    } catch (IOException _) {
      // Most likely the receiver closed a connection that was kept open; a new one may do.
      return client.send(request, HttpResponse.BodyHandlers.discarding()).statusCode();
    }
  }

  private HttpRequest request(byte[] batch) throws IOException {
    var request =
        HttpRequest.newBuilder(url)
            .timeout(timeout)
            .header("Content-Type", "application/json")
            .POST(body(batch));
    if (token.isPresent()) {
      var value = Files.readString(token.get()).strip();
      if (value.isEmpty()) {
        throw new IOException("its token is missing");
      }
      request.header("Authorization", "Bearer " + value);
    }
    return request.build();
  }

  /** Read bit by bit; from an array the client would first make a copy of all of it. */
  private static HttpRequest.BodyPublisher body(byte[] batch) {
    return batch.length == 0
        ? HttpRequest.BodyPublishers.noBody()
        : HttpRequest.BodyPublishers.fromPublisher(
            HttpRequest.BodyPublishers.ofInputStream(() -> new ByteArrayInputStream(batch)),
            batch.length);
  }

  private void report(Optional<String> failure) {
    if (failing.compareAndSet(failure.isEmpty(), failure.isPresent())) {
      failure.ifPresentOrElse(
          why -> LOG.warn("Not delivered: {}", why),
          () -> LOG.info("Delivering again to {}", this));
    }
  }
}
