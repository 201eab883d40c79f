package dev.hcp.controller.kube;

import dev.hcp.controller.plan.KmsHealth;
import dev.hcp.controller.plan.UpgradeCheck;
import dev.hcp.controller.telemetry.ControllerMetrics;
import dev.hcp.naming.Labels;
import io.fabric8.kubernetes.api.model.APIGroup;
import io.fabric8.kubernetes.api.model.DeletionPropagation;
import io.fabric8.kubernetes.api.model.GenericKubernetesResource;
import io.fabric8.kubernetes.api.model.GroupVersionForDiscovery;
import io.fabric8.kubernetes.api.model.HasMetadata;
import io.fabric8.kubernetes.api.model.KubernetesResourceList;
import io.fabric8.kubernetes.api.model.ListOptionsBuilder;
import io.fabric8.kubernetes.api.model.Node;
import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.api.model.certificates.v1.CertificateSigningRequest;
import io.fabric8.kubernetes.api.model.certificates.v1.CertificateSigningRequestConditionBuilder;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.KubernetesClientException;
import io.fabric8.kubernetes.client.Watcher;
import io.fabric8.kubernetes.client.WatcherException;
import io.fabric8.kubernetes.client.dsl.FilterWatchListDeletable;
import io.fabric8.kubernetes.client.dsl.MixedOperation;
import io.fabric8.kubernetes.client.dsl.Resource;
import io.fabric8.kubernetes.client.dsl.base.ResourceDefinitionContext;
import java.net.HttpURLConnection;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.function.BiConsumer;
import java.util.function.Function;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Requests to one hosted cluster by the fabric8 client. */
final class Fabric8HostedKube implements HostedKube {
  private static final Logger LOG = LoggerFactory.getLogger(Fabric8HostedKube.class);
  private static final int UNPROCESSABLE = 422;

  /** ConfigMap that the controller-manager keeps in every namespace. */
  private static final String ROOT_AUTHORITIES = "kube-root-ca.crt";

  private static final String SERVING_SIGNER = "kubernetes.io/kubelet-serving";
  private static final String KUBERNETES_NAMESPACE = "default";
  private static final String KUBERNETES = "kubernetes";

  /** Label of EndpointSlices: their Service. */
  static final String SERVICE_NAME = "kubernetes.io/service-name";

  private final KubernetesClient client;
  private final Function<UpgradeCheck.Server, KubernetesClient> at;
  private final Applier applier;

  /**
   * Takes a client over.
   *
   * @param at opens the same cluster at one of its API servers
   */
  Fabric8HostedKube(
      KubernetesClient client,
      Function<UpgradeCheck.Server, KubernetesClient> at,
      ControllerMetrics metrics) {
    this.client = client;
    this.at = at;
    this.applier =
        new Applier(client.getKubernetesSerialization(), metrics::appliedInHostedCluster);
  }

  @Override
  public Set<String> apiGroups() {
    var groups = new HashSet<String>();
    groups.add("");
    client.getApiGroups().getGroups().stream().map(APIGroup::getName).forEach(groups::add);
    return groups;
  }

  @Override
  public List<Node> nodes() {
    // From the API server's cache: it need not be the very last state.
    return client
        .nodes()
        .list(new ListOptionsBuilder().withResourceVersion("0").build())
        .getItems();
  }

  @Override
  public List<Pod> pods(String namespace, Map<String, String> labels) {
    return client.pods().inNamespace(namespace).withLabels(labels).list().getItems();
  }

  @Override
  public List<HasMetadata> owned(Collection<HasMetadata> examples) {
    var kinds = new HashMap<String, HasMetadata>();
    examples.forEach(e -> kinds.putIfAbsent(e.getApiVersion() + "/" + e.getKind(), e));
    var all = new ArrayList<HasMetadata>();
    for (var example : kinds.values()) {
      try {
        all.addAll(ownedLike(example).list().getItems());
      } catch (KubernetesClientException e) {
        if (e.getCode() != HttpURLConnection.HTTP_NOT_FOUND) {
          throw e;
        }
      }
    }
    return all;
  }

  @Override
  public Optional<HasMetadata> find(HasMetadata object) {
    return Optional.ofNullable(client.resource(object).get());
  }

  @Override
  public boolean isOwned(HasMetadata live) {
    var labels = live.getMetadata().getLabels();
    return (labels != null && Labels.MANAGER.equals(labels.get(Labels.MANAGED_BY)))
        || live.getMetadata().getManagedFields().stream()
            .anyMatch(entry ->
                Labels.MANAGER.equals(entry.getManager()) && "Apply".equals(entry.getOperation()));
  }

