package dev.hcp.api.autoscaling;

import io.fabric8.kubernetes.api.model.Namespaced;
import io.fabric8.kubernetes.client.CustomResource;
import io.fabric8.kubernetes.model.annotation.Group;
import io.fabric8.kubernetes.model.annotation.Kind;
import io.fabric8.kubernetes.model.annotation.Plural;
import io.fabric8.kubernetes.model.annotation.Singular;
import io.fabric8.kubernetes.model.annotation.Version;

/** What gives the pods of a workload the size that they need. */
@Group(VerticalPodAutoscaler.GROUP)
@Version(VerticalPodAutoscaler.VERSION)
@Kind("VerticalPodAutoscaler")
@Plural("verticalpodautoscalers")
@Singular("verticalpodautoscaler")
public final class VerticalPodAutoscaler
    extends CustomResource<VerticalPodAutoscalerSpec, VerticalPodAutoscalerStatus>
    implements Namespaced {
  /** API group. */
  public static final String GROUP = "autoscaling.k8s.io";

  /** API version. */
  public static final String VERSION = "v1";

  private static final long serialVersionUID = 1L;
}
