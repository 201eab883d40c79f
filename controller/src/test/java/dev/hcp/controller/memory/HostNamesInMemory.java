package dev.hcp.controller.memory;

import dev.hcp.controller.exposure.HostNames;
import dev.hcp.controller.plan.Resolution;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** Host names with the addresses that a test gives them; those of others are unknown. */
public final class HostNamesInMemory implements HostNames {
  private final Map<String, List<String>> addresses = new HashMap<>();
  private final Map<String, List<String>> followed = new HashMap<>();

  /** Says what addresses a host name has. */
  public void put(String hostName, String... ips) {
    addresses.put(hostName, List.of(ips));
  }

  @Override
  public Map<String, Resolution> last(String namespace, String name) {
    var all = new HashMap<String, Resolution>();
    followed
        .getOrDefault(namespace + "/" + name, List.of())
        .forEach(hostName ->
            all.put(
                hostName,
                new Resolution(
                    addresses.getOrDefault(hostName, List.of()),
                    addresses.containsKey(hostName)
                        ? Optional.empty()
                        : Optional.of(hostName + ": unknown"))));
    return all;
  }

  @Override
  public void follow(String namespace, String name, List<String> hostNames) {
    followed.put(namespace + "/" + name, hostNames);
  }

  @Override
  public void forget(String namespace, String name) {
    followed.remove(namespace + "/" + name);
  }
}
