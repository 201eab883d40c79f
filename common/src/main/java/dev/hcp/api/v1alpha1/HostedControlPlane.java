package dev.hcp.api.v1alpha1;

import io.fabric8.kubernetes.api.model.Namespaced;
import io.fabric8.kubernetes.client.CustomResource;
import io.fabric8.kubernetes.model.annotation.Group;
import io.fabric8.kubernetes.model.annotation.Kind;
import io.fabric8.kubernetes.model.annotation.Plural;
import io.fabric8.kubernetes.model.annotation.ShortNames;
import io.fabric8.kubernetes.model.annotation.Singular;
import io.fabric8.kubernetes.model.annotation.Version;

/**
 * The control plane of one Kubernetes cluster, run as workloads on the management cluster.
 * Referenced by {@code controlPlaneRef} of a Cluster API Cluster in the same namespace.
 */
@Group(HostedControlPlane.GROUP)
@Version(HostedControlPlane.VERSION)
@Kind(HostedControlPlane.KIND)
@Plural("hostedcontrolplanes")
@Singular("hostedcontrolplane")
@ShortNames("hcp")
public final class HostedControlPlane
    extends CustomResource<HostedControlPlaneSpec, HostedControlPlaneStatus> implements Namespaced {
  /** API group of both kinds. */
  public static final String GROUP = "controlplane.cluster.x-k8s.io";

  /** API version of both kinds. */
  public static final String VERSION = "v1alpha1";

  /** Kind of this resource. */
  public static final String KIND = "HostedControlPlane";

  private static final long serialVersionUID = 1L;
}
