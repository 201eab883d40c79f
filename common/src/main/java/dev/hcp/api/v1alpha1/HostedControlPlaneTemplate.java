package dev.hcp.api.v1alpha1;

import io.fabric8.crd.generator.annotation.AdditionalPrinterColumn;
import io.fabric8.crd.generator.annotation.Labels;
import io.fabric8.kubernetes.api.model.Namespaced;
import io.fabric8.kubernetes.client.CustomResource;
import io.fabric8.kubernetes.model.annotation.Categories;
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
@Categories("cluster-api")
@Labels({
  "cluster.x-k8s.io/provider=control-plane-hosted-control-plane",
  "cluster.x-k8s.io/v1beta2=v1alpha1"
})
@AdditionalPrinterColumn(
    name = "Age",
    type = AdditionalPrinterColumn.Type.DATE,
    jsonPath = ".metadata.creationTimestamp")
public final class HostedControlPlaneTemplate
    extends CustomResource<HostedControlPlaneTemplateSpec, Void> implements Namespaced {
  /** Kind of this resource. */
  public static final String KIND = "HostedControlPlaneTemplate";

  private static final long serialVersionUID = 1L;
}