  @Override
  public HasMetadata apply(HasMetadata desired, @Nullable HasMetadata live) {
    try {
      return send(desired, live);
    } catch (KubernetesClientException e) {
      if (!isImmutable(e)) {
        throw e;
      }
      var obstacle = find(desired).filter(this::isOwned).orElseThrow(() -> e);
      LOG.atInfo()
          .addKeyValue("kind", desired.getKind())
          .addKeyValue("object", desired.getMetadata().getName())
          .log("Made anew, since it cannot be changed: {}", e.getMessage());
      delete(obstacle);
      return send(desired, null);
    }
  }

  @Override
  public void delete(HasMetadata live) {
    try {
      var _ = client.resource(live).withPropagationPolicy(DeletionPropagation.BACKGROUND).delete();
    } catch (KubernetesClientException e) {
      if (e.getCode() != HttpURLConnection.HTTP_NOT_FOUND) {
        throw e;
      }
    }
  }

  @Override
  public List<String> namespacesTrustingOthers(String authorities) {
    var found = new TreeSet<String>();
    var maps = client.configMaps().inAnyNamespace().withField("metadata.name", ROOT_AUTHORITIES);
    Pages.of(maps::list)
        .forEachRemaining(map -> {
          var data = map.getData() == null ? "" : map.getData().getOrDefault("ca.crt", "");
          if (!data.strip().equals(authorities.strip())) {
            found.add(map.getMetadata().getNamespace());
          }
        });
    return List.copyOf(found);
  }

  @Override
  public List<CertificateSigningRequest> servingRequests() {
    return requests().list().getItems();
  }

  @Override
  public void approve(CertificateSigningRequest request) {
    var _ =
        client
            .certificates()
            .v1()
            .certificateSigningRequests()
            .withName(request.getMetadata().getName())
            .approve(
                new CertificateSigningRequestConditionBuilder()
                    .withType("Approved")
                    .withStatus("True")
                    .withReason("AddressesOfNode")
                    .withMessage("All names and addresses are those of the requesting node")
                    .build());
  }

  @Override
  public void watch(Runnable onRequest, Runnable onEndpoints, Runnable onEnd) {
    // Both are closed with the client.
    var _ =
        requests()
            .watch(
                watcher(
                    (action, request) -> {
                      var status = request.getStatus();
                      if (action != Watcher.Action.DELETED
                          && (status == null || status.getConditions().isEmpty())) {
                        onRequest.run();
                      }
                    },
                    onEnd));
    var _ =
        client
            .discovery()
            .v1()
            .endpointSlices()
            .inNamespace(KUBERNETES_NAMESPACE)
            .withLabel(SERVICE_NAME, KUBERNETES)
            .watch(
                watcher(
                    (action, slice) -> {
                      // What was there already is compared by the look that is under way.
                      if (action != Watcher.Action.ADDED) {
                        onEndpoints.run();
                      }
                    },
                    onEnd));
  }

  @Override
  public void rewrite(String resource, RewriteListener listener) {
    var kind = kind(resource);
    if (kind.isEmpty()) {
      return;
    }
    var objects = client.genericKubernetesResources(kind.get()).inAnyNamespace();
    Pages.of(objects::list).forEachRemaining(object -> rewrite(kind.get(), object, listener));
  }

  private void rewrite(
      ResourceDefinitionContext kind, GenericKubernetesResource object, RewriteListener listener) {
    object.setApiVersion(
        kind.getGroup() == null || kind.getGroup().isEmpty()
            ? kind.getVersion()
            : "%s/%s".formatted(kind.getGroup(), kind.getVersion()));
    object.setKind(kind.getKind());
    var metadata = object.getMetadata();
    var name =
        metadata.getNamespace() == null
            ? metadata.getName()
            : "%s/%s".formatted(metadata.getNamespace(), metadata.getName());
    var result = Rewritten.WRITTEN;
    var problem = "";
    try {
      var _ = client.genericKubernetesResources(kind).resource(object).update();
    } catch (KubernetesClientException e) {
      switch (e.getCode()) {
        case HttpURLConnection.HTTP_CONFLICT, HttpURLConnection.HTTP_NOT_FOUND ->
            result = Rewritten.CONFLICT;
        // Nobody answers: the others would fare no better.
        case 0 -> throw e;
        default -> {
          result = Rewritten.FAILED;
          problem = Failures.reason(e);
        }
      }
    }
    listener.rewritten(name, result, problem);
  }

