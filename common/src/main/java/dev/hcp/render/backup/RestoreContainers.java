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
import io.fabric8.kubernetes.api.model.PodSpecBuilder;
import io.fabric8.kubernetes.api.model.Quantity;
import io.fabric8.kubernetes.api.model.ResourceRequirements;
import io.fabric8.kubernetes.api.model.ResourceRequirementsBuilder;
import io.fabric8.kubernetes.api.model.Secret;
import io.fabric8.kubernetes.api.model.SecretBuilder;
import io.fabric8.kubernetes.api.model.Volume;
import io.fabric8.kubernetes.api.model.VolumeBuilder;
import io.fabric8.kubernetes.api.model.VolumeMount;
import io.fabric8.kubernetes.api.model.VolumeMountBuilder;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/**
 * What pods have in common in which a backup is restored: {@link #FETCH} gets it from the store,
 * {@link #RESTORE} makes a data directory of it, {@link #ETCD} serves that, and {@link #CHECK}
 * looks at what it serves, and ends. Nothing in a pod is restarted; each container leaves a message
 * that says why it ended.
 *
 * <p>Nobody can reach that etcd: it listens on the loopback interface of its pod, and the pod may
 * reach the store of backups and DNS.
 *
 * @param secret name of the Secret by which the store is reached
 * @param component the component that the pod belongs to
 * @param size bytes of a snapshot, at most
 * @param dataVolume where the data directory is
 * @param dataDirectory the data directory
 * @param member name of the member
 */
