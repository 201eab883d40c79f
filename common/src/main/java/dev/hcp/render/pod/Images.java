package dev.hcp.render.pod;

import dev.hcp.api.v1alpha1.ContainerSettings;
import dev.hcp.api.v1alpha1.ImageSpec;
import dev.hcp.api.v1alpha1.PodSettings;
import dev.hcp.api.v1alpha1.PullPolicy;
import dev.hcp.model.ControlPlane;
import dev.hcp.model.Lists;
import io.fabric8.kubernetes.api.model.LocalObjectReference;
import java.util.List;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/** Image references, and the credentials for registries. */
public final class Images {
  private Images() {}

  /**
   * The reference of an image of Kubernetes: {@code registry/repository:tag}, each part replaced by
   * the user's if given.
   *
   * @param settings the user's settings
   * @param repository default repository, in the registry of the control plane
   * @param tag default tag
   */
  public static String reference(
      ControlPlane controlPlane,
      @Nullable ContainerSettings settings,
      String repository,
      String tag) {
    return reference(settings, controlPlane.imageRegistry(), repository, tag);
  }

  /**
   * The reference of an image that comes from elsewhere by default, so that the registry of the
   * control plane has no part in it.
   *
   * @param settings the user's settings
   * @param reference default reference, with a registry and a tag
   */
  public static String reference(@Nullable ContainerSettings settings, String reference) {
    int registry = reference.indexOf('/');
    int tag = reference.lastIndexOf(':');
    return reference(
        settings,
        reference.substring(0, registry),
        reference.substring(registry + 1, tag),
        reference.substring(tag + 1));
  }

  private static String reference(
      @Nullable ContainerSettings settings, String defaultRegistry, String repository, String tag) {
    var image = settings == null ? null : settings.image();
    if (image == null) {
      return "%s/%s:%s".formatted(defaultRegistry, repository, tag);
    }
    var registry = image.registry() == null ? defaultRegistry : image.registry();
    return (registry.isEmpty() ? "" : registry + "/")
        + (image.repository() == null ? repository : image.repository())
        + version(image, tag);
  }

  /**
   * The default tag says nothing of an image that is given by its digest, so it is left out. A tag
   * of the user's stays, for people: runtimes go by the digest.
   */
  private static String version(ImageSpec image, String defaultTag) {
    if (image.digest() == null) {
      return ":" + (image.tag() == null ? defaultTag : image.tag());
    }
    return (image.tag() == null ? "" : ":" + image.tag()) + "@" + image.digest();
  }

  /** When the image is pulled. */
  public static String pullPolicy(@Nullable ContainerSettings settings) {
    return settings == null || settings.imagePullPolicy() == null
        ? PullPolicy.IF_NOT_PRESENT.value()
        : settings.imagePullPolicy().value();
  }

  /**
   * Secrets for the registries of pods in the management cluster: those of the component and those
   * of the control plane, by name, since their order means nothing.
   */
  static List<LocalObjectReference> pullSecrets(
      ControlPlane controlPlane, @Nullable PodSettings settings) {
    var images = controlPlane.spec().images();
    var shared = images == null ? null : images.pullSecrets();
    return Stream.concat(pullSecrets(settings).stream(), Lists.orEmpty(shared).stream())
        .map(LocalObjectReference::getName)
        .distinct()
        .sorted()
        .map(LocalObjectReference::new)
        .toList();
  }

  /** Secrets for the registries of pods in the hosted cluster, which has Secrets of its own. */
  public static List<LocalObjectReference> pullSecrets(@Nullable PodSettings settings) {
    return Lists.orEmpty(settings == null ? null : settings.imagePullSecrets()).stream()
        .map(LocalObjectReference::getName)
        .distinct()
        .sorted()
        .map(LocalObjectReference::new)
        .toList();
  }
}