  /** How a resource is asked for; empty if it is not served. */
  private Optional<ResourceDefinitionContext> kind(String resource) {
    int dot = resource.indexOf('.');
    var plural = dot < 0 ? resource : resource.substring(0, dot);
    var group = dot < 0 ? "" : resource.substring(dot + 1);
    return versions(group).stream()
        .flatMap(version ->
            Optional.ofNullable(
                    client.getApiResources(group.isEmpty() ? version : group + "/" + version))
                .stream()
                .flatMap(list -> list.getResources().stream())
                .filter(found -> found.getName().equals(plural))
                .map(found ->
                    new ResourceDefinitionContext.Builder()
                        .withGroup(group.isEmpty() ? null : group)
                        .withVersion(version)
                        .withKind(found.getKind())
                        .withPlural(plural)
                        .withNamespaced(Boolean.TRUE.equals(found.getNamespaced()))
                        .build()))
        .findFirst();
  }

  /** The versions of an API group, that first which the API server prefers. */
  private List<String> versions(String group) {
    if (group.isEmpty()) {
      return List.of("v1");
    }
    var found = client.getApiGroup(group);
    if (found == null) {
      return List.of();
    }
    return Stream.concat(
            Stream.ofNullable(found.getPreferredVersion()), found.getVersions().stream())
        .map(GroupVersionForDiscovery::getVersion)
        .distinct()
        .toList();
  }

  private static <T> Watcher<T> watcher(BiConsumer<Watcher.Action, T> onEvent, Runnable onEnd) {
    return new Watcher<>() {
      @Override
      public void eventReceived(Action action, T object) {
        if (action == Action.ADDED || action == Action.MODIFIED || action == Action.DELETED) {
          onEvent.accept(action, object);
        }
      }

      @Override
      public void onClose(WatcherException cause) {
        LOG.debug("A watch ended: {}", cause.getMessage());
        onEnd.run();
      }
    };
  }

  @Override
  public Set<DeprecatedApi> deprecatedApis(UpgradeCheck.Server server) {
    try (var other = at.apply(server)) {
      return new DeprecatedApisRequest(other).send();
    }
  }

  @Override
  public RequiredWebhooks requiredWebhooks(int most) {
    return new AdmissionWebhooks(client).required(most);
  }

  @Override
  public Optional<String> unavailable(WebhookService service) {
    return new AdmissionWebhooks(client).unavailable(service);
  }

  @Override
  public Optional<KmsHealth> kms() {
    return new KmsRequest(client).send();
  }

  @Override
  public void close() {
    client.close();
  }

  private FilterWatchListDeletable<
          CertificateSigningRequest,
          ? extends KubernetesResourceList<CertificateSigningRequest>,
          ? extends Resource<CertificateSigningRequest>>
      requests() {
    return client
        .certificates()
        .v1()
        .certificateSigningRequests()
        .withField("spec.signerName", SERVING_SIGNER);
  }

  private FilterWatchListDeletable<
          ? extends HasMetadata, ? extends KubernetesResourceList<? extends HasMetadata>, ?>
      ownedLike(HasMetadata example) {
    MixedOperation<
            ? extends HasMetadata, ? extends KubernetesResourceList<? extends HasMetadata>, ?>
        kind =
            example instanceof GenericKubernetesResource
                ? client.genericKubernetesResources(example.getApiVersion(), example.getKind())
                : client.resources(example.getClass());
    return kind.inAnyNamespace().withLabel(Labels.MANAGED_BY, Labels.MANAGER);
  }

  private HasMetadata send(HasMetadata desired, @Nullable HasMetadata live) {
    return applier
        .apply(
            desired.getKind(),
            applier.tree(desired),
            live,
            json -> client.resource(desired).patch(Applier.serverSideApply(Labels.MANAGER), json))
        .or(() -> Optional.ofNullable(live))
        .orElseThrow();
  }

  /**
   * Whether all that the server has against an object is that it differs in what cannot be changed.
   * An object that is wrong by itself must not be deleted for it.
   */
  private static boolean isImmutable(KubernetesClientException problem) {
    if (problem.getCode() != UNPROCESSABLE
        || problem.getStatus() == null
        || problem.getStatus().getDetails() == null) {
      return false;
    }
    var causes = problem.getStatus().getDetails().getCauses();
    return !causes.isEmpty()
        && causes.stream()
            .allMatch(cause ->
                cause.getMessage() != null
                    && (cause.getMessage().contains("immutable")
                        || cause.getMessage().contains("cannot change roleRef")));
  }
}
