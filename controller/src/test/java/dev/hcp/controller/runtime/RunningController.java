package dev.hcp.controller.runtime;

import dev.hcp.controller.kube.ServedRoutes;
import dev.hcp.controller.plan.Trigger;
import dev.hcp.controller.reconcile.Reconciler;
import dev.hcp.controller.telemetry.ControllerMetrics;
import dev.hcp.process.ReconcileFilter;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import io.opentelemetry.api.OpenTelemetry;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.Function;
import java.util.random.RandomGenerator;

/** A controller that runs in this process, with a reconciler that counts. */
final class RunningController implements AutoCloseable {
  final HostedControlPlaneController controller;
  final ServedRoutes routes = new ServedRoutes();
  private final AtomicReference<RecordingReconciler> recording = new AtomicReference<>();
  private final AtomicReference<Trigger> trigger = new AtomicReference<>();
  private final Thread runner;

  private RunningController(
      KubernetesClient client,
      ReconcileFilter filter,
      Function<RecordingReconciler, Reconciler> around) {
    controller =
        new HostedControlPlaneController(
            client,
            new HostedControlPlaneController.Scope(Optional.empty(), Optional.empty(), filter, 4),
            routes,
            new ControllerMetrics(new SimpleMeterRegistry()),
            OpenTelemetry.noop().getTracer("test"),
            RandomGenerator.getDefault(),
            (cache, wake) -> {
              var reconciler = new RecordingReconciler(cache);
              recording.set(reconciler);
              trigger.set(wake);
              return around.apply(reconciler);
            });
    runner = Thread.ofPlatform().daemon().start(this::run);
  }

  static RunningController start(KubernetesClient client) {
    return new RunningController(client, ReconcileFilter.ALL, reconciler -> reconciler);
  }

  static RunningController start(
      KubernetesClient client, Function<RecordingReconciler, Reconciler> around) {
    return new RunningController(client, ReconcileFilter.ALL, around);
  }

  static RunningController start(KubernetesClient client, ReconcileFilter filter) {
    return new RunningController(client, filter, reconciler -> reconciler);
  }

  RecordingReconciler passes() {
    return recording.get();
  }

  Trigger trigger() {
    return trigger.get();
  }

  @Override
  public void close() {
    runner.interrupt();
    controller.close();
  }

  private void run() {
    try {
      controller.run();
    } catch (InterruptedException _) {
      Thread.currentThread().interrupt();
    }
  }
}
