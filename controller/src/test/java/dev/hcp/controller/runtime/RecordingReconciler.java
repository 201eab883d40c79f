package dev.hcp.controller.runtime;

import dev.hcp.controller.kube.ClusterCache;
import dev.hcp.controller.reconcile.Reconciler;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicInteger;

/** Counts passes and does nothing else. */
final class RecordingReconciler implements Reconciler {
  final ClusterCache cache;
  private final Map<String, AtomicInteger> passes = new ConcurrentHashMap<>();

  RecordingReconciler(ClusterCache cache) {
    this.cache = cache;
  }

  @Override
  public Optional<Duration> reconcile(String namespace, String name) {
    var _ =
        passes.computeIfAbsent(namespace + "/" + name, _ -> new AtomicInteger()).incrementAndGet();
    return Optional.empty();
  }

  /** Passes over one control plane so far. */
  int passes(String namespace, String name) {
    return passes.getOrDefault(namespace + "/" + name, new AtomicInteger()).get();
  }

  /** Passes over several control planes so far. */
  List<Integer> passes(List<String> keys) {
    return keys.stream().map(key -> passes.getOrDefault(key, new AtomicInteger()).get()).toList();
  }
}
