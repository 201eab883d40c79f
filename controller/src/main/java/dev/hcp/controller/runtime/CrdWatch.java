package dev.hcp.controller.runtime;

import io.fabric8.kubernetes.api.model.apiextensions.v1.CustomResourceDefinition;
import io.fabric8.kubernetes.api.model.apiextensions.v1.CustomResourceDefinitionVersion;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.informers.ResourceEventHandler;
import io.fabric8.kubernetes.client.informers.SharedIndexInformer;
import java.util.Set;
import java.util.function.Consumer;
import java.util.stream.Collectors;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Follows which versions of one kind are served, by its CustomResourceDefinition. */
final class CrdWatch {
  private static final Logger LOG = LoggerFactory.getLogger(CrdWatch.class);

  private final String name;
  private final SharedIndexInformer<CustomResourceDefinition> informer;
  private final Consumer<Set<String>> onVersions;
  private final Runnable onSynced;
  private Set<String> announced = Set.of();

  /**
   * Watches nothing yet.
   *
   * @param onVersions hears of a change of the versions that are served; none is none
   * @param onSynced hears when it is known whether the definition exists
   */
  CrdWatch(
      KubernetesClient client, String name, Consumer<Set<String>> onVersions, Runnable onSynced) {
    this.name = name;
    this.onVersions = onVersions;
    this.onSynced = onSynced;
    this.informer =
        client
            .apiextensions()
            .v1()
            .customResourceDefinitions()
            .withName(name)
            .runnableInformer(0)
            .itemStore(new PrunedStore<>(CrdWatch::prune))
            .exceptionHandler((isStarted, problem) -> {
              LOG.atWarn()
                  .addKeyValue("crd", name)
                  .log("Watch failed, it is tried again: {}", problem.getMessage());
              return true;
            });
  }

  String name() {
    return name;
  }

  void start() {
    informer.addEventHandler(
        new ResourceEventHandler<>() {
          @Override
          public void onAdd(CustomResourceDefinition definition) {
            update(served(definition));
          }

          @Override
          public void onUpdate(CustomResourceDefinition before, CustomResourceDefinition after) {
            update(served(after));
          }

          @Override
          public void onDelete(CustomResourceDefinition definition, boolean finalStateUnknown) {
            update(Set.of());
          }
        });
    var _ = informer.start().thenRun(onSynced);
  }

  void stop() {
    informer.stop();
  }

  /** Whether it is known if the definition exists. */
  boolean isSynced() {
    return informer.hasSynced();
  }

  /** The versions that are served at the moment. */
  Set<String> versions() {
    return informer.getStore().list().stream().map(CrdWatch::served).findFirst().orElse(Set.of());
  }

  private synchronized void update(Set<String> served) {
    if (!served.equals(announced)) {
      announced = served;
      LOG.atInfo().addKeyValue("crd", name).addKeyValue("versions", served).log("Served versions");
      onVersions.accept(served);
    }
  }

  private static Set<String> served(CustomResourceDefinition definition) {
    var status = definition.getStatus();
    var established =
        definition.getMetadata().getDeletionTimestamp() == null
            && status != null
            && status.getConditions() != null
            && status.getConditions().stream()
                .anyMatch(condition ->
                    "Established".equals(condition.getType())
                        && "True".equals(condition.getStatus()));
    return established
        ? definition.getSpec().getVersions().stream()
            .filter(version -> Boolean.TRUE.equals(version.getServed()))
            .map(CustomResourceDefinitionVersion::getName)
            .collect(Collectors.toUnmodifiableSet())
        : Set.of();
  }

  /** Schemas are by far the largest part of a definition. */
  private static void prune(CustomResourceDefinition definition) {
    PrunedStore.dropFields(definition);
    definition.getSpec().getVersions().forEach(version -> version.setSchema(null));
  }
}
