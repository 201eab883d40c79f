package dev.hcp.controller.memory;

import dev.hcp.api.autoscaling.VerticalPodAutoscaler;
import dev.hcp.api.capi.Cluster;
import dev.hcp.api.certmanager.CertManagerCondition;
import dev.hcp.api.certmanager.Certificate;
import dev.hcp.api.certmanager.CertificateStatus;
import dev.hcp.api.cilium.CiliumNetworkPolicy;
import dev.hcp.api.v1alpha1.Condition;
import dev.hcp.api.v1alpha1.ControlPlaneEndpoint;
import dev.hcp.api.v1alpha1.HostedControlPlane;
import dev.hcp.api.v1alpha1.HostedControlPlaneRestore;
import dev.hcp.api.v1alpha1.HostedControlPlaneRestoreStatus;
import dev.hcp.api.v1alpha1.HostedControlPlaneSpec;
import dev.hcp.api.v1alpha1.HostedControlPlaneStatus;
import dev.hcp.controller.kube.ClusterCache;
import dev.hcp.controller.kube.Kube;
import dev.hcp.controller.memory.Disturbance.Moment;
import dev.hcp.controller.plan.Machines;
import dev.hcp.controller.scenario.Manifests;
import dev.hcp.naming.Labels;
import dev.hcp.naming.Names;
import io.fabric8.kubernetes.api.model.FieldsV1;
import io.fabric8.kubernetes.api.model.GenericKubernetesResource;
import io.fabric8.kubernetes.api.model.HasMetadata;
import io.fabric8.kubernetes.api.model.ManagedFieldsEntryBuilder;
import io.fabric8.kubernetes.api.model.ObjectMeta;
import io.fabric8.kubernetes.api.model.OwnerReference;
import io.fabric8.kubernetes.api.model.PersistentVolumeClaim;
import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.api.model.Quantity;
import io.fabric8.kubernetes.api.model.Secret;
import io.fabric8.kubernetes.api.model.apps.Deployment;
import io.fabric8.kubernetes.api.model.apps.StatefulSet;
import io.fabric8.kubernetes.api.model.gatewayapi.v1.Gateway;
import io.fabric8.kubernetes.api.model.gatewayapi.v1.ListenerSet;
import io.fabric8.kubernetes.api.model.gatewayapi.v1.TLSRoute;
import io.fabric8.kubernetes.api.model.gatewayapi.v1beta1.ReferenceGrant;
import io.fabric8.kubernetes.api.model.storage.StorageClass;
import io.fabric8.kubernetes.client.KubernetesClientException;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Comparator;
import java.util.HashMap;
import java.util.IdentityHashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.TreeMap;
import java.util.function.Consumer;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * API server and informers. Objects that were handed out are never changed; a change makes a new
 * one.
 */
public final class ManagementCluster implements ClusterCache, Kube {
  private static final int CONFLICT = 409;
  private static final int NOT_FOUND = 404;

  /** Fields that an apply does not own. */
  private static final List<String> NOT_APPLIED = List.of("status", "apiVersion", "kind");

  /** Which object. */
  private record Key(Class<?> type, String namespace, String name) implements Comparable<Key> {
    private static final Comparator<Key> ORDER =
        Comparator.comparing((Key key) -> key.type().getName())
            .thenComparing(Key::namespace)
            .thenComparing(Key::name);

    static Key of(HasMetadata object) {
      return new Key(
          object.getClass(),
          Objects.requireNonNullElse(object.getMetadata().getNamespace(), ""),
          object.getMetadata().getName());
    }

    @Override
    public int compareTo(Key other) {
      return ORDER.compare(this, other);
    }

    @Override
    public String toString() {
      return "%s %s/%s".formatted(type.getSimpleName(), namespace, name);
    }
  }

  /**
   * An object as it is.
   *
   * @param applied what our manager last applied; null if it never did
   */
  private record Stored(HasMetadata object, @Nullable HasMetadata applied) {}

