package dev.hcp.render.networkpolicy;

/** The kind of object that a policy is written as. */
public enum Flavour {
  /** NetworkPolicy, which every engine understands. */
  KUBERNETES,
  /** CiliumNetworkPolicy, which can also name nodes, the outside world and DNS names. */
  CILIUM
}
