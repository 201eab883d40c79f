package dev.hcp.api.v1alpha1;

import com.fasterxml.jackson.annotation.JsonIgnoreProperties;
import com.fasterxml.jackson.annotation.JsonInclude;
import io.fabric8.generator.annotation.Pattern;
import io.fabric8.kubernetes.api.model.LocalObjectReference;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Where the images of a control plane and of its add-ons come from.
 *
 * @param registry Registry host with optional port and path, in place of `registry.k8s.io`, for
 *     example `registry.example.com/kubernetes`. Repositories below it keep their names. A
 *     component's own `image.registry` wins. The image of the audit forwarder is that of the
 *     controller and does not follow.
 * @param pullSecrets Secrets in the namespace of the control plane with credentials for registries,
 *     for all pods there. Add-ons in the hosted cluster do not use them.
 */
@JsonInclude(JsonInclude.Include.NON_NULL)
@JsonIgnoreProperties(ignoreUnknown = true)
public record ImageSettings(
    @Pattern(ImageSettings.REGISTRY) @Nullable String registry,
    @Nullable List<LocalObjectReference> pullSecrets) {

  /** A host with optional port and path, as image references have it. */
  public static final String REGISTRY =
      "^([a-zA-Z0-9]([-a-zA-Z0-9]*[a-zA-Z0-9])?(\\.[a-zA-Z0-9]([-a-zA-Z0-9]*[a-zA-Z0-9])?)*"
          + "|\\[[a-fA-F0-9:]+\\])(:[0-9]{1,5})?"
          + "(/[a-z0-9]+((\\.|_|__|-+)[a-z0-9]+)*)*$";
}
