package dev.hcp.controller.plan;

import io.fabric8.kubernetes.api.model.HasMetadata;
import io.fabric8.kubernetes.api.model.Secret;
import java.util.Collection;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Collectors;

/** The generated objects of one control plane as they are. */
public final class LiveObjects {
  private final Map<Class<? extends HasMetadata>, Map<String, HasMetadata>> byType;

  /**
   * Takes a snapshot.
   *
   * @param byType objects by type and name
   */
  public LiveObjects(Map<Class<? extends HasMetadata>, Map<String, HasMetadata>> byType) {
    this.byType =
        byType.entrySet().stream()
            .collect(
                Collectors.toUnmodifiableMap(Map.Entry::getKey, e -> Map.copyOf(e.getValue())));
  }

  /** One object, if it exists. */
  public <T extends HasMetadata> Optional<T> get(Class<T> type, String name) {
    return Optional.ofNullable(byType.getOrDefault(type, Map.of()).get(name)).map(type::cast);
  }

  /** Data of a Secret; empty if there is no such Secret. */
  public Map<String, String> secretData(String name) {
    return get(Secret.class, name).map(Secret::getData).orElse(Map.of());
  }

  /** The live counterpart of an object, if it exists. */
  public Optional<HasMetadata> counterpart(HasMetadata object) {
    return Optional.ofNullable(
        byType.getOrDefault(object.getClass(), Map.of()).get(object.getMetadata().getName()));
  }

  /** All objects of one type, ordered by name. */
  public <T extends HasMetadata> Collection<T> all(Class<T> type) {
    return byType.getOrDefault(type, Map.of()).entrySet().stream()
        .sorted(Map.Entry.comparingByKey())
        .map(Map.Entry::getValue)
        .map(type::cast)
        .toList();
  }
}
