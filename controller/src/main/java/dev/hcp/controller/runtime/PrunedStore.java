package dev.hcp.controller.runtime;

import io.fabric8.kubernetes.api.model.HasMetadata;
import io.fabric8.kubernetes.client.informers.cache.BasicItemStore;
import io.fabric8.kubernetes.client.informers.cache.Cache;
import java.util.ArrayList;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/** Keeps objects in memory without what nobody here reads. */
final class PrunedStore<T extends HasMetadata> extends BasicItemStore<T> {
  private static final String LAST_APPLIED = "kubectl.kubernetes.io/last-applied-configuration";

  private final Consumer<T> prune;

  PrunedStore(Consumer<T> prune) {
    super(Cache::metaNamespaceKeyFunc);
    this.prune = prune;
  }

  @Override
  public @Nullable T put(String key, T object) {
    prune.accept(object);
    return super.put(key, object);
  }

  /** Drops the records of other field managers. */
  static void keepFieldsOf(String manager, HasMetadata object) {
    var metadata = object.getMetadata();
    if (metadata.getManagedFields() != null) {
      metadata.setManagedFields(
          new ArrayList<>(
              metadata.getManagedFields().stream()
                  .filter(entry -> manager.equals(entry.getManager()))
                  .toList()));
    }
    dropCopies(object);
  }

  /** Drops the records of all field managers, of objects that are never applied. */
  static void dropFields(HasMetadata object) {
    object.getMetadata().setManagedFields(new ArrayList<>());
    dropCopies(object);
  }

  private static void dropCopies(HasMetadata object) {
    var annotations = object.getMetadata().getAnnotations();
    if (annotations != null) {
      annotations.remove(LAST_APPLIED);
    }
  }
}
