package dev.hcp.render.backup;

import dev.hcp.model.ControlPlane;
import dev.hcp.naming.Component;
import dev.hcp.render.Metadata;
import dev.hcp.render.etcd.EtcdRenderer;
import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.api.model.PodBuilder;
import io.fabric8.kubernetes.api.model.Secret;
import io.fabric8.kubernetes.api.model.VolumeMount;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/** A throw-away etcd in which a backup is restored for a test. */
public final class RestoreDrillRenderer {
  private static final String WORK_DIRECTORY = "/var/lib/restore-drill";
  private static final String DATA_DIRECTORY = WORK_DIRECTORY + "/data";
  private static final String MEMBER = "drill";
  private static final String PEER_URL = "http://127.0.0.1:" + EtcdRenderer.PEER_PORT;
  private static final VolumeMount WORK =
      RestoreContainers.mount(RestoreContainers.WORK_VOLUME, WORK_DIRECTORY);

  private RestoreDrillRenderer() {}

  /**
   * What is restored.
   *
   * @param backup name of the backup
   * @param size bytes of the snapshot
   * @param notes annotations of the pod
   */
  public record Drill(String backup, long size, Map<String, String> notes) {}

  /** How long the containers of a pod may run. */
  public static Duration longest(long size) {
    return RestoreContainers.longest(size);
  }

  /**
   * The Secret by which the pod gets at the store.
   *
   * @param files name to content, base64, as a Secret of the user's has them
   */
  public static Secret store(ControlPlane controlPlane, Map<String, String> files) {
    return containers(controlPlane, 0).store(files);
  }

  /** The pod. It is made once and never changed. */
  public static Pod pod(ControlPlane controlPlane, Drill drill) {
    var containers = containers(controlPlane, drill.size());
    long space = drill.size() + containers.spaceForData();
    var resources = containers.etcdResources(space);
    return new PodBuilder()
        .withMetadata(
            Metadata.of(controlPlane, controlPlane.names().restoreDrill(), Component.RESTORE_DRILL)
                .edit()
                .withAnnotations(new TreeMap<>(drill.notes()))
                .build())
        .withSpec(
            containers
                .spec(containers.work(space))
                // What is thrown away must push nobody else from a node.
                .withPriorityClassName(null)
                .withInitContainers(
                    containers.fetch(
                        WORK,
                        List.of(
                            "--backup=" + drill.backup(),
                            "--cluster=" + controlPlane.names().cluster(),
                            "--namespace=" + controlPlane.namespace())),
                    containers.restore(WORK, DATA_DIRECTORY, PEER_URL, resources))
                .withContainers(containers.etcd(resources), containers.check(WORK))
                .build())
        .build();
  }

  private static RestoreContainers containers(ControlPlane controlPlane, long size) {
    return new RestoreContainers(
        controlPlane,
        controlPlane.names().restoreDrill(),
        Component.RESTORE_DRILL,
        size,
        WORK,
        DATA_DIRECTORY,
        MEMBER);
  }
}
