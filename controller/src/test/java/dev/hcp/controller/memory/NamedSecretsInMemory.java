package dev.hcp.controller.memory;

import dev.hcp.controller.audit.NamedSecrets;
import dev.hcp.controller.plan.SecretReference;
import io.fabric8.kubernetes.api.model.Secret;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** Secrets of a management cluster in memory. */
public final class NamedSecretsInMemory implements NamedSecrets {
  private final ManagementCluster cluster;
  private final Map<String, List<SecretReference>> followed = new HashMap<>();

  /** Follows nothing yet. */
  public NamedSecretsInMemory(ManagementCluster cluster) {
    this.cluster = cluster;
  }

  /** The process starts again, and follows nothing. */
  public void restart() {
    followed.clear();
  }

  @Override
  public Map<SecretReference, Optional<Secret>> last(String namespace, String name) {
    var all = new HashMap<SecretReference, Optional<Secret>>();
    followed
        .getOrDefault(namespace + "/" + name, List.of())
        .forEach(secret ->
            all.put(secret, cluster.get(Secret.class, secret.namespace(), secret.name())));
    return all;
  }

  @Override
  public void follow(String namespace, String name, Collection<SecretReference> secrets) {
    followed.put(namespace + "/" + name, List.copyOf(secrets));
  }

  @Override
  public void forget(String namespace, String name) {
    followed.remove(namespace + "/" + name);
  }
}
