package dev.hcp.render.pki;

import java.net.InetAddress;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Subject alternative names in the order in which they were added, each once, sorted into names and
 * addresses.
 */
final class SubjectAlternativeNames {
  private final Set<String> names = new LinkedHashSet<>();
  private final Set<String> addresses = new LinkedHashSet<>();

  void add(String nameOrAddress) {
    if (isAddress(nameOrAddress)) {
      addresses.add(nameOrAddress);
    } else {
      names.add(nameOrAddress);
    }
  }

  @Nullable List<String> dnsNames() {
    return names.isEmpty() ? null : List.copyOf(names);
  }

  @Nullable List<String> ipAddresses() {
    return addresses.isEmpty() ? null : List.copyOf(addresses);
  }

  private static boolean isAddress(String text) {
    try {
      InetAddress.ofLiteral(text);
      return true;
    } catch (IllegalArgumentException e) {
      return false;
    }
  }
}
