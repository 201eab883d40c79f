package dev.hcp.process;

import java.net.URI;
import java.net.URISyntaxException;

/** Whose tokens hosted clusters shall accept as those of the management cluster. */
public sealed interface TokenIssuerChoice {
  /** Those of whoever the management cluster says. */
  record Discovered() implements TokenIssuerChoice {}

  /** Nobody's. */
  record None() implements TokenIssuerChoice {}

  /**
   * Those of a given issuer.
   *
   * @param url the issuer
   */
  record Fixed(String url) implements TokenIssuerChoice {}

  /** Reads a setting: {@code auto}, {@code none} or the URL of an issuer. */
  static TokenIssuerChoice parse(String setting, String value) {
    return switch (value) {
      case "auto" -> new Discovered();
      case "none" -> new None();
      default -> {
        if (!isIssuer(value)) {
          throw Environment.refused(
              setting, value, "auto, none, or an https URL without user, query and fragment");
        }
        yield new Fixed(value);
      }
    };
  }

  private static boolean isIssuer(String value) {
    try {
      var url = new URI(value);
      return "https".equals(url.getScheme())
          && url.getHost() != null
          && url.getUserInfo() == null
          && url.getQuery() == null
          && url.getFragment() == null;
    } catch (URISyntaxException _) {
      return false;
    }
  }
}
