package dev.hcp.render.networkpolicy;

/** Who opens the connection, seen from the pods that a policy is about. */
public enum Direction {
  /** The peer does. */
  INGRESS,
  /** The pods do. */
  EGRESS
}
