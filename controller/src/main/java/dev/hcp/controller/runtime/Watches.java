package dev.hcp.controller.runtime;

import dev.hcp.api.autoscaling.VerticalPodAutoscaler;
import dev.hcp.api.capi.Cluster;
import dev.hcp.api.certmanager.Certificate;
import dev.hcp.api.certmanager.Issuer;
import dev.hcp.api.cilium.CiliumNetworkPolicy;
import dev.hcp.api.v1alpha1.HostedControlPlane;
import dev.hcp.api.v1alpha1.HostedControlPlaneRestore;
import dev.hcp.controller.kube.ClusterCache;
import dev.hcp.controller.kube.ServedKind;
import dev.hcp.controller.kube.ServedRoutes;
import dev.hcp.controller.plan.Trigger;
import dev.hcp.controller.telemetry.ControllerMetrics;
import dev.hcp.naming.Component;
import dev.hcp.naming.Labels;
import io.fabric8.kubernetes.api.model.ConfigMap;
import io.fabric8.kubernetes.api.model.GenericKubernetesResource;
import io.fabric8.kubernetes.api.model.HasMetadata;
import io.fabric8.kubernetes.api.model.KubernetesResourceList;
import io.fabric8.kubernetes.api.model.Namespace;
import io.fabric8.kubernetes.api.model.PersistentVolumeClaim;
import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.api.model.Secret;
import io.fabric8.kubernetes.api.model.Service;
import io.fabric8.kubernetes.api.model.apps.Deployment;
import io.fabric8.kubernetes.api.model.apps.StatefulSet;
import io.fabric8.kubernetes.api.model.autoscaling.v2.HorizontalPodAutoscaler;
import io.fabric8.kubernetes.api.model.gatewayapi.v1.Gateway;
import io.fabric8.kubernetes.api.model.gatewayapi.v1.ListenerSet;
import io.fabric8.kubernetes.api.model.gatewayapi.v1beta1.ReferenceGrant;
import io.fabric8.kubernetes.api.model.networking.v1.NetworkPolicy;
import io.fabric8.kubernetes.api.model.policy.v1.PodDisruptionBudget;
import io.fabric8.kubernetes.api.model.storage.StorageClass;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.dsl.MixedOperation;
import io.fabric8.kubernetes.client.dsl.Resource;
import io.fabric8.kubernetes.client.informers.SharedIndexInformer;
import io.fabric8.kubernetes.client.utils.KubernetesSerialization;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.function.Consumer;
import java.util.stream.Collectors;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Watches everything that a control plane depends on, keeps it for the passes to read, and wakes
 * the control plane that a change concerns.
 *
 * <p>Generated objects are selected by our label and belong to a control plane by the name of its
 * Cluster; pods and volumes, which others make for them, by the labels of their workloads. Kinds
 * that are defined by others are watched while their definition is served. Those of Cluster API and
 * cert-manager must be there before the first pass: to a pass, a kind that is not watched looks
 * like objects that are gone. The Gateway API, Cilium and the autoscaler of pods' sizes may come
 * later.
 *
 * <p>Of Gateways, ListenerSets and ReferenceGrants those of all namespaces are watched: a Gateway
 * may be anywhere, every ListenerSet takes ports of its Gateway, and grants are where the Secrets
 * are. StorageClasses, of which there are few, are in no namespace; each wakes everybody.
 */
