package dev.hcp.controller.scenario;

import static java.util.stream.Collectors.toSet;

import dev.hcp.api.capi.Cluster;
import dev.hcp.api.v1alpha1.HostedControlPlane;
import dev.hcp.api.v1alpha1.HostedControlPlaneRestore;
import dev.hcp.controller.networkpolicy.NetworkPolicies;
import dev.hcp.controller.plan.Answer;
import dev.hcp.controller.plan.BackupState;
import dev.hcp.controller.plan.DrillState;
import dev.hcp.controller.plan.DrillTarget;
import dev.hcp.controller.plan.Entrance;
import dev.hcp.controller.plan.HostedCluster;
import dev.hcp.controller.plan.LiveObjects;
import dev.hcp.controller.plan.ManagementTokens;
import dev.hcp.controller.plan.ObjectReference;
import dev.hcp.controller.plan.Observation;
import dev.hcp.controller.plan.ObservedEtcd;
import dev.hcp.controller.plan.Resolution;
import dev.hcp.controller.plan.Rewriting;
import dev.hcp.controller.plan.UpgradeFindings;
import dev.hcp.model.PortRange;
import dev.hcp.process.BackupIdentities;
import dev.hcp.process.NetworkPolicyOptions;
import dev.hcp.version.KubernetesVersion;
import io.fabric8.kubernetes.api.model.ConfigMap;
import io.fabric8.kubernetes.api.model.HasMetadata;
import io.fabric8.kubernetes.api.model.Namespace;
import io.fabric8.kubernetes.api.model.Secret;
import io.fabric8.kubernetes.api.model.apiextensions.v1.CustomResourceDefinition;
import io.fabric8.kubernetes.api.model.gatewayapi.v1.Gateway;
import io.fabric8.kubernetes.api.model.gatewayapi.v1.ListenerSet;
import io.fabric8.kubernetes.api.model.gatewayapi.v1.TLSRoute;
import io.fabric8.kubernetes.api.model.gatewayapi.v1alpha2.TCPRoute;
import io.fabric8.kubernetes.api.model.gatewayapi.v1beta1.ReferenceGrant;
import io.fabric8.kubernetes.api.model.storage.StorageClass;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.Collection;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.Consumer;
import java.util.function.UnaryOperator;

/** What a pass may know, made from manifests and changed step by step. */
public final class Scenario {
  /** Where scenarios are kept; tests run in the folder of their module. */
  public static final Path FOLDER = Path.of("src/test/resources/golden");

  /** File with the objects of a scenario. */
  public static final String INPUT = "input.yaml";

  /** File that says how the hosted cluster was when last looked at, if it was. */
  public static final String HOSTED_CLUSTER = "hosted-cluster.yaml";

  /** File that says which backup is being restored for a test, if one is. */
  public static final String RESTORE_DRILL = "restore-drill.yaml";

  private static final String FORWARDER_IMAGE =
      "ghcr.io/hosted-control-plane/hosted-control-plane-controller:v0.1.0";

  private final Map<String, HasMetadata> objects = new LinkedHashMap<>();
  private final Set<Class<? extends HasMetadata>> served =
      new HashSet<>(List.of(TLSRoute.class, TCPRoute.class, ListenerSet.class));
  private final Map<String, Resolution> names = new HashMap<>();
  private Optional<Answer> answer = Optional.empty();
  private NetworkPolicyOptions policies =
      new NetworkPolicyOptions(NetworkPolicyOptions.Choice.AUTO, List.of(), List.of(), List.of());
  private Optional<HostedCluster> workload = Optional.empty();
  private Optional<BackupState> backup = Optional.empty();
  private Optional<DrillState> drill = Optional.empty();
  private BackupIdentities identities = BackupIdentities.NONE;
  private Optional<Rewriting> rewriting = Optional.empty();
  private Instant now = Instant.parse("2026-01-01T00:00:00Z");
  private ManagementTokens managementTokens = ManagementTokens.UNWANTED;
  private Optional<ObservedEtcd> etcd = Optional.empty();
  private final Set<ObjectReference> missing = new HashSet<>();

  private Scenario() {}

