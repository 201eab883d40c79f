package dev.hcp.render.pki;

import dev.hcp.naming.Component;
import dev.hcp.naming.Labels;
import dev.hcp.naming.Names;
import io.fabric8.kubernetes.api.model.HasMetadata;
import io.fabric8.kubernetes.api.model.KeyToPath;
import io.fabric8.kubernetes.api.model.PodTemplateSpec;
import io.fabric8.kubernetes.api.model.SecretProjection;
import io.fabric8.kubernetes.api.model.Volume;
import io.fabric8.kubernetes.api.model.VolumeProjection;
import io.fabric8.kubernetes.api.model.apps.DaemonSet;
import io.fabric8.kubernetes.api.model.apps.Deployment;
import io.fabric8.kubernetes.api.model.apps.StatefulSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.TreeMap;

/**
 * What pods are given of a CA: which certificates they trust in its place, and whether those that
 * it has signed are of the CA that signs now.
 *
 * @param root the CA
 * @param entry entry of the Secret with the trust bundle that they read. Each set of CAs has its
 *     own, so that a pod that is started for it waits for it, whatever the node still has of the
 *     Secret
 * @param trusted numbers of the CAs that are trusted; empty for the first alone
 * @param used the same, that one first whose certificates are used; empty for the first alone
 * @param signing number of the CA by which the controller-manager signs certificates of nodes
 *     though another signs all else; empty if that is the same
 */
public record Trust(Root root, String entry, String trusted, String used, String signing) {
  private static final String FIRST = "1";

  /** A Deployment whose pods are given all of these. */
  public static Deployment in(
      Deployment deployment, Names names, Component component, List<Trust> all) {
    return deployment
        .edit()
        .editSpec()
        .withTemplate(in(deployment.getSpec().getTemplate(), names, component, all))
        .endSpec()
        .build();
  }

  /** A StatefulSet whose pods are given all of these. */
  public static StatefulSet in(StatefulSet set, Names names, Component component, List<Trust> all) {
    return set.edit()
        .editSpec()
        .withTemplate(in(set.getSpec().getTemplate(), names, component, all))
        .endSpec()
        .build();
  }

  private static PodTemplateSpec in(
      PodTemplateSpec template, Names names, Component component, List<Trust> all) {
    var wanted = template.edit().build();
    var annotations =
        new TreeMap<>(Objects.requireNonNullElse(wanted.getMetadata().getAnnotations(), Map.of()));
    for (var trust : all) {
      annotations.putAll(trust.root.annotations(component, trust));
      var bundle = names.bundle(trust.root.name(names));
      wanted.getSpec().getVolumes().stream()
          .flatMap(volume -> entries(volume, bundle).stream())
          .filter(item -> item.getKey().equals(PkiRenderer.BUNDLE_KEY))
          .forEach(item -> item.setKey(trust.entry));
      if (component == Component.CONTROLLER_MANAGER && !trust.signing.isEmpty()) {
        trust.signByNext(wanted, names);
      }
    }
    if (!annotations.isEmpty()) {
      wanted.getMetadata().setAnnotations(annotations);
    }
    return wanted;
  }

  /**
   * An add-on of the hosted cluster, whose pods read once, when they start, by what they know API
   * servers. They are replaced when nodes join by another CA, and not again when the old one goes.
   */
  public HasMetadata inHostedCluster(HasMetadata object) {
    var newest = signing.isEmpty() ? used.split(",", 2)[0] : signing;
    if (newest.isEmpty() || newest.equals(FIRST)) {
      return object;
    }
    var annotation = Labels.authorityAnnotation(root.alias());
    return switch (object) {
      case Deployment deployment ->
          deployment
              .edit()
              .editSpec()
              .editTemplate()
              .editMetadata()
              .addToAnnotations(annotation, newest)
              .endMetadata()
              .endTemplate()
              .endSpec()
              .build();
      case DaemonSet set ->
          set.edit()
              .editSpec()
              .editTemplate()
              .editMetadata()
              .addToAnnotations(annotation, newest)
              .endMetadata()
              .endTemplate()
              .endSpec()
              .build();
      default -> object;
    };
  }

  /** The key pair of the CA that follows instead of that in the Secret of the CA. */
  private void signByNext(PodTemplateSpec template, Names names) {
    template.getSpec().getVolumes().stream()
        .flatMap(volume -> sources(volume, names.kubernetesCa()).stream())
        .forEach(source -> {
          source.setName(names.nextKubernetesCa());
          source
              .getItems()
              .forEach(item ->
                  item.setKey(
                      item.getKey().equals(PkiRenderer.CERTIFICATE_KEY)
                          ? AuthorityKeys.nextCertificate(signing)
                          : AuthorityKeys.nextKey(signing)));
        });
  }

  /** What a volume has of a Secret. */
  private static List<KeyToPath> entries(Volume volume, String secret) {
    return sources(volume, secret).stream().flatMap(source -> source.getItems().stream()).toList();
  }

  private static List<SecretProjection> sources(Volume volume, String secret) {
    return volume.getProjected() == null
        ? List.of()
        : volume.getProjected().getSources().stream()
            .filter(source -> source.getSecret() != null)
            .map(VolumeProjection::getSecret)
            .filter(source -> secret.equals(source.getName()))
            .toList();
  }
}
