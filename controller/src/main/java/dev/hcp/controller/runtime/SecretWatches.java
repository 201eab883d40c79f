package dev.hcp.controller.runtime;

import dev.hcp.controller.audit.NamedSecrets;
import dev.hcp.controller.plan.SecretReference;
import dev.hcp.controller.plan.Trigger;
import io.fabric8.kubernetes.api.model.Secret;
import io.fabric8.kubernetes.client.KubernetesClient;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/** Watches Secrets one by one, each as long as a control plane names it. */
public final class SecretWatches implements NamedSecrets, AutoCloseable {
  private record Owner(String namespace, String name) {}

  private final KubernetesClient client;
  private final Trigger trigger;
  private final Map<Owner, Set<SecretReference>> followed = new HashMap<>();
  private final Map<SecretReference, KindWatch<Secret>> watches = new HashMap<>();

  /**
   * Watches nothing yet.
   *
   * @param trigger is told when a Secret changes, and when it is first known
   */
  public SecretWatches(KubernetesClient client, Trigger trigger) {
    this.client = client;
    this.trigger = trigger;
  }

  @Override
  public synchronized Map<SecretReference, Optional<Secret>> last(String namespace, String name) {
    var all = new HashMap<SecretReference, Optional<Secret>>();
    for (var reference : followed.getOrDefault(new Owner(namespace, name), Set.of())) {
      var watch = watches.get(reference);
      if (watch != null && watch.isSynced()) {
        all.put(reference, watch.get(reference.namespace(), reference.name()));
      }
    }
    return all;
  }

  @Override
  public synchronized void follow(
      String namespace, String name, Collection<SecretReference> secrets) {
    var owner = new Owner(namespace, name);
    if (secrets.isEmpty()) {
      followed.remove(owner);
    } else {
      followed.put(owner, Set.copyOf(secrets));
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
    for (var reference : secrets) {
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

  private KindWatch<Secret> watch(SecretReference reference) {
    return new KindWatch<>(
        "Secret",
        () ->
            client
                .secrets()
                .inNamespace(reference.namespace())
                .withName(reference.name())
                .runnableInformer(0),
        PrunedStore::dropFields,
        _ -> List.of(),
        _ -> wake(reference),
        () -> wake(reference));
  }

  private void wake(SecretReference reference) {
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
