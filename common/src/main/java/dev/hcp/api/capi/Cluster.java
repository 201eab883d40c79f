package dev.hcp.api.capi;

import dev.hcp.api.v1alpha1.HostedControlPlane;
import io.fabric8.kubernetes.api.model.Namespaced;
import io.fabric8.kubernetes.client.CustomResource;
import io.fabric8.kubernetes.model.annotation.Group;
import io.fabric8.kubernetes.model.annotation.Kind;
import io.fabric8.kubernetes.model.annotation.Plural;
import io.fabric8.kubernetes.model.annotation.Singular;
import io.fabric8.kubernetes.model.annotation.Version;
import java.util.Optional;

/** A Cluster API Cluster, contract v1beta2, as far as it is read here. */
@Group(Cluster.GROUP)
@Version(Cluster.VERSION)
@Kind("Cluster")
@Plural("clusters")
@Singular("cluster")
public final class Cluster extends CustomResource<ClusterSpec, Void> implements Namespaced {
  /** API group. */
  public static final String GROUP = "cluster.x-k8s.io";

  /** API version. */
  public static final String VERSION = "v1beta2";

  /** Annotation by which reconciliation of an object is paused, whatever its value. */
  public static final String PAUSED_ANNOTATION = "cluster.x-k8s.io/paused";

  private static final long serialVersionUID = 1L;

  /**
   * Name of the HostedControlPlane that the Cluster refers to; empty if it refers to nothing, or to
   * a control plane of another kind, which may have the same name.
   */
  public Optional<String> hostedControlPlane() {
    return Optional.ofNullable(getSpec())
        .map(ClusterSpec::controlPlaneRef)
        .filter(reference ->
            reference.kind().equals(HostedControlPlane.KIND)
                && reference.apiGroup().equals(HostedControlPlane.GROUP))
        .map(ContractReference::name);
  }
}
