package dev.hcp.controller.runtime;

import dev.hcp.api.v1alpha1.HostedControlPlane;
import dev.hcp.controller.telemetry.ControllerMetrics;
import dev.hcp.controller.telemetry.ControllerMetrics.PassResult;
import dev.hcp.model.ClusterName;
import dev.hcp.process.ReconcileFilter;
import io.javaoperatorsdk.operator.api.reconciler.Context;
import io.javaoperatorsdk.operator.api.reconciler.EventSourceContext;
import io.javaoperatorsdk.operator.api.reconciler.Reconciler;
import io.javaoperatorsdk.operator.api.reconciler.UpdateControl;
import io.javaoperatorsdk.operator.processing.event.source.EventSource;
import io.opentelemetry.api.trace.Span;
import io.opentelemetry.api.trace.StatusCode;
import io.opentelemetry.api.trace.Tracer;
import java.time.Duration;
import java.util.HexFormat;
import java.util.List;
import java.util.Optional;
import java.util.random.RandomGenerator;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.slf4j.MDC;

/**
 * What the framework calls for each pass. It hands on only the name: what a pass reads and writes
 * goes through our own ports, and the framework writes nothing.
 */
final class Passes implements Reconciler<HostedControlPlane> {
  private static final Logger LOG = LoggerFactory.getLogger(Passes.class);
  private static final String RESULT = "result";

  private final dev.hcp.controller.reconcile.Reconciler reconciler;
  private final HostedControlPlanes hostedControlPlanes;
  private final ReconcileFilter filter;
  private final ControllerMetrics metrics;
  private final Tracer tracer;
  private final RandomGenerator random;
  private final Inbox inbox;

  Passes(
      dev.hcp.controller.reconcile.Reconciler reconciler,
      Inbox inbox,
      HostedControlPlanes hostedControlPlanes,
      ReconcileFilter filter,
      ControllerMetrics metrics,
      Tracer tracer,
      RandomGenerator random) {
    this.reconciler = reconciler;
    this.inbox = inbox;
    this.hostedControlPlanes = hostedControlPlanes;
    this.filter = filter;
    this.metrics = metrics;
    this.tracer = tracer;
    this.random = random;
  }

  @Override
  public List<EventSource<?, HostedControlPlane>> prepareEventSources(
      EventSourceContext<HostedControlPlane> context) {
    hostedControlPlanes.attach(context.getPrimaryCache());
    return List.of(inbox.source());
  }

  @Override
  public UpdateControl<HostedControlPlane> reconcile(
      HostedControlPlane object, Context<HostedControlPlane> context) {
    var metadata = object.getMetadata();
    var namespace = metadata.getNamespace();
    var name = metadata.getName();
    if (!isWanted(object)) {
      LOG.debug("Skipped {}/{} because of HCP_RECONCILE_FILTER", namespace, name);
      return UpdateControl.noUpdate();
    }
    var id = HexFormat.of().toHexDigits(random.nextInt());
    try (var _ = MDC.putCloseable("namespace", namespace);
        var _ = MDC.putCloseable("name", name);
        var _ = MDC.putCloseable("generation", String.valueOf(metadata.getGeneration()));
        var _ = MDC.putCloseable("reconcile", id)) {
      var again = traced(namespace, name, id);
      var update = UpdateControl.<HostedControlPlane>noUpdate();
      again.ifPresent(update::rescheduleAfter);
      return update;
    }
  }

  private Optional<Duration> traced(String namespace, String name, String id) {
    var span =
        tracer
            .spanBuilder("Reconcile")
            // Whatever it was that woke it.
            .setNoParent()
            .setAttribute("namespace", namespace)
            .setAttribute("name", name)
            .setAttribute("reconcile.id", id)
            .startSpan();
    var start = System.nanoTime();
    try (var _ = span.makeCurrent()) {
      var again = reconciler.reconcile(namespace, name);
      metrics.pass(PassResult.SUCCESS, since(start));
      span.setAttribute(RESULT, "success");
      return again;
    } catch (RuntimeException e) {
      metrics.pass(PassResult.ERROR, since(start));
      record(span, e);
      // The framework logs it and tries again.
      throw e;
    } finally {
      span.end();
    }
  }

  private static void record(Span span, RuntimeException e) {
    span.setAttribute(RESULT, "error");
    span.recordException(e);
    span.setStatus(StatusCode.ERROR, String.valueOf(e.getMessage()));
  }

  private static Duration since(long start) {
    return Duration.ofNanos(System.nanoTime() - start);
  }

  /** Deletion is never held up: the filter is a tool for debugging, not a way to pause. */
  private boolean isWanted(HostedControlPlane object) {
    var metadata = object.getMetadata();
    return metadata.getDeletionTimestamp() != null
        || hostedControlPlanes.get(metadata.getNamespace(), metadata.getName()).isEmpty()
        || filter.matches(metadata.getNamespace(), metadata.getName())
        || ClusterName.owner(object.getMetadata())
            .filter(cluster -> filter.matches(metadata.getNamespace(), cluster))
            .isPresent();
  }
}
