package dev.hcp.render.pod;

import dev.hcp.api.v1alpha1.ContainerSettings;
import dev.hcp.api.v1alpha1.PullPolicy;
import org.jspecify.annotations.Nullable;

/** Image references. */
public final class Images {
  private static final String REGISTRY = "registry.k8s.io";

  private Images() {}

  /**
   * The reference of an image: {@code registry/repository:tag}, each part replaced by the user's if
   * given.
   *
   * @param settings the user's settings
   * @param repository default repository in the Kubernetes registry
   * @param tag default tag
   */
  public static String reference(
      @Nullable ContainerSettings settings, String repository, String tag) {
    return reference(settings, REGISTRY, repository, tag);
  }

  /**
   * The reference of an image that comes from elsewhere by default.
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
        + ":"
        + (image.tag() == null ? tag : image.tag());
  }

  /** When the image is pulled. */
  public static String pullPolicy(@Nullable ContainerSettings settings) {
    return settings == null || settings.imagePullPolicy() == null
        ? PullPolicy.IF_NOT_PRESENT.value()
        : settings.imagePullPolicy().value();
  }
}
