package dev.hcp.controller.plan;

import dev.hcp.model.ManagementIssuer;
import java.util.Optional;

/**
 * Whether hosted clusters can accept tokens of the management cluster's service accounts.
 *
 * @param issuer whoever issues them; empty if they cannot be accepted
 * @param obstacle why not, in a sentence; empty if they can be, or shall not be
 */
public record ManagementTokens(Optional<ManagementIssuer> issuer, Optional<String> obstacle) {
  /** Nobody wants them accepted. */
  public static final ManagementTokens UNWANTED =
      new ManagementTokens(Optional.empty(), Optional.empty());

  /** They can be accepted. */
  public static ManagementTokens of(ManagementIssuer issuer) {
    return new ManagementTokens(Optional.of(issuer), Optional.empty());
  }

  /** They cannot be accepted. */
  public static ManagementTokens refused(String obstacle) {
    return new ManagementTokens(Optional.empty(), Optional.of(obstacle));
  }
}
