package dev.hcp.controller.testing;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.net.URLDecoder;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.CopyOnWriteArrayList;

/**
 * As much of AWS STS as is needed to assume a role by a token, by HTTP on the loopback interface.
 * It gives out the access key of {@link S3StandIn}.
 */
public final class TokenServiceStandIn implements AutoCloseable {
  /** What has to go with every request that is made by what it gives out. */
  public static final String SESSION_TOKEN = "session-token";

  private final HttpServer server;
  private final List<Map<String, String>> requests = new CopyOnWriteArrayList<>();
  private volatile String refusal = "";

  /** Gives everybody credentials. */
  public TokenServiceStandIn() {
    try {
      server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 16);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    server.createContext("/", this::serve);
    server.start();
  }

  /** Its address. */
  public URI url() {
    return URI.create("http://127.0.0.1:%d".formatted(server.getAddress().getPort()));
  }

  /** From now on gives nobody anything. */
  public void refuse(String code) {
    refusal = code;
  }

  /** Parameters of all requests. */
  public List<Map<String, String>> requests() {
    return List.copyOf(requests);
  }

  @Override
  public void close() {
    server.stop(0);
  }

  private void serve(HttpExchange exchange) throws IOException {
    try (exchange) {
      var parameters = new TreeMap<String, String>();
      var body = new String(exchange.getRequestBody().readAllBytes(), StandardCharsets.UTF_8);
      for (var parameter : body.split("&")) {
        var parts = parameter.split("=", 2);
        parameters.put(parts[0], URLDecoder.decode(parts[1], StandardCharsets.UTF_8));
      }
      requests.add(parameters);
      if (refusal.isEmpty()) {
        say(
            exchange,
            200,
            """
            <AssumeRoleWithWebIdentityResponse xmlns="https://sts.amazonaws.com/doc/2011-06-15/">
            <AssumeRoleWithWebIdentityResult><Credentials><AccessKeyId>%s</AccessKeyId>
            <SecretAccessKey>secret</SecretAccessKey><SessionToken>%s</SessionToken>
            <Expiration>%s</Expiration></Credentials></AssumeRoleWithWebIdentityResult>
            </AssumeRoleWithWebIdentityResponse>\
            """
                .formatted(
                    S3StandIn.ACCESS_KEY_ID,
                    SESSION_TOKEN,
                    Instant.now().plus(Duration.ofHours(1))));
      } else {
        say(
            exchange,
            400,
            "<ErrorResponse><Error><Type>Sender</Type><Code>%s</Code><Message>as told</Message></Error></ErrorResponse>"
                .formatted(refusal));
      }
    }
  }

  private static void say(HttpExchange exchange, int status, String xml) throws IOException {
    var text = xml.getBytes(StandardCharsets.UTF_8);
    exchange.getResponseHeaders().add("Content-Type", "text/xml");
    exchange.sendResponseHeaders(status, text.length);
    exchange.getResponseBody().write(text);
  }
}
