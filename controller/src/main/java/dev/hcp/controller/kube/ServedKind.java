package dev.hcp.controller.kube;

import io.fabric8.kubernetes.api.model.GenericKubernetesResource;
import io.fabric8.kubernetes.api.model.HasMetadata;
import io.fabric8.kubernetes.client.dsl.base.ResourceDefinitionContext;
import io.fabric8.kubernetes.client.utils.KubernetesSerialization;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/**
 * In which version the management cluster serves a kind, as last seen. The versions differ in name
 * only as far as we use them, so objects have one version inside this process and get the served
 * version at its border.
 *
 * @param <T> the kind in the version that this process knows
 */
public final class ServedKind<T extends HasMetadata> {
  private final Class<T> type;
  private final List<String> newestFirst;
  private volatile Optional<String> version = Optional.empty();

  /**
   * Is not served yet.
   *
   * @param newestFirst the versions that can be used
   */
  ServedKind(Class<T> type, List<String> newestFirst) {
    this.type = type;
    this.newestFirst = List.copyOf(newestFirst);
  }

  /** The kind in the version that this process knows. */
  public Class<T> type() {
    return type;
  }

  /** Name of the CustomResourceDefinition that tells the version. */
  public String definition() {
    return HasMetadata.getPlural(type) + "." + HasMetadata.getGroup(type);
  }

  /** The versions that can be used. */
  public Set<String> versions() {
    return Set.copyOf(newestFirst);
  }

  /** The API version, with its group; empty if the kind is not served. */
  public Optional<String> apiVersion() {
    return version.map(served -> HasMetadata.getGroup(type) + "/" + served);
  }

  /** How to address objects; empty if the kind is not served. */
  public Optional<ResourceDefinitionContext> context() {
    return version.map(served ->
        new ResourceDefinitionContext.Builder()
            .withGroup(HasMetadata.getGroup(type))
            .withVersion(served)
            .withKind(HasMetadata.getKind(type))
            .withPlural(HasMetadata.getPlural(type))
            .withNamespaced(true)
            .build());
  }

  /**
   * Takes notice of the versions that are served.
   *
   * @return whether that changes the version in use
   */
  public boolean served(Collection<String> versions) {
    var newest = newestFirst.stream().filter(versions::contains).findFirst();
    var changed = !newest.equals(version);
    version = newest;
    return changed;
  }

  /** What the server calls the object, as this process knows it. */
  public T internal(GenericKubernetesResource served, KubernetesSerialization serialization) {
    @SuppressWarnings("unchecked")
    var fields = (Map<String, Object>) serialization.convertValue(served, Map.class);
    fields.put("apiVersion", HasMetadata.getApiVersion(type));
    return serialization.convertValue(fields, type);
  }
}
