package dev.hcp.controller.kube;

import io.fabric8.kubernetes.api.model.APIResource;
import io.fabric8.kubernetes.api.model.GenericKubernetesResource;
import io.fabric8.kubernetes.api.model.apiextensions.v1.CustomResourceDefinition;
import io.fabric8.kubernetes.api.model.apiextensions.v1.CustomResourceDefinitionVersion;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.dsl.base.PatchContext;
import io.fabric8.kubernetes.client.dsl.base.ResourceDefinitionContext;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;

/**
 * Access to infrastructure clusters, whose kinds are not known beforehand. Which version of a kind
 * to use says a label of its CustomResourceDefinition, by the rules of Cluster API.
 */
final class InfrastructureClusters {
  /** Labels that name the versions of a kind that keep a contract, newest contract first. */
  private static final List<String> CONTRACTS =
      List.of("cluster.x-k8s.io/v1beta2", "cluster.x-k8s.io/v1beta1");

  private record GroupKind(String group, String kind) {}

  private final KubernetesClient client;

  /** Plural names never change while a CustomResourceDefinition exists. */
  private final Map<GroupKind, String> plurals = new ConcurrentHashMap<>();

  InfrastructureClusters(KubernetesClient client) {
    this.client = client;
  }

  Optional<GenericKubernetesResource> find(
      String group, String kind, String namespace, String name) {
    return context(group, kind)
        .map(context ->
            client.genericKubernetesResources(context).inNamespace(namespace).withName(name).get());
  }

  void patch(GenericKubernetesResource seen, PatchContext how, String patch) {
    var slash = seen.getApiVersion().indexOf('/');
    var group = seen.getApiVersion().substring(0, slash);
    var version = seen.getApiVersion().substring(slash + 1);
    var plural =
        plural(group, seen.getKind())
            .orElseThrow(() ->
                new IllegalStateException(
                    "%s of %s is not served any more".formatted(seen.getKind(), group)));
    var _ =
        client
            .genericKubernetesResources(context(group, version, seen.getKind(), plural))
            .resource(seen)
            .patch(how, patch);
  }

  private Optional<ResourceDefinitionContext> context(String group, String kind) {
    return plural(group, kind)
        .flatMap(plural ->
            Optional.ofNullable(
                    client
                        .apiextensions()
                        .v1()
                        .customResourceDefinitions()
                        .withName(plural + "." + group)
                        .get())
                .flatMap(InfrastructureClusters::version)
                .map(version -> context(group, version, kind, plural)));
  }

  /** The last served version that the label of the newest contract names. */
  static Optional<String> version(CustomResourceDefinition definition) {
    var labels = definition.getMetadata().getLabels();
    if (labels == null) {
      return Optional.empty();
    }
    var served =
        definition.getSpec().getVersions().stream()
            .filter(version -> Boolean.TRUE.equals(version.getServed()))
            .map(CustomResourceDefinitionVersion::getName)
            .toList();
    return CONTRACTS.stream()
        .map(labels::get)
        .filter(Objects::nonNull)
        .flatMap(versions -> List.of(versions.split("_")).reversed().stream())
        .filter(served::contains)
        .findFirst();
  }

  private Optional<String> plural(String group, String kind) {
    var key = new GroupKind(group, kind);
    var known = plurals.get(key);
    if (known != null) {
      return Optional.of(known);
    }
    var discovered = discover(key);
    discovered.ifPresent(plural -> plurals.put(key, plural));
    return discovered;
  }

  private Optional<String> discover(GroupKind key) {
    var group = client.getApiGroup(key.group());
    if (group == null) {
      return Optional.empty();
    }
    return group.getVersions().stream()
        .map(version -> client.getApiResources(version.getGroupVersion()))
        .filter(Objects::nonNull)
        .flatMap(resources -> resources.getResources().stream())
        .filter(
            resource -> key.kind().equals(resource.getKind()) && !resource.getName().contains("/"))
        .map(APIResource::getName)
        .findFirst();
  }

  private static ResourceDefinitionContext context(
      String group, String version, String kind, String plural) {
    return new ResourceDefinitionContext.Builder()
        .withGroup(group)
        .withVersion(version)
        .withKind(kind)
        .withPlural(plural)
        .withNamespaced(true)
        .build();
  }
}
