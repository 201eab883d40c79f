package dev.hcp.render.pki;

import dev.hcp.naming.Component;
import dev.hcp.naming.Names;
import io.fabric8.kubernetes.api.model.KeyToPath;
import io.fabric8.kubernetes.api.model.PodTemplateSpec;
import io.fabric8.kubernetes.api.model.Volume;
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
 */
public record Trust(Root root, String entry, String trusted, String used) {
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
    }
    if (!annotations.isEmpty()) {
      wanted.getMetadata().setAnnotations(annotations);
    }
    return wanted;
  }

  /** What a volume has of a Secret. */
  private static List<KeyToPath> entries(Volume volume, String secret) {
    return volume.getProjected() == null
        ? List.of()
        : volume.getProjected().getSources().stream()
            .filter(source -> source.getSecret() != null)
            .filter(source -> secret.equals(source.getSecret().getName()))
            .flatMap(source -> source.getSecret().getItems().stream())
            .toList();
  }
}
