package dev.hcp.controller.workload;

import dev.hcp.controller.kube.Failures;
import dev.hcp.controller.kube.HostedKube;
import dev.hcp.controller.plan.TrustCheck;
import dev.hcp.controller.plan.TrustFindings;
import dev.hcp.naming.Labels;
import io.fabric8.kubernetes.api.model.Node;
import io.fabric8.kubernetes.client.KubernetesClientException;
import java.time.Instant;
import java.util.List;
import java.util.Optional;

/**
 * One look for who does not follow the rotation of the Kubernetes CA.
 *
 * @param kube requests to the hosted cluster
 * @param check what is to be found out
 * @param nodes its nodes
 */
record TrustLook(HostedKube kube, TrustCheck check, List<Node> nodes) {
  /** Looks at all nodes and namespaces. */
  TrustFindings find() {
    var older =
        check
            .joined()
            .map(time ->
                nodes.stream()
                    .filter(node -> isOlder(node, time))
                    .map(node -> node.getMetadata().getName())
                    .sorted()
                    .toList())
            .orElse(List.of());
    var namespaces = List.<String>of();
    var problem = Optional.<String>empty();
    if (check.authorities().isPresent()) {
      try {
        namespaces = kube.namespacesTrustingOthers(check.authorities().get());
      } catch (KubernetesClientException e) {
        problem =
            Optional.of(
                "ConfigMaps kube-root-ca.crt cannot be read: %s".formatted(Failures.reason(e)));
      }
    }
    return new TrustFindings(check, nodes.size(), older, namespaces, problem);
  }

  private boolean isOlder(Node node, Instant time) {
    var annotations = node.getMetadata().getAnnotations();
    return Instant.parse(node.getMetadata().getCreationTimestamp()).isBefore(time)
        && (annotations == null
            || !check.request().equals(annotations.get(Labels.NODE_AUTHORITY_ANNOTATION)));
  }
}
