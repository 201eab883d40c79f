package dev.hcp.api.v1alpha1;

import com.fasterxml.jackson.annotation.JsonIgnoreProperties;
import com.fasterxml.jackson.annotation.JsonInclude;
import io.fabric8.generator.annotation.Required;
import io.fabric8.generator.annotation.Size;
import io.fabric8.kubernetes.api.model.EnvVar;
import io.fabric8.kubernetes.api.model.ResourceRequirements;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Receivers of audit events, and settings of the forwarder that takes events on when there are
 * several.
 *
 * @param image Parts of the image reference that replace the default ones; the default is the image
 *     of the controller.
 * @param imagePullPolicy When the kubelet pulls the image: Always, IfNotPresent or Never. Default:
 *     IfNotPresent.
 * @param args Flags of the forwarder, flag name without dashes to value: `buffer`, `log-level` and
 *     `timeout`.
 * @param resources Compute resources of the container, as in any pod. A resource of which neither
 *     request nor limit is set keeps its default.
 * @param env Further environment variables of the container. Those that the controller sets itself
 *     cannot be overridden.
 * @param targets Receivers; every one gets every event. At least one.
 */
@JsonInclude(JsonInclude.Include.NON_NULL)
@JsonIgnoreProperties(ignoreUnknown = true)
public record AuditWebhook(
    @Nullable ImageSpec image,
    @Nullable PullPolicy imagePullPolicy,
    @Nullable Map<String, String> args,
    @Nullable ResourceRequirements resources,
    @Nullable List<EnvVar> env,
    @Required @Size(min = 1) List<AuditWebhookTarget> targets)
    implements ContainerSettings {

  /** Whether events go to several receivers, and so by the forwarder. */
  public boolean needsForwarder() {
    return targets.stream().distinct().count() > 1;
  }
}
