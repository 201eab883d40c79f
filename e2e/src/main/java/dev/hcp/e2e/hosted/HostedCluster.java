package dev.hcp.e2e.hosted;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.hcp.api.v1alpha1.Condition;
import dev.hcp.api.v1alpha1.ControlPlaneEndpoint;
import dev.hcp.api.v1alpha1.HostedControlPlane;
import dev.hcp.conditions.ConditionType;
import dev.hcp.e2e.Bed;
import dev.hcp.e2e.BedException;
import dev.hcp.naming.Labels;
import dev.hcp.naming.Names;
import io.fabric8.kubernetes.api.model.GenericKubernetesResource;
import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.api.model.Secret;
import io.fabric8.kubernetes.api.model.Service;
import io.fabric8.kubernetes.client.KubernetesClient;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.Optional;
import java.util.function.Predicate;

/** One hosted cluster on a bed, its Cluster and its HostedControlPlane being called the same. */
public final class HostedCluster {
  private static final ObjectMapper JSON = new ObjectMapper();
  private static final String CLUSTERS = "clusters.cluster.x-k8s.io";
  private static final Predicate<String> SAY_NOTHING_OF_THE_CLUSTER =
      // Events outlive what they speak of; metrics are not stored at all; the pod network keeps a
      // shadow of each pod.
      type ->
          type.startsWith("events")
              || type.endsWith("metrics.k8s.io")
              || type.equals("ciliumendpoints.cilium.io");

  private final Bed bed;
  private final KubernetesClient client;
  private final String namespace;
  private final Names names;

  /**
   * @param bed where it is
   * @param client of the management cluster
   * @param namespace where its objects are
   * @param name what it is called
   */
  public HostedCluster(Bed bed, KubernetesClient client, String namespace, String name) {
    this.bed = bed;
    this.client = client;
    this.namespace = namespace;
    this.names = new Names(name);
  }

  /** Where its objects are. */
  public String namespace() {
    return namespace;
  }

  /** What it is called. */
  public String name() {
    return names.cluster();
  }

  /** What its objects are called. */
  public Names names() {
    return names;
  }

  /** The HostedControlPlane, if it exists. */
  public Optional<HostedControlPlane> controlPlane() {
    return Optional.ofNullable(
        client.resources(HostedControlPlane.class).inNamespace(namespace).withName(name()).get());
  }

  /** A condition of the HostedControlPlane, if it is published. */
  public Optional<Condition> condition(ConditionType type) {
    return controlPlane()
        .map(HostedControlPlane::getStatus)
        .flatMap(status -> Optional.ofNullable(status.conditions()))
        .flatMap(conditions ->
            conditions.stream().filter(c -> c.type().equals(type.value())).findFirst());
  }

  /** Whether the control plane is as its present spec says. */
  public boolean isReady() {
    var generation = controlPlane().map(object -> object.getMetadata().getGeneration());
    return condition(ConditionType.READY)
        .filter(ready -> ready.status().equals("True"))
        .filter(ready -> Optional.ofNullable(ready.observedGeneration()).equals(generation))
        .isPresent();
  }

  /** What the control plane says of itself, for messages of failed tests. */
  public String summary() {
    return condition(ConditionType.READY)
        .map(ready -> "%s %s: %s".formatted(ready.status(), ready.reason(), ready.message()))
        .orElse("no condition Ready");
  }

  /** The Cluster, if it exists. */
  public Optional<GenericKubernetesResource> cluster() {
    return Optional.ofNullable(
        client
            .genericKubernetesResources("cluster.x-k8s.io/v1beta2", "Cluster")
            .inNamespace(namespace)
            .withName(name())
            .get());
  }

  /** The way in, once it is published and the authority is issued. */
  public Optional<PublicEndpoint> endpoint() {
    return controlPlane()
        .map(object -> object.getSpec().controlPlaneEndpoint())
        .flatMap(this::trusted);
  }

  private Optional<PublicEndpoint> trusted(ControlPlaneEndpoint endpoint) {
    var host = endpoint.host();
    var port = endpoint.port();
    return host == null || port == null
        ? Optional.empty()
        : secret(names.kubernetesCa(), "tls.crt")
            .map(authority -> new PublicEndpoint(host, port, authority));
  }

  /** Whether its API server answers through the Gateway that it is ready. */
  public boolean answers() {
    return endpoint().filter(PublicEndpoint::isReady).isPresent();
  }

  /** The text under {@code key} in a Secret of its namespace, if it is there. */
  public Optional<String> secret(String secret, String key) {
    return Optional.ofNullable(client.secrets().inNamespace(namespace).withName(secret).get())
        .map(Secret::getData)
        .flatMap(data -> Optional.ofNullable(data.get(key)))
        .map(value -> new String(Base64.getDecoder().decode(value), StandardCharsets.UTF_8));
  }

  /** The pods of its control plane. */
  public List<Pod> pods() {
    return client
        .pods()
        .inNamespace(namespace)
        .withLabel(Labels.CLUSTER_NAME, name())
        .list()
        .getItems();
  }

  /** Everything in the namespace that carries its label, of every kind there is. */
  public List<LiveObject> objects() {
    return list("--selector=%s=%s".formatted(Labels.CLUSTER_NAME, name()));
  }

  /** Everything in the namespace, of every kind there is. */
  public List<LiveObject> everythingInTheNamespace() {
    return list();
  }

  /** One object of the namespace, if it is there. */
  public Optional<LiveObject> object(String resource, String name) {
    var answer =
        bed.kubectl("get", resource, name, "--namespace", namespace)
            .with("--output=json", "--show-managed-fields", "--ignore-not-found")
            .output();
    return answer.isBlank() ? Optional.empty() : Optional.of(new LiveObject(read(answer)));
  }

  private List<LiveObject> list(String... options) {
    var types =
        bed.kubectl("api-resources", "--verbs=list", "--namespaced", "--output=name")
            .output()
            .lines()
            .filter(SAY_NOTHING_OF_THE_CLUSTER.negate())
            .toList();
    var answer =
        bed.kubectl("get", String.join(",", types), "--namespace", namespace)
            .with("--output=json", "--show-managed-fields", "--ignore-not-found")
            .with(options)
            .output();
    return parse(answer);
  }

  private static List<LiveObject> parse(String answer) {
    var objects = new ArrayList<LiveObject>();
    if (!answer.isBlank()) {
      read(answer).path("items").forEach(item -> objects.add(new LiveObject(item)));
    }
    return List.copyOf(objects);
  }

  private static JsonNode read(String answer) {
    try {
      return JSON.readTree(answer);
    } catch (JsonProcessingException e) {
      throw new BedException("kubectl has not answered in JSON: " + e.getMessage(), e);
    }
  }

  /** The Service of its API servers. */
  public Service apiServerService() {
    return client.services().inNamespace(namespace).withName(names().apiServerService()).get();
  }

  /** The address that the load balancer gave to the Service of its API servers. */
  public String loadBalancerAddress() {
    return apiServerService().getStatus().getLoadBalancer().getIngress().getFirst().getIp();
  }

  /** Asks for the deletion of the Cluster, as a user does. */
  public void delete() {
    bed.kubectl("delete", CLUSTERS, name(), "--namespace", namespace)
        .with("--wait=false", "--ignore-not-found")
        .check();
  }

  @Override
  public String toString() {
    return namespace + "/" + name();
  }
}
