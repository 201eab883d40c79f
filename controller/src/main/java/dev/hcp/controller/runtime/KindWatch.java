package dev.hcp.controller.runtime;

import io.fabric8.kubernetes.api.model.HasMetadata;
import io.fabric8.kubernetes.client.informers.ResourceEventHandler;
import io.fabric8.kubernetes.client.informers.SharedIndexInformer;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.function.Consumer;
import java.util.function.Function;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The objects of one kind as last seen, by an informer that can be started, stopped and started
 * anew, since a kind may come, go and change its version while we run. The informer itself tries
 * again for ever when the API server refuses or does not answer.
 */
final class KindWatch<T extends HasMetadata> {
  private static final Logger LOG = LoggerFactory.getLogger(KindWatch.class);
  private static final String BY_KEY = "key";

  private final String kind;
  private final Supplier<SharedIndexInformer<T>> informers;
  private final Consumer<T> prune;
  private final Function<T, List<String>> keys;
  private final Consumer<T> onChange;
  private final Runnable onSynced;
  private volatile @Nullable SharedIndexInformer<T> informer;

  /**
   * Watches nothing yet.
   *
   * @param kind name for people
   * @param informers makes an informer that was not started
   * @param prune takes out of an object what nobody reads
   * @param keys by which {@link #withKey} finds an object
   * @param onChange hears of each object that appears, changes or goes
   * @param onSynced hears when the first list has arrived
   */
  KindWatch(
      String kind,
      Supplier<SharedIndexInformer<T>> informers,
      Consumer<T> prune,
      Function<T, List<String>> keys,
      Consumer<T> onChange,
      Runnable onSynced) {
    this.kind = kind;
    this.informers = informers;
    this.prune = prune;
    this.keys = keys;
    this.onChange = onChange;
    this.onSynced = onSynced;
  }

  String kind() {
    return kind;
  }

  /** Starts to watch, unless it does. */
  synchronized void start() {
    if (informer == null) {
      var first = prepared();
      informer = first;
      var _ = first.start().thenRun(onSynced);
    }
  }

  /**
   * Watches anew, in another version. What is known stays until the new list has arrived, since to
   * a pass an empty list means that everything is gone.
   */
  synchronized void restart() {
    if (informer == null) {
      start();
      return;
    }
    var next = prepared();
    var _ = next.start().thenRun(() -> replace(next));
  }

  private void replace(SharedIndexInformer<T> next) {
    synchronized (this) {
      var before = informer;
      informer = next;
      if (before == null) {
        // Stopped while the list was on its way.
        stop();
        return;
      }
      before.stop();
    }
    onSynced.run();
  }

  private SharedIndexInformer<T> prepared() {
    var prepared = informers.get();
    prepared.itemStore(new PrunedStore<>(prune));
    prepared.addIndexers(Map.of(BY_KEY, keys));
    prepared.exceptionHandler((isStarted, problem) -> {
      LOG.atWarn()
          .addKeyValue("kind", kind)
          .log("Watch failed, it is tried again: {}", problem.getMessage());
      return true;
    });
    prepared.addEventHandler(new Handler());
    return prepared;
  }

  synchronized void stop() {
    var running = informer;
    if (running != null) {
      informer = null;
      running.stop();
    }
  }

  boolean isSynced() {
    var running = informer;
    return running != null && running.hasSynced();
  }

  /** Whether it was started and has ended by itself, which an informer never should. */
  boolean isBroken() {
    var running = informer;
    return running != null && running.stopped().toCompletableFuture().isDone();
  }

  Optional<T> get(String namespace, String name) {
    return get(namespace + "/" + name);
  }

  /** An object that is in no namespace. */
  Optional<T> get(String name) {
    var running = informer;
    return running == null
        ? Optional.empty()
        : Optional.ofNullable(running.getStore().getByKey(name));
  }

  List<T> withKey(String key) {
    var running = informer;
    return running == null ? List.of() : running.getIndexer().byIndex(BY_KEY, key);
  }

  private final class Handler implements ResourceEventHandler<T> {
    @Override
    public void onAdd(T object) {
      onChange.accept(object);
    }

    @Override
    public void onUpdate(T before, T after) {
      // A new list after a broken connection repeats what did not change.
      if (!Objects.equals(
          before.getMetadata().getResourceVersion(), after.getMetadata().getResourceVersion())) {
        onChange.accept(after);
      }
    }

    @Override
    public void onDelete(T object, boolean deletedFinalStateUnknown) {
      onChange.accept(object);
    }
  }
}
