package dev.hcp.controller.scenario;

import dev.hcp.api.autoscaling.VerticalPodAutoscaler;
import dev.hcp.api.capi.Cluster;
import dev.hcp.api.certmanager.Certificate;
import dev.hcp.api.certmanager.Issuer;
import dev.hcp.api.cilium.CiliumNetworkPolicy;
import dev.hcp.api.v1alpha1.HostedControlPlane;
import dev.hcp.api.v1alpha1.HostedControlPlaneRestore;
import io.fabric8.kubernetes.api.model.ConfigMap;
import io.fabric8.kubernetes.api.model.HasMetadata;
import io.fabric8.kubernetes.api.model.Namespace;
import io.fabric8.kubernetes.api.model.PersistentVolumeClaim;
import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.api.model.Secret;
import io.fabric8.kubernetes.api.model.Service;
import io.fabric8.kubernetes.api.model.apiextensions.v1.CustomResourceDefinition;
import io.fabric8.kubernetes.api.model.apps.Deployment;
import io.fabric8.kubernetes.api.model.apps.StatefulSet;
import io.fabric8.kubernetes.api.model.autoscaling.v2.HorizontalPodAutoscaler;
import io.fabric8.kubernetes.api.model.gatewayapi.v1.Gateway;
import io.fabric8.kubernetes.api.model.gatewayapi.v1.ListenerSet;
import io.fabric8.kubernetes.api.model.gatewayapi.v1.TLSRoute;
import io.fabric8.kubernetes.api.model.gatewayapi.v1alpha2.TCPRoute;
import io.fabric8.kubernetes.api.model.gatewayapi.v1beta1.ReferenceGrant;
import io.fabric8.kubernetes.api.model.networking.v1.NetworkPolicy;
import io.fabric8.kubernetes.api.model.policy.v1.PodDisruptionBudget;
import io.fabric8.kubernetes.api.model.storage.StorageClass;
import io.fabric8.kubernetes.client.utils.KubernetesSerialization;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/** Objects as YAML, and back. */
public final class Manifests {
  private static final KubernetesSerialization SERIALIZATION = new KubernetesSerialization();
  private static final Pattern KIND = Pattern.compile("(?m)^kind: *(\\S+)");

  /** Fields that come first, as people write them. */
  private static final List<String> FIRST = List.of("apiVersion", "kind", "metadata", "type");

  private static final Map<String, Class<? extends HasMetadata>> TYPES =
      Stream.<Class<? extends HasMetadata>>of(
              Cluster.class,
              HostedControlPlane.class,
              HostedControlPlaneRestore.class,
              Gateway.class,
              Namespace.class,
              Secret.class,
              ConfigMap.class,
              Service.class,
              Deployment.class,
              StatefulSet.class,
              PodDisruptionBudget.class,
              HorizontalPodAutoscaler.class,
              VerticalPodAutoscaler.class,
              Pod.class,
              PersistentVolumeClaim.class,
              Certificate.class,
              Issuer.class,
              TLSRoute.class,
              NetworkPolicy.class,
              CiliumNetworkPolicy.class,
              CustomResourceDefinition.class,
              TCPRoute.class,
              ListenerSet.class,
              ReferenceGrant.class,
              StorageClass.class)
          .collect(Collectors.toMap(HasMetadata::getKind, type -> type));

  private Manifests() {}

  /** Reads the documents of a file. */
  public static List<HasMetadata> read(String yaml) {
    return Arrays.stream(yaml.split("(?m)^---$"))
        .filter(document -> !document.isBlank())
        .<HasMetadata>map(Manifests::document)
        .toList();
  }

  /** Reads a map. */
  @SuppressWarnings("unchecked")
  public static Map<String, Object> map(String yaml) {
    return SERIALIZATION.unmarshal(yaml, Map.class);
  }

  /** Writes a value with all maps sorted, so that the same value is always the same text. */
  public static String write(Object value) {
    return SERIALIZATION.asYaml(sorted(SERIALIZATION.convertValue(value, Object.class)));
  }

  /** A value as maps, lists and scalars. */
  @SuppressWarnings("unchecked")
  public static Map<String, Object> toMap(Object value) {
    return SERIALIZATION.convertValue(value, Map.class);
  }

  /** A value from maps, lists and scalars. */
  public static <T> T fromMap(Map<String, ?> map, Class<T> type) {
    return SERIALIZATION.convertValue(map, type);
  }

  /** A copy that shares nothing. */
  public static <T> T copy(T object) {
    return SERIALIZATION.clone(object);
  }

  private static HasMetadata document(String yaml) {
    var kind = KIND.matcher(yaml);
    if (!kind.find() || !TYPES.containsKey(kind.group(1))) {
      throw new IllegalArgumentException("Not one of %s: %s".formatted(TYPES.keySet(), yaml));
    }
    return SERIALIZATION.unmarshal(yaml, TYPES.get(kind.group(1)));
  }

  private static Object sorted(Object value) {
    return switch (value) {
      case Map<?, ?> map -> sortedMap(map);
      case List<?> list -> list.stream().map(Manifests::sorted).toList();
      case null, default -> value;
    };
  }

  private static Map<String, Object> sortedMap(Map<?, ?> map) {
    var rest = new TreeMap<String, Object>();
    map.forEach((key, value) -> rest.put(String.valueOf(key), sorted(value)));
    var all = new LinkedHashMap<String, Object>();
    if (rest.containsKey("kind") && rest.containsKey("metadata")) {
      FIRST.stream().filter(rest::containsKey).forEach(key -> all.put(key, rest.remove(key)));
    }
    all.putAll(rest);
    return all;
  }
}
