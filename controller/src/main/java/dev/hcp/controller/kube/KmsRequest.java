package dev.hcp.controller.kube;

import dev.hcp.controller.plan.KmsHealth;
import dev.hcp.render.apiserver.ApiServerRenderer;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.KubernetesClientException;
import io.fabric8.kubernetes.client.RequestConfigBuilder;
import java.io.IOException;
import java.net.HttpURLConnection;
import java.net.URI;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;

/**
 * Asks an API server whether it can use its key management services. That it cannot is an answer,
 * for which the request need not be made again, and whose text is what is wanted.
 */
final class KmsRequest {
  private static final Duration DEADLINE = Duration.ofSeconds(20);
  private static final String PATH = "/readyz/" + ApiServerRenderer.KMS_CHECK;

  /** What all checks say in front of what is wrong. */
  private static final String SAID = "internal server error: ";

  private final KubernetesClient client;

  KmsRequest(KubernetesClient client) {
    this.client = client;
  }

  /**
   * Asks.
   *
   * @return empty if it was started without one
   * @throws KubernetesClientException if it is refused, or nobody is there
   */
  Optional<KmsHealth> send() {
    var http =
        client
            .newClient(new RequestConfigBuilder().withRequestRetryBackoffLimit(0).build())
            .getHttpClient();
    var request =
        http.newHttpRequestBuilder()
            .uri(URI.create(client.getMasterUrl().toString()).resolve(PATH))
            .timeout(DEADLINE.toMillis(), TimeUnit.MILLISECONDS)
            .build();
    try {
      var response =
          http.sendAsync(request, String.class).get(DEADLINE.toMillis(), TimeUnit.MILLISECONDS);
      return switch (response.code()) {
        case HttpURLConnection.HTTP_OK -> Optional.of(new KmsHealth(Optional.empty()));
        case HttpURLConnection.HTTP_NOT_FOUND -> Optional.empty();
        case HttpURLConnection.HTTP_INTERNAL_ERROR ->
            Optional.of(new KmsHealth(Optional.of(said(response.bodyString()))));
        default ->
            throw new KubernetesClientException("HTTP %d for %s".formatted(response.code(), PATH));
      };
    } catch (TimeoutException _) {
      return Optional.of(
          new KmsHealth(
              Optional.of(
                  "API servers have no answer within %d s".formatted(DEADLINE.toSeconds()))));
    } catch (ExecutionException e) {
      var cause = e.getCause() == null ? e : e.getCause();
      throw new KubernetesClientException(String.valueOf(cause.getMessage()), cause);
    } catch (IOException e) {
      throw new KubernetesClientException(String.valueOf(e.getMessage()), e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new KubernetesClientException("interrupted", e);
    }
  }

  private static String said(String body) {
    var text = body.strip();
    return text.startsWith(SAID) ? text.substring(SAID.length()) : text;
  }
}
