package dev.hcp.controller.testing;

import dev.hcp.controller.scenario.Manifests;
import io.fabric8.kubernetes.api.model.HasMetadata;
import io.fabric8.kubernetes.api.model.PodTemplateSpec;
import io.fabric8.kubernetes.api.model.Volume;
import io.fabric8.kubernetes.api.model.VolumeProjection;
import io.fabric8.kubernetes.api.model.apps.Deployment;
import io.fabric8.kubernetes.api.model.apps.StatefulSet;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Objects;
import java.util.Set;

/** What the forerunner has in the management cluster for a Cluster {@code demo}. */
public final class Forerunner {
  private static final String FILE = "/dev/hcp/controller/adoption/forerunner.yaml";

  private static final String BUNDLE = "-bundle";

  /** CAs of which v1.7.2 publishes no trust bundle. */
  private static final Set<String> UNBUNDLED = Set.of("demo-etcd-ca", "demo-front-proxy-ca");

  /** How its pods are given what they trust. */
  public enum Layout {
    /** As of v1.7.2: of etcd and front proxy the certificate in the Secret of their CA. */
    V1_7_2,
    /** Later: a trust bundle for each CA, of the Kubernetes CA that has signed all of them. */
    LATER
  }

  private Forerunner() {}

  /**
   * Its objects.
   *
   * @param namespace namespace of the Cluster
   * @param uid identity of the HostedControlPlane
   * @param trusted what everybody trusts, base64 of PEM
   */
  public static List<HasMetadata> objects(
      Layout layout, String namespace, String uid, String trusted) {
    try (InputStream file = Forerunner.class.getResourceAsStream(FILE)) {
      var all =
          Manifests.read(
              new String(file.readAllBytes(), StandardCharsets.UTF_8)
                  .replace("clusters", namespace)
                  .replace(" UID\n", " " + uid + "\n")
                  .replace("BUNDLE", trusted));
      return switch (layout) {
        case LATER -> all;
        case V1_7_2 ->
            all.stream()
                .filter(object -> !isBundle(object.getMetadata().getName()))
                .map(Forerunner::unbundled)
                .toList();
      };
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static boolean isBundle(String secret) {
    return secret.endsWith(BUNDLE)
        && UNBUNDLED.contains(secret.substring(0, secret.length() - BUNDLE.length()));
  }

  private static HasMetadata unbundled(HasMetadata object) {
    switch (object) {
      case StatefulSet set -> unbundle(set.getSpec().getTemplate());
      case Deployment deployment -> unbundle(deployment.getSpec().getTemplate());
      default -> {}
    }
    return object;
  }

  private static void unbundle(PodTemplateSpec template) {
    template.getSpec().getVolumes().stream()
        .map(Volume::getProjected)
        .filter(Objects::nonNull)
        .flatMap(projected -> projected.getSources().stream())
        .map(VolumeProjection::getSecret)
        .filter(Objects::nonNull)
        .filter(secret -> isBundle(secret.getName()))
        .forEach(secret -> {
          var name = secret.getName();
          secret.setName(name.substring(0, name.length() - BUNDLE.length()));
          secret.getItems().forEach(item -> item.setKey("tls.crt"));
        });
  }
}
