package dev.hcp.gateway;

import dev.hcp.api.v1alpha1.HostedControlPlane;
import io.fabric8.kubernetes.api.model.gatewayapi.v1beta1.ReferenceGrant;
import java.util.List;

/**
 * Which Secrets of other namespaces a control plane may use: whoever writes it must not be able to
 * send himself the Secrets of others. Those who own them allow it by ReferenceGrants of the Gateway
 * API, whose semantics are those of its documentation: every grant stands for itself, an entry
 * without a name is for all Secrets of the grant's namespace.
 */
public final class ReferenceGrants {
  private static final String CORE_GROUP = "";

  private ReferenceGrants() {}

  /**
   * Whether a Secret may be used.
   *
   * @param namespace of the control plane
   * @param secretNamespace of the Secret
   * @param secret its name
   * @param grants of the Secret's namespace, or of any
   */
  public static boolean permit(
      String namespace, String secretNamespace, String secret, List<ReferenceGrant> grants) {
    return namespace.equals(secretNamespace)
        || grants.stream()
            .filter(grant -> secretNamespace.equals(grant.getMetadata().getNamespace()))
            .anyMatch(grant -> permits(grant, namespace, secret));
  }

  private static boolean permits(ReferenceGrant grant, String namespace, String secret) {
    return grant.getSpec() != null
        && grant.getSpec().getFrom().stream()
            .anyMatch(from ->
                HostedControlPlane.GROUP.equals(from.getGroup())
                    && HostedControlPlane.KIND.equals(from.getKind())
                    && namespace.equals(from.getNamespace()))
        && grant.getSpec().getTo().stream()
            .anyMatch(to ->
                CORE_GROUP.equals(to.getGroup())
                    && "Secret".equals(to.getKind())
                    && (to.getName() == null
                        || to.getName().isEmpty()
                        || to.getName().equals(secret)));
  }
}