  private final TreeMap<Key, Stored> stored = new TreeMap<>();
  private Map<Key, Stored> seen = new TreeMap<>();
  private final Map<String, GenericKubernetesResource> infrastructure = new HashMap<>();
  private final TreeMap<String, Machines.Deployment> machineDeployments = new TreeMap<>();
  private final Map<String, String> machines = new HashMap<>();
  private final List<Request> requests = new ArrayList<>();
  private final List<String> events = new ArrayList<>();

  /** What live objects were found to have all fields of, which takes long to find out. */
  private final Map<HasMetadata, HasMetadata> conforming = new IdentityHashMap<>();

  private Disturbance disturbance = Disturbance.NONE;
  private boolean lagging;
  private boolean tlsRoutesServed = true;
  private boolean ciliumServed;
  private boolean verticalPodAutoscalersServed;
  private long version = 1;

  /** An empty management cluster. */
  public ManagementCluster() {}

  /** The same cluster once more, whose changes are its own. */
  public ManagementCluster(ManagementCluster other) {
    stored.putAll(other.stored);
    seen = new TreeMap<>(other.seen);
    infrastructure.putAll(other.infrastructure);
    machineDeployments.putAll(other.machineDeployments);
    machines.putAll(other.machines);
    conforming.putAll(other.conforming);
    lagging = other.lagging;
    tlsRoutesServed = other.tlsRoutesServed;
    ciliumServed = other.ciliumServed;
    verticalPodAutoscalersServed = other.verticalPodAutoscalersServed;
    version = other.version;
  }

  // For tests and for the controllers of others.

  /** Says what goes wrong from now on. */
  public void disturb(Disturbance next) {
    disturbance = next;
  }

  /** Lets informers see changes only at {@link #catchUp}; without it they see them at once. */
  public void lag() {
    lagging = true;
  }

  /** Lets informers see all changes. */
  public void catchUp() {
    seen = new TreeMap<>(stored);
  }

  /** Stops serving TLSRoutes. */
  public void withdrawTlsRoutes() {
    tlsRoutesServed = false;
  }

  /** Starts to serve VerticalPodAutoscalers. */
  public void installVerticalPodAutoscaler() {
    verticalPodAutoscalersServed = true;
  }

  /** Serves no VerticalPodAutoscalers any more; those that there were are gone. */
  public void uninstallVerticalPodAutoscaler() {
    verticalPodAutoscalersServed = false;
    all(VerticalPodAutoscaler.class).forEach(this::remove);
    catchUp();
  }

  /** Starts to serve CiliumNetworkPolicies. */
  public void installCilium() {
    ciliumServed = true;
  }

  /** Stops serving CiliumNetworkPolicies, with which those that there are go. */
  public void uninstallCilium() {
    ciliumServed = false;
    all(CiliumNetworkPolicy.class).forEach(this::remove);
  }

  /** Counts up with every change. */
  public long version() {
    return version;
  }

  /** All writing requests so far. */
  public List<Request> requests() {
    return List.copyOf(requests);
  }

  /** Forgets the requests so far. */
  public void forgetRequests() {
    requests.clear();
  }

  /** All events so far. */
  public List<String> events() {
    return List.copyOf(events);
  }

  /** All objects of a type. */
  public <T extends HasMetadata> List<T> all(Class<T> type) {
    return stored.values().stream()
        .map(Stored::object)
        .filter(type::isInstance)
        .map(type::cast)
        .toList();
  }

  /** All objects that carry our label. */
  public List<HasMetadata> generated() {
    return stored.values().stream()
        .map(Stored::object)
        .filter(o -> Labels.MANAGER.equals(labels(o).get(Labels.MANAGED_BY)))
        .toList();
  }

  /** An object, if it is there. */
  public <T extends HasMetadata> Optional<T> get(Class<T> type, String namespace, String name) {
    return Optional.ofNullable(stored.get(new Key(type, namespace, name)))
        .map(Stored::object)
        .map(type::cast);
  }

  /** Puts an object as it is, as somebody else would who may do anything. */
  public void put(HasMetadata object) {
    var copy = Manifests.copy(object);
    var old = stored.get(Key.of(object));
    store(copy, old, old == null ? null : old.applied());
  }

