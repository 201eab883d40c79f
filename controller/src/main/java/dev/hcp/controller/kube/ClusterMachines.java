package dev.hcp.controller.kube;

import dev.hcp.api.capi.Cluster;
import dev.hcp.controller.plan.Machines;
import dev.hcp.naming.Labels;
import io.fabric8.kubernetes.api.model.GenericKubernetesResource;
import io.fabric8.kubernetes.api.model.GenericKubernetesResourceBuilder;
import io.fabric8.kubernetes.api.model.HasMetadata;
import io.fabric8.kubernetes.api.model.ManagedFieldsEntry;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.KubernetesClientException;
import io.fabric8.kubernetes.client.dsl.base.PatchContext;
import io.fabric8.kubernetes.client.dsl.base.ResourceDefinitionContext;
import java.net.HttpURLConnection;
import java.time.Instant;
import java.time.format.DateTimeParseException;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.function.Consumer;

/** The machines of Clusters, as far as the control plane has to do with them. */
final class ClusterMachines {
  private static final ResourceDefinitionContext DEPLOYMENTS =
      kind("MachineDeployment", "machinedeployments");
  private static final ResourceDefinitionContext MACHINES = kind("Machine", "machines");

  /** Label of machines: the MachineDeployment to which they belong. */
  private static final String DEPLOYMENT_NAME = "cluster.x-k8s.io/deployment-name";

  private static final String REPLICAS = "replicas";

  private final KubernetesClient client;

  ClusterMachines(KubernetesClient client) {
    this.client = client;
  }

  Machines find(String namespace, String cluster) {
    var deployments = new ArrayList<Machines.Deployment>();
    each(DEPLOYMENTS, namespace, cluster, object -> deployments.add(deployment(object)));
    deployments.sort(Comparator.comparing(Machines.Deployment::name));
    var nodes = new HashMap<String, String>();
    each(
        MACHINES,
        namespace,
        cluster,
        machine ->
            Optional.ofNullable(machine.getMetadata().getLabels())
                .flatMap(labels -> Optional.ofNullable(labels.get(DEPLOYMENT_NAME)))
                .ifPresent(deployment -> {
                  if (machine.get("status", "nodeRef", "name") instanceof String node) {
                    nodes.put(node, deployment);
                  }
                }));
    return new Machines(Optional.empty(), deployments, nodes);
  }

  HasMetadata patch(Machines.Deployment seen, PatchContext how, String patch) {
    // By the name alone it would be read first, for which there is no right.
    var target =
        new GenericKubernetesResourceBuilder()
            .withApiVersion(DEPLOYMENTS.getGroup() + "/" + DEPLOYMENTS.getVersion())
            .withKind(DEPLOYMENTS.getKind())
            .withNewMetadata()
            .withNamespace(seen.namespace())
            .withName(seen.name())
            .endMetadata()
            .build();
    return client.genericKubernetesResources(DEPLOYMENTS).resource(target).patch(how, patch);
  }

  private void each(
      ResourceDefinitionContext kind,
      String namespace,
      String cluster,
      Consumer<GenericKubernetesResource> use) {
    var objects =
        client
            .genericKubernetesResources(kind)
            .inNamespace(namespace)
            .withLabel(Labels.CLUSTER_NAME, cluster);
    try {
      Pages.of(objects::list).forEachRemaining(use);
    } catch (KubernetesClientException e) {
      if (e.getCode() != HttpURLConnection.HTTP_NOT_FOUND) {
        throw e;
      }
    }
  }

  private static Machines.Deployment deployment(GenericKubernetesResource object) {
    var metadata = object.getMetadata();
    return new Machines.Deployment(
        metadata.getNamespace(),
        metadata.getName(),
        metadata.getUid(),
        metadata.getResourceVersion(),
        after(object),
        isSettled(object),
        standstill(object),
        obstacle(object));
  }

  private static Optional<Instant> after(GenericKubernetesResource object) {
    try {
      return object.get("spec", "rollout", "after") instanceof String time
          ? Optional.of(Instant.parse(time))
          : Optional.empty();
    } catch (DateTimeParseException _) {
      // The API server has let in what no version of Cluster API does.
      return Optional.empty();
    }
  }

  private static boolean isSettled(GenericKubernetesResource object) {
    long wanted = number(object, 1, "spec", REPLICAS);
    return number(object, 0, "status", "observedGeneration")
            >= Objects.requireNonNullElse(object.getMetadata().getGeneration(), 0L)
        && number(object, 0, "status", REPLICAS) == wanted
        && number(object, 0, "status", "upToDateReplicas") == wanted
        && number(object, 0, "status", "availableReplicas") == wanted;
  }

  private static long number(GenericKubernetesResource object, long otherwise, Object... path) {
    return object.get(path) instanceof Number number ? number.longValue() : otherwise;
  }

  private static Optional<String> standstill(GenericKubernetesResource object) {
    var annotations = object.getMetadata().getAnnotations();
    if (object.getMetadata().getDeletionTimestamp() != null) {
      return Optional.of("it is being deleted");
    }
    if (annotations != null && annotations.containsKey(Cluster.PAUSED_ANNOTATION)) {
      return Optional.of("it is paused");
    }
    return "OnDelete".equals(object.get("spec", "rollout", "strategy", "type"))
        ? Optional.of("its strategy is OnDelete: delete its machines")
        : Optional.empty();
  }

  private static Optional<String> obstacle(GenericKubernetesResource object) {
    return object.getMetadata().getManagedFields().stream()
        .filter(ClusterMachines::isAppliedByAnother)
        .findFirst()
        .map(entry ->
            "%s applies its spec.rollout.after, and would take ours back: set it there"
                .formatted(entry.getManager()));
  }

  /** Whether somebody else would set the time back, again and again. */
  private static boolean isAppliedByAnother(ManagedFieldsEntry entry) {
    return "Apply".equals(entry.getOperation())
        && entry.getFieldsV1() != null
        && entry.getFieldsV1().getAdditionalProperties().get("f:spec") instanceof Map<?, ?> spec
        // By v1beta2, or by v1beta1.
        && ((spec.get("f:rollout") instanceof Map<?, ?> rollout && rollout.containsKey("f:after"))
            || spec.containsKey("f:rolloutAfter"));
  }

  private static ResourceDefinitionContext kind(String kind, String plural) {
    return new ResourceDefinitionContext.Builder()
        .withGroup(Cluster.GROUP)
        .withVersion(Cluster.VERSION)
        .withKind(kind)
        .withPlural(plural)
        .withNamespaced(true)
        .build();
  }

  /** What {@link #patch} sends. */
  static Map<String, Object> rollout(Machines.Deployment seen, Instant after) {
    return Map.of(
        "metadata",
        Map.of("uid", seen.uid(), "resourceVersion", seen.resourceVersion()),
        "spec",
        Map.of("rollout", Map.of("after", after.toString())));
  }
}
