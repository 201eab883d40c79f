package dev.hcp.render.networkpolicy;

import java.util.List;

/**
 * Connections that are allowed.
 *
 * @param direction who opens them
 * @param peer the other side
 * @param ports ports of the side that is dialled; at least one
 */
public record Flow(Direction direction, Peer peer, List<Port> ports) {
  /** Copies the list. */
  public Flow {
    ports = List.copyOf(ports);
    if (ports.isEmpty()) {
      // Without ports a policy would allow all of them.
      throw new IllegalArgumentException("a flow needs ports, %s has none".formatted(peer));
    }
  }

  static Flow from(Peer peer, Port... ports) {
    return new Flow(Direction.INGRESS, peer, List.of(ports));
  }

  static Flow to(Peer peer, Port... ports) {
    return new Flow(Direction.EGRESS, peer, List.of(ports));
  }
}