  /** Puts an object as somebody else who applied it by our field manager. */
  public void putApplied(HasMetadata object) {
    var old = stored.get(Key.of(object));
    store(Manifests.copy(object), old, Manifests.copy(object));
  }

  /** Changes an object as somebody else. */
  public <T extends HasMetadata> void edit(T object, Consumer<T> change) {
    var copy = Manifests.copy(object);
    change.accept(copy);
    put(copy);
  }

  /** Removes an object as somebody else; one with a finalizer is only marked. */
  public void remove(HasMetadata object) {
    var key = Key.of(object);
    var old = stored.get(key);
    if (old == null) {
      return;
    }
    if (old.object().getMetadata().getFinalizers().isEmpty()) {
      stored.remove(key);
      changed();
    } else if (old.object().getMetadata().getDeletionTimestamp() == null) {
      edit(old.object(), o -> o.getMetadata().setDeletionTimestamp("2026-01-01T00:00:00Z"));
    }
  }

  /** Adds an infrastructure cluster. */
  public void putInfrastructure(GenericKubernetesResource cluster) {
    infrastructure.put(cluster.getKind() + " " + cluster.getMetadata().getName(), cluster);
  }

  /** Puts a MachineDeployment as it is. */
  public void put(Machines.Deployment deployment) {
    machineDeployments.put(deployment.name(), deployment);
    changed();
  }

  /** From now on a node belongs to a MachineDeployment. */
  public void putMachine(String node, String deployment) {
    machines.put(node, deployment);
    changed();
  }

  /** All uids that are in use. */
  public Collection<String> uids() {
    return stored.values().stream().map(s -> s.object().getMetadata().getUid()).toList();
  }

  // ClusterCache

  @Override
  public Optional<HostedControlPlane> hostedControlPlane(String namespace, String name) {
    return cached(HostedControlPlane.class, namespace, name);
  }

  @Override
  public List<HostedControlPlane> hostedControlPlanes(String namespace) {
    return seen.values().stream()
        .map(Stored::object)
        .filter(HostedControlPlane.class::isInstance)
        .map(HostedControlPlane.class::cast)
        .filter(o -> o.getMetadata().getNamespace().equals(namespace))
        .toList();
  }

  @Override
  public List<HostedControlPlaneRestore> restores(String namespace, String controlPlane) {
    return seen.values().stream()
        .map(Stored::object)
        .filter(HostedControlPlaneRestore.class::isInstance)
        .map(HostedControlPlaneRestore.class::cast)
        .filter(o -> o.getMetadata().getNamespace().equals(namespace))
        .filter(o -> o.getSpec().controlPlaneName().equals(controlPlane))
        .toList();
  }

  @Override
  public Optional<Cluster> cluster(String namespace, String name) {
    return cached(Cluster.class, namespace, name);
  }

  @Override
  public Optional<Gateway> gateway(String namespace, String name) {
    return cached(Gateway.class, namespace, name);
  }

  @Override
  public <T extends HasMetadata> Map<String, T> ofCluster(
      Class<T> type, String namespace, String cluster) {
    return seen.values().stream()
        .map(Stored::object)
        .filter(type::isInstance)
        .filter(o -> o.getMetadata().getNamespace().equals(namespace))
        .filter(o -> cluster.equals(labels(o).get(Labels.CLUSTER_NAME)))
        .filter(o -> isSelected(type, labels(o)))
        .collect(Collectors.toMap(o -> o.getMetadata().getName(), type::cast));
  }

  @Override
  public List<ListenerSet> listenerSets(String gatewayNamespace, String gateway) {
    return seen.values().stream()
        .map(Stored::object)
        .filter(ListenerSet.class::isInstance)
        .map(ListenerSet.class::cast)
        .filter(set -> set.getSpec().getParentRef().getNamespace().equals(gatewayNamespace))
        .filter(set -> set.getSpec().getParentRef().getName().equals(gateway))
        .toList();
  }

  @Override
  public List<ReferenceGrant> referenceGrants(String namespace) {
    return seen.values().stream()
        .map(Stored::object)
        .filter(ReferenceGrant.class::isInstance)
        .map(ReferenceGrant.class::cast)
        .filter(grant -> grant.getMetadata().getNamespace().equals(namespace))
        .toList();
  }

