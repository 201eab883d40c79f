package dev.hcp.controller.plan;

import java.util.List;
import java.util.Optional;

/**
 * What became of looking up a host name.
 *
 * @param addresses the last addresses that were found, sorted
 * @param problem why the last look-up failed; empty if it did not
 */
public record Resolution(List<String> addresses, Optional<String> problem) {
  /** Copies the list. */
  public Resolution {
    addresses = List.copyOf(addresses);
  }
}
