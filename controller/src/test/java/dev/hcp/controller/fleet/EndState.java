package dev.hcp.controller.fleet;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.hcp.api.v1alpha1.Condition;
import dev.hcp.api.v1alpha1.HostedControlPlane;
import io.fabric8.kubernetes.api.model.GenericKubernetesResource;
import io.fabric8.kubernetes.client.KubernetesClient;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.regex.Pattern;
import java.util.stream.Collectors;

/**
 * All that a control plane consists of, without what differs between two that are alike: where they
 * are, when they were made, addresses that the API server has given them, and keys.
 */
final class EndState {
  private static final ObjectMapper JSON = new ObjectMapper();

  private static final List<String> KINDS =
      List.of(
          "v1 ConfigMap",
          "v1 Secret",
          "v1 Service",
          "v1 ServiceAccount",
          "apps/v1 Deployment",
          "apps/v1 StatefulSet",
          "policy/v1 PodDisruptionBudget",
          "networking.k8s.io/v1 NetworkPolicy",
          "cert-manager.io/v1 Certificate",
          "cert-manager.io/v1 Issuer",
          "gateway.networking.k8s.io/v1 TLSRoute");

  private static final List<String> OF_THE_SERVER =
      List.of("uid", "resourceVersion", "generation", "creationTimestamp", "managedFields");

  private static final List<String> ADDRESSES =
      List.of("clusterIP", "clusterIPs", "healthCheckNodePort");

  private static final String REVISION = "deployment.kubernetes.io/revision";
  private static final Pattern TIME =
      Pattern.compile("\\d{4}-\\d\\d-\\d\\dT\\d\\d:\\d\\d:\\d\\d(\\.\\d+)?Z");
  private static final Pattern UID =
      Pattern.compile("[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}");

  private EndState() {}

  /** What there is in a namespace, by kind and name. */
  static Map<String, Object> of(KubernetesClient client, String namespace) {
    var all = new TreeMap<String, Object>();
    for (var kind : KINDS) {
      var words = kind.split(" ", 2);
      client
          .genericKubernetesResources(words[0], words[1])
          .inNamespace(namespace)
          .list()
          .getItems()
          .forEach(object ->
              all.put(
                  "%s %s".formatted(words[1], object.getMetadata().getName()),
                  timeless(object, namespace)));
    }
    client
        .resources(HostedControlPlane.class)
        .inNamespace(namespace)
        .list()
        .getItems()
        .forEach(controlPlane -> all.put("conditions", conditions(controlPlane)));
    // The API server's own, and that of the controller-manager, which come when they like.
    all.keySet().removeAll(List.of("ConfigMap kube-root-ca.crt", "ServiceAccount default"));
    return all;
  }

  private static Map<String, String> conditions(HostedControlPlane controlPlane) {
    return Objects.requireNonNull(controlPlane.getStatus().conditions()).stream()
        .collect(
            Collectors.toMap(
                Condition::type,
                condition -> condition.status() + " " + condition.reason(),
                (a, _) -> a,
                TreeMap::new));
  }

  private static Object timeless(GenericKubernetesResource object, String namespace) {
    ObjectNode tree = JSON.valueToTree(object);
    tree.remove("status");
    ((ObjectNode) tree.path("metadata")).remove(OF_THE_SERVER);
    if (tree.at("/metadata/annotations") instanceof ObjectNode annotations) {
      annotations.remove(REVISION);
    }
    if (tree.path("spec") instanceof ObjectNode spec) {
      spec.remove(ADDRESSES);
      spec.path("ports").forEach(port -> remove(port, "nodePort"));
    }
    var data = tree.path("data");
    if (data.isObject()) {
      // Keys, and tokens, are each control plane's own.
      var names = new TreeSet<String>();
      data.fieldNames().forEachRemaining(names::add);
      tree.set("data", JSON.valueToTree(names));
    }
    var text = tree.toString().replaceAll("\\b%s\\b".formatted(namespace), "NAMESPACE");
    return UID.matcher(TIME.matcher(text).replaceAll("TIME")).replaceAll("UID");
  }

  private static void remove(JsonNode node, String field) {
    if (node instanceof ObjectNode object) {
      object.remove(field);
    }
  }
}
