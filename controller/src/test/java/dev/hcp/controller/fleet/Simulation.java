package dev.hcp.controller.fleet;

import dev.hcp.api.certmanager.Certificate;
import dev.hcp.api.certmanager.Issuer;
import dev.hcp.controller.testing.AnyHostPki;
import dev.hcp.controller.testing.EtcdPki;
import dev.hcp.model.SecretText;
import io.fabric8.kubernetes.api.model.HasMetadata;
import io.fabric8.kubernetes.api.model.PersistentVolumeClaim;
import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.api.model.SecretBuilder;
import io.fabric8.kubernetes.api.model.Service;
import io.fabric8.kubernetes.api.model.gatewayapi.v1.TLSRoute;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.KubernetesClientException;
import io.fabric8.kubernetes.client.dsl.base.PatchContext;
import io.fabric8.kubernetes.client.dsl.base.PatchType;
import io.fabric8.kubernetes.client.informers.ResourceEventHandler;
import io.fabric8.kubernetes.client.informers.SharedIndexInformer;
import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.function.Function;
import java.util.stream.Collectors;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Writes what cert-manager, kubelets, volumes, load balancers and the Gateway would, as soon as
 * there is something to write it of. Nothing runs in pods; all control planes have the same CA, and
 * all their certificates are the same.
 */
