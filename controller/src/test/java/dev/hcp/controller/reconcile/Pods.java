package dev.hcp.controller.reconcile;

import io.fabric8.kubernetes.api.model.Container;
import io.fabric8.kubernetes.api.model.HasMetadata;
import io.fabric8.kubernetes.api.model.KeyToPath;
import io.fabric8.kubernetes.api.model.PersistentVolumeClaim;
import io.fabric8.kubernetes.api.model.PodTemplateSpec;
import io.fabric8.kubernetes.api.model.Volume;
import io.fabric8.kubernetes.api.model.VolumeBuilder;
import io.fabric8.kubernetes.api.model.apps.DaemonSet;
import io.fabric8.kubernetes.api.model.apps.Deployment;
import io.fabric8.kubernetes.api.model.apps.StatefulSet;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/**
 * The pods of a workload, as the kubelet would make them.
 *
 * @param owner the Deployment, StatefulSet or DaemonSet
 * @param template their template
 * @param volumes all volumes, also those made from claim templates
 */
record Pods(HasMetadata owner, PodTemplateSpec template, List<Volume> volumes) {
  /** A file in a container: where it comes from. */
  record File(String secret, String key) {}

  /** The pods of all workloads among objects. */
  static List<Pods> of(List<? extends HasMetadata> objects) {
    var all = new ArrayList<Pods>();
    for (var object : objects) {
      switch (object) {
        case Deployment d -> all.add(of(d, d.getSpec().getTemplate(), List.of()));
        case StatefulSet s ->
            all.add(of(s, s.getSpec().getTemplate(), s.getSpec().getVolumeClaimTemplates()));
        case DaemonSet d -> all.add(of(d, d.getSpec().getTemplate(), List.of()));
        default -> {}
      }
    }
    return all;
  }

  /** The containers. */
  List<Container> containers() {
    var all = new ArrayList<>(template.getSpec().getInitContainers());
    all.addAll(template.getSpec().getContainers());
    return all;
  }

  /** The container of a name. */
  Container container(String name) {
    return containers().stream().filter(c -> c.getName().equals(name)).findFirst().orElseThrow();
  }

  /** The files of a container that come from projected Secrets, by path. */
  Map<String, File> files(Container container) {
    var files = new TreeMap<String, File>();
    for (var mount : container.getVolumeMounts()) {
      for (var volume : volumes) {
        if (!volume.getName().equals(mount.getName())) {
          continue;
        }
        if (volume.getSecret() != null) {
          for (KeyToPath item : volume.getSecret().getItems()) {
            files.put(
                mount.getMountPath() + "/" + item.getPath(),
                new File(volume.getSecret().getSecretName(), item.getKey()));
          }
        }
        if (volume.getProjected() != null) {
          for (var source : volume.getProjected().getSources()) {
            for (KeyToPath item : source.getSecret().getItems()) {
              files.put(
                  mount.getMountPath() + "/" + item.getPath(),
                  new File(source.getSecret().getName(), item.getKey()));
            }
          }
        }
      }
    }
    return files;
  }

  /** The flags of a container as the process understands them: dashes, one value each. */
  static Map<String, List<String>> flags(Container container) {
    var flags = new TreeMap<String, List<String>>();
    for (var argument : container.getArgs()) {
      int equals = argument.indexOf('=');
      flags
          .computeIfAbsent(argument.substring(2, equals).replace('_', '-'), _ -> new ArrayList<>())
          .add(argument.substring(equals + 1));
    }
    return flags;
  }

  @Override
  public String toString() {
    return "%s %s".formatted(owner.getKind(), owner.getMetadata().getName());
  }

  private static Pods of(
      HasMetadata owner, PodTemplateSpec template, List<PersistentVolumeClaim> claims) {
    var volumes = new ArrayList<>(template.getSpec().getVolumes());
    claims.forEach(claim ->
        volumes.add(
            new VolumeBuilder()
                .withName(claim.getMetadata().getName())
                .withNewPersistentVolumeClaim()
                .withClaimName(claim.getMetadata().getName())
                .endPersistentVolumeClaim()
                .build()));
    return new Pods(owner, template, volumes);
  }
}
