package dev.hcp.controller.kube;

import dev.hcp.controller.telemetry.ControllerMetrics.ApplyResult;
import dev.hcp.naming.Labels;
import io.fabric8.kubernetes.api.model.HasMetadata;
import io.fabric8.kubernetes.client.KubernetesClientException;
import io.fabric8.kubernetes.client.dsl.base.PatchContext;
import io.fabric8.kubernetes.client.dsl.base.PatchType;
import io.fabric8.kubernetes.client.utils.KubernetesSerialization;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.function.BiConsumer;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Applies objects, unless that would change nothing, and counts what became of it. */
final class Applier {
  private static final Logger LOG = LoggerFactory.getLogger(Applier.class);

  private final KubernetesSerialization serialization;
  private final ManagedFields managedFields;
  private final BiConsumer<String, ApplyResult> counter;

  /**
   * Applies nothing yet.
   *
   * @param counter is told the kind of each object, and what became of it
   */
  Applier(KubernetesSerialization serialization, BiConsumer<String, ApplyResult> counter) {
    this.serialization = serialization;
    this.managedFields = new ManagedFields(serialization);
    this.counter = counter;
  }

  /** A request, given the object as JSON. */
  interface Request {
    HasMetadata send(String json);
  }

  /**
   * Applies an object as a whole.
   *
   * @param kind what is counted
   * @param wanted the object as a tree
   * @param live the object as last seen; null if it was not seen
   * @return what the server answered; empty if nothing was to be done
   */
  Optional<HasMetadata> apply(
      String kind, Map<String, ?> wanted, @Nullable HasMetadata live, Request request) {
    return live == null
        ? send(kind, wanted, null, request)
        : sendIf(
            managedFields.difference(wanted, tree(live), Labels.MANAGER),
            kind,
            wanted,
            live,
            request);
  }

  /** The same for a status. */
  Optional<HasMetadata> applyStatus(
      String kind, Map<String, ?> wanted, HasMetadata live, Request request) {
    return sendIf(
        managedFields.differenceOfStatus(wanted, tree(live), Labels.MANAGER),
        kind,
        wanted,
        live,
        request);
  }

  /** Whether an apply by another manager would change something. */
  boolean differs(Map<String, ?> wanted, HasMetadata live, String manager) {
    return managedFields.difference(wanted, tree(live), manager).isPresent();
  }

  @SuppressWarnings("unchecked")
  Map<String, Object> tree(HasMetadata object) {
    return serialization.convertValue(object, Map.class);
  }

  String json(Map<String, ?> tree) {
    return serialization.asJson(tree);
  }

  static PatchContext serverSideApply(String manager) {
    return new PatchContext.Builder()
        .withPatchType(PatchType.SERVER_SIDE_APPLY)
        .withFieldManager(manager)
        .withForce(true)
        .build();
  }

  private Optional<HasMetadata> sendIf(
      Optional<String> difference,
      String kind,
      Map<String, ?> wanted,
      HasMetadata live,
      Request request) {
    if (difference.isEmpty()) {
      counter.accept(kind, ApplyResult.UNCHANGED);
      return Optional.empty();
    }
    LOG.atDebug()
        .addKeyValue("kind", kind)
        .addKeyValue("object", live.getMetadata().getName())
        .log("Applying: {}", difference.get());
    return send(kind, wanted, live, request);
  }

  private Optional<HasMetadata> send(
      String kind, Map<String, ?> wanted, @Nullable HasMetadata live, Request request) {
    try {
      var result = request.send(json(wanted));
      var needless =
          live != null
              && Objects.equals(
                  live.getMetadata().getResourceVersion(),
                  result.getMetadata().getResourceVersion());
      counter.accept(kind, needless ? ApplyResult.NEEDLESS : ApplyResult.CHANGED);
      return Optional.of(result);
    } catch (KubernetesClientException e) {
      counter.accept(kind, ApplyResult.FAILED);
      throw e;
    }
  }
}
