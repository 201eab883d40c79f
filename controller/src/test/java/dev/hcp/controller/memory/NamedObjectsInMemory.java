package dev.hcp.controller.memory;

import dev.hcp.controller.kube.NamedObjects;
import dev.hcp.controller.plan.ObjectReference;
import io.fabric8.kubernetes.api.model.HasMetadata;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** Secrets and ConfigMaps of a management cluster in memory. */
public final class NamedObjectsInMemory implements NamedObjects {
  private final ManagementCluster cluster;
  private final Map<String, List<ObjectReference>> followed = new HashMap<>();

  /** Follows nothing yet. */
  public NamedObjectsInMemory(ManagementCluster cluster) {
    this.cluster = cluster;
  }

  /** The process starts again, and follows nothing. */
  public void restart() {
    followed.clear();
  }

  @Override
  public Map<ObjectReference, Optional<HasMetadata>> last(String namespace, String name) {
    var all = new HashMap<ObjectReference, Optional<HasMetadata>>();
    followed
        .getOrDefault(namespace + "/" + name, List.of())
        .forEach(object ->
            all.put(
                object,
                cluster
                    .get(object.type(), object.namespace(), object.name())
                    .map(HasMetadata.class::cast)));
    return all;
  }

  @Override
  public void follow(String namespace, String name, Collection<ObjectReference> objects) {
    followed.put(namespace + "/" + name, List.copyOf(objects));
  }

  @Override
  public void forget(String namespace, String name) {
    followed.remove(namespace + "/" + name);
  }
}