  @Override
  public Optional<StorageClass> storageClass(String name) {
    return cached(StorageClass.class, "", name);
  }

  @Override
  public Map<String, String> namespaceLabels(String namespace) {
    return Map.of("kubernetes.io/metadata.name", namespace);
  }

  @Override
  public boolean serves(Class<? extends HasMetadata> type) {
    if (type == VerticalPodAutoscaler.class) {
      return verticalPodAutoscalersServed;
    }
    return type != TLSRoute.class || tlsRoutesServed;
  }

  @Override
  public Optional<String> tlsRouteApiVersion() {
    return tlsRoutesServed ? Optional.of("gateway.networking.k8s.io/v1") : Optional.empty();
  }

  @Override
  public boolean servesCiliumNetworkPolicies() {
    return ciliumServed;
  }

  // Kube

  @Override
  public Applied apply(HasMetadata desired, @Nullable HasMetadata live) {
    var last = live == null ? null : managed(live);
    var version = desired.getMetadata().getResourceVersion();
    var wanted = version == null ? desired : withoutVersion(desired);
    if (live != null && wanted.equals(last) && conforms(live, wanted)) {
      return Applied.UNCHANGED;
    }
    request(
        "apply",
        desired,
        () -> {
          if (version == null || version.equals(versionOf(desired))) {
            merge(Manifests.copy(wanted));
          }
        });
    return Applied.CHANGED;
  }

  @Override
  public void create(HasMetadata object) {
    request(
        "create",
        object,
        () -> {
          if (stored.containsKey(Key.of(object))) {
            throw refused("create", object, CONFLICT);
          }
          store(Manifests.copy(object), null, null);
        });
  }

  @Override
  public <T extends HasMetadata> Optional<T> find(Class<T> type, String namespace, String name) {
    return get(type, namespace, name);
  }

  @Override
  public void delete(HasMetadata object) {
    request(
        "delete",
        object,
        () -> {
          var old = stored.get(Key.of(object));
          if (old != null
              && old.object().getMetadata().getUid().equals(object.getMetadata().getUid())) {
            remove(object);
          }
        });
  }

  @Override
  public Applied applyStatus(HostedControlPlane before, HostedControlPlaneStatus status) {
    if (status.equals(before.getStatus())) {
      return Applied.UNCHANGED;
    }
    request("status", before, () -> edit(current(before), o -> o.setStatus(status)));
    return Applied.CHANGED;
  }

  @Override
  public Applied applyStatus(
      HostedControlPlaneRestore before, HostedControlPlaneRestoreStatus status) {
    if (status.equals(before.getStatus())) {
      return Applied.UNCHANGED;
    }
    request(
        "status",
        before,
        () ->
            get(
                    HostedControlPlaneRestore.class,
                    before.getMetadata().getNamespace(),
                    before.getMetadata().getName())
                .ifPresent(now -> edit(now, o -> o.setStatus(status))));
    return Applied.CHANGED;
  }

  @Override
  public void applyEndpoint(HostedControlPlane before, ControlPlaneEndpoint endpoint) {
    request(
        "endpoint",
        before,
        () -> edit(current(before), o -> o.setSpec(with(o.getSpec(), endpoint))));
  }

  @Override
  public void addFinalizer(HostedControlPlane before) {
    request(
        "finalizer",
        before,
        () -> edit(current(before), o -> o.getMetadata().setFinalizers(List.of(Names.FINALIZER))));
  }

  @Override
  public void removeFinalizer(HostedControlPlane before) {
    request(
        "no finalizer",
        before,
        () -> {
          var key = Key.of(before);
          if (stored.containsKey(key)) {
            edit(current(before), o -> o.getMetadata().setFinalizers(List.of()));
            if (current(before).getMetadata().getDeletionTimestamp() != null) {
              stored.remove(key);
              changed();
            }
          }
        });
  }

  @Override
  public Optional<GenericKubernetesResource> findInfrastructureCluster(
      String group, String kind, String namespace, String name) {
    return Optional.ofNullable(infrastructure.get(kind + " " + name));
  }

