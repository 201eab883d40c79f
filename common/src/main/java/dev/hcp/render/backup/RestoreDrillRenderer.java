package dev.hcp.render.backup;

import dev.hcp.model.ControlPlane;
import dev.hcp.naming.Component;
import dev.hcp.render.Metadata;
import dev.hcp.render.etcd.EtcdRenderer;
import dev.hcp.render.pod.Images;
import dev.hcp.render.pod.Placement;
import dev.hcp.render.pod.Pods;
import io.fabric8.kubernetes.api.model.Container;
import io.fabric8.kubernetes.api.model.ContainerBuilder;
import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.api.model.PodBuilder;
import io.fabric8.kubernetes.api.model.Quantity;
import io.fabric8.kubernetes.api.model.ResourceRequirements;
import io.fabric8.kubernetes.api.model.ResourceRequirementsBuilder;
import io.fabric8.kubernetes.api.model.Secret;
import io.fabric8.kubernetes.api.model.SecretBuilder;
import io.fabric8.kubernetes.api.model.VolumeBuilder;
import io.fabric8.kubernetes.api.model.VolumeMount;
import io.fabric8.kubernetes.api.model.VolumeMountBuilder;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/**
 * A throw-away etcd in which a backup is restored for a test. Nobody can reach it: it listens on
 * the loopback interface of its pod, and the pod may reach the store of backups and DNS.
 *
 * <p>First {@link #FETCH} gets the backup from the store, and {@link #RESTORE} makes a data
 * directory of it. Then {@link #ETCD} serves that, and {@link #CHECK} looks at what it serves, and
 * ends. Nothing in the pod is restarted; each container leaves a message that says why it ended.
 */
public final class RestoreDrillRenderer {
  /** Container that gets the backup from the store and looks at its checksums. */
  public static final String FETCH = "fetch";

  /** Container in which etcd's own tool restores the backup. */
  public static final String RESTORE = "restore";

  /** Container with etcd, which runs until the pod is deleted. */
  public static final String ETCD = "etcd";

  /** Container that compares what etcd serves with what was backed up. */
  public static final String CHECK = "check";

  private static final String STORE_VOLUME = "store";
  private static final String STORE_DIRECTORY = "/etc/hcp/store";
  private static final String WORK_VOLUME = "work";
  private static final String WORK_DIRECTORY = "/var/lib/restore-drill";
  private static final String SNAPSHOT = WORK_DIRECTORY + "/snapshot.db";
  private static final String MANIFEST = WORK_DIRECTORY + "/manifest.json";
  private static final String DATA_DIRECTORY = WORK_DIRECTORY + "/data";
  private static final String MEMBER = "drill";
  private static final String CLIENT_URL = "http://127.0.0.1:" + EtcdRenderer.CLIENT_PORT;
  private static final String PEER_URL = "http://127.0.0.1:" + EtcdRenderer.PEER_PORT;

  private static final long MEBIBYTE = 1024 * 1024L;

  /** Two files of the write-ahead log of 64 MB each, and what is around them. */
  private static final long LOG_BYTES = 256 * MEBIBYTE;

  /** What etcd needs for itself. */
  private static final long ETCD_BYTES = 512 * MEBIBYTE;

  /** Time for images, and for what does not depend on the size. */
  private static final Duration SETTING_UP = Duration.ofMinutes(15);

  /** A store that is slower than that is too slow to restore from. */
  private static final long SLOWEST_BYTES_PER_SECOND = MEBIBYTE;

