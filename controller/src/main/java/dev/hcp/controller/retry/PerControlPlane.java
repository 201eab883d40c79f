package dev.hcp.controller.retry;

import java.util.Collection;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentMap;
import java.util.function.Supplier;

/**
 * What is kept up beside the passes, one of each control plane. May be used by several threads.
 *
 * @param <T> what is kept
 */
public final class PerControlPlane<T> {
  private record Key(String namespace, String name) {}

  private final ConcurrentMap<Key, T> kept = new ConcurrentHashMap<>();

  /** That of a control plane, if there is one. */
  public Optional<T> find(String namespace, String name) {
    return Optional.ofNullable(kept.get(new Key(namespace, name)));
  }

  /** That of a control plane, made now if there is none. */
  public T get(String namespace, String name, Supplier<T> first) {
    return kept.computeIfAbsent(new Key(namespace, name), _ -> first.get());
  }

  /** Takes out that of a control plane, if there is one. */
  public Optional<T> remove(String namespace, String name) {
    return Optional.ofNullable(kept.remove(new Key(namespace, name)));
  }

  /** All of them. */
  public Collection<T> all() {
    return kept.values();
  }
}
