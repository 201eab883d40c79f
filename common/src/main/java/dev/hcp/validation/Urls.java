package dev.hcp.validation;

import java.net.URI;
import java.net.URISyntaxException;
import java.util.Optional;

/** URLs of servers. */
final class Urls {
  private static final int HIGHEST_PORT = 65535;

  private Urls() {}

  /** Whether a text is a URL that a client can call, with scheme http or https. */
  static boolean isHttp(String text) {
    return parse(text)
        .filter(url -> "https".equals(url.getScheme()) || "http".equals(url.getScheme()))
        .filter(url -> url.getFragment() == null)
        .isPresent();
  }

  /** Whether a text is what kube-apiserver takes for an issuer of tokens. */
  static boolean isIssuer(String text) {
    return parse(text)
        .filter(url -> "https".equals(url.getScheme()))
        .filter(url -> url.getQuery() == null && url.getFragment() == null)
        .isPresent();
  }

  private static Optional<URI> parse(String text) {
    try {
      return Optional.of(new URI(text))
          .filter(url -> url.getHost() != null && url.getUserInfo() == null)
          .filter(url -> url.getPort() != 0 && url.getPort() <= HIGHEST_PORT);
    } catch (URISyntaxException e) {
      return Optional.empty();
    }
  }
}
