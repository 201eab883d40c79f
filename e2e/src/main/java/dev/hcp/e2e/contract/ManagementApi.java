package dev.hcp.e2e.contract;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.MissingNode;
import dev.hcp.e2e.hosted.Kubeconfig;
import io.fabric8.kubernetes.api.model.GenericKubernetesResource;
import io.fabric8.kubernetes.client.ConfigBuilder;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.KubernetesClientBuilder;
import io.fabric8.kubernetes.client.KubernetesClientException;
import io.fabric8.kubernetes.client.dsl.Resource;
import io.fabric8.kubernetes.client.dsl.base.PatchContext;
import io.fabric8.kubernetes.client.dsl.base.PatchType;
import java.net.HttpURLConnection;
import java.util.List;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/** A management cluster by its API server. */
final class ManagementApi implements Management {
  private static final ObjectMapper JSON = new ObjectMapper();
  private static final String FIELD_MANAGER = "contract-check";
  private static final int ANSWER_MILLIS = 15_000;

  private final KubernetesClient client;

  ManagementApi(KubernetesClient client) {
    this.client = client;
  }

  @Override
  public JsonNode get(Address address) {
    return ifServed(() -> node(resource(address).get()));
  }

  @Override
  public List<JsonNode> list(String apiVersion, String kind, String namespace, String selector) {
    try {
      var all = client.genericKubernetesResources(apiVersion, kind);
      var within = namespace.isEmpty() ? all : all.inNamespace(namespace);
      var found = selector.isEmpty() ? within.list() : within.withLabelSelector(selector).list();
      return found.getItems().stream().map(ManagementApi::node).toList();
    } catch (KubernetesClientException | IllegalArgumentException e) {
      if (isUnknown(e)) {
        return List.of();
      }
      throw e;
    }
  }

  @Override
  public Reply patch(Address address, JsonNode patch, boolean dryRun) {
    return reply(
        () -> resource(address).patch(context(PatchType.JSON_MERGE, dryRun), patch.toString()));
  }

  @Override
  public JsonNode scale(Address address) {
    return ifServed(() -> JSON.valueToTree(resource(address).scale()));
  }

  @Override
  public Reply scale(Address address, int replicas) {
    return reply(() -> resource(address).scale(replicas));
  }

  @Override
  public Reply dryApply(Address address, JsonNode object) {
    return reply(() ->
        resource(address).patch(context(PatchType.SERVER_SIDE_APPLY, true), object.toString()));
  }

  @Override
  public Reply create(JsonNode object) {
    return reply(
        () -> client.resource(JSON.convertValue(object, GenericKubernetesResource.class)).create());
  }

  @Override
  public void delete(Address address) {
    var _ = resource(address).delete();
  }

  @Override
  public Snapshot.Answer ask(String kubeconfig) {
    var config =
        new ConfigBuilder(Kubeconfig.parse(kubeconfig))
            .withRequestTimeout(ANSWER_MILLIS)
            .withRequestRetryBackoffLimit(1)
            .build();
    try (var hosted = new KubernetesClientBuilder().withConfig(config).build()) {
      return new Snapshot.Answer(true, "it is " + hosted.getKubernetesVersion().getGitVersion());
    } catch (KubernetesClientException e) {
      return new Snapshot.Answer(false, "no answer: " + e.getMessage());
    }
  }

  private Resource<GenericKubernetesResource> resource(Address address) {
    var kind = client.genericKubernetesResources(address.apiVersion(), address.kind());
    return address.namespace().isEmpty()
        ? kind.withName(address.name())
        : kind.inNamespace(address.namespace()).withName(address.name());
  }

  private static PatchContext context(PatchType type, boolean dryRun) {
    var context = new PatchContext.Builder().withPatchType(type).withFieldManager(FIELD_MANAGER);
    if (type == PatchType.SERVER_SIDE_APPLY) {
      context.withForce(true);
    }
    if (dryRun) {
      context.withDryRun(List.of("All"));
    }
    return context.build();
  }

  private static JsonNode node(@Nullable Object object) {
    return object == null ? MissingNode.getInstance() : JSON.valueToTree(object);
  }

  private static JsonNode ifServed(Supplier<JsonNode> request) {
    try {
      return request.get();
    } catch (KubernetesClientException | IllegalArgumentException e) {
      if (isUnknown(e)) {
        return MissingNode.getInstance();
      }
      throw e;
    }
  }

  /** The client looks for a kind before it asks for its objects. */
  private static boolean isUnknown(RuntimeException e) {
    return !(e instanceof KubernetesClientException refusal)
        || refusal.getCode() == HttpURLConnection.HTTP_NOT_FOUND
        || String.valueOf(e.getMessage()).contains("Could not find the metadata");
  }

  private static Reply reply(Supplier<?> request) {
    try {
      return new Reply(HttpURLConnection.HTTP_OK, node(request.get()), "");
    } catch (KubernetesClientException e) {
      var status = e.getStatus();
      return new Reply(
          e.getCode(),
          MissingNode.getInstance(),
          String.valueOf(status == null ? e.getMessage() : status.getMessage()));
    }
  }
}
