package dev.hcp.webhook.admission;

import dev.hcp.api.capi.Cluster;
import dev.hcp.api.v1alpha1.HostedControlPlane;
import io.fabric8.kubernetes.api.model.gatewayapi.v1.Gateway;
import io.fabric8.kubernetes.api.model.gatewayapi.v1beta1.ReferenceGrant;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * Other objects as they were when {@link Questions} were asked; what was not asked is not known.
 *
 * @param gateway the Gateway
 * @param namespaceLabels labels of the control plane's namespace
 * @param keys keys of each Secret and ConfigMap
 * @param grants ReferenceGrants of each of the other namespaces
 * @param cluster the Cluster
 * @param controlPlanes control planes with the Cluster's name as their label
 * @param nodes what stands for nodes of the Cluster, as far as it could be read
 */
public record Surroundings(
    Sight<Gateway> gateway,
    Sight<Map<String, String>> namespaceLabels,
    Map<KeyedObject, Sight<Set<String>>> keys,
    Map<String, Sight<List<ReferenceGrant>>> grants,
    Sight<Cluster> cluster,
    Sight<List<HostedControlPlane>> controlPlanes,
    List<NodeGroup> nodes) {

  /** Nothing is known. */
  public static final Surroundings UNKNOWN =
      new Surroundings(
          new Sight.Unknown<>(),
          new Sight.Unknown<>(),
          Map.of(),
          Map.of(),
          new Sight.Unknown<>(),
          new Sight.Unknown<>(),
          List.of());
}
