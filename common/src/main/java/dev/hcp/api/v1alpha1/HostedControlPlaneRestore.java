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

/**
 * One restoration of the etcd of a HostedControlPlane in the same namespace from a backup. It is
 * carried out once. Everything that was written since the backup is lost.
 */
@Group(HostedControlPlane.GROUP)
@Version(HostedControlPlane.VERSION)
@Kind(HostedControlPlaneRestore.KIND)
@Plural("hostedcontrolplanerestores")
@Singular("hostedcontrolplanerestore")
@ShortNames("hcpr")
@Categories("cluster-api")
@Labels({
  "cluster.x-k8s.io/provider=control-plane-hosted-control-plane",
  "cluster.x-k8s.io/v1beta2=v1alpha1"
})
@AdditionalPrinterColumn(name = "Control Plane", jsonPath = ".spec.controlPlaneName")
@AdditionalPrinterColumn(name = "Phase", jsonPath = ".status.phase")
@AdditionalPrinterColumn(name = "Backup", jsonPath = ".status.backup")
@AdditionalPrinterColumn(
    name = "Completed",
    type = AdditionalPrinterColumn.Type.DATE,
    jsonPath = ".status.completionTime")
@AdditionalPrinterColumn(
    name = "Age",
    type = AdditionalPrinterColumn.Type.DATE,
    jsonPath = ".metadata.creationTimestamp")
@AdditionalPrinterColumn(
    name = "Message",
    priority = 1,
    jsonPath = ".status.conditions[?(@.type==\"Restored\")].message")
public final class HostedControlPlaneRestore
    extends CustomResource<HostedControlPlaneRestoreSpec, HostedControlPlaneRestoreStatus>
    implements Namespaced {
  /** Kind of this resource. */
  public static final String KIND = "HostedControlPlaneRestore";

  private static final long serialVersionUID = 1L;
}
