package dev.hcp.controller.workload;

import dev.hcp.controller.kube.Failures;
import dev.hcp.controller.kube.HostedKube;
import dev.hcp.controller.plan.Action.SyncWorkload;
import dev.hcp.controller.plan.HostedCluster;
import dev.hcp.controller.plan.PartOutcome;
import dev.hcp.controller.retry.Backoff;
import dev.hcp.controller.retry.Recurring;
import dev.hcp.controller.telemetry.ControllerMetrics.LookResult;
import dev.hcp.controller.telemetry.ControllerMetrics.ServingRequestResult;
import dev.hcp.controller.telemetry.Spans;
import io.fabric8.kubernetes.api.model.Node;
import io.fabric8.kubernetes.api.model.certificates.v1.CertificateSigningRequest;
import io.fabric8.kubernetes.client.KubernetesClientException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Base64;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** One hosted cluster: what it shall hold, what is known of it, and when to look again. */
final class KeptCluster {
  private static final Logger LOG = LoggerFactory.getLogger(KeptCluster.class);

  private final String namespace;
  private final String name;
  private final Synchronizer.Shared shared;
  private final Recurring looks;

  private @Nullable SyncWorkload wanted;
  private @Nullable HostedCluster last;

  /** Only the one look that is under way uses what follows. */
  private @Nullable Connection connection;

  private @Nullable SyncWorkload synchronised;
  private long fullLookAt;

  /** When to look again for what holds an upgrade back, if that alone is not as wanted. */
  private long upgradeLookAt;

  private int fruitless;

  /** Requests that were left to people, by uid, and what spoke against them. */
  private Map<String, String> left = new HashMap<>();

  private volatile int pendingRequests;
  private volatile boolean watchLost;

  /** Whether somebody changed what has to be put right before the next regular look. */
  private volatile boolean disturbed;

  KeptCluster(String namespace, String name, Synchronizer.Shared shared) {
    this.namespace = namespace;
    this.name = name;
    this.shared = shared;
    this.looks =
        new Recurring(
            shared.pool(),
            shared.timing().longest(),
            () -> Spans.trace("Synchronise hosted cluster", namespace, name, this::lookInTurn),
            this::disconnect);
  }

  /** A way to the cluster, and the credentials by which it was opened. */
  private record Connection(String kubeconfig, HostedKube kube) {}

  synchronized Optional<HostedCluster> last() {
    return Optional.ofNullable(last);
  }

  int pendingRequests() {
    return pendingRequests;
  }

  /** From now on keeps this up. */
  synchronized void want(SyncWorkload now) {
    if (!now.equals(wanted)) {
      wanted = now;
      looks.wake(Duration.ZERO);
    }
  }

  /** Makes no further request. */
  void stop() {
    pendingRequests = 0;
    looks.stop();
  }

  private synchronized SyncWorkload wanted() {
    return Objects.requireNonNull(wanted);
  }

  private Duration lookInTurn() throws InterruptedException {
    shared.looks().acquire();
    try {
      return look(wanted());
    } finally {
      shared.looks().release();
    }
  }

  /** Looks once, and says after which time to look again. */
  private Duration look(SyncWorkload now) {
    var start = System.nanoTime();
    HostedCluster found;
    try {
      var kube = connect(now);
      var nodes = kube.nodes();
      decideServingRequests(kube, now, nodes);
      found = isFullLookDue(now, nodes) ? synchronise(kube, now, nodes) : last().orElseThrow();
      found = found.with(now.kms() ? kube.kms() : Optional.empty());
    } catch (KubernetesClientException | IllegalArgumentException e) {
      LOG.atInfo()
          .addKeyValue("namespace", namespace)
          .addKeyValue("name", name)
          .log("Hosted cluster not reached, it is tried again: {}", Failures.reason(e));
      found = unreachable(Failures.reason(e));
    } catch (RuntimeException e) {
      LOG.atError()
          .addKeyValue("namespace", namespace)
          .addKeyValue("name", name)
          .setCause(e)
          .log("A look at a hosted cluster failed, it is tried again");
      found = unreachable(String.valueOf(e));
    }
    var result = result(found);
    shared.metrics().look(result, Duration.ofNanos(System.nanoTime() - start));
    publish(found);
    return delay(now, found, result);
  }

  private HostedCluster synchronise(HostedKube kube, SyncWorkload now, List<Node> nodes) {
    disturbed = false;
    var found = new Look(kube, now, nodes).synchronise();
    if (!now.equals(synchronised)
        || last().filter(known -> found.with(known.kms()).equals(known)).isEmpty()) {
      // Something moves, so it is worth another look soon.
      fruitless = 0;
    }
    synchronised = now;
    fullLookAt = System.nanoTime();
    if (isOnlyHeldBack(found)) {
      upgradeLookAt =
          fullLookAt
              + new Backoff(shared.timing().first(), shared.timing().upgrade(), shared.random())
                  .after(fruitless++)
                  .toNanos();
    }
    return found;
  }

  /**
   * Approves the requests that it may. What is left to people is told once, and looked at again:
   * the addresses of a node that has just joined may not be known yet.
   */
  private void decideServingRequests(HostedKube kube, SyncWorkload now, List<Node> nodes) {
    var leftNow = new HashMap<String, String>();
    for (var request : kube.servingRequests()) {
      if (ServingRequest.isDecided(request)) {
        continue;
      }
      var objection =
          ServingRequest.objection(request, nodes, now.reserved()).or(() -> approve(kube, request));
      objection.ifPresent(o -> leftNow.put(request.getMetadata().getUid(), o));
      objection
          .filter(o -> !o.equals(left.get(request.getMetadata().getUid())))
          .ifPresent(o -> {
            shared.metrics().servingRequest(ServingRequestResult.LEFT);
            LOG.atWarn()
                .addKeyValue("namespace", namespace)
                .addKeyValue("name", name)
                .addKeyValue("request", request.getMetadata().getName())
                .addKeyValue("requester", request.getSpec().getUsername())
                .log("CertificateSigningRequest is not approved: {}", o);
          });
    }
    left = leftNow;
    pendingRequests = leftNow.size();
  }

