package dev.hcp.api.v1alpha1;

import io.fabric8.kubernetes.api.model.Namespaced;
import io.fabric8.kubernetes.client.CustomResource;
import io.fabric8.kubernetes.model.annotation.Group;
import io.fabric8.kubernetes.model.annotation.Kind;
import io.fabric8.kubernetes.model.annotation.Plural;
import io.fabric8.kubernetes.model.annotation.ShortNames;
import io.fabric8.kubernetes.model.annotation.Singular;
import io.fabric8.kubernetes.model.annotation.Version;

/** A HostedControlPlane for Cluster API's ClusterClass to copy. */
@Group(HostedControlPlane.GROUP)
@Version(HostedControlPlane.VERSION)
@Kind(HostedControlPlaneTemplate.KIND)
@Plural("hostedcontrolplanetemplates")
@Singular("hostedcontrolplanetemplate")
@ShortNames("hcpt")
public final class HostedControlPlaneTemplate
    extends CustomResource<HostedControlPlaneTemplateSpec, Void> implements Namespaced {
  /** Kind of this resource. */
  public static final String KIND = "HostedControlPlaneTemplate";

  private static final long serialVersionUID = 1L;
}
