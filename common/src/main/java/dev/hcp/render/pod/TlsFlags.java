package dev.hcp.render.pod;

import java.util.Map;

/**
 * Which TLS servers speak: 1.2 with forward secrecy and authenticated encryption, and 1.3, whose
 * suites are not configurable.
 */
public final class TlsFlags {
  /** Cipher suites of TLS 1.2, as Go names them. */
  public static final String CIPHER_SUITES =
      String.join(
          ",",
          "TLS_ECDHE_ECDSA_WITH_AES_128_GCM_SHA256",
          "TLS_ECDHE_ECDSA_WITH_AES_256_GCM_SHA384",
          "TLS_ECDHE_ECDSA_WITH_CHACHA20_POLY1305_SHA256",
          "TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256",
          "TLS_ECDHE_RSA_WITH_AES_256_GCM_SHA384",
          "TLS_ECDHE_RSA_WITH_CHACHA20_POLY1305_SHA256");

  /** Flags of Kubernetes' programs. */
  public static final Map<String, String> OF_KUBERNETES =
      Map.of("tls-cipher-suites", CIPHER_SUITES, "tls-min-version", "VersionTLS12");

  private TlsFlags() {}
}