  @Override
  public void setInfrastructureEndpoint(
      GenericKubernetesResource before, ControlPlaneEndpoint endpoint) {
    request(
        "endpoint",
        before,
        () -> {
          var copy = Manifests.copy(before);
          copy.setAdditionalProperty(
              "spec",
              Map.of(
                  "controlPlaneEndpoint",
                  Map.of("host", endpoint.host(), "port", endpoint.port())));
          putInfrastructure(copy);
          changed();
        });
  }

  @Override
  public Applied enlarge(PersistentVolumeClaim before, Quantity size) {
    editUnchanged(
        "enlarge",
        before,
        claim -> claim.getSpec().getResources().setRequests(Map.of("storage", size)));
    return Applied.CHANGED;
  }

  @Override
  public void scale(HasMetadata before, int replicas) {
    editUnchanged(
        "scale",
        before,
        object -> {
          if (object instanceof StatefulSet set) {
            set.getSpec().setReplicas(replicas);
          } else {
            ((Deployment) object).getSpec().setReplicas(replicas);
          }
        });
  }

  @Override
  public void annotate(HasMetadata before, String key, Optional<String> value) {
    editUnchanged(
        "annotate",
        before,
        object -> {
          var annotations =
              new TreeMap<>(
                  Objects.requireNonNullElse(object.getMetadata().getAnnotations(), Map.of()));
          annotations.remove(key);
          value.ifPresent(set -> annotations.put(key, set));
          object.getMetadata().setAnnotations(annotations);
        });
  }

  @Override
  public void label(HasMetadata before, String key, String value) {
    editUnchanged(
        "label",
        before,
        object -> {
          var labels = new TreeMap<>(labels(object));
          labels.put(key, value);
          object.getMetadata().setLabels(labels);
        });
  }

  @Override
  public void leaveConditions(HostedControlPlane before, List<Condition> left) {
    request(
        "conditions",
        before,
        () ->
            edit(
                current(before),
                o -> {
                  var status = Manifests.toMap(o.getStatus());
                  status.put("conditions", left);
                  o.setStatus(Manifests.fromMap(status, HostedControlPlaneStatus.class));
                }));
  }

  @Override
  public void edit(Secret before, Map<String, Optional<String>> entries) {
    editUnchanged(
        "edit",
        before,
        secret -> {
          var data = new TreeMap<>(secret.getData());
          entries.forEach((entry, value) ->
              value.ifPresentOrElse(set -> data.put(entry, set), () -> data.remove(entry)));
          secret.setData(data);
        });
  }

  @Override
  public void reissue(Certificate before, String why) {
    editUnchanged(
        "reissue",
        before,
        certificate -> {
          var conditions = new ArrayList<>(certificate.getStatus().conditions());
          conditions.add(new CertManagerCondition("Issuing", "True", "Renewed", why, null));
          certificate.setStatus(new CertificateStatus(conditions, null, null, null, null, null));
        });
  }

  /** An edit by a request that fails if somebody has changed the object since it was seen. */
  @SuppressWarnings("unchecked") // what is stored under a key is of the key's type
  private <T extends HasMetadata> void editUnchanged(String verb, T before, Consumer<T> change) {
    request(
        verb,
        before,
        () -> {
          var now = stored.get(Key.of(before));
          if (now != null
              && Objects.equals(
                  now.object().getMetadata().getResourceVersion(),
                  before.getMetadata().getResourceVersion())) {
            edit((T) now.object(), change);
          }
        });
  }

  @Override
  public Machines machines(String namespace, String of) {
    return new Machines(Optional.empty(), List.copyOf(machineDeployments.values()), machines);
  }

  @Override
  public void rollOut(Machines.Deployment before, Instant after) {
    request(
        new Request("roll out", "MachineDeployment " + before.name()),
        () -> {
          var now = machineDeployments.get(before.name());
          if (now != null && now.resourceVersion().equals(before.resourceVersion())) {
            put(
                new Machines.Deployment(
                    now.namespace(),
                    now.name(),
                    now.uid(),
                    now.resourceVersion() + "+",
                    Optional.of(after),
                    false,
                    now.standstill(),
                    now.obstacle()));
          }
        });
  }

