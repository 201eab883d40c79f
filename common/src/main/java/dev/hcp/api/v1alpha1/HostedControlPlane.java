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
 * The control plane of one Kubernetes cluster, run as workloads on the management cluster.
 * Referenced by {@code controlPlaneRef} of a Cluster API Cluster in the same namespace.
 */
@Group(HostedControlPlane.GROUP)
@Version(HostedControlPlane.VERSION)
@Kind(HostedControlPlane.KIND)
@Plural("hostedcontrolplanes")
@Singular("hostedcontrolplane")
@ShortNames("hcp")
@Categories("cluster-api")
@Labels({
  "cluster.x-k8s.io/provider=control-plane-hosted-control-plane",
  "cluster.x-k8s.io/v1beta2=v1alpha1"
})
@AdditionalPrinterColumn(
    name = "Initialized",
    type = AdditionalPrinterColumn.Type.BOOLEAN,
    jsonPath = ".status.initialization.controlPlaneInitialized")
@AdditionalPrinterColumn(
    name = "API Server Available",
    jsonPath = ".status.conditions[?(@.type==\"Available\")].status")
@AdditionalPrinterColumn(
    name = "Replicas",
    type = AdditionalPrinterColumn.Type.INTEGER,
    jsonPath = ".spec.replicas")
@AdditionalPrinterColumn(
    name = "Ready",
    type = AdditionalPrinterColumn.Type.INTEGER,
    jsonPath = ".status.readyReplicas")
@AdditionalPrinterColumn(
    name = "Updated",
    type = AdditionalPrinterColumn.Type.INTEGER,
    jsonPath = ".status.upToDateReplicas")
@AdditionalPrinterColumn(name = "ETCD Size", jsonPath = ".status.etcdVolumeSize")
@AdditionalPrinterColumn(name = "Max ETCD Space Usage", jsonPath = ".status.etcdVolumeUsage")
@AdditionalPrinterColumn(
    name = "Paused",
    jsonPath = ".metadata.annotations.cluster\\.x-k8s\\.io/paused")
@AdditionalPrinterColumn(
    name = "Hibernated",
    jsonPath = ".status.conditions[?(@.type==\"Hibernated\")].status")
@AdditionalPrinterColumn(name = "Version", jsonPath = ".spec.version")
@AdditionalPrinterColumn(
    name = "Status",
    jsonPath = ".status.conditions[?(@.type==\"Ready\")].reason",
    priority = 1)
@AdditionalPrinterColumn(
    name = "Age",
    type = AdditionalPrinterColumn.Type.DATE,
    jsonPath = ".metadata.creationTimestamp")
public final class HostedControlPlane
    extends CustomResource<HostedControlPlaneSpec, HostedControlPlaneStatus> implements Namespaced {
  /** API group of all kinds. */
  public static final String GROUP = "controlplane.cluster.x-k8s.io";

  /** API version of all kinds. */
  public static final String VERSION = "v1alpha1";

  /** Kind of this resource. */
  public static final String KIND = "HostedControlPlane";

  private static final long serialVersionUID = 1L;
}
