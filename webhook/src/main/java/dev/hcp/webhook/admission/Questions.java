package dev.hcp.webhook.admission;

import dev.hcp.api.v1alpha1.GatewayReference;
import java.util.List;
import java.util.Optional;

/**
 * What has to be known of other objects to judge one. Nothing, for a change that touches none of
 * this.
 *
 * @param namespace namespace of the object that is judged
 * @param gateway the Gateway, and the labels of the namespace, which it may select by
 * @param keyed Secrets and ConfigMaps, each once
 * @param granting other namespaces whose ReferenceGrants have to be known, each once
 * @param claimedCluster the Cluster that the object now belongs to, and its control planes
 * @param nodesOfCluster the Cluster whose nodes must fit a new version
 */
public record Questions(
    String namespace,
    Optional<GatewayReference> gateway,
    List<KeyedObject> keyed,
    List<String> granting,
    Optional<String> claimedCluster,
    Optional<String> nodesOfCluster) {

  boolean isEmpty() {
    return gateway.isEmpty()
        && keyed.isEmpty()
        && granting.isEmpty()
        && claimedCluster.isEmpty()
        && nodesOfCluster.isEmpty();
  }
}