final class Simulation implements AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(Simulation.class);
  private static final int THREADS = 16;
  private static final int NOT_FOUND = 404;
  private static final int CONFLICT = 409;
  private static final Duration LIFETIME = Duration.ofDays(90);

  private final KubernetesClient client;
  private final List<SharedIndexInformer<?>> informers = new ArrayList<>();
  private final ExecutorService threads = Executors.newFixedThreadPool(THREADS);
  private final Map<String, String> authority;
  private final Map<String, String> leaf;
  private final Instant begin = Instant.now().truncatedTo(ChronoUnit.SECONDS);

  private Simulation(KubernetesClient client, AnyHostPki pki, EtcdPki.Identity identity) {
    this.client = client;
    authority = data(pki, pki.authority(), pki.authorityKey());
    leaf = data(pki, identity.certificate(), identity.key());
  }

  private static Map<String, String> data(AnyHostPki pki, String certificate, String key) {
    return Map.of(
        "ca.crt", SecretText.encoded(pki.authority()),
        "tls.crt", SecretText.encoded(certificate),
        "tls.key", SecretText.encoded(key));
  }

  /**
   * Begins.
   *
   * @param client with all rights
   * @param identity what every certificate but those of CAs is
   */
  static Simulation start(KubernetesClient client, AnyHostPki pki, EtcdPki.Identity identity) {
    var simulation = new Simulation(client, pki, identity);
    simulation.watch(Issuer.class, issuer -> issuer.getStatus() == null, simulation::issuer);
    simulation.watch(Certificate.class, Simulation::isUnseen, simulation::certificate);
    simulation.watch(
        Service.class,
        service ->
            "LoadBalancer".equals(service.getSpec().getType())
                && service.getStatus().getLoadBalancer().getIngress().isEmpty(),
        _ ->
            """
            {"loadBalancer": {"ingress": [{"ip": "192.0.2.10"}]}}\
            """);
    simulation.watch(
        TLSRoute.class,
        route -> route.getStatus() == null || route.getStatus().getParents().isEmpty(),
        simulation::route);
    simulation.watch(
        PersistentVolumeClaim.class,
        claim ->
            claim.getStatus().getCapacity() == null || claim.getStatus().getCapacity().isEmpty(),
        claim ->
            """
            {"phase": "Bound", "accessModes": ["ReadWriteOnce"], "capacity": {"storage": "%s"}}\
            """
                .formatted(claim.getSpec().getResources().getRequests().get("storage")));
    simulation.watch(
        Pod.class,
        pod ->
            pod.getMetadata().getDeletionTimestamp() == null
                && !"Running".equals(pod.getStatus().getPhase()),
        simulation::pod);
    simulation.watch(
        Pod.class, pod -> pod.getMetadata().getDeletionTimestamp() != null, simulation::end);
    return simulation;
  }

  private interface Test<T> {
    boolean lacks(T object);
  }

  /** Has the status of an object written that lacks one. */
  private <T extends HasMetadata> void watch(
      Class<T> kind, Test<T> test, Function<T, String> status) {
    var handler =
        new ResourceEventHandler<T>() {
          @Override
          public void onAdd(T object) {
            if (test.lacks(object)) {
              var _ = threads.submit(() -> write(object, status));
            }
          }

          @Override
          public void onUpdate(T old, T object) {
            onAdd(object);
          }

          @Override
          public void onDelete(T object, boolean unknown) {}
        };
    informers.add(client.resources(kind).inAnyNamespace().inform(handler));
  }

  private <T extends HasMetadata> void write(T object, Function<T, String> status) {
    try {
      var text = status.apply(object);
      if (!text.isEmpty()) {
        var _ =
            client
                .resource(object)
                .subresource("status")
                .patch(PatchContext.of(PatchType.JSON_MERGE), "{\"status\": %s}".formatted(text));
      }
    } catch (KubernetesClientException e) {
      if (e.getCode() != NOT_FOUND && !threads.isShutdown()) {
        LOG.warn("Not written, the next change tries again: {}", e.getMessage());
      }
    }
  }

  private String issuer(Issuer issuer) {
    return "{\"conditions\": [%s]}".formatted(condition(issuer, "Ready"));
  }

  private String certificate(Certificate certificate) {
    var spec = certificate.getSpec();
    var secret =
        new SecretBuilder()
            .withNewMetadata()
            .withName(spec.secretName())
            .withNamespace(certificate.getMetadata().getNamespace())
            .withLabels(Objects.requireNonNull(spec.secretTemplate()).labels())
            .endMetadata()
            .withType("kubernetes.io/tls")
            .withData(spec.isCA() ? authority : leaf)
            .build();
    try {
      var _ = client.resource(secret).create();
    } catch (KubernetesClientException e) {
      if (e.getCode() != CONFLICT) {
        throw e;
      }
    }
    return """
    {"conditions": [%s], "notBefore": "%s", "notAfter": "%s", "renewalTime": "%s"}\
    """
        .formatted(
            condition(certificate, "Ready"),
            begin,
            begin.plus(LIFETIME),
            begin.plus(LIFETIME.multipliedBy(2).dividedBy(3)));
  }

  private static boolean isUnseen(Certificate certificate) {
    var generation = certificate.getMetadata().getGeneration();
    return certificate.getStatus() == null
        || certificate.getStatus().conditions() == null
        || certificate.getStatus().conditions().stream()
            .noneMatch(condition -> Objects.equals(condition.observedGeneration(), generation));
  }

  private String route(TLSRoute route) {
    var parent = route.getSpec().getParentRefs().getFirst();
    return """
    {"parents": [{"controllerName": "example.test/gateway", "conditions": [%s, %s],
     "parentRef": {"group": "%s", "kind": "%s", "name": "%s", "namespace": "%s", "sectionName": "%s"}}]}\
    """
        .formatted(
            condition(route, "Accepted"),
            condition(route, "ResolvedRefs"),
            Objects.requireNonNullElse(parent.getGroup(), "gateway.networking.k8s.io"),
            Objects.requireNonNullElse(parent.getKind(), "Gateway"),
            parent.getName(),
            parent.getNamespace(),
            parent.getSectionName());
  }

  private String pod(Pod pod) {
    var containers =
        pod.getSpec().getContainers().stream()
            .map(container ->
                """
                {"name": "%s", "ready": true, "started": true, "restartCount": 0, "image": "%s",
                 "imageID": "", "state": {"running": {"startedAt": "%s"}}}\
                """
                    .formatted(container.getName(), container.getImage(), begin))
            .collect(Collectors.joining(","));
    return """
    {"phase": "Running", "startTime": "%s", "conditions": [%s, %s, %s], "containerStatuses": [%s]}\
    """
        .formatted(
            begin,
            condition(pod, "PodScheduled"),
            condition(pod, "ContainersReady"),
            condition(pod, "Ready"),
            containers);
  }

  /** A pod that shall end has no kubelet that would say that it has. */
  private String end(Pod pod) {
    var _ = client.resource(pod).withGracePeriod(0).delete();
    return "";
  }

  private String condition(HasMetadata object, String type) {
    return """
    {"type": "%s", "status": "True", "reason": "%s", "message": "", "observedGeneration": %d,
     "lastTransitionTime": "%s"}\
    """
        .formatted(
            type,
            type,
            Objects.requireNonNullElse(object.getMetadata().getGeneration(), 1L),
            begin);
  }

  @Override
  public void close() {
    informers.forEach(SharedIndexInformer::close);
    threads.shutdownNow();
  }
}
