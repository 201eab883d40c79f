package dev.hcp.e2e.bench;

import dev.hcp.e2e.BedException;
import java.io.IOException;
import java.net.Socket;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.security.GeneralSecurityException;
import java.security.cert.X509Certificate;
import java.time.Duration;
import java.time.Instant;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLEngine;
import javax.net.ssl.TrustManager;
import javax.net.ssl.X509ExtendedTrustManager;

/**
 * Asks a hosted API server through the Gateway whether it is ready, often enough to measure with.
 */
final class ReadyProbe {
  private static final Duration PAUSE = Duration.ofMillis(50);
  private static final Duration PATIENCE = Duration.ofSeconds(2);

  private final URI readyz;
  private String lastAnswer = "none";

  ReadyProbe(String host) {
    this.readyz = URI.create("https://%s/readyz".formatted(host));
  }

  /** Returns when it answers; fails after {@code deadline}. */
  void waitUntilReady(Duration deadline) {
    var end = Instant.now().plus(deadline);
    while (!answers()) {
      if (Instant.now().isAfter(end)) {
        throw new BedException(
            "%s did not answer within %d s; last: %s"
                .formatted(readyz, deadline.toSeconds(), lastAnswer));
      }
    }
  }

  private boolean answers() {
    // A client for each question: a kept connection would go on talking to an Envoy or API server
    // of before.
    try (var client =
        HttpClient.newBuilder().sslContext(trustingAnyone()).connectTimeout(PATIENCE).build()) {
      var request = HttpRequest.newBuilder(readyz).timeout(PATIENCE).build();
      var answer = client.send(request, HttpResponse.BodyHandlers.ofString());
      if (answer.statusCode() == 200) {
        return true;
      }
      lastAnswer = answer.toString();
      return pause();
    } catch (IOException e) {
      // Not there yet: that is what is being measured.
      lastAnswer = e.toString();
      return pause();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new BedException("interrupted while waiting for %s".formatted(readyz), e);
    }
  }

  private static boolean pause() {
    try {
      Thread.sleep(PAUSE);
      return false;
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new BedException("interrupted while waiting", e);
    }
  }

  /**
   * The CA is made while we wait. Who answers is checked afterwards, with the cluster's own
   * kubeconfig.
   */
  private static SSLContext trustingAnyone() {
    try {
      var context = SSLContext.getInstance("TLS");
      context.init(null, new TrustManager[] {new Anyone()}, null);
      return context;
    } catch (GeneralSecurityException e) {
      throw new IllegalStateException("every Java runtime has TLS", e);
    }
  }

  private static final class Anyone extends X509ExtendedTrustManager {
    @Override
    public void checkClientTrusted(X509Certificate[] chain, String type, Socket socket) {}

    @Override
    public void checkServerTrusted(X509Certificate[] chain, String type, Socket socket) {}

    @Override
    public void checkClientTrusted(X509Certificate[] chain, String type, SSLEngine engine) {}

    @Override
    public void checkServerTrusted(X509Certificate[] chain, String type, SSLEngine engine) {}

    @Override
    public void checkClientTrusted(X509Certificate[] chain, String type) {}

    @Override
    public void checkServerTrusted(X509Certificate[] chain, String type) {}

    @Override
    public X509Certificate[] getAcceptedIssuers() {
      return new X509Certificate[0];
    }
  }
}
