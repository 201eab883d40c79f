package dev.hcp.e2e.contract;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;
import java.util.stream.StreamSupport;

/**
 * All that the rules read. What does not exist is a missing node.
 *
 * @param subject which provider
 * @param definition definition of the control plane's kind
 * @param templateDefinition definition of its templates' kind
 * @param roles ClusterRoles that Cluster API's own role takes up
 * @param cluster the Cluster
 * @param controlPlane the control plane
 * @param secrets Secrets of the namespace that belong to the Cluster by label or name
 * @param configMaps ConfigMaps of the namespace that belong to it by label
 * @param owners other objects that own some of these, as far as they could be read
 * @param machines Machines of the Cluster
 * @param pods how many pods {@code status.selector} selects; empty without a selector
 * @param answer what the API server answers to the holder of the kubeconfig, or why nothing
 * @param release what is published for clusterctl; empty if it is not to be looked at
 */
record Snapshot(
    Subject subject,
    JsonNode definition,
    JsonNode templateDefinition,
    List<JsonNode> roles,
    JsonNode cluster,
    JsonNode controlPlane,
    List<JsonNode> secrets,
    List<JsonNode> configMaps,
    List<JsonNode> owners,
    List<JsonNode> machines,
    Optional<Integer> pods,
    Answer answer,
    Optional<Release> release) {

  /**
   * What an API server said.
   *
   * @param served whether it answered at all
   * @param detail its version, or what went wrong
   */
  record Answer(boolean served, String detail) {}

  Snapshot {
    roles = List.copyOf(roles);
    secrets = List.copyOf(secrets);
    configMaps = List.copyOf(configMaps);
    owners = List.copyOf(owners);
    machines = List.copyOf(machines);
  }

  /** Elements of a list that is a field. */
  static Stream<JsonNode> each(JsonNode list) {
    return StreamSupport.stream(list.spliterator(), false);
  }

  /** Both definitions, or the only one. */
  Stream<JsonNode> definitions() {
    return Stream.of(definition, templateDefinition).filter(found -> !found.isMissingNode());
  }

  /** The schema of a field of the control plane. */
  JsonNode schema(String path) {
    return schema(definition, subject.version(), path);
  }

  /** The schema of a field of templates. */
  JsonNode templateSchema(String path) {
    return schema(templateDefinition, subject.version(), path);
  }

  private static JsonNode schema(JsonNode definition, String version, String path) {
    var pointer = path.isEmpty() ? "" : "/properties/" + path.replace(".", "/properties/");
    return version(definition, version).at("/schema/openAPIV3Schema" + pointer);
  }

  /** What a definition says of a version. */
  static JsonNode version(JsonNode definition, String version) {
    return each(definition.at("/spec/versions"))
        .filter(one -> one.path("name").asText().equals(version))
        .findFirst()
        .orElseGet(() -> definition.path("no such version"));
  }

  /** A condition of an object. */
  static JsonNode condition(JsonNode object, String type) {
    return each(object.at("/status/conditions"))
        .filter(one -> one.path("type").asText().equals(type))
        .findFirst()
        .orElseGet(() -> object.path("no such condition"));
  }

  /** A Secret by its name. */
  JsonNode secret(String name) {
    return secrets.stream()
        .filter(secret -> name(secret).equals(name))
        .findFirst()
        .orElseGet(() -> definition.path("no such Secret"));
  }

  /** The name of an object. */
  static String name(JsonNode object) {
    return object.at("/metadata/name").asText();
  }

  /** Whether the control plane's pods are not Machines. */
  boolean hasMachines() {
    return machines.stream()
        .anyMatch(machine -> machine.at("/metadata/labels").has("cluster.x-k8s.io/control-plane"));
  }
}
