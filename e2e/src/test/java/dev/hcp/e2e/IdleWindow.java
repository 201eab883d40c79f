package dev.hcp.e2e;

import static org.awaitility.Awaitility.await;

import dev.hcp.e2e.hosted.HostedCluster;
import dev.hcp.e2e.hosted.LiveObject;
import dev.hcp.naming.Labels;
import io.fabric8.kubernetes.client.KubernetesClient;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.function.Predicate;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.awaitility.core.ConditionTimeoutException;

/**
 * A time in which nobody touches a control plane: what the controller asks for it, and what becomes
 * of its objects, from the beginning on.
 *
 * <p>Left out is only what the bed's audit policy leaves out: Leases, by which the leader shows
 * that it lives, and Events, which are compared by themselves. Watches are not requests for
 * anything: they are renewed after some minutes because API servers end them.
 */
final class IdleWindow {
  private static final Duration QUIET = Duration.ofMinutes(1);
  private static final Duration SETTLING_DEADLINE = Duration.ofMinutes(4);
  private static final Duration MARGIN = Duration.ofSeconds(30);

  private final AuditLog log;
  private final KubernetesClient management;
  private final HostedCluster cluster;
  private final long start;
  private final Instant since;
  private final Map<String, String> objects;
  private final List<String> events;

  /** Begins after a minute in which the controller had nothing at all to do. */
  IdleWindow(Bed bed, KubernetesClient management, HostedCluster cluster) {
    this.log = new AuditLog(bed.auditLog());
    this.management = management;
    this.cluster = cluster;
    if (requests(0, _ -> true).isEmpty()) {
      throw new IllegalStateException("the log does not show the controller's requests");
    }
    await("the controller has nothing to do for a minute")
        .atMost(SETTLING_DEADLINE)
        .until(this::isQuietForAWhile);
    this.start = log.end();
    this.since = Instant.now();
    this.objects = resourceVersions();
    this.events = events();
  }

  /** How long it has lasted. */
  Duration length() {
    return Duration.between(since, Instant.now());
  }

  /** The controller's requests for objects in the namespace of the cluster. */
  List<String> requests() {
    return requests(start, uri -> uri.contains("/namespaces/%s/".formatted(cluster.namespace())));
  }

  /** Objects that have changed, come or gone, with both resource versions. */
  List<String> changes() {
    var now = resourceVersions();
    return Stream.concat(objects.keySet().stream(), now.keySet().stream())
        .distinct()
        .filter(name -> !Objects.equals(objects.get(name), now.get(name)))
        .map(name -> "%s: %s, then %s".formatted(name, objects.get(name), now.get(name)))
        .toList();
  }

  /** Events of the controller about the cluster that came or changed. */
  List<String> newEvents() {
    return events().stream().filter(event -> !events.contains(event)).toList();
  }

  private boolean isQuietForAWhile() {
    long from = log.end();
    try {
      await()
          .during(QUIET)
          .atMost(QUIET.plus(MARGIN))
          .until(() -> requests(from, _ -> true).isEmpty());
      return true;
    } catch (ConditionTimeoutException _) {
      return false;
    }
  }

  /** All objects of the cluster but pods, whose status kubelets write. */
  private Map<String, String> resourceVersions() {
    return cluster.objects().stream()
        .filter(object -> !object.kind().equals("Pod"))
        .collect(Collectors.toMap(LiveObject::toString, LiveObject::resourceVersion));
  }

  private List<String> events() {
    return management
        .events()
        .v1()
        .events()
        .inNamespace(cluster.namespace())
        .list()
        .getItems()
        .stream()
        .filter(event -> Labels.MANAGER.equals(event.getReportingController()))
        .map(
            event -> event.getMetadata().getName() + "@" + event.getMetadata().getResourceVersion())
        .sorted()
        .toList();
  }

  /** The controller's requests in the audit log from a position on, other than watches. */
  private List<String> requests(long position, Predicate<String> ofUri) {
    return log.since(position).stream()
        .filter(request -> !request.verb().equals("watch"))
        .filter(request -> ofUri.test(request.uri()))
        .map(AuditLog.Request::toString)
        .toList();
  }
}