public record RestoreContainers(
    ControlPlane controlPlane,
    String secret,
    Component component,
    long size,
    VolumeMount dataVolume,
    String dataDirectory,
    String member) {
  /** Container that gets the backup from the store and looks at its checksums. */
  public static final String FETCH = "fetch";

  /** Container in which etcd's own tool restores the backup. */
  public static final String RESTORE = "restore";

  /** Container with etcd, which runs until the pod is deleted. */
  public static final String ETCD = "etcd";

  /** Container that compares what etcd serves with what was backed up. */
  public static final String CHECK = "check";

  /** Volume for the snapshot. */
  static final String WORK_VOLUME = "work";

  private static final String STORE_VOLUME = "store";
  private static final String STORE_DIRECTORY = "/etc/hcp/store";
  private static final String CLIENT_URL = "http://127.0.0.1:" + EtcdRenderer.CLIENT_PORT;
  private static final String LOOPBACK_PEER_URL = "http://127.0.0.1:" + EtcdRenderer.PEER_PORT;

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

  /** How long the containers of a pod may run. */
  static Duration longest(long size) {
    return SETTING_UP.plusSeconds(size / SLOWEST_BYTES_PER_SECOND);
  }

  /**
   * The Secret by which the pod gets at the store.
   *
   * @param files name to content, base64, as a Secret of the user's has them
   */
  Secret store(Map<String, String> files) {
    return new SecretBuilder()
        .withMetadata(Metadata.of(controlPlane, secret, component))
        .withType("Opaque")
        .withData(new TreeMap<>(files))
        .build();
  }

  /** The pod without containers, and with the volumes of all. */
  PodSpecBuilder spec(Volume... others) {
    var settings = controlPlane.etcd();
    var volumes = new ArrayList<Volume>();
    volumes.add(
        new VolumeBuilder()
            .withName(STORE_VOLUME)
            .withNewSecret()
            .withSecretName(secret)
            .withDefaultMode(Pods.SECRET_MODE)
            .endSecret()
            .build());
    volumes.addAll(List.of(others));
    return Pods.spec(controlPlane, settings)
        .withTolerations(Placement.tolerations(settings, List.of()))
        .withRestartPolicy("Never")
        .withActiveDeadlineSeconds(longest(size).toSeconds())
        .withTerminationGracePeriodSeconds(GRACE_SECONDS)
        .withVolumes(volumes);
  }

  /** A volume for the snapshot and for as much besides. */
  Volume work(long space) {
    return new VolumeBuilder()
        .withName(WORK_VOLUME)
        .withNewEmptyDir()
        .withSizeLimit(bytes(space))
        .endEmptyDir()
        .build();
  }

  /** Bytes of a database that is made of the snapshot, which may grow a little, and of its log. */
  long spaceForData() {
    return size + size / 5 + LOG_BYTES;
  }

  /**
   * Gets the backup.
   *
   * @param which flags that say which, and what it must be like
   */
  Container fetch(VolumeMount work, List<String> which) {
    var arguments = new ArrayList<>(which);
    arguments.add("--manifest=" + manifest(work));
    arguments.add("--output=" + snapshot(work));
    arguments.add("--store=" + STORE_DIRECTORY);
    arguments.sort(null);
    return ours(FETCH, "dev.hcp.controller.backup.fetch.Main")
        .withArgs(arguments)
        .withVolumeMounts(Pods.readOnly(STORE_VOLUME, STORE_DIRECTORY), work)
        .build();
  }

  /**
   * Restores it.
   *
   * @param to data directory, which does not exist yet
   * @param peerUrl where the member will be reached by others
   * @param further flags besides
   */
  Container restore(
      VolumeMount work,
      String to,
      String peerUrl,
      ResourceRequirements resources,
      String... further) {
    var arguments = new ArrayList<String>();
    arguments.addAll(List.of("snapshot", "restore", snapshot(work)));
    arguments.add("--data-dir=" + to);
    arguments.add("--name=" + member);
    arguments.add("--initial-cluster=%s=%s".formatted(member, peerUrl));
    arguments.add("--initial-advertise-peer-urls=" + peerUrl);
    arguments.addAll(List.of(further));
    return theirs(RESTORE)
        .withCommand("etcdutl")
        .withArgs(arguments)
        .withResources(resources)
        .withVolumeMounts(mounts(work))
        .build();
  }

  /** Serves what was restored. */
  Container etcd(ResourceRequirements resources) {
    return theirs(ETCD)
        .withCommand("etcd")
        .withArgs(
            "--advertise-client-urls=" + CLIENT_URL,
            "--data-dir=" + dataDirectory,
            "--initial-advertise-peer-urls=" + LOOPBACK_PEER_URL,
            "--initial-cluster=%s=%s".formatted(member, LOOPBACK_PEER_URL),
            "--listen-client-urls=" + CLIENT_URL,
            "--listen-peer-urls=" + LOOPBACK_PEER_URL,
            "--name=" + member)
        .withResources(resources)
        .withVolumeMounts(dataVolume)
        .build();
  }

  /** Looks at what is served. */
  Container check(VolumeMount work) {
    return ours(CHECK, "dev.hcp.controller.backup.check.Main")
        .withArgs(
            "--endpoint=" + CLIENT_URL,
            "--manifest=" + manifest(work),
            "--timeout=" + longest(size).toSeconds())
        .withVolumeMounts(work.edit().withReadOnly(true).build())
        .build();
  }

  /** A program of the controller's image. */
  ContainerBuilder ours(String name, String program) {
    return new ContainerBuilder()
        .withName(name)
        .withImage(controlPlane.forwarderImage())
        .withImagePullPolicy(Images.pullPolicy(null))
        .withCommand(Pods.program(program))
        .withResources(
            new ResourceRequirementsBuilder()
                .withRequests(Map.of("cpu", new Quantity("25m"), "memory", new Quantity("96Mi")))
                .withLimits(Map.of("memory", new Quantity("256Mi")))
                .build())
        .withTerminationMessagePolicy("FallbackToLogsOnError")
        .withSecurityContext(Pods.restricted());
  }

  /**
   * etcd has an index of all keys in memory, which is far smaller than the database, and maps the
   * database itself.
   *
   * @param space bytes that are taken from the node's disk
   */
  ResourceRequirements etcdResources(long space) {
    return new ResourceRequirementsBuilder()
        .withRequests(
            Map.of(
                "cpu", new Quantity("25m"),
                "memory", new Quantity("64Mi"),
                "ephemeral-storage", bytes(space)))
        .withLimits(Map.of("memory", bytes(ETCD_BYTES + 2 * size)))
        .build();
  }

  static VolumeMount mount(String volume, String directory) {
    return new VolumeMountBuilder().withName(volume).withMountPath(directory).build();
  }

  /** A program of the image that runs on the data. */
  private ContainerBuilder theirs(String name) {
    return new ContainerBuilder()
        .withName(name)
        .withImage(EtcdRenderer.image(controlPlane))
        .withImagePullPolicy(Images.pullPolicy(controlPlane.etcd()))
        .withTerminationMessagePolicy("FallbackToLogsOnError")
        .withSecurityContext(Pods.restricted());
  }

  private List<VolumeMount> mounts(VolumeMount work) {
    return work.equals(dataVolume) ? List.of(work) : List.of(work, dataVolume);
  }

  private static String snapshot(VolumeMount work) {
    return work.getMountPath() + "/snapshot.db";
  }

  private static String manifest(VolumeMount work) {
    return work.getMountPath() + "/manifest.json";
  }

  /** In whole mebibytes. */
  private static Quantity bytes(long number) {
    return new Quantity("%dMi".formatted((number + MEBIBYTE - 1) / MEBIBYTE));
  }
}