  /** The scenario that is kept under a name. */
  public static Scenario named(String name) {
    try {
      var folder = FOLDER.resolve(name);
      var scenario = of(Files.readString(folder.resolve(INPUT)));
      var hosted = folder.resolve(HOSTED_CLUSTER);
      if (Files.exists(hosted)) {
        scenario.synchronised(hostedCluster(Manifests.map(Files.readString(hosted))));
      }
      var drill = folder.resolve(RESTORE_DRILL);
      if (Files.exists(drill)) {
        scenario.drilled(
            DrillState.UNKNOWN.with(drillTarget(Manifests.map(Files.readString(drill)))));
      }
      return scenario;
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** A scenario from manifests. */
  public static Scenario of(String yaml) {
    return new Scenario().with(yaml);
  }

  /** The same scenario, to be changed apart. */
  public static Scenario copyOf(Scenario other) {
    var copy = new Scenario();
    copy.objects.putAll(other.objects);
    copy.served.retainAll(other.served);
    copy.names.putAll(other.names);
    copy.answer = other.answer;
    copy.policies = other.policies;
    copy.workload = other.workload;
    copy.backup = other.backup;
    copy.drill = other.drill;
    copy.identities = other.identities;
    copy.rewriting = other.rewriting;
    copy.now = other.now;
    copy.managementTokens = other.managementTokens;
    copy.etcd = other.etcd;
    copy.missing.addAll(other.missing);
    return copy;
  }

  /** All objects. */
  public Collection<HasMetadata> all() {
    return objects.values();
  }

  /** Adds objects, or replaces those of the same kind and name. */
  public Scenario with(String yaml) {
    Manifests.read(yaml).forEach(this::with);
    return this;
  }

  /** Adds an object, or replaces that of the same kind and name. */
  public Scenario with(HasMetadata object) {
    objects.put(key(object.getClass(), object.getMetadata().getName()), object);
    missing.remove(reference(object));
    return this;
  }

  /** Removes an object, which must be there. */
  public Scenario without(Class<? extends HasMetadata> type, String name) {
    if (objects.remove(key(type, name)) == null) {
      throw new IllegalArgumentException("There is no %s".formatted(key(type, name)));
    }
    return this;
  }

  /** Changes an object, which must be there. */
  public <T extends HasMetadata> Scenario edit(Class<T> type, String name, Consumer<T> change) {
    var copy = Manifests.copy(get(type, name));
    change.accept(copy);
    return with(copy);
  }

  /** Sets fields of the control plane's spec, given as YAML. */
  public Scenario spec(String yaml) {
    return fields(HostedControlPlane.class, "spec", yaml);
  }

  /** Sets fields of the Cluster's spec, given as YAML. */
  public Scenario clusterSpec(String yaml) {
    return fields(Cluster.class, "spec", yaml);
  }

  /** Sets fields of the control plane's status, given as YAML. */
  public Scenario status(String yaml) {
    return fields(HostedControlPlane.class, "status", yaml);
  }

  /** Says that the management cluster does not serve a kind of the Gateway API. */
  public Scenario without(Class<? extends HasMetadata> type) {
    served.remove(type);
    return this;
  }

  /** Says that a host name is followed, and what is known of it. */
  public Scenario resolved(String hostName, Resolution resolution) {
    names.put(hostName, resolution);
    return this;
  }

  /** Says what the API server answered. */
  public Scenario answered(Answer last) {
    answer = Optional.of(last);
    return this;
  }

  /** Says how the controller is to write network policies. */
  public Scenario policies(NetworkPolicyOptions options) {
    policies = options;
    return this;
  }

  /** Says how the hosted cluster was when last synchronised. */
  public Scenario synchronised(HostedCluster last) {
    workload = Optional.of(last);
    return this;
  }

  /** Says what is known of backups. */
  public Scenario backedUp(BackupState known) {
    backup = Optional.of(known);
    return this;
  }

  /** Says which identities of the controller backups may be stored as. */
  public Scenario permitted(BackupIdentities permitted) {
    identities = permitted;
    return this;
  }

  /** Says what is known of restore drills. */
  public Scenario drilled(DrillState known) {
    drill = Optional.of(known);
    return this;
  }

  /** Says how far the objects of the hosted cluster are written again. */
  public Scenario rewritten(Rewriting known) {
    rewriting = Optional.of(known);
    return this;
  }

  /** Says what time it is. */
  public Scenario at(Instant time) {
    now = time;
    return this;
  }

  /** Says whether tokens of the management cluster can be accepted. */
  public Scenario managementTokens(ManagementTokens tokens) {
    managementTokens = tokens;
    return this;
  }

  /** Says how the members of etcd answered last. */
  public Scenario etcd(ObservedEtcd last) {
    etcd = Optional.of(last);
    return this;
  }

  /** Says that an object that the spec names does not exist. */
  public Scenario missing(ObjectReference object) {
    missing.add(object);
    return this;
  }

  /** What a pass sees. */
  public Observation observation() {
    return observation(UnaryOperator.identity());
  }

  /** What a pass sees, with the maps of live objects wrapped in another order. */
  public Observation observation(UnaryOperator<Map<String, HasMetadata>> order) {
    var live = new HashMap<Class<? extends HasMetadata>, Map<String, HasMetadata>>();
    objects
        .values()
        .forEach(object ->
            live.computeIfAbsent(object.getClass(), _ -> new HashMap<>())
                .put(object.getMetadata().getName(), object));
    live.replaceAll((_, byName) -> order.apply(byName));
    return new Observation(
        only(HostedControlPlane.class).orElseThrow(),
        only(Cluster.class).orElseThrow(),
        new Entrance(
            only(Gateway.class),
            served,
            objects.values().stream()
                .filter(ListenerSet.class::isInstance)
                .map(ListenerSet.class::cast)
                .toList(),
            new PortRange(20_000, 29_999),
            only(Namespace.class).map(n -> n.getMetadata().getLabels()).orElse(Map.of()),
            names),
        new LiveObjects(live),
        answer,
        NetworkPolicies.policing(
            policies,
            "capi-hosted-control-plane-system",
            isDefined("ciliumnetworkpolicies.cilium.io")),
        managementTokens,
        named(),
        objects.values().stream()
            .filter(ReferenceGrant.class::isInstance)
            .map(ReferenceGrant.class::cast)
            .toList(),
        FORWARDER_IMAGE,
        workload,
        etcd,
        backup,
        drill,
        objects.values().stream()
            .filter(HostedControlPlaneRestore.class::isInstance)
            .map(HostedControlPlaneRestore.class::cast)
            .toList(),
        identities,
        rewriting,
        Optional.empty(),
        now,
        objects.values().stream()
            .filter(StorageClass.class::isInstance)
            .map(StorageClass.class::cast)
            .filter(found -> Boolean.TRUE.equals(found.getAllowVolumeExpansion()))
            .map(found -> found.getMetadata().getName())
            .collect(toSet()),
        isDefined("verticalpodautoscalers.autoscaling.k8s.io"));
  }

  /** An object that must be there. */
  public <T extends HasMetadata> T get(Class<T> type, String name) {
    return Optional.ofNullable(objects.get(key(type, name)))
        .map(type::cast)
        .orElseThrow(
            () -> new IllegalArgumentException("There is no %s".formatted(key(type, name))));
  }

  /** Those that are there; of others it is not known whether they are. */
  private Map<ObjectReference, Optional<HasMetadata>> named() {
    var all = new HashMap<ObjectReference, Optional<HasMetadata>>();
    objects.values().stream()
        .filter(object -> object instanceof Secret || object instanceof ConfigMap)
        .forEach(object -> all.put(reference(object), Optional.of(object)));
    missing.forEach(reference -> all.put(reference, Optional.empty()));
    return all;
  }

  private static ObjectReference reference(HasMetadata object) {
    return new ObjectReference(
        object.getClass(), object.getMetadata().getNamespace(), object.getMetadata().getName());
  }

  private static DrillTarget drillTarget(Map<String, Object> fields) {
    return new DrillTarget(
        String.valueOf(fields.get("backup")),
        ((Number) fields.get("size")).longValue(),
        Instant.parse(String.valueOf(fields.get("begun"))),
        Optional.ofNullable(fields.get("request")).map(String::valueOf));
  }

  private static HostedCluster hostedCluster(Map<String, Object> fields) {
    var groups = ((List<?>) fields.get("apiGroups")).stream().map(String::valueOf).collect(toSet());
    return new HostedCluster(
        Optional.empty(),
        new HostedCluster.Nodes((int) fields.get("ready"), (int) fields.get("total")),
        groups,
        Map.of(),
        Optional.ofNullable(fields.get("clearFor"))
            .map(version ->
                new UpgradeFindings(
                    KubernetesVersion.parse(String.valueOf(version)),
                    List.of(),
                    List.of(),
                    List.of(),
                    Optional.empty())));
  }

  private <T extends HasMetadata> Scenario fields(Class<T> type, String part, String yaml) {
    var old = only(type).orElseThrow();
    var map = Manifests.toMap(old);
    var fields = new LinkedHashMap<String, Object>();
    if (map.get(part) instanceof Map<?, ?> before) {
      before.forEach((key, value) -> fields.put(String.valueOf(key), value));
    }
    fields.putAll(Manifests.map(yaml));
    map.put(part, fields);
    return with(Manifests.fromMap(map, type));
  }

  /** What others define is served if its definition is among the objects. */
  private boolean isDefined(String name) {
    return objects.containsKey(key(CustomResourceDefinition.class, name));
  }

  private <T extends HasMetadata> Optional<T> only(Class<T> type) {
    return objects.values().stream().filter(type::isInstance).map(type::cast).findFirst();
  }

  private static String key(Class<?> type, String name) {
    return type.getSimpleName() + "/" + name;
  }
}
