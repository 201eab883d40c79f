package dev.hcp.e2e.cluster;

import dev.hcp.e2e.BedException;
import io.fabric8.kubernetes.api.model.authentication.TokenRequestBuilder;
import io.fabric8.kubernetes.client.KubernetesClient;
import java.io.IOException;
import java.net.InetAddress;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Base64;
import java.util.List;
import java.util.Optional;
import javax.net.ssl.SNIHostName;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLSocket;

/**
 * Reads metrics of pods over HTTPS as Prometheus does: by the pod's address, and verified by a name
 * that it was told. The way to the pod is a forwarded port.
 */
public final class Scraper {
  private static final String PATH = "/metrics";
  private static final long TOKEN_SECONDS = 3600;
  private static final Duration PATIENCE = Duration.ofSeconds(20);

  private final KubernetesClient client;

  /**
   * An answer.
   *
   * @param status of HTTP
   * @param body all of it
   */
  public record Answer(int status, String body) {}

  /**
   * Whom to ask.
   *
   * @param namespace of the pod
   * @param pod its name
   * @param port of metrics
   * @param serverName what it has to be certified to be called
   */
  public record Target(String namespace, String pod, int port, String serverName) {}

  /**
   * @param client of the cluster of the pods, which its owner closes
   */
  public Scraper(KubernetesClient client) {
    this.client = client;
  }

  /**
   * Asks for the metrics of a pod.
   *
   * @param tls whom to trust, and who the caller is by a certificate
   * @param token who the caller is by a token
   * @throws IOException if there is no answer, or not from whom it should be
   */
  public Answer scrape(Target target, SSLContext tls, Optional<String> token) throws IOException {
    try (var forward =
            client
                .pods()
                .inNamespace(target.namespace())
                .withName(target.pod())
                .portForward(target.port());
        var plain = new Socket(InetAddress.getLoopbackAddress(), forward.getLocalPort());
        var socket =
            (SSLSocket)
                tls.getSocketFactory()
                    .createSocket(plain, target.serverName(), target.port(), true)) {
      socket.setSoTimeout((int) PATIENCE.toMillis());
      var parameters = socket.getSSLParameters();
      parameters.setEndpointIdentificationAlgorithm("HTTPS");
      parameters.setServerNames(List.of(new SNIHostName(target.serverName())));
      socket.setSSLParameters(parameters);
      socket.getOutputStream().write(request(target, token).getBytes(StandardCharsets.US_ASCII));
      return answer(new String(socket.getInputStream().readAllBytes(), StandardCharsets.UTF_8));
    }
  }

  /** A new token of a service account, by the API. */
  public String token(String namespace, String account) {
    return client
        .serviceAccounts()
        .inNamespace(namespace)
        .withName(account)
        .tokenRequest(
            new TokenRequestBuilder()
                .withNewSpec()
                .withExpirationSeconds(TOKEN_SECONDS)
                .endSpec()
                .build())
        .getStatus()
        .getToken();
  }

  /** An entry of a Secret, such as whom to trust, decoded. */
  public String secretText(String namespace, String name, String key) {
    var data = client.secrets().inNamespace(namespace).withName(name).require().getData();
    var entry = data == null ? null : data.get(key);
    if (entry == null) {
      throw new BedException("Secret %s/%s has no %s".formatted(namespace, name, key));
    }
    return new String(Base64.getDecoder().decode(entry), StandardCharsets.UTF_8);
  }

  /** After HTTP/1.0 the connection ends with the answer, which is in one piece. */
  private static String request(Target target, Optional<String> token) {
    var authorization = token.map("Authorization: Bearer %s\r\n"::formatted).orElse("");
    return "GET %s HTTP/1.0\r\nHost: %s\r\n%s\r\n"
        .formatted(PATH, target.serverName(), authorization);
  }

  private static Answer answer(String text) throws IOException {
    int end = text.indexOf("\r\n\r\n");
    var words = text.substring(0, Math.max(0, end)).split(" ", 3);
    if (words.length < 3 || !words[0].startsWith("HTTP/1.")) {
      throw new IOException("no answer of HTTP: " + text.lines().findFirst().orElse(""));
    }
    return new Answer(Integer.parseInt(words[1]), text.substring(end + 4));
  }
}