  @Override
  public void event(HasMetadata about, EventType type, String reason, String action, String note) {
    events.add("%s %s %s: %s".formatted(type, reason, action, note));
  }

  private <T extends HasMetadata> Optional<T> cached(Class<T> type, String namespace, String name) {
    return Optional.ofNullable(seen.get(new Key(type, namespace, name)))
        .map(Stored::object)
        .map(type::cast);
  }

  private void request(String verb, HasMetadata object, Runnable effect) {
    request(
        new Request(verb, "%s %s".formatted(object.getKind(), object.getMetadata().getName())),
        effect);
  }

  private void request(Request request, Runnable effect) {
    requests.add(request);
    disturbance.strike(request, Moment.BEFORE);
    effect.run();
    disturbance.strike(request, Moment.AFTER);
  }

  private @Nullable String versionOf(HasMetadata object) {
    var now = stored.get(Key.of(object));
    return now == null ? null : now.object().getMetadata().getResourceVersion();
  }

  private HostedControlPlane current(HostedControlPlane before) {
    var now = stored.get(Key.of(before));
    if (now == null) {
      throw refused("patch", before, NOT_FOUND);
    }
    return (HostedControlPlane) now.object();
  }

  private static HasMetadata withoutVersion(HasMetadata object) {
    var copy = Manifests.copy(object);
    copy.getMetadata().setResourceVersion(null);
    return copy;
  }

  /** What our manager had applied when an object was as it was handed out. */
  private @Nullable HasMetadata managed(HasMetadata live) {
    for (var view : List.of(seen, stored)) {
      var candidate = view.get(Key.of(live));
      if (candidate != null && candidate.object() == live) {
        return candidate.applied();
      }
    }
    throw new IllegalArgumentException("Not an object that was handed out: " + Key.of(live));
  }

  /** Takes out what was applied before and no longer is, and puts in what is applied now. */
  private void merge(HasMetadata desired) {
    var key = Key.of(desired);
    var old = stored.get(key);
    if (old == null) {
      store(Manifests.copy(desired), null, desired);
      return;
    }
    var map = Manifests.toMap(old.object());
    var now = applicable(desired);
    if (old.applied() != null) {
      takeOut(map, applicable(old.applied()), now);
    }
    putIn(map, now);
    var merged = Manifests.fromMap(map, desired.getClass());
    if (merged instanceof Deployment deployment && deployment.getSpec().getReplicas() == null) {
      deployment.getSpec().setReplicas(1);
    }
    store(merged, old, desired);
  }

  private boolean conforms(HasMetadata live, HasMetadata desired) {
    if (!desired.equals(conforming.get(live))) {
      if (!contains(Manifests.toMap(live), applicable(desired))) {
        return false;
      }
      conforming.put(live, desired);
    }
    return true;
  }

  private static boolean contains(@Nullable Object live, @Nullable Object desired) {
    return live instanceof Map<?, ?> l && desired instanceof Map<?, ?> d
        ? d.entrySet().stream().allMatch(e -> contains(l.get(e.getKey()), e.getValue()))
        : Objects.equals(live, desired);
  }

  private static Map<String, Object> applicable(HasMetadata object) {
    var map = new LinkedHashMap<>(Manifests.toMap(object));
    NOT_APPLIED.forEach(map::remove);
    map.values().removeIf(Objects::isNull);
    return map;
  }

  @SuppressWarnings("unchecked")
  private static void takeOut(Map<String, Object> from, Map<?, ?> before, Map<?, ?> now) {
    before.forEach((key, value) -> {
      if (value instanceof Map<?, ?> b && from.get(key) instanceof Map<?, ?> f) {
        takeOut((Map<String, Object>) f, b, now.get(key) instanceof Map<?, ?> n ? n : Map.of());
        if (f.isEmpty() && !now.containsKey(key)) {
          from.remove(key);
        }
      } else if (!now.containsKey(key) && Objects.equals(from.get(key), value)) {
        // What somebody else has changed meanwhile is theirs.
        from.remove(key);
      }
    });
  }

