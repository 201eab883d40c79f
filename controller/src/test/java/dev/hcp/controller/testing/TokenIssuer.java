package dev.hcp.controller.testing;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpsConfigurator;
import com.sun.net.httpserver.HttpsServer;
import io.fabric8.kubernetes.client.utils.Serialization;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.math.BigInteger;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.security.KeyPair;
import java.security.KeyPairGenerator;
import java.security.Signature;
import java.security.interfaces.RSAPublicKey;
import java.time.Instant;
import java.util.Arrays;
import java.util.Base64;
import java.util.LinkedHashMap;
import java.util.Map;

/** An OpenID Connect issuer: its discovery document and keys by HTTPS on the loopback interface. */
public final class TokenIssuer implements AutoCloseable {
  private static final String HOST = "localhost";
  private static final String KEY_ID = "test";

  private final ServerPki pki = new ServerPki(HOST);
  private final KeyPair key = keyPair();
  private final HttpsServer server;

  /** Starts to listen. */
  public TokenIssuer() {
    try {
      server = HttpsServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 16);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    server.setHttpsConfigurator(new HttpsConfigurator(pki.serverContext()));
    server.createContext(
        "/.well-known/openid-configuration",
        exchange ->
            answer(
                exchange,
                Map.of(
                    "issuer",
                    url(),
                    "jwks_uri",
                    url() + "/keys",
                    "response_types_supported",
                    new String[] {"id_token"},
                    "subject_types_supported",
                    new String[] {"public"},
                    "id_token_signing_alg_values_supported",
                    new String[] {"RS256"})));
    server.createContext(
        "/keys", exchange -> answer(exchange, Map.of("keys", new Object[] {jwk()})));
    server.start();
  }

  /** The issuer's URL. */
  public String url() {
    return "https://%s:%d".formatted(HOST, server.getAddress().getPort());
  }

  /** PEM of the CA of the issuer's certificate. */
  public String authority() {
    return pki.authority();
  }

  /** A signed token that is valid for ten minutes. */
  public String token(String audience, Map<String, Object> claims) {
    var all = new LinkedHashMap<String, Object>();
    all.put("iss", url());
    all.put("aud", audience);
    all.put("iat", Instant.now().getEpochSecond());
    all.put("exp", Instant.now().plusSeconds(600).getEpochSecond());
    all.putAll(claims);
    var signed = encoded(Map.of("alg", "RS256", "typ", "JWT", "kid", KEY_ID)) + "." + encoded(all);
    try {
      var signature = Signature.getInstance("SHA256withRSA");
      signature.initSign(key.getPrivate());
      signature.update(signed.getBytes(StandardCharsets.US_ASCII));
      return signed + "." + base64(signature.sign());
    } catch (GeneralSecurityException e) {
      throw new IllegalStateException(e);
    }
  }

  @Override
  public void close() {
    server.stop(0);
  }

  private Map<String, Object> jwk() {
    var publicKey = (RSAPublicKey) key.getPublic();
    return Map.of(
        "kty",
        "RSA",
        "use",
        "sig",
        "alg",
        "RS256",
        "kid",
        KEY_ID,
        "n",
        base64(unsigned(publicKey.getModulus())),
        "e",
        base64(unsigned(publicKey.getPublicExponent())));
  }

  private static void answer(HttpExchange exchange, Map<String, Object> body) throws IOException {
    var bytes = json(body);
    exchange.getResponseHeaders().set("Content-Type", "application/json");
    exchange.sendResponseHeaders(200, bytes.length);
    try (var out = exchange.getResponseBody()) {
      out.write(bytes);
    }
  }

  private static String encoded(Map<String, Object> part) {
    return base64(json(part));
  }

  private static byte[] json(Map<String, Object> value) {
    return Serialization.asJson(value).getBytes(StandardCharsets.UTF_8);
  }

  private static String base64(byte[] bytes) {
    return Base64.getUrlEncoder().withoutPadding().encodeToString(bytes);
  }

  private static byte[] unsigned(BigInteger number) {
    var bytes = number.toByteArray();
    return bytes[0] == 0 ? Arrays.copyOfRange(bytes, 1, bytes.length) : bytes;
  }

  private static KeyPair keyPair() {
    try {
      var generator = KeyPairGenerator.getInstance("RSA");
      generator.initialize(2048);
      return generator.generateKeyPair();
    } catch (GeneralSecurityException e) {
      throw new IllegalStateException(e);
    }
  }
}
