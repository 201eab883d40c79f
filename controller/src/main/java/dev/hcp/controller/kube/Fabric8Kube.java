package dev.hcp.controller.kube;

import dev.hcp.api.certmanager.CertManagerCondition;
import dev.hcp.api.certmanager.Certificate;
import dev.hcp.api.v1alpha1.Condition;
import dev.hcp.api.v1alpha1.ControlPlaneEndpoint;
import dev.hcp.api.v1alpha1.HostedControlPlane;
import dev.hcp.api.v1alpha1.HostedControlPlaneRestore;
import dev.hcp.api.v1alpha1.HostedControlPlaneRestoreStatus;
import dev.hcp.api.v1alpha1.HostedControlPlaneStatus;
import dev.hcp.controller.plan.Machines;
import dev.hcp.controller.telemetry.ControllerMetrics;
import dev.hcp.naming.Labels;
import dev.hcp.naming.Names;
import io.fabric8.kubernetes.api.model.DeleteOptions;
import io.fabric8.kubernetes.api.model.DeleteOptionsBuilder;
import io.fabric8.kubernetes.api.model.GenericKubernetesResource;
import io.fabric8.kubernetes.api.model.HasMetadata;
import io.fabric8.kubernetes.api.model.PersistentVolumeClaim;
import io.fabric8.kubernetes.api.model.Quantity;
import io.fabric8.kubernetes.api.model.Secret;
import io.fabric8.kubernetes.api.model.apps.Deployment;
import io.fabric8.kubernetes.api.model.apps.StatefulSet;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.KubernetesClientException;
import io.fabric8.kubernetes.client.dsl.Resource;
import io.fabric8.kubernetes.client.dsl.base.PatchContext;
import io.fabric8.kubernetes.client.dsl.base.PatchType;
import io.fabric8.kubernetes.client.dsl.base.ResourceDefinitionContext;
import io.fabric8.kubernetes.client.utils.KubernetesSerialization;
import java.net.HttpURLConnection;
import java.time.Instant;
import java.time.InstantSource;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Requests to the management cluster by the fabric8 client.
 *
 * <p>An object that was made by {@link #create} is adopted by its first {@link #apply}; from then
 * on what is no longer wanted is removed.
 */
public final class Fabric8Kube implements Kube, AutoCloseable {
  /**
   * Field manager of {@code spec.controlPlaneEndpoint}: one of its own, since what a manager
   * applies is always everything that it wants.
   */
  static final String ENDPOINT_MANAGER = Labels.MANAGER + "-endpoint";

  private static final Logger LOG = LoggerFactory.getLogger(Fabric8Kube.class);
  private static final int UNPROCESSABLE = 422;

  private static final String ISSUING = "Issuing";

  private final InstantSource clock;
  private final KubernetesClient client;
  private final KubernetesSerialization serialization;
  private final ServedRoutes routes;
  private final Applier applier;
  private final InfrastructureClusters infrastructure;
  private final ClusterMachines machines;
  private final EventRecorder events;

  /**
   * Uses a client, which its owner closes.
   *
   * @param routes in which versions routes are served
   * @param instance name of this replica, for events
   */
  public Fabric8Kube(
      KubernetesClient client,
      ServedRoutes routes,
      String instance,
      ControllerMetrics metrics,
      InstantSource clock) {
    this.client = client;
    this.clock = clock;
    this.serialization = client.getKubernetesSerialization();
    this.routes = routes;
    this.applier = new Applier(serialization, metrics::applied);
    this.infrastructure = new InfrastructureClusters(client);
    this.machines = new ClusterMachines(client);
    this.events = new EventRecorder(client, instance, metrics, clock);
  }

  @Override
  public Applied apply(HasMetadata desired, @Nullable HasMetadata live) {
    return desired.getMetadata().getResourceVersion() == null
        ? applyNow(desired, live)
        : unlessChanged(desired.getMetadata().getName(), () -> applyNow(desired, live));
  }

  private Applied applyNow(HasMetadata desired, @Nullable HasMetadata live) {
    return applied(
        applier.apply(
            desired.getKind(),
            wire(desired),
            live,
            json -> target(desired).patch(Applier.serverSideApply(Labels.MANAGER), json)));
  }

  @Override
  public void create(HasMetadata object) {
    var _ = client.resource(served(object)).create();
  }

  @Override
  public <T extends HasMetadata> Optional<T> find(Class<T> type, String namespace, String name) {
    var route = routes.of(type);
    if (route.isPresent()) {
      return route
          .get()
          .context()
          .map(client::genericKubernetesResources)
          .map(served -> served.inNamespace(namespace).withName(name).get())
          .map(served -> type.cast(route.get().internal(served, serialization)));
    }
    return Optional.ofNullable(client.resources(type).inNamespace(namespace).withName(name).get());
  }

  /**
   * {@inheritDoc}
   *
   * <p>Deployments and StatefulSets are deleted in the foreground: they stay until their pods are
   * gone, so that their absence means that nothing runs any more. What other kinds own, if
   * anything, is collected in the background.
   */
  @Override
  public void delete(HasMetadata object) {
    if (object.getMetadata().getDeletionTimestamp() != null) {
      return;
    }
    var path = path(object);
    if (path.isEmpty()) {
      return;
    }
    try {
      var _ = client.raw(path.get(), "DELETE", deletion(object));
    } catch (KubernetesClientException e) {
      switch (e.getCode()) {
        case HttpURLConnection.HTTP_NOT_FOUND -> {}
        // The object that was seen is gone, and another has its name.
        case HttpURLConnection.HTTP_CONFLICT ->
            LOG.atInfo()
                .addKeyValue("kind", object.getKind())
                .addKeyValue("object", object.getMetadata().getName())
                .log("Not deleted, it is not the object that was seen: {}", e.getMessage());
        default -> throw e;
      }
    }
  }

  @Override
  public Applied applyStatus(HostedControlPlane seen, HostedControlPlaneStatus status) {
    return applyStatus("HostedControlPlaneStatus", seen, status);
  }

  @Override
  public Applied applyStatus(
      HostedControlPlaneRestore seen, HostedControlPlaneRestoreStatus status) {
    return applyStatus("HostedControlPlaneRestoreStatus", seen, status);
  }

  private Applied applyStatus(String kind, HasMetadata seen, Object status) {
    var wanted = identity(seen);
    wanted.put("status", serialization.convertValue(status, Map.class));
    try {
      return applied(
          applier.applyStatus(
              kind,
              wanted,
              seen,
              json ->
                  client
                      .resource(seen)
                      .subresource("status")
                      .patch(Applier.serverSideApply(Labels.MANAGER), json)));
    } catch (KubernetesClientException e) {
      if (e.getCode() == HttpURLConnection.HTTP_NOT_FOUND) {
        // Deleted meanwhile: there is nobody left to be told.
        return Applied.UNCHANGED;
      }
      throw e;
    }
  }

  @Override
  public void applyEndpoint(HostedControlPlane seen, ControlPlaneEndpoint endpoint) {
    var wanted = identity(seen);
    wanted.put("spec", Map.of("controlPlaneEndpoint", address(endpoint)));
    if (applier.differs(wanted, seen, ENDPOINT_MANAGER)) {
      var _ =
          client
              .resource(seen)
              .patch(Applier.serverSideApply(ENDPOINT_MANAGER), applier.json(wanted));
    }
  }

  @Override
  public void addFinalizer(HostedControlPlane seen) {
    if (!seen.hasFinalizer(Names.FINALIZER)) {
      var finalizers = new ArrayList<>(seen.getFinalizers());
      finalizers.add(Names.FINALIZER);
      setFinalizers(seen, finalizers);
    }
  }

  @Override
  public void removeFinalizer(HostedControlPlane seen) {
    if (!seen.hasFinalizer(Names.FINALIZER)) {
      return;
    }
    var finalizers = new ArrayList<>(seen.getFinalizers());
    finalizers.remove(Names.FINALIZER);
    try {
      setFinalizers(seen, finalizers);
    } catch (KubernetesClientException e) {
      if (e.getCode() != HttpURLConnection.HTTP_NOT_FOUND) {
        throw e;
      }
    }
  }

  @Override
  public Optional<GenericKubernetesResource> findInfrastructureCluster(
      String group, String kind, String namespace, String name) {
    return infrastructure.find(group, kind, namespace, name);
  }

  @Override
  public void setInfrastructureEndpoint(
      GenericKubernetesResource seen, ControlPlaneEndpoint endpoint) {
    var patch =
        Map.of(
            "metadata",
            Map.of("resourceVersion", seen.getMetadata().getResourceVersion()),
            "spec",
            Map.of("controlPlaneEndpoint", address(endpoint)));
    infrastructure.patch(seen, mergePatch(), applier.json(patch));
  }

  @Override
  public Applied enlarge(PersistentVolumeClaim seen, Quantity size) {
    return patchUnchanged(
        seen,
        Map.of(),
        Map.of(
            "spec", Map.of("resources", Map.of("requests", Map.of("storage", size.toString())))));
  }

  @Override
  public void scale(HasMetadata seen, int replicas) {
    var _ = patchUnchanged(seen, Map.of(), Map.of("spec", Map.of("replicas", replicas)));
  }

  @Override
  public void annotate(HasMetadata seen, String key, Optional<String> value) {
    // In a merge patch, null takes away.
    var annotation = new HashMap<String, @Nullable String>();
    annotation.put(key, value.orElse(null));
    var _ = patchUnchanged(seen, Map.of("annotations", annotation), Map.of());
  }

  @Override
  public void label(HasMetadata seen, String key, String value) {
    var _ = patchUnchanged(seen, Map.of("labels", Map.of(key, value)), Map.of());
  }

  @Override
  public void leaveConditions(HostedControlPlane seen, List<Condition> left) {
    var conditions =
        left.stream().map(condition -> serialization.convertValue(condition, Map.class)).toList();
    var patch =
        Map.of(
            "metadata",
            Map.of("resourceVersion", seen.getMetadata().getResourceVersion()),
            "status",
            Map.of("conditions", conditions));
    try {
      var _ = client.resource(seen).subresource("status").patch(mergePatch(), applier.json(patch));
    } catch (KubernetesClientException e) {
      // Whoever changed the object meanwhile has woken another pass.
      if (e.getCode() != HttpURLConnection.HTTP_CONFLICT) {
        throw e;
      }
    }
  }

  @Override
  public void edit(Secret seen, Map<String, Optional<String>> entries) {
    var data = new HashMap<String, @Nullable String>();
    entries.forEach((entry, value) -> data.put(entry, value.orElse(null)));
    var _ = patchUnchanged(seen, Map.of(), Map.of("data", data));
  }

  /** {@inheritDoc} cert-manager does it for condition {@code Issuing}, as for its own command. */
  @Override
  public void reissue(Certificate seen, String why) {
    var conditions =
        Optional.ofNullable(seen.getStatus())
            .flatMap(status -> Optional.ofNullable(status.conditions()))
            .orElse(List.of());
    var types = conditions.stream().map(CertManagerCondition::type).toList();
    boolean isThere = types.contains(ISSUING);
    var condition = new LinkedHashMap<String, Object>();
    condition.put("type", ISSUING);
    condition.put("status", "True");
    condition.put("reason", "OtherAuthority");
    condition.put("message", why);
    condition.put("observedGeneration", seen.getMetadata().getGeneration());
    condition.put("lastTransitionTime", clock.instant().truncatedTo(ChronoUnit.SECONDS).toString());
    // The index speaks of the conditions as they were seen, so the version has to be the same.
    var patch =
        List.of(
            Map.of(
                "op",
                "replace",
                "path",
                "/metadata/resourceVersion",
                "value",
                seen.getMetadata().getResourceVersion()),
            Map.of(
                "op",
                isThere ? "replace" : "add",
                "path",
                "/status/conditions/" + (isThere ? types.indexOf(ISSUING) : "-"),
                "value",
                condition));
    try {
      var _ =
          patchUnlessChanged(
              seen.getMetadata().getName(),
              () ->
                  client
                      .resource(seen)
                      .subresource("status")
                      .patch(
                          new PatchContext.Builder()
                              .withPatchType(PatchType.JSON)
                              .withFieldManager(Labels.MANAGER)
                              .build(),
                          serialization.asJson(patch)));
    } catch (KubernetesClientException e) {
      // The condition is not there any more, which is found out before the versions are compared.
      if (e.getCode() != UNPROCESSABLE) {
        throw e;
      }
      LOG.atInfo()
          .addKeyValue("object", seen.getMetadata().getName())
          .log("Not issued anew, somebody has changed it meanwhile: {}", e.getMessage());
    }
  }

  @Override
  public Machines machines(String namespace, String cluster) {
    return machines.find(namespace, cluster);
  }

  @Override
  public void rollOut(Machines.Deployment seen, Instant after) {
    var patch = applier.json(ClusterMachines.rollout(seen, after));
    var _ = patchUnlessChanged(seen.name(), () -> machines.patch(seen, mergePatch(), patch));
  }

  /** Changes an object unless somebody has changed it since it was seen. */
  private Applied patchUnchanged(HasMetadata seen, Map<String, ?> metadata, Map<String, ?> others) {
    var precondition = new HashMap<String, Object>(metadata);
    precondition.put("uid", seen.getMetadata().getUid());
    precondition.put("resourceVersion", seen.getMetadata().getResourceVersion());
    var patch = new HashMap<String, Object>(others);
    patch.put("metadata", precondition);
    return patchUnlessChanged(
        seen.getMetadata().getName(), () -> target(seen).patch(mergePatch(), applier.json(patch)));
  }

  private static Applied patchUnlessChanged(String name, Supplier<?> patch) {
    return unlessChanged(
        name,
        () -> {
          var _ = patch.get();
          return Applied.CHANGED;
        });
  }

  private static Applied unlessChanged(String name, Supplier<Applied> request) {
    try {
      return request.get();
    } catch (KubernetesClientException e) {
      if (e.getCode() != HttpURLConnection.HTTP_NOT_FOUND
          && e.getCode() != HttpURLConnection.HTTP_CONFLICT) {
        throw e;
      }
      // The watch tells what has become of it, and the next pass decides anew.
      LOG.atInfo()
          .addKeyValue("object", name)
          .log("Not changed, somebody else has changed it meanwhile: {}", e.getMessage());
      return Applied.UNCHANGED;
    }
  }

  @Override
  public void event(HasMetadata about, EventType type, String reason, String action, String note) {
    events.record(about, type, reason, action, note);
  }

  /** Writes the events that wait, for a short time. */
  @Override
  public void close() {
    events.close();
  }

  private void setFinalizers(HostedControlPlane seen, List<String> finalizers) {
    var metadata = new LinkedHashMap<String, Object>();
    // A merge patch replaces the list, so it must be based on the list that is there.
    metadata.put("resourceVersion", seen.getMetadata().getResourceVersion());
    metadata.put("finalizers", finalizers);
    var _ = client.resource(seen).patch(mergePatch(), applier.json(Map.of("metadata", metadata)));
  }

  private static Applied applied(Optional<HasMetadata> answer) {
    return answer.isPresent() ? Applied.CHANGED : Applied.UNCHANGED;
  }

  /** The object as a tree, in the version and form in which it is sent. */
  private Map<String, Object> wire(HasMetadata object) {
    var tree = applier.tree(object instanceof Secret secret ? SecretData.encoded(secret) : object);
    tree.remove("status");
    routes
        .of(object.getClass())
        .ifPresent(route -> tree.put("apiVersion", required(route.apiVersion(), route)));
    return tree;
  }

  private HasMetadata served(HasMetadata object) {
    return routes.of(object.getClass()).isPresent()
        ? serialization.convertValue(wire(object), GenericKubernetesResource.class)
        : object;
  }

  private Resource<? extends HasMetadata> target(HasMetadata object) {
    var route = routes.of(object.getClass());
    if (route.isEmpty()) {
      return client.resource(object);
    }
    return client
        .genericKubernetesResources(required(route.get().context(), route.get()))
        .resource((GenericKubernetesResource) served(object));
  }

  private static <V> V required(Optional<V> served, ServedKind<?> route) {
    return served.orElseThrow(() ->
        new KubernetesClientException(
            "%ss are not served by the management cluster: install the Gateway API with CustomResourceDefinition %s"
                .formatted(HasMetadata.getKind(route.type()), route.definition())));
  }

  /** Where the object is; empty if its kind is not served any more. */
  private Optional<String> path(HasMetadata object) {
    var context =
        routes
            .of(object.getClass())
            .map(ServedKind::context)
            .orElseGet(
                () -> Optional.of(ResourceDefinitionContext.fromResourceType(object.getClass())));
    return context.map(kind -> {
      var group =
          kind.getGroup() == null || kind.getGroup().isEmpty()
              ? "/api/" + kind.getVersion()
              : "/apis/%s/%s".formatted(kind.getGroup(), kind.getVersion());
      return "%s/namespaces/%s/%s/%s"
          .formatted(
              group,
              object.getMetadata().getNamespace(),
              kind.getPlural(),
              object.getMetadata().getName());
    });
  }

  private static DeleteOptions deletion(HasMetadata object) {
    var propagation =
        object instanceof Deployment || object instanceof StatefulSet ? "Foreground" : "Background";
    return new DeleteOptionsBuilder()
        .withPropagationPolicy(propagation)
        .withNewPreconditions(null, object.getMetadata().getUid())
        .build();
  }

  /**
   * The start of a patch of exactly the object that was seen. Because of the uid, an object that
   * was deleted meanwhile is not made again.
   */
  private static Map<String, Object> identity(HasMetadata seen) {
    var metadata = new LinkedHashMap<String, Object>();
    metadata.put("name", seen.getMetadata().getName());
    metadata.put("namespace", seen.getMetadata().getNamespace());
    metadata.put("uid", seen.getMetadata().getUid());
    var identity = new LinkedHashMap<String, Object>();
    identity.put("apiVersion", seen.getApiVersion());
    identity.put("kind", seen.getKind());
    identity.put("metadata", metadata);
    return identity;
  }

  private static Map<String, Object> address(ControlPlaneEndpoint endpoint) {
    return Map.of(
        "host",
        Objects.requireNonNull(endpoint.host(), "an endpoint is published with its host"),
        "port",
        Objects.requireNonNull(endpoint.port(), "an endpoint is published with its port"));
  }

  private static PatchContext mergePatch() {
    return new PatchContext.Builder()
        .withPatchType(PatchType.JSON_MERGE)
        .withFieldManager(Labels.MANAGER)
        .build();
  }
}
