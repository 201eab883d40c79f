package dev.hcp.model;

import java.util.List;
import java.util.Optional;

/**
 * Whoever issues the tokens of the management cluster's service accounts.
 *
 * @param url the issuer
 * @param certificateAuthority PEM of the authorities that its certificate is verified against;
 *     empty: those of the operating system
 * @param servers URLs outside the management cluster's API servers that have to be called to verify
 *     a token
 * @param apiServers addresses of the management cluster's API servers, if those have to be called
 */
public record ManagementIssuer(
    String url,
    Optional<String> certificateAuthority,
    List<String> servers,
    List<Address> apiServers) {
  /** Copies the lists. */
  public ManagementIssuer {
    servers = List.copyOf(servers);
    apiServers = List.copyOf(apiServers);
  }

  /**
   * Where an API server listens.
   *
   * @param ip IP address
   * @param port port
   */
  public record Address(String ip, int port) {}
}