  /** etcd is asked to end, and has nothing to lose. */
  private static final long GRACE_SECONDS = 5;

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
    return SETTING_UP.plusSeconds(size / SLOWEST_BYTES_PER_SECOND);
  }

  /**
   * The Secret by which the pod gets at the store.
   *
   * @param files name to content, base64, as a Secret of the user's has them
   */
  public static Secret store(ControlPlane controlPlane, Map<String, String> files) {
    return new SecretBuilder()
        .withMetadata(
            Metadata.of(controlPlane, controlPlane.names().restoreDrill(), Component.RESTORE_DRILL))
        .withType("Opaque")
        .withData(new TreeMap<>(files))
        .build();
  }

  /** The pod. It is made once and never changed. */
  public static Pod pod(ControlPlane controlPlane, Drill drill) {
    var settings = controlPlane.etcd();
    return new PodBuilder()
        .withMetadata(
            Metadata.of(controlPlane, controlPlane.names().restoreDrill(), Component.RESTORE_DRILL)
                .edit()
                .withAnnotations(new TreeMap<>(drill.notes()))
                .build())
        .withSpec(
            Pods.spec(controlPlane, settings)
                // What is thrown away must push nobody else from a node.
                .withPriorityClassName(null)
                .withTolerations(Placement.tolerations(settings, List.of()))
                .withRestartPolicy("Never")
                .withActiveDeadlineSeconds(longest(drill.size()).toSeconds())
                .withTerminationGracePeriodSeconds(GRACE_SECONDS)
                .withInitContainers(fetch(controlPlane, drill), restore(controlPlane, drill))
                .withContainers(etcd(controlPlane, drill), check(controlPlane, drill))
                .withVolumes(
                    new VolumeBuilder()
                        .withName(STORE_VOLUME)
                        .withNewSecret()
                        .withSecretName(controlPlane.names().restoreDrill())
                        .withDefaultMode(Pods.SECRET_MODE)
                        .endSecret()
                        .build(),
                    new VolumeBuilder()
                        .withName(WORK_VOLUME)
                        .withNewEmptyDir()
                        .withSizeLimit(bytes(space(drill.size())))
                        .endEmptyDir()
                        .build())
                .build())
        .build();
  }

  /** The snapshot, the database that is made of it, which may grow a little, and its log. */
  private static long space(long size) {
    return 2 * size + size / 5 + LOG_BYTES;
  }

  private static Container fetch(ControlPlane controlPlane, Drill drill) {
    return ours(controlPlane, FETCH, "dev.hcp.controller.backup.fetch.Main")
        .withArgs(
            "--backup=" + drill.backup(),
            "--cluster=" + controlPlane.names().cluster(),
            "--manifest=" + MANIFEST,
            "--namespace=" + controlPlane.namespace(),
            "--output=" + SNAPSHOT,
            "--store=" + STORE_DIRECTORY)
        .withVolumeMounts(Pods.readOnly(STORE_VOLUME, STORE_DIRECTORY), work())
        .build();
  }

  private static Container restore(ControlPlane controlPlane, Drill drill) {
    return theirs(controlPlane, RESTORE)
        .withCommand("etcdutl")
        .withArgs(
            "snapshot",
            "restore",
            SNAPSHOT,
            "--data-dir=" + DATA_DIRECTORY,
            "--name=" + MEMBER,
            "--initial-cluster=%s=%s".formatted(MEMBER, PEER_URL),
            "--initial-advertise-peer-urls=" + PEER_URL)
        .withResources(etcdResources(drill))
        .build();
  }

  private static Container etcd(ControlPlane controlPlane, Drill drill) {
    return theirs(controlPlane, ETCD)
        .withCommand("etcd")
        .withArgs(
            "--advertise-client-urls=" + CLIENT_URL,
            "--data-dir=" + DATA_DIRECTORY,
            "--initial-advertise-peer-urls=" + PEER_URL,
            "--initial-cluster=%s=%s".formatted(MEMBER, PEER_URL),
            "--listen-client-urls=" + CLIENT_URL,
            "--listen-peer-urls=" + PEER_URL,
            "--name=" + MEMBER)
        .withResources(etcdResources(drill))
        .build();
  }

  private static Container check(ControlPlane controlPlane, Drill drill) {
    return ours(controlPlane, CHECK, "dev.hcp.controller.backup.check.Main")
        .withArgs(
            "--endpoint=" + CLIENT_URL,
            "--manifest=" + MANIFEST,
            "--timeout=" + longest(drill.size()).toSeconds())
        .withVolumeMounts(Pods.readOnly(WORK_VOLUME, WORK_DIRECTORY))
        .build();
  }

  /** A program of the controller's image. */
  private static ContainerBuilder ours(ControlPlane controlPlane, String name, String program) {
    return new ContainerBuilder()
        .withName(name)
        .withImage(controlPlane.forwarderImage())
        .withImagePullPolicy(Images.pullPolicy(null))
        .withCommand(
            "java",
            "-XX:MaxRAMPercentage=50",
            "-XX:+UseSerialGC",
            "-XX:TieredStopAtLevel=1",
            "-XX:+ExitOnOutOfMemoryError",
            "-XX:-UsePerfData",
            "-cp",
            "@/app/jib-classpath-file",
            program)
        .withResources(
            new ResourceRequirementsBuilder()
                .withRequests(Map.of("cpu", new Quantity("25m"), "memory", new Quantity("96Mi")))
                .withLimits(Map.of("memory", new Quantity("256Mi")))
                .build())
        .withTerminationMessagePolicy("FallbackToLogsOnError")
        .withSecurityContext(Pods.restricted());
  }

  /** A program of the image that runs on the data. */
  private static ContainerBuilder theirs(ControlPlane controlPlane, String name) {
    return new ContainerBuilder()
        .withName(name)
        .withImage(EtcdRenderer.image(controlPlane))
        .withImagePullPolicy(Images.pullPolicy(controlPlane.etcd()))
        .withTerminationMessagePolicy("FallbackToLogsOnError")
        .withSecurityContext(Pods.restricted())
        .withVolumeMounts(work());
  }

  /**
   * etcd has an index of all keys in memory, which is far smaller than the database, and maps the
   * database itself. The space in the work volume is taken from the node.
   */
  private static ResourceRequirements etcdResources(Drill drill) {
    return new ResourceRequirementsBuilder()
        .withRequests(
            Map.of(
                "cpu", new Quantity("25m"),
                "memory", new Quantity("64Mi"),
                "ephemeral-storage", bytes(space(drill.size()))))
        .withLimits(Map.of("memory", bytes(ETCD_BYTES + 2 * drill.size())))
        .build();
  }

  private static VolumeMount work() {
    return new VolumeMountBuilder().withName(WORK_VOLUME).withMountPath(WORK_DIRECTORY).build();
  }

  /** In whole mebibytes. */
  private static Quantity bytes(long number) {
    return new Quantity("%dMi".formatted((number + MEBIBYTE - 1) / MEBIBYTE));
  }
}