  /** What went wrong, if anything did. */
  private Optional<String> approve(HostedKube kube, CertificateSigningRequest request) {
    try {
      kube.approve(request);
    } catch (KubernetesClientException e) {
      return Optional.of("the approval failed: " + Failures.reason(e));
    }
    shared.metrics().servingRequest(ServingRequestResult.APPROVED);
    LOG.atInfo()
        .addKeyValue("namespace", namespace)
        .addKeyValue("name", name)
        .addKeyValue("request", request.getMetadata().getName())
        .addKeyValue("requester", request.getSpec().getUsername())
        .log("CertificateSigningRequest approved");
    return Optional.empty();
  }

  private boolean isFullLookDue(SyncWorkload now, List<Node> nodes) {
    var known = last();
    return known.isEmpty()
        || (isOnlyHeldBack(known.get())
            ? System.nanoTime() - upgradeLookAt >= 0
            : result(known.get()) != LookResult.SUCCESS)
        || !now.equals(synchronised)
        || disturbed
        || !known.get().nodes().equals(Look.count(nodes))
        || System.nanoTime() - fullLookAt >= shared.timing().drift().toNanos();
  }

  private void publish(HostedCluster found) {
    boolean changed;
    synchronized (this) {
      changed = !looks.isStopped() && !found.equals(last);
      last = found;
    }
    if (changed) {
      shared.trigger().reconcile(namespace, name);
    }
  }

  private Duration delay(SyncWorkload now, HostedCluster found, LookResult result) {
    var timing = shared.timing();
    if (result == LookResult.SUCCESS && left.isEmpty()) {
      fruitless = 0;
      return jittered(
          found.nodes().ready() < now.enoughNodes() || now.kms() ? timing.nodes() : timing.drift());
    }
    if (isOnlyHeldBack(found)) {
      var untilLook = Duration.ofNanos(Math.max(0, upgradeLookAt - System.nanoTime()));
      var untilRequests =
          left.isEmpty()
              ? untilLook
              : new Backoff(timing.first(), timing.longest(), shared.random()).after(fruitless);
      return untilLook.compareTo(untilRequests) < 0 ? untilLook : untilRequests;
    }
    return new Backoff(timing.first(), timing.longest(), shared.random()).after(fruitless++);
  }

  /** Whether nothing is amiss but that another minor version would break something. */
  private static boolean isOnlyHeldBack(HostedCluster found) {
    return found.upgrade().filter(findings -> !findings.isClear()).isPresent()
        && result(
                new HostedCluster(
                    found.problem(),
                    found.nodes(),
                    found.apiGroups(),
                    found.outcomes(),
                    Optional.empty(),
                    found.trust(),
                    found.kms()))
            == LookResult.SUCCESS;
  }

  private Duration jittered(Duration duration) {
    return Backoff.spread(duration, shared.random());
  }

  private static LookResult result(HostedCluster found) {
    if (found.problem().isPresent()) {
      return LookResult.UNREACHABLE;
    }
    if (found.outcomes().values().stream().anyMatch(o -> o.failure().isPresent())) {
      return LookResult.ERROR;
    }
    if (found.upgrade().filter(findings -> !findings.isClear()).isPresent()
        || found.kms().filter(health -> !health.works()).isPresent()) {
      return LookResult.INCOMPLETE;
    }
    if (found.trust().filter(findings -> !findings.isClear()).isPresent()) {
      return LookResult.INCOMPLETE;
    }
    // What waits for nodes only is as good as it can be.
    return found.nodes().ready() == 0
            || found.outcomes().values().stream().allMatch(PartOutcome::isComplete)
        ? LookResult.SUCCESS
        : LookResult.INCOMPLETE;
  }

  /** What was known before, and that it may be out of date. */
  private HostedCluster unreachable(String problem) {
    // The next attempt begins with new connections.
    disconnect();
    return last()
        .map(known ->
            new HostedCluster(
                Optional.of(problem),
                known.nodes(),
                known.apiGroups(),
                known.outcomes(),
                known.upgrade(),
                known.trust(),
                known.kms()))
        .orElseGet(() ->
            new HostedCluster(
                Optional.of(problem), new HostedCluster.Nodes(0, 0), Set.of(), Map.of()));
  }

  private HostedKube connect(SyncWorkload now) {
    var open = connection;
    if (open != null && !watchLost && open.kubeconfig().equals(now.kubeconfig())) {
      return open.kube();
    }
    disconnect();
    var kubeconfig =
        new String(Base64.getDecoder().decode(now.kubeconfig()), StandardCharsets.UTF_8);
    var kube = shared.kubes().open(kubeconfig);
    // From here on it is closed by disconnect().
    connection = new Connection(now.kubeconfig(), kube);
    watchLost = false;
    kube.watch(() -> looks.wake(Duration.ZERO), this::disturb, this::loseWatch);
    return kube;
  }

  /** Not at once: whoever changes it again and again must not keep us busy. */
  private void disturb() {
    disturbed = true;
    looks.wake(jittered(shared.timing().first()));
  }

  private void loseWatch() {
    watchLost = true;
    looks.wake(jittered(shared.timing().first()));
  }

  private void disconnect() {
    var open = connection;
    connection = null;
    if (open != null) {
      open.kube().close();
    }
  }
}
