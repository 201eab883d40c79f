package dev.hcp.render.backup;

import dev.hcp.api.v1alpha1.HostedControlPlaneRestore;
import dev.hcp.api.v1alpha1.HostedControlPlaneRestoreSpec;
import dev.hcp.api.v1alpha1.RestoreSource;
import dev.hcp.model.ControlPlane;
import dev.hcp.naming.Component;
import dev.hcp.render.Metadata;
import dev.hcp.render.etcd.EtcdMembershipRenderer;
import dev.hcp.render.etcd.EtcdRenderer;
import dev.hcp.render.pod.Placement;
import io.fabric8.kubernetes.api.model.Container;
import io.fabric8.kubernetes.api.model.ObjectMetaBuilder;
import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.api.model.PodBuilder;
import io.fabric8.kubernetes.api.model.Secret;
import io.fabric8.kubernetes.api.model.VolumeBuilder;
import io.fabric8.kubernetes.api.model.VolumeMount;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;

/**
 * A pod in which a backup is restored on the volume of a member of etcd that does not run yet, and
 * served once to look at it. The member then has the data as the only one of a new cluster.
 */
public final class RestoreRenderer {
  /** Container that puts the data where the member looks for them. */
  public static final String PLACE = "place";

  private static final String WORK_DIRECTORY = "/var/lib/backup";
  private static final String DATA_VOLUME = "etcd-data";
  private static final String DATA_DIRECTORY = "/var/lib/etcd";

  /**
   * Not the volume itself: etcd's tool wants a directory that is empty, and some have lost+found.
   */
  private static final String RESTORED_DIRECTORY = DATA_DIRECTORY + "/restored";

  /**
   * How many revisions lie between the data and what is written next: more than any cluster can
   * have written since the backup, so that no client takes an older state for a newer one.
   */
  private static final long REVISIONS = 1_000_000_000L;

  /** What lies beside the snapshot, generously. */
  private static final long MANIFEST_BYTES = 1024 * 1024L;

  private static final VolumeMount WORK =
      RestoreContainers.mount(RestoreContainers.WORK_VOLUME, WORK_DIRECTORY);
  private static final VolumeMount DATA = RestoreContainers.mount(DATA_VOLUME, DATA_DIRECTORY);

  private RestoreRenderer() {}

  /**
   * What is restored.
   *
   * @param which flags of the program that fetches a backup which say which one it shall be
   * @param ordinal ordinal of the member
   * @param largest bytes that a snapshot may have
   * @param notes annotations of the pod
   */
  public record Order(List<String> which, int ordinal, long largest, Map<String, String> notes) {
    /** Copies the collections. */
    public Order {
      which = List.copyOf(which);
      notes = Map.copyOf(notes);
    }
  }

  /**
   * The Secret by which the pod gets at the store.
   *
   * @param files name to content, base64, as a Secret of the user's has them
   */
  public static Secret store(ControlPlane controlPlane, Map<String, String> files) {
    return containers(controlPlane, 0, 0).store(files);
  }

  /** The pod. It is made once and never changed. */
  public static Pod pod(ControlPlane controlPlane, Order order) {
    var containers = containers(controlPlane, order.largest(), order.ordinal());
    long space = order.largest() + MANIFEST_BYTES;
    var resources = containers.etcdResources(space);
    var settings = controlPlane.etcd();
    return new PodBuilder()
        .withMetadata(
            Metadata.of(controlPlane, controlPlane.names().restore(), Component.RESTORE)
                .edit()
                .withAnnotations(new TreeMap<>(order.notes()))
                .build())
        .withSpec(
            containers
                .spec(
                    containers.work(space),
                    new VolumeBuilder()
                        .withName(DATA_VOLUME)
                        .withNewPersistentVolumeClaim()
                        .withClaimName(EtcdRenderer.claim(controlPlane, order.ordinal()))
                        .endPersistentVolumeClaim()
                        .build())
                // The volume may exist only where this pod runs, and the member will have to.
                .withAffinity(Placement.affinity(settings))
                .withInitContainers(
                    containers.fetch(WORK, order.which()),
                    containers.restore(
                        WORK,
                        RESTORED_DIRECTORY,
                        EtcdMembershipRenderer.peerUrl(controlPlane, order.ordinal()),
                        resources,
                        "--initial-cluster-token=" + EtcdRenderer.token(controlPlane),
                        "--bump-revision=" + REVISIONS,
                        "--mark-compacted"),
                    place(containers))
                .withContainers(containers.etcd(resources), containers.check(WORK))
                .build())
        .build();
  }

  /**
   * A request to restore the newest backup of a control plane.
   *
   * @param name name of the request
   * @param since when the backup was begun at the earliest; empty for any time
   */
  public static HostedControlPlaneRestore newest(
      ControlPlane controlPlane, String name, Optional<Instant> since) {
    var restore = new HostedControlPlaneRestore();
    restore.setMetadata(
        new ObjectMetaBuilder().withNamespace(controlPlane.namespace()).withName(name).build());
    restore.setSpec(
        new HostedControlPlaneRestoreSpec(
            controlPlane.owner().getName(),
            since
                .map(time ->
                    new RestoreSource(
                        null,
                        null,
                        time.truncatedTo(ChronoUnit.SECONDS).toString(),
                        null,
                        null,
                        null))
                .orElse(null),
            null));
    return restore;
  }

  private static Container place(RestoreContainers containers) {
    return containers
        .ours(PLACE, "dev.hcp.controller.backup.place.Main")
        .withArgs("--from=" + RESTORED_DIRECTORY, "--to=" + DATA_DIRECTORY)
        .withVolumeMounts(DATA)
        .build();
  }

  private static RestoreContainers containers(
      ControlPlane controlPlane, long largest, int ordinal) {
    return new RestoreContainers(
        controlPlane,
        controlPlane.names().restore(),
        Component.RESTORE,
        largest,
        DATA,
        DATA_DIRECTORY,
        controlPlane.names().etcdMember(ordinal));
  }
}
