package dev.hcp.controller.plan;

import dev.hcp.naming.Labels;
import dev.hcp.naming.Names;
import io.fabric8.kubernetes.api.model.HasMetadata;
import io.fabric8.kubernetes.api.model.OwnerReference;
import io.fabric8.kubernetes.api.model.Secret;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * Which objects of a namespace are not for users to name in a spec: whoever may write a spec need
 * not be allowed to read the keys of clusters, not even those of his own.
 */
public final class Protection {
  private static final String CLUSTER_API = "cluster.x-k8s.io";
  private static final String ISSUER_NAME = "cert-manager.io/issuer-name";
  private static final String CERTIFICATE_NAME = "cert-manager.io/certificate-name";

  private static final Set<String> SECRET_TYPES =
      Set.of(
          "bootstrap.kubernetes.io/token",
          "cluster.x-k8s.io/secret",
          "kubernetes.io/service-account-token");

  private Protection() {}

  /**
   * Why an object must not be handed to a control plane; empty if it may be.
   *
   * @param cluster name of the control plane's Cluster
   */
  public static Optional<String> of(HasMetadata object, String cluster) {
    var labels = orEmpty(object.getMetadata().getLabels());
    if (Labels.MANAGER.equals(labels.get(Labels.MANAGED_BY))) {
      return Optional.of("this controller keeps it up");
    }
    if (object instanceof Secret secret
        && secret.getType() != null
        && SECRET_TYPES.contains(secret.getType())) {
      return Optional.of("it is of type %s".formatted(secret.getType()));
    }
    return owner(object)
        .or(() ->
            Optional.ofNullable(labels.get(Labels.CLUSTER_NAME))
                .filter(name -> !name.equals(cluster))
                .map("it belongs to Cluster %s"::formatted))
        .or(() -> certificate(orEmpty(object.getMetadata().getAnnotations())));
  }

  private static Optional<String> owner(HasMetadata object) {
    var owners = object.getMetadata().getOwnerReferences();
    return owners == null
        ? Optional.empty()
        : owners.stream()
            .filter(Protection::isOfClusterApi)
            .findFirst()
            .map(owner -> "it belongs to %s %s".formatted(owner.getKind(), owner.getName()));
  }

  private static boolean isOfClusterApi(OwnerReference owner) {
    var group = owner.getApiVersion().replaceFirst("/.*", "");
    return group.equals(CLUSTER_API) || group.endsWith("." + CLUSTER_API);
  }

  /** A certificate of a control plane whose Secret has lost its labels. */
  private static Optional<String> certificate(Map<String, String> annotations) {
    var issuer = annotations.getOrDefault(ISSUER_NAME, "");
    var certificate = annotations.getOrDefault(CERTIFICATE_NAME, "");
    return Stream.of("-root", "-ca", "-etcd-ca", "-front-proxy-ca")
        .filter(issuer::endsWith)
        .map(suffix -> issuer.substring(0, issuer.length() - suffix.length()))
        .filter(cluster -> isOf(new Names(cluster), certificate))
        .findFirst()
        .map("it holds a certificate of Cluster %s"::formatted);
  }

  private static boolean isOf(Names names, String certificate) {
    return names.certificates().contains(certificate) || names.isOfKubeconfigs(certificate);
  }

  private static Map<String, String> orEmpty(@Nullable Map<String, String> map) {
    return map == null ? Map.of() : map;
  }
}
