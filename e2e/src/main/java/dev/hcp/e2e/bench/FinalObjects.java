package dev.hcp.e2e.bench;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.hcp.e2e.BedException;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.StreamSupport;

/**
 * What the controller has made in a namespace, as somebody would write it who knew all of it
 * beforehand: without what the API server and the owners have added, and with the addresses that
 * were given by then.
 */
final class FinalObjects {
  private static final String CONTROLLER = "hosted-control-plane-controller";
  private static final ObjectMapper JSON = new ObjectMapper();
  private static final List<String> ADDED_METADATA =
      List.of(
          "uid",
          "resourceVersion",
          "generation",
          "creationTimestamp",
          "managedFields",
          "ownerReferences",
          "finalizers",
          "selfLink");
  private static final List<String> ADDED_TO_SERVICES =
      List.of("clusterIP", "clusterIPs", "healthCheckNodePort");

  /** The kinds that users write; everything else the controller has written is a final object. */
  private static final Set<String> GIVEN = Set.of("Cluster", "HostedControlPlane", "Event");

  private FinalObjects() {}

  /**
   * The manifest.
   *
   * @param listing all objects of the namespace as {@code kubectl get -o json
   *     --show-managed-fields} prints them
   */
  static String from(String listing) {
    try {
      var items = (ArrayNode) JSON.readTree(listing).withArray("items");
      var authorities = authorities(items);
      var result = JSON.createObjectNode().put("apiVersion", "v1").put("kind", "List");
      var kept = result.putArray("items");
      for (var item : items) {
        // A CA's key must stay: trust bundles among the final objects hold its certificate.
        var isAuthority =
            item.path("kind").asText().equals("Secret")
                && authorities.contains(item.at("/metadata/name").asText());
        if (isAuthority || isWrittenByController(item)) {
          kept.add(stripped((ObjectNode) item));
        }
      }
      return JSON.writeValueAsString(result);
    } catch (JsonProcessingException e) {
      throw new BedException("cannot read the objects that kubectl printed: " + e.getMessage(), e);
    }
  }

  /** The names of the Secrets that issuers sign with. */
  private static Set<String> authorities(ArrayNode items) {
    var names = new TreeSet<String>();
    for (var item : items) {
      var secret = item.at("/spec/ca/secretName").asText();
      if (item.path("kind").asText().equals("Issuer") && !secret.isEmpty()) {
        names.add(secret);
      }
    }
    return names;
  }

  private static boolean isWrittenByController(JsonNode item) {
    return !GIVEN.contains(item.path("kind").asText())
        && item.at("/metadata/annotations/cert-manager.io~1certificate-name").isMissingNode()
        && StreamSupport.stream(item.at("/metadata/managedFields").spliterator(), false)
            .filter(entry -> entry.path("subresource").asText().isEmpty())
            .anyMatch(entry -> entry.path("manager").asText().equals(CONTROLLER));
  }

  private static ObjectNode stripped(ObjectNode item) {
    var given = item.at("/status/loadBalancer/ingress/0/ip").asText();
    item.remove("status");
    ((ObjectNode) item.path("metadata")).remove(ADDED_METADATA);
    if (item.path("kind").asText().equals("Service")) {
      var spec = (ObjectNode) item.path("spec");
      // A headless Service says so itself.
      if (!spec.path("clusterIP").asText().equals("None")) {
        spec.remove(ADDED_TO_SERVICES);
      }
      spec.path("ports").forEach(port -> ((ObjectNode) port).remove("nodePort"));
      if (!given.isEmpty()) {
        spec.put("loadBalancerIP", given);
      }
    }
    return item;
  }
}
