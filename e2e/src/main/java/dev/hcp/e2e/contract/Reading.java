package dev.hcp.e2e.contract;

import com.fasterxml.jackson.databind.JsonNode;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;

/** Reads all that the rules need. */
final class Reading {
  private static final String CLUSTER_API = "cluster.x-k8s.io/v1beta2";
  private static final String DEFINITIONS = "apiextensions.k8s.io/v1";
  private static final String AGGREGATED = "cluster.x-k8s.io/aggregate-to-manager=true";

  private final Subject subject;
  private final Management management;

  Reading(Subject subject, Management management) {
    this.subject = subject;
    this.management = management;
  }

  /** Where the control plane is. */
  static Address controlPlane(Subject subject, JsonNode cluster) {
    return new Address(
        subject.apiVersion(),
        subject.kind(),
        subject.namespace(),
        cluster.at("/spec/controlPlaneRef/name").asText());
  }

  Snapshot read() {
    var namespace = subject.namespace();
    var cluster = management.get(new Address(CLUSTER_API, "Cluster", namespace, subject.cluster()));
    if (cluster.isMissingNode()) {
      throw new IllegalArgumentException(
          "there is no Cluster %s/%s of %s".formatted(namespace, subject.cluster(), CLUSTER_API));
    }
    var controlPlane = management.get(controlPlane(subject, cluster));
    if (controlPlane.isMissingNode()) {
      throw new IllegalArgumentException(
          "Cluster %s/%s has no control plane %s of %s; spec.controlPlaneRef is %s"
              .formatted(
                  namespace,
                  subject.cluster(),
                  subject.kind(),
                  subject.apiVersion(),
                  cluster.at("/spec/controlPlaneRef")));
    }
    var ofCluster = SecretRules.CLUSTER_LABEL + "=" + subject.cluster();
    var secrets = secrets();
    var configMaps = management.list("v1", "ConfigMap", namespace, ofCluster);
    var selector = controlPlane.at("/status/selector").asText();
    return new Snapshot(
        subject,
        definition(subject.kind()),
        definition(subject.templateKind()),
        management.list("rbac.authorization.k8s.io/v1", "ClusterRole", "", AGGREGATED),
        cluster,
        controlPlane,
        secrets,
        configMaps,
        owners(secrets, configMaps),
        management.list(CLUSTER_API, "Machine", namespace, ofCluster),
        selector.isEmpty()
            ? Optional.empty()
            : Optional.of(management.list("v1", "Pod", namespace, selector).size()),
        answer(),
        subject.components().map(Reading::release));
  }

  private JsonNode definition(String kind) {
    return management.get(
        new Address(DEFINITIONS, "CustomResourceDefinition", "", subject.definitionName(kind)));
  }

  private List<JsonNode> secrets() {
    var prefix = subject.cluster() + "-";
    return management.list("v1", "Secret", subject.namespace(), "").stream()
        .filter(secret ->
            Snapshot.name(secret).startsWith(prefix)
                || secret
                    .at("/metadata/labels")
                    .path(SecretRules.CLUSTER_LABEL)
                    .asText()
                    .equals(subject.cluster()))
        .toList();
  }

  private List<JsonNode> owners(List<JsonNode> secrets, List<JsonNode> configMaps) {
    var seen = new HashSet<String>();
    var found = new ArrayList<JsonNode>();
    var left = new ArrayList<JsonNode>(secrets);
    left.addAll(configMaps);
    while (!left.isEmpty()) {
      for (var owner : left.removeFirst().at("/metadata/ownerReferences")) {
        if (seen.add(owner.path("uid").asText())) {
          var object =
              management.get(
                  new Address(
                      owner.path("apiVersion").asText(),
                      owner.path("kind").asText(),
                      subject.namespace(),
                      owner.path("name").asText()));
          if (object.at("/metadata/uid").equals(owner.path("uid"))) {
            found.add(object);
            left.add(object);
          }
        }
      }
    }
    return found;
  }

  private Snapshot.Answer answer() {
    return SecretRules.text(
            management.get(Address.secret(subject.namespace(), subject.cluster() + "-kubeconfig")))
        .map(management::ask)
        .orElseGet(() -> new Snapshot.Answer(false, "there is no kubeconfig"));
  }

  private static Release release(Path components) {
    try {
      return Release.read(components);
    } catch (IOException e) {
      throw new UncheckedIOException("cannot read " + components, e);
    }
  }
}
