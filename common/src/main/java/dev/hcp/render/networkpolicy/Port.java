package dev.hcp.render.networkpolicy;

/**
 * Ports of one protocol. The protocol is always explicit: NetworkPolicy takes a missing one for
 * TCP, Cilium for any.
 *
 * @param protocol the protocol
 * @param number the port of the pod, that is after Services were translated; {@link #EVERY} for all
 *     ports of the protocol
 */
public record Port(Protocol protocol, int number) {
  /** Stands for all ports. */
  public static final int EVERY = 0;

  /** Protocols; the names are those in policies. */
  public enum Protocol {
    /** Transmission Control Protocol. */
    TCP,
    /** User Datagram Protocol. */
    UDP
  }

  /** A TCP port. */
  public static Port tcp(int number) {
    return new Port(Protocol.TCP, number);
  }

  /** A UDP port. */
  public static Port udp(int number) {
    return new Port(Protocol.UDP, number);
  }

  /** All TCP ports. */
  public static Port everyTcp() {
    return tcp(EVERY);
  }
}
