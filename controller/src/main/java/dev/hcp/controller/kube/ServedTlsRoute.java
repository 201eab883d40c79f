package dev.hcp.controller.kube;

import io.fabric8.kubernetes.api.model.GenericKubernetesResource;
import io.fabric8.kubernetes.api.model.gatewayapi.v1.TLSRoute;
import io.fabric8.kubernetes.client.dsl.base.ResourceDefinitionContext;
import io.fabric8.kubernetes.client.utils.KubernetesSerialization;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/**
 * In which version the management cluster serves TLSRoutes, as last seen. The versions differ in
 * name only as far as we use them, so TLSRoutes are v1 inside this process and get the served
 * version at its border.
 */
public final class ServedTlsRoute {
  /** Name of the CustomResourceDefinition that tells the version. */
  public static final String CRD = "tlsroutes.gateway.networking.k8s.io";

  private static final String GROUP = "gateway.networking.k8s.io";
  private static final List<String> NEWEST_FIRST = List.of("v1", "v1alpha3", "v1alpha2");

  /** The versions that can be used. */
  public static final Set<String> VERSIONS = Set.copyOf(NEWEST_FIRST);

  private volatile Optional<String> version = Optional.empty();

  /** The API version, with its group; empty if TLSRoutes are not served. */
  public Optional<String> apiVersion() {
    return version.map(served -> GROUP + "/" + served);
  }

  /** How to address TLSRoutes; empty if they are not served. */
  public Optional<ResourceDefinitionContext> context() {
    return version.map(ServedTlsRoute::context);
  }

  /**
   * Takes notice of the versions that are served.
   *
   * @return whether that changes the version in use
   */
  public boolean served(Collection<String> versions) {
    var newest = NEWEST_FIRST.stream().filter(versions::contains).findFirst();
    var changed = !newest.equals(version);
    version = newest;
    return changed;
  }

  /** What the server calls the object, as this process knows it. */
  public static TLSRoute internal(
      GenericKubernetesResource served, KubernetesSerialization serialization) {
    var tree = serialization.convertValue(served, Map.class);
    @SuppressWarnings("unchecked")
    var fields = (Map<String, Object>) tree;
    fields.put("apiVersion", GROUP + "/v1");
    return serialization.convertValue(fields, TLSRoute.class);
  }

  private static ResourceDefinitionContext context(String version) {
    return new ResourceDefinitionContext.Builder()
        .withGroup(GROUP)
        .withVersion(version)
        .withKind("TLSRoute")
        .withPlural("tlsroutes")
        .withNamespaced(true)
        .build();
  }
}
