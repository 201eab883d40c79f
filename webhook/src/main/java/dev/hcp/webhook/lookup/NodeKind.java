package dev.hcp.webhook.lookup;

import dev.hcp.api.capi.Cluster;
import dev.hcp.naming.Labels;
import dev.hcp.webhook.admission.NodeGroup;
import io.fabric8.kubernetes.api.model.GenericKubernetesResource;
import io.fabric8.kubernetes.api.model.ListOptionsBuilder;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.KubernetesClientException;
import io.fabric8.kubernetes.client.dsl.base.ResourceDefinitionContext;
import java.net.HttpURLConnection;
import java.util.List;
import java.util.Locale;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * A kind of Cluster API's that stands for nodes.
 *
 * @param kind its name
 * @param isTemplate whether it makes Machines, or nodes, from a template
 */
record NodeKind(String kind, boolean isTemplate) {
  private static final String DEPLOYMENT = "MachineDeployment";

  /** All of them. */
  static final List<NodeKind> ALL =
      List.of(
          new NodeKind("Machine", false),
          new NodeKind(DEPLOYMENT, true),
          new NodeKind("MachineSet", true),
          new NodeKind("MachinePool", true));

  /** Name in paths. */
  String plural() {
    return kind.toLowerCase(Locale.ROOT) + "s";
  }

  /**
   * Those of a Cluster that have nodes and keep them. A version that is not set does not count, nor
   * does a MachineSet of a MachineDeployment, which keeps old ones without Machines.
   */
  List<NodeGroup> list(KubernetesClient client, String namespace, String cluster) {
    var context =
        new ResourceDefinitionContext.Builder()
            .withGroup(Cluster.GROUP)
            .withVersion(Cluster.VERSION)
            .withKind(kind)
            .withPlural(plural())
            .withNamespaced(true)
            .build();
    try {
      return client
          .genericKubernetesResources(context)
          .inNamespace(namespace)
          .withLabel(Labels.CLUSTER_NAME, cluster)
          // Out of the API server's memory: there may be many.
          .list(new ListOptionsBuilder().withResourceVersion("0").build())
          .getItems()
          .stream()
          .filter(object -> !object.isMarkedForDeletion() && !isEmpty(object) && !isPart(object))
          .flatMap(this::group)
          .toList();
    } catch (KubernetesClientException e) {
      if (e.getCode() == HttpURLConnection.HTTP_NOT_FOUND) {
        return List.of();
      }
      throw e;
    }
  }

  private Stream<NodeGroup> group(GenericKubernetesResource object) {
    @Nullable Object version =
        isTemplate
            ? object.get("spec", "template", "spec", "version")
            : object.get("spec", "version");
    return version instanceof String text && !text.isEmpty()
        ? Stream.of(new NodeGroup(kind, object.getMetadata().getName(), text))
        : Stream.empty();
  }

  private boolean isEmpty(GenericKubernetesResource object) {
    return isTemplate && object.get("spec", "replicas") instanceof Number n && n.intValue() == 0;
  }

  private static boolean isPart(GenericKubernetesResource object) {
    return object.getMetadata().getOwnerReferences().stream()
        .anyMatch(owner -> owner.getKind().equals(DEPLOYMENT));
  }
}