  @SuppressWarnings("unchecked")
  private static void putIn(Map<String, Object> into, Map<?, ?> values) {
    values.forEach((key, value) -> {
      if (value instanceof Map<?, ?> v && into.get(key) instanceof Map<?, ?> i) {
        putIn((Map<String, Object>) i, v);
      } else {
        into.put(String.valueOf(key), value);
      }
    });
  }

  private void store(HasMetadata object, @Nullable Stored old, @Nullable HasMetadata applied) {
    if (object instanceof Deployment deployment) {
      recordOwner(deployment, applied);
    }
    var metadata = object.getMetadata();
    var before = old == null ? null : old.object();
    if (before != null && before.equals(object)) {
      stored.put(Key.of(object), new Stored(before, applied));
      if (!Objects.equals(old.applied(), applied)) {
        changed();
      }
      return;
    }
    metadata.setUid(before == null ? uid(metadata) : before.getMetadata().getUid());
    metadata.setGeneration(generation(before, object));
    metadata.setResourceVersion(String.valueOf(version + 1));
    stored.put(Key.of(object), new Stored(object, applied));
    changed();
  }

  /** Says whether the number of pods is ours: it is until somebody else writes another one. */
  private static void recordOwner(Deployment deployment, @Nullable HasMetadata applied) {
    boolean ours =
        applied instanceof Deployment last
            && last.getSpec().getReplicas() != null
            && last.getSpec().getReplicas().equals(deployment.getSpec().getReplicas());
    var fields = new FieldsV1();
    fields.setAdditionalProperty("f:spec", Map.of("f:replicas", Map.of()));
    deployment
        .getMetadata()
        .setManagedFields(
            ours
                ? List.of(
                    new ManagedFieldsEntryBuilder()
                        .withManager(Labels.MANAGER)
                        .withOperation("Apply")
                        .withFieldsV1(fields)
                        .build())
                : List.of());
  }

  private String uid(ObjectMeta metadata) {
    return metadata.getUid() == null ? "uid-" + version : metadata.getUid();
  }

  private static Long generation(@Nullable HasMetadata before, HasMetadata object) {
    if (before == null) {
      return 1L;
    }
    boolean same =
        Objects.equals(Manifests.toMap(before).get("spec"), Manifests.toMap(object).get("spec"));
    return before.getMetadata().getGeneration() + (same ? 0 : 1);
  }

  private void changed() {
    version++;
    if (!lagging) {
      catchUp();
    }
  }

  /** Pods and volumes are known by the labels of their workloads, all else by ours. */
  private static boolean isSelected(Class<?> type, Map<String, String> labels) {
    return type == Pod.class || type == PersistentVolumeClaim.class
        ? labels.containsKey(Labels.COMPONENT)
        : Labels.MANAGER.equals(labels.get(Labels.MANAGED_BY));
  }

  private static Map<String, String> labels(HasMetadata object) {
    return Objects.requireNonNullElse(object.getMetadata().getLabels(), Map.of());
  }

  private static KubernetesClientException refused(String verb, HasMetadata object, int code) {
    return new KubernetesClientException(
        "%s %s: %d".formatted(verb, Key.of(object), code), code, null);
  }

  private static HostedControlPlaneSpec with(
      HostedControlPlaneSpec spec, ControlPlaneEndpoint endpoint) {
    return new HostedControlPlaneSpec(
        spec.version(),
        spec.replicas(),
        endpoint,
        spec.gateway(),
        spec.deployment(),
        spec.konnectivityClient(),
        spec.kubeProxy(),
        spec.coredns(),
        spec.etcd(),
        spec.oidcProviders(),
        spec.certificates(),
        spec.exposure(),
        spec.networkPolicy(),
        spec.images(),
        spec.encryptionAtRest(),
        spec.rotation(),
        spec.kubeconfigs(),
        spec.rollout(),
        spec.hibernated());
  }

  /** Whether an object that owns another is still there. */
  boolean isOwned(HasMetadata object) {
    var owners = object.getMetadata().getOwnerReferences();
    return owners.isEmpty()
        || owners.stream().map(OwnerReference::getUid).anyMatch(uids()::contains);
  }
}
