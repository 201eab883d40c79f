package dev.hcp.controller.plan;

import dev.hcp.version.KubernetesVersion;
import java.util.List;

/**
 * What is to be found out of a hosted cluster before its API servers take another minor version.
 *
 * @param to the version
 * @param servers the API servers, each of which knows only what it was asked itself; sorted by name
 * @param said what the user has said last: another word has it found out at once
 */
public record UpgradeCheck(KubernetesVersion to, List<Server> servers, String said) {
  /** Copies the list. */
  public UpgradeCheck {
    servers = List.copyOf(servers);
  }

  /**
   * One API server.
   *
   * @param pod name of its pod
   * @param address IP address of its pod
   * @param port port on which it listens
   * @param name name in its certificate
   */
  public record Server(String pod, String address, int port, String name) {}
}