final class Watches implements ClusterCache, AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(Watches.class);
  private static final Duration REMINDER = Duration.ofSeconds(30);

  private static final String HOSTED_CONTROL_PLANES =
      "hostedcontrolplanes." + HostedControlPlane.GROUP;
  private static final String RESTORES = "hostedcontrolplanerestores." + HostedControlPlane.GROUP;
  private static final String HOSTED_CONTROL_PLANES_INSTALLER = "config/crd of this project";
  private static final String CILIUM_POLICIES =
      "ciliumnetworkpolicies." + CiliumNetworkPolicy.GROUP;
  private static final String VERTICAL_AUTOSCALERS =
      "verticalpodautoscalers." + VerticalPodAutoscaler.GROUP;
  private static final String CLUSTER_API = "Cluster API 1.11 or newer";
  private static final String CERT_MANAGER = "cert-manager";
  private static final String LISTENER_SET_VERSION = "v1";

  private static final String[] COMPONENTS =
      Arrays.stream(Component.values()).map(Component::label).toArray(String[]::new);

  private final KubernetesClient client;
  private final KubernetesSerialization serialization;
  private final Optional<String> namespace;
  private final HostedControlPlanes hostedControlPlanes;
  private final ServedRoutes routes;
  private final Wakeups wakeups;

  private final Map<Class<? extends HasMetadata>, KindWatch<?>> kinds = new LinkedHashMap<>();
  private final KindWatch<Cluster> clusters;
  private final KindWatch<Gateway> gateways;
  private final Definition ciliumPolicies;
  private final KindWatch<ListenerSet> listenerSets;
  private final KindWatch<ReferenceGrant> referenceGrants;
  private final KindWatch<Namespace> namespaces;
  private final KindWatch<StorageClass> storageClasses;
  private final KindWatch<HostedControlPlaneRestore> restores;
  private final List<Definition> definitions = new ArrayList<>();
  private final CompletableFuture<Void> ready = new CompletableFuture<>();

  /**
   * Watches nothing yet.
   *
   * @param namespace the only namespace to watch, with the exceptions above
   */
  Watches(
      KubernetesClient client,
      Optional<String> namespace,
      HostedControlPlanes hostedControlPlanes,
      ServedRoutes routes,
      Trigger trigger,
      ControllerMetrics metrics) {
    this.client = client;
    this.serialization = client.getKubernetesSerialization();
    this.namespace = namespace;
    this.hostedControlPlanes = hostedControlPlanes;
    this.routes = routes;
    this.wakeups = new Wakeups(hostedControlPlanes, this::listenerSetsWithKey, trigger);

    generated(Secret.class, Watches::pruneApplied);
    generated(ConfigMap.class, Watches::pruneApplied);
    generated(Service.class, Watches::pruneApplied);
    generated(Deployment.class, Watches::pruneApplied);
    generated(StatefulSet.class, Watches::pruneApplied);
    generated(PodDisruptionBudget.class, Watches::pruneApplied);
    generated(HorizontalPodAutoscaler.class, Watches::pruneApplied);
    generated(VerticalPodAutoscaler.class, Watches::pruneApplied);
    parts(Pod.class);
    parts(PersistentVolumeClaim.class);
    generated(Certificate.class, Watches::pruneApplied);
    generated(Issuer.class, Watches::pruneApplied);
    generated(NetworkPolicy.class, Watches::pruneApplied);
    generated(CiliumNetworkPolicy.class, Watches::pruneApplied);
    routes.all().forEach(kind -> kinds.put(kind.type(), routeWatch(kind)));
    listenerSets =
        new KindWatch<>(
            "ListenerSet",
            () -> client.resources(ListenerSet.class).inAnyNamespace().runnableInformer(0),
            Watches::pruneApplied,
            CacheKeys::listenerSet,
            wakeups::byListenerSet,
            this::check);
    kinds.put(ListenerSet.class, listenerSets);
    namespaces =
        new KindWatch<>(
            "Namespace",
            this::namespaceInformer,
            Watches::pruneNamespace,
            _ -> List.of(),
            wakeups::byNamespace,
            this::check);
    storageClasses =
        new KindWatch<>(
            "StorageClass",
            () -> client.storage().v1().storageClasses().runnableInformer(0),
            PrunedStore::dropFields,
            _ -> List.of(),
            _ -> wakeups.all(),
            this::check);
    clusters =
        new KindWatch<>(
            "Cluster",
            () -> inScope(client.resources(Cluster.class)),
            PrunedStore::dropFields,
            _ -> List.of(),
            wakeups::byReference,
            this::check);
    gateways =
        new KindWatch<>(
            "Gateway",
            () -> client.resources(Gateway.class).inAnyNamespace().runnableInformer(0),
            PrunedStore::dropFields,
            _ -> List.of(),
            wakeups::byGateway,
            this::check);

    restores =
        new KindWatch<>(
            HostedControlPlaneRestore.KIND,
            () -> inScope(client.resources(HostedControlPlaneRestore.class)),
            Watches::pruneApplied,
            CacheKeys::controlPlane,
            wakeups::byRestore,
            this::check);
    referenceGrants =
        new KindWatch<>(
            "ReferenceGrant",
            () -> client.resources(ReferenceGrant.class).inAnyNamespace().runnableInformer(0),
            PrunedStore::dropFields,
            grant -> List.of(grant.getMetadata().getNamespace()),
            wakeups::byReferenceGrant,
            this::check);

    var _ =
        define(
            HOSTED_CONTROL_PLANES,
            Set.of(HostedControlPlane.VERSION),
            Optional.empty(),
            Optional.of(HOSTED_CONTROL_PLANES_INSTALLER),
            _ -> check());
    define(
        RESTORES,
        HostedControlPlane.VERSION,
        restores,
        Optional.of(HOSTED_CONTROL_PLANES_INSTALLER));
    define("clusters." + Cluster.GROUP, Cluster.VERSION, clusters, Optional.of(CLUSTER_API));
    define(
        "certificates.cert-manager.io", "v1", kind(Certificate.class), Optional.of(CERT_MANAGER));
    define("issuers.cert-manager.io", "v1", kind(Issuer.class), Optional.of(CERT_MANAGER));
    define("gateways.gateway.networking.k8s.io", "v1", gateways, Optional.empty());
    define(
        "referencegrants.gateway.networking.k8s.io", "v1beta1", referenceGrants, Optional.empty());
    ciliumPolicies =
        define(
            CILIUM_POLICIES,
            Set.of(CiliumNetworkPolicy.VERSION),
            Optional.of(kind(CiliumNetworkPolicy.class)),
            Optional.empty(),
            this::ciliumPoliciesServed);
    var _ =
        define(
            VERTICAL_AUTOSCALERS,
            Set.of(VerticalPodAutoscaler.VERSION),
            Optional.of(kind(VerticalPodAutoscaler.class)),
            Optional.empty(),
            this::verticalAutoscalersServed);
    var _ =
        define(
            "listenersets.gateway.networking.k8s.io",
            Set.of(LISTENER_SET_VERSION),
            Optional.of(listenerSets),
            Optional.empty(),
            this::listenerSetsServed);
    routes
        .all()
        .forEach(kind -> {
          var _ =
              define(
                  kind.definition(),
                  kind.versions(),
                  Optional.of(kind(kind.type())),
                  Optional.empty(),
                  versions -> routesServed(kind, versions));
        });

    allKinds()
        .forEach(watch ->
            metrics.gauge(
                "hcp.watch.synced",
                "Whether the objects of a kind are known",
                watch.kind(),
                () -> watch.isSynced() ? 1 : 0));
  }

  /** Wakes a pass for every control plane. */
  void wakeAll() {
    wakeups.all();
  }

  /** Starts to watch. */
  void start() {
    definitions.forEach(definition -> definition.watch().start());
    allKinds().stream().filter(kind -> definition(kind).isEmpty()).forEach(KindWatch::start);
  }

  /**
   * Waits, without a deadline, until everything is known that a pass needs, and tells the log what
   * is missing.
   */
  void awaitReady() throws InterruptedException {
    while (!ready.isDone()) {
      try {
        ready.get(REMINDER.toSeconds(), TimeUnit.SECONDS);
      } catch (TimeoutException _) {
        problem().ifPresent(problem -> LOG.warn("Still waiting: {}", problem));
      } catch (ExecutionException e) {
        throw new IllegalStateException("waiting for the watches failed", e);
      }
    }
  }

  /** What keeps passes from being made, or would; empty if nothing. */
  Optional<String> problem() {
    var problems = new ArrayList<String>();
    definitions.forEach(definition -> definition.problem().ifPresent(problems::add));
    allKinds().stream()
        .filter(kind -> !kind.isSynced())
        .filter(kind -> definition(kind).map(Definition::isServed).orElse(true))
        .forEach(kind -> problems.add("%s objects are not known yet".formatted(kind.kind())));
    return problems.isEmpty() ? Optional.empty() : Optional.of(String.join("; ", problems));
  }

  /** A watch that ended and will not come back; only a restart helps. */
  Optional<String> broken() {
    return allKinds().stream()
        .filter(KindWatch::isBroken)
        .map(watch -> "the watch of %s objects ended".formatted(watch.kind()))
        .findFirst();
  }

  @Override
  public void close() {
    definitions.forEach(definition -> definition.watch().stop());
    allKinds().forEach(KindWatch::stop);
  }

  @Override
  public Optional<HostedControlPlane> hostedControlPlane(String inNamespace, String name) {
    return hostedControlPlanes.get(inNamespace, name);
  }

  @Override
  public List<HostedControlPlane> hostedControlPlanes(String inNamespace) {
    return hostedControlPlanes.inNamespace(inNamespace);
  }

  @Override
  public List<HostedControlPlaneRestore> restores(String inNamespace, String controlPlane) {
    return restores.withKey(HostedControlPlanes.key(inNamespace, controlPlane));
  }

  @Override
  public Optional<Cluster> cluster(String inNamespace, String name) {
    return clusters.get(inNamespace, name);
  }

  @Override
  public Optional<Gateway> gateway(String inNamespace, String name) {
    return gateways.get(inNamespace, name);
  }

  @Override
  public <T extends HasMetadata> Map<String, T> ofCluster(
      Class<T> type, String inNamespace, String cluster) {
    return kind(type).withKey(HostedControlPlanes.key(inNamespace, cluster)).stream()
        .map(object -> type.cast(internal(object, type)))
        .collect(
            Collectors.toUnmodifiableMap(
                object -> object.getMetadata().getName(), object -> object));
  }

  @Override
  public List<ListenerSet> listenerSets(String gatewayNamespace, String gateway) {
    return listenerSetsWithKey(CacheKeys.gateway(gatewayNamespace, gateway));
  }

  @Override
  public List<ReferenceGrant> referenceGrants(String inNamespace) {
    return referenceGrants.withKey(inNamespace);
  }

  @Override
  public boolean servesCiliumNetworkPolicies() {
    return ciliumPolicies.isServed();
  }

  @Override
  public Map<String, String> namespaceLabels(String name) {
    return namespaces
        .get(name)
        .map(found -> found.getMetadata().getLabels())
        .map(Map::copyOf)
        .orElse(Map.of());
  }

  @Override
  public Optional<StorageClass> storageClass(String name) {
    return storageClasses.get(name);
  }

  @Override
  public Optional<String> tlsRouteApiVersion() {
    return routes.tls().apiVersion();
  }

  @Override
  public boolean serves(Class<? extends HasMetadata> type) {
    return routes
        .of(type)
        .map(kind -> kind.apiVersion().isPresent())
        .orElseGet(() -> definition(kind(type)).filter(Definition::isServed).isPresent());
  }

  private HasMetadata internal(HasMetadata object, Class<? extends HasMetadata> type) {
    return routes
        .of(type)
        .<HasMetadata>map(kind -> kind.internal((GenericKubernetesResource) object, serialization))
        .orElse(object);
  }

  private KindWatch<GenericKubernetesResource> routeWatch(ServedKind<?> kind) {
    return new KindWatch<>(
        HasMetadata.getKind(kind.type()),
        () -> labelled(client.genericKubernetesResources(kind.context().orElseThrow())),
        Watches::pruneApplied,
        CacheKeys::cluster,
        wakeups::byLabel,
        this::check);
  }

  private <T extends HasMetadata> void generated(Class<T> type, Consumer<T> prune) {
    kinds.put(
        type,
        new KindWatch<>(
            HasMetadata.getKind(type),
            () -> labelled(client.resources(type)),
            prune,
            CacheKeys::cluster,
            wakeups::byLabel,
            this::check));
  }

  /**
   * Watches what others make for our workloads. It has the labels by which these select, and those
   * that the forerunner has started, which we take over, have no more than that.
   */
  private <T extends HasMetadata> void parts(Class<T> type) {
    kinds.put(
        type,
        new KindWatch<>(
            HasMetadata.getKind(type),
            () ->
                namespace
                    .map(only ->
                        client
                            .resources(type)
                            .inNamespace(only)
                            .withLabel(Labels.CLUSTER_NAME)
                            .withLabelIn(Labels.COMPONENT, COMPONENTS)
                            .runnableInformer(0))
                    .orElseGet(() ->
                        client
                            .resources(type)
                            .inAnyNamespace()
                            .withLabel(Labels.CLUSTER_NAME)
                            .withLabelIn(Labels.COMPONENT, COMPONENTS)
                            .runnableInformer(0)),
            PrunedStore::dropFields,
            CacheKeys::cluster,
            wakeups::byLabel,
            this::check));
  }

  private void define(String name, String version, KindWatch<?> kind, Optional<String> installer) {
    var _ =
        define(
            name,
            Set.of(version),
            Optional.of(kind),
            installer,
            served -> follow(kind, served.contains(version)));
  }

  private Definition define(
      String name,
      Set<String> versions,
      Optional<KindWatch<?>> kind,
      Optional<String> installer,
      Consumer<Set<String>> onVersions) {
    var definition =
        new Definition(
            new CrdWatch(client, name, onVersions, this::check), versions, kind, installer);
    definitions.add(definition);
    return definition;
  }

  private Optional<Definition> definition(KindWatch<?> kind) {
    return definitions.stream()
        .filter(definition -> definition.kind().filter(k -> k == kind).isPresent())
        .findFirst();
  }

  private void ciliumPoliciesServed(Set<String> versions) {
    follow(kind(CiliumNetworkPolicy.class), versions.contains(CiliumNetworkPolicy.VERSION));
    // Every control plane gets the other kind of policies now.
    wakeups.all();
  }

  private void verticalAutoscalersServed(Set<String> versions) {
    follow(kind(VerticalPodAutoscaler.class), versions.contains(VerticalPodAutoscaler.VERSION));
    wakeups.all();
  }

  private void routesServed(ServedKind<?> kind, Set<String> versions) {
    if (!kind.served(versions)) {
      return;
    }
    if (kind.apiVersion().isPresent()) {
      kind(kind.type()).restart();
    } else {
      kind(kind.type()).stop();
    }
    check();
    wakeups.all();
  }

  private void listenerSetsServed(Set<String> versions) {
    follow(listenerSets, versions.contains(LISTENER_SET_VERSION));
    wakeups.all();
  }

  private void follow(KindWatch<?> kind, boolean isServed) {
    if (isServed) {
      kind.start();
    } else {
      kind.stop();
    }
    check();
  }

  private List<ListenerSet> listenerSetsWithKey(String key) {
    return listenerSets.withKey(key);
  }

  private SharedIndexInformer<Namespace> namespaceInformer() {
    return namespace
        .map(only -> client.namespaces().withName(only).runnableInformer(0))
        .orElseGet(() -> client.namespaces().runnableInformer(0));
  }

  private <T extends HasMetadata, L extends KubernetesResourceList<T>>
      SharedIndexInformer<T> labelled(MixedOperation<T, L, Resource<T>> operation) {
    return namespace
        .map(only ->
            operation
                .inNamespace(only)
                .withLabel(Labels.MANAGED_BY, Labels.MANAGER)
                .runnableInformer(0))
        .orElseGet(() ->
            operation
                .inAnyNamespace()
                .withLabel(Labels.MANAGED_BY, Labels.MANAGER)
                .runnableInformer(0));
  }

  private <T extends HasMetadata, L extends KubernetesResourceList<T>>
      SharedIndexInformer<T> inScope(MixedOperation<T, L, Resource<T>> operation) {
    return namespace
        .map(only -> operation.inNamespace(only).runnableInformer(0))
        .orElseGet(() -> operation.inAnyNamespace().runnableInformer(0));
  }

  private void check() {
    if (problem().isEmpty()) {
      ready.complete(null);
    }
  }

  private List<KindWatch<?>> allKinds() {
    var all = new ArrayList<>(kinds.values());
    all.add(clusters);
    all.add(gateways);
    all.add(referenceGrants);
    all.add(namespaces);
    all.add(storageClasses);
    all.add(restores);
    return all;
  }

  private KindWatch<?> kind(Class<? extends HasMetadata> type) {
    var watch = kinds.get(type);
    if (watch == null) {
      throw new IllegalArgumentException(type.getSimpleName() + " objects are not watched");
    }
    return watch;
  }

  /** Only the labels are read. */
  private static void pruneNamespace(Namespace object) {
    PrunedStore.dropFields(object);
    object.setSpec(null);
    object.setStatus(null);
  }

  private static void pruneApplied(HasMetadata object) {
    PrunedStore.keepFieldsOf(Labels.MANAGER, object);
  }
}
