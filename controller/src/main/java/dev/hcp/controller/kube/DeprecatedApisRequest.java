package dev.hcp.controller.kube;

import dev.hcp.controller.kube.HostedKube.DeprecatedApi;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.KubernetesClientException;
import io.fabric8.kubernetes.client.http.AsyncBody;
import java.net.HttpURLConnection;
import java.net.URI;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;

/**
 * Reads of an API server's metrics, which are megabytes, the few lines about APIs that will be
 * removed.
 */
final class DeprecatedApisRequest {
  private static final Duration DEADLINE = Duration.ofSeconds(20);

  private final KubernetesClient client;
  private final DeprecatedApis metrics = new DeprecatedApis();

  DeprecatedApisRequest(KubernetesClient client) {
    this.client = client;
  }

  /**
   * Asks, and waits for the end of the answer.
   *
   * @throws KubernetesClientException if it is refused, or there is none within the deadline
   */
  Set<DeprecatedApi> send() {
    long deadline = System.nanoTime() + DEADLINE.toNanos();
    var http = client.getHttpClient();
    var request =
        http.newHttpRequestBuilder()
            .uri(URI.create(client.getMasterUrl().toString()).resolve("/metrics"))
            .timeout(DEADLINE.toMillis(), TimeUnit.MILLISECONDS)
            .build();
    try {
      var response =
          http.consumeBytes(request, this::consume).get(DEADLINE.toMillis(), TimeUnit.MILLISECONDS);
      var body = response.body();
      if (response.code() != HttpURLConnection.HTTP_OK) {
        body.cancel();
        throw new KubernetesClientException("HTTP %d for /metrics".formatted(response.code()));
      }
      body.consume();
      try {
        body.done().get(Math.max(0, deadline - System.nanoTime()), TimeUnit.NANOSECONDS);
      } finally {
        body.cancel();
      }
      return new HashSet<>(metrics.found());
    } catch (TimeoutException e) {
      throw new KubernetesClientException("no complete answer within %s".formatted(DEADLINE), e);
    } catch (ExecutionException e) {
      var cause = e.getCause() == null ? e : e.getCause();
      throw new KubernetesClientException(String.valueOf(cause.getMessage()), cause);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new KubernetesClientException("interrupted", e);
    }
  }

  private void consume(List<ByteBuffer> buffers, AsyncBody body) {
    buffers.forEach(metrics::read);
    body.consume();
  }
}
