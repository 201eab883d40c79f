package dev.hcp.api.cilium;

import io.fabric8.kubernetes.api.model.Namespaced;
import io.fabric8.kubernetes.client.CustomResource;
import io.fabric8.kubernetes.model.annotation.Group;
import io.fabric8.kubernetes.model.annotation.Kind;
import io.fabric8.kubernetes.model.annotation.Plural;
import io.fabric8.kubernetes.model.annotation.Singular;
import io.fabric8.kubernetes.model.annotation.Version;

/** A network policy that only Cilium understands. */
@Group(CiliumNetworkPolicy.GROUP)
@Version(CiliumNetworkPolicy.VERSION)
@Kind("CiliumNetworkPolicy")
@Plural("ciliumnetworkpolicies")
@Singular("ciliumnetworkpolicy")
public final class CiliumNetworkPolicy
    extends CustomResource<CiliumNetworkPolicySpec, CiliumNetworkPolicyStatus>
    implements Namespaced {
  /** API group. */
  public static final String GROUP = "cilium.io";

  /** API version. */
  public static final String VERSION = "v2";

  private static final long serialVersionUID = 1L;
}
