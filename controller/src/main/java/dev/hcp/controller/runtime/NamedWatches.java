package dev.hcp.controller.runtime;

import dev.hcp.controller.kube.NamedObjects;
import dev.hcp.controller.plan.ObjectReference;
import dev.hcp.controller.plan.Trigger;
import io.fabric8.kubernetes.api.model.ConfigMap;
import io.fabric8.kubernetes.api.model.HasMetadata;
import io.fabric8.kubernetes.api.model.Secret;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.dsl.MixedOperation;
import io.fabric8.kubernetes.client.dsl.Resource;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/** Watches Secrets and ConfigMaps one by one, each as long as a control plane names it. */
public final class NamedWatches implements NamedObjects, AutoCloseable {
  private record Owner(String namespace, String name) {}

  private final KubernetesClient client;
  private final Trigger trigger;
  private final Map<Owner, Set<ObjectReference>> followed = new HashMap<>();
  private final Map<ObjectReference, KindWatch<?>> watches = new HashMap<>();

  /**
   * Watches nothing yet.
   *
   * @param trigger is told when an object changes, and when it is first known
   */
  public NamedWatches(KubernetesClient client, Trigger trigger) {
    this.client = client;
    this.trigger = trigger;
  }

  @Override
  public synchronized Map<ObjectReference, Optional<HasMetadata>> last(
      String namespace, String name) {
    var all = new HashMap<ObjectReference, Optional<HasMetadata>>();
    for (var reference : followed.getOrDefault(new Owner(namespace, name), Set.of())) {
      var watch = watches.get(reference);
      if (watch != null && watch.isSynced()) {
        all.put(
            reference,
            watch.get(reference.namespace(), reference.name()).map(HasMetadata.class::cast));
      }
    }
    return all;
  }

  @Override
  public synchronized void follow(
      String namespace, String name, Collection<ObjectReference> objects) {
    var owner = new Owner(namespace, name);
    if (objects.isEmpty()) {
      followed.remove(owner);
    } else {
      followed.put(owner, Set.copyOf(objects));
    }
    watches
        .entrySet()
        .removeIf(entry -> {
          boolean unwanted =
              followed.values().stream().noneMatch(all -> all.contains(entry.getKey()));
          if (unwanted) {
            entry.getValue().stop();
          }
          return unwanted;
        });
    for (var reference : objects) {
      if (!watches.containsKey(reference)) {
        var watch = watch(reference);
        watches.put(reference, watch);
        watch.start();
      }
    }
  }

  @Override
  public void forget(String namespace, String name) {
    follow(namespace, name, List.of());
  }

  @Override
  public synchronized void close() {
    watches.values().forEach(KindWatch::stop);
    watches.clear();
    followed.clear();
  }

  private KindWatch<?> watch(ObjectReference reference) {
    return reference.type() == Secret.class
        ? watch(reference, client.secrets(), PrunedStore::dropFields)
        : watch(reference, client.configMaps(), NamedWatches::dropValues);
  }

  private <T extends HasMetadata> KindWatch<T> watch(
      ObjectReference reference, MixedOperation<T, ?, Resource<T>> all, Consumer<T> prune) {
    return new KindWatch<>(
        reference.type().getSimpleName(),
        () -> all.inNamespace(reference.namespace()).withName(reference.name()).runnableInformer(0),
        prune,
        _ -> List.of(),
        _ -> wake(reference),
        () -> wake(reference));
  }

  /** Of a ConfigMap nobody reads more than which keys it has. */
  private static void dropValues(ConfigMap configMap) {
    PrunedStore.dropFields(configMap);
    configMap.setData(withoutValues(configMap.getData()));
    configMap.setBinaryData(withoutValues(configMap.getBinaryData()));
  }

  private static @Nullable Map<String, String> withoutValues(@Nullable Map<String, String> data) {
    if (data == null) {
      return null;
    }
    var keys = new HashMap<>(data);
    keys.replaceAll((_, _) -> "");
    return keys;
  }

  private void wake(ObjectReference reference) {
    List<Owner> owners;
    synchronized (this) {
      owners =
          followed.entrySet().stream()
              .filter(entry -> entry.getValue().contains(reference))
              .map(Map.Entry::getKey)
              .toList();
    }
    owners.forEach(owner -> trigger.reconcile(owner.namespace(), owner.name()));
  }
}
