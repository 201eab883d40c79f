package dev.hcp.render.etcd;

import dev.hcp.api.v1alpha1.EtcdComponent;
import dev.hcp.flags.FlagTable;
import dev.hcp.flags.Program;
import dev.hcp.model.ControlPlane;
import dev.hcp.model.DefaultRequests;
import dev.hcp.naming.Component;
import dev.hcp.naming.Labels;
import dev.hcp.render.Metadata;
import dev.hcp.render.etcd.Membership.Survivor;
import dev.hcp.render.pki.PkiRenderer;
import dev.hcp.render.pod.Arguments;
import dev.hcp.render.pod.Images;
import dev.hcp.render.pod.Placement;
import dev.hcp.render.pod.Pods;
import dev.hcp.render.pod.Probes;
import dev.hcp.render.pod.TlsFlags;
import io.fabric8.kubernetes.api.model.ConfigMap;
import io.fabric8.kubernetes.api.model.ConfigMapBuilder;
import io.fabric8.kubernetes.api.model.Container;
import io.fabric8.kubernetes.api.model.ContainerBuilder;
import io.fabric8.kubernetes.api.model.ContainerPort;
import io.fabric8.kubernetes.api.model.ContainerPortBuilder;
import io.fabric8.kubernetes.api.model.EnvVar;
import io.fabric8.kubernetes.api.model.EnvVarBuilder;
import io.fabric8.kubernetes.api.model.PersistentVolumeClaim;
import io.fabric8.kubernetes.api.model.PersistentVolumeClaimBuilder;
import io.fabric8.kubernetes.api.model.Quantity;
import io.fabric8.kubernetes.api.model.Service;
import io.fabric8.kubernetes.api.model.ServiceBuilder;
import io.fabric8.kubernetes.api.model.ServicePort;
import io.fabric8.kubernetes.api.model.ServicePortBuilder;
import io.fabric8.kubernetes.api.model.VolumeMountBuilder;
import io.fabric8.kubernetes.api.model.apps.StatefulSet;
import io.fabric8.kubernetes.api.model.apps.StatefulSetBuilder;
import io.fabric8.kubernetes.api.model.apps.StatefulSetOrdinals;
import io.fabric8.kubernetes.api.model.apps.StatefulSetOrdinalsBuilder;
import io.fabric8.kubernetes.api.model.apps.StatefulSetUpdateStrategy;
import io.fabric8.kubernetes.api.model.apps.StatefulSetUpdateStrategyBuilder;
import io.fabric8.kubernetes.api.model.policy.v1.PodDisruptionBudget;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * etcd: members with a volume each, which speak TLS to each other and to clients and trust only the
 * etcd CA.
 */
public final class EtcdRenderer {
  /** Container of a member. */
  public static final String CONTAINER = "etcd";

  /** Size of a data volume unless the user fixed another. */
  public static final Quantity INITIAL_VOLUME_SIZE = new Quantity("1Gi");

  /** Port for clients. */
  public static final int CLIENT_PORT = 2379;

  /** Port on which members talk to each other. */
  public static final int PEER_PORT = 2380;

  /** Port of metrics and probes. */
  public static final int METRICS_PORT = 2381;

  /** Key of the ConfigMap {@link #identity} with the identity of the cluster. */
  public static final String CLUSTER_KEY = "cluster-id";

  /** Key of the ConfigMap {@link #identity} with the mark that the data carry. */
  public static final String MARK_KEY = "mark";

  private static final String CLIENT_PORT_NAME = "server";
  private static final String PEER_PORT_NAME = "peer";
  private static final String METRICS_PORT_NAME = "metrics";
  private static final String DATA_VOLUME = "etcd-data";
  private static final String DATA_DIRECTORY = "/var/lib/etcd";
  private static final String CERTIFICATES_VOLUME = "etcd-certificates";
  private static final String CERTIFICATES_DIRECTORY = "/etc/etcd";

  /** What file systems keep for themselves of a volume. */
  private static final int FILE_SYSTEM_PERCENTAGE = 5;

  /** Five files of the write-ahead log that etcd keeps, and the next one, of 64 MB each. */
  private static final long WRITE_AHEAD_LOG = 6 * 64_000_000L;

  /** The least share of a small volume that is given to the database. */
  private static final int LEAST_QUOTA_DIVISOR = 4;

  private static final long MEBIBYTE = 1024 * 1024L;

  private static final String QUOTA_FLAG = "quota-backend-bytes";

  private static final String GATES_FLAG = "feature-gates";
  private static final String COMPARISON_GATE = "CompactHashCheck";

  private EtcdRenderer() {}

  /** The Service by which members find each other, even before they are ready. */
  public static Service peerService(ControlPlane controlPlane) {
    return service(controlPlane, controlPlane.names().etcdPeerService(), true);
  }

  /** The Service for clients, which leads to ready members only. */
  public static Service clientService(ControlPlane controlPlane) {
    return service(controlPlane, controlPlane.names().etcdClientService(), false);
  }

  /** The disruption budget; none for a single member. */
  public static Optional<PodDisruptionBudget> disruptionBudget(ControlPlane controlPlane) {
    return Pods.disruptionBudget(
        controlPlane, controlPlane.names().etcd(), Component.ETCD, controlPlane.etcdMembers());
  }

  /** The ConfigMap that says which etcd this is, for as long as the control plane exists. */
  public static ConfigMap identity(ControlPlane controlPlane, String cluster, String mark) {
    return new ConfigMapBuilder()
        .withMetadata(
            Metadata.of(controlPlane, controlPlane.names().etcdIdentity(), Component.ETCD))
        .withData(Map.of(CLUSTER_KEY, cluster, MARK_KEY, mark))
        .build();
  }

  /**
   * Bytes of a volume that databases can take, copies of them included: without what file system
   * and write-ahead log need.
   *
   * @param capacity bytes of the volume
   */
  public static long spaceForDatabases(long capacity) {
    return Math.max(0, capacity - capacity / 100 * FILE_SYSTEM_PERCENTAGE - WRITE_AHEAD_LOG);
  }

  /**
   * Bytes that the database may take on a volume. Beside the write-ahead log there has to be space
   * for a copy of a database that is half free, or it could not be defragmented when that is needed
   * most.
   *
   * @param capacity bytes of the volume
   */
  public static long quota(long capacity) {
    long quota = Math.max(capacity / LEAST_QUOTA_DIVISOR, spaceForDatabases(capacity) / 3 * 2);
    return quota / MEBIBYTE * MEBIBYTE;
  }

  /** Name of the claim of a member's data volume. */
  public static String claim(ControlPlane controlPlane, int ordinal) {
    return "%s-%s".formatted(DATA_VOLUME, controlPlane.names().etcdMember(ordinal));
  }

  /** The quota that the members of a StatefulSet have; empty if they have none. */
  public static OptionalLong quota(StatefulSet set) {
    var start = "--%s=".formatted(QUOTA_FLAG);
    return set.getSpec().getTemplate().getSpec().getContainers().stream()
        .flatMap(container -> container.getArgs().stream())
        .filter(argument -> argument.matches(start + "[1-9][0-9]{0,17}"))
        .mapToLong(argument -> Long.parseLong(argument.substring(start.length())))
        .findFirst();
  }

  /**
   * The StatefulSet.
   *
   * @param membership which pods there shall be
   * @param waiting whether there shall be none yet
   * @param volumeSize size of each data volume
   * @param quota bytes that each database may take
   * @param held whether it has the strategy by which it would replace pods itself, but may not
   *     replace any; otherwise it has the one by which others delete pods that are to be replaced
   */
  public static StatefulSet statefulSet(
      ControlPlane controlPlane,
      Membership membership,
      boolean waiting,
      Quantity volumeSize,
      long quota,
      boolean held) {
    var cluster = controlPlane.names().cluster();
    var settings = controlPlane.etcd();
    return new StatefulSetBuilder()
        .withMetadata(Metadata.of(controlPlane, controlPlane.names().etcd(), Component.ETCD))
        .withNewSpec()
        .withReplicas(waiting ? 0 : membership.survivor().isPresent() ? 1 : membership.members())
        .withOrdinals(from(membership.survivor().map(Survivor::ordinal).orElse(membership.first())))
        .withServiceName(controlPlane.names().etcdPeerService())
        .withPodManagementPolicy("Parallel")
        .withNewSelector()
        .withMatchLabels(Labels.selector(cluster, Component.ETCD))
        .endSelector()
        .withUpdateStrategy(updateStrategy(controlPlane, held))
        // A StatefulSet deleted by mistake must not take the data along; volumes go with the
        // control plane.
        .withNewPersistentVolumeClaimRetentionPolicy()
        .withWhenDeleted("Retain")
        .withWhenScaled("Retain")
        .endPersistentVolumeClaimRetentionPolicy()
        .withNewTemplate()
        .withMetadata(Pods.metadata(settings, Labels.of(cluster, Component.ETCD), Map.of()))
        .withSpec(
            Pods.spec(controlPlane, settings)
                .withTolerations(Placement.tolerations(settings, List.of()))
                .withAffinity(Placement.affinity(settings))
                .withTopologySpreadConstraints(
                    Placement.spreadOfReplaced(settings, Labels.selector(cluster, Component.ETCD)))
                .withContainers(container(controlPlane, quota))
                .withVolumes(
                    Pods.projected(
                        CERTIFICATES_VOLUME,
                        List.of(
                            Pods.secret(
                                controlPlane.names().bundle(controlPlane.names().etcdCa()),
                                PkiRenderer.BUNDLE_KEY,
                                "ca.crt"),
                            Pods.keyPair(controlPlane.names().etcdServerCertificate(), "server"),
                            Pods.keyPair(controlPlane.names().etcdPeerCertificate(), "peer"))))
                .build())
        .endTemplate()
        .withVolumeClaimTemplates(dataVolume(controlPlane, volumeSize))
        .endSpec()
        .build();
  }

  /** By what the identity of a cluster differs from that of another with the same members. */
  public static String token(ControlPlane controlPlane) {
    return controlPlane.namespace() + "-" + controlPlane.names().cluster();
  }

  /** From 0 on is what is meant without. */
  private static @Nullable StatefulSetOrdinals from(int first) {
    return first == 0 ? null : new StatefulSetOrdinalsBuilder().withStart(first).build();
  }

  /** The claim of the volume on which a backup is restored. Its member finds it by its name. */
  public static PersistentVolumeClaim restored(
      ControlPlane controlPlane, int ordinal, Quantity volumeSize, Map<String, String> notes) {
    return dataVolume(controlPlane, volumeSize)
        .edit()
        .editMetadata()
        .withNamespace(controlPlane.namespace())
        .withName(claim(controlPlane, ordinal))
        .withAnnotations(new TreeMap<>(notes))
        .endMetadata()
        .build();
  }

  /** The image that all members run. */
  public static String image(ControlPlane controlPlane) {
    return Images.reference(
        controlPlane, controlPlane.etcd(), "etcd", controlPlane.components().etcd());
  }

  /** Which pod is replaced next depends on what the members say, so others delete it. */
  private static StatefulSetUpdateStrategy updateStrategy(ControlPlane controlPlane, boolean held) {
    return held
        ? new StatefulSetUpdateStrategyBuilder()
            .withType("RollingUpdate")
            .withNewRollingUpdate()
            .withPartition(controlPlane.etcdMembers())
            .endRollingUpdate()
            .build()
        : new StatefulSetUpdateStrategyBuilder().withType("OnDelete").build();
  }

  private static Container container(ControlPlane controlPlane, long quota) {
    var settings = controlPlane.etcd();
    return new ContainerBuilder()
        .withName(CONTAINER)
        .withImage(image(controlPlane))
        .withImagePullPolicy(Images.pullPolicy(settings))
        .withCommand("etcd")
        .withArgs(Arguments.of(Program.ETCD, settings, flags(controlPlane, quota)))
        .withEnv(Pods.env(settings, environment(controlPlane).toArray(EnvVar[]::new)))
        .withPorts(
            port(CLIENT_PORT_NAME, CLIENT_PORT),
            port(PEER_PORT_NAME, PEER_PORT),
            port(METRICS_PORT_NAME, METRICS_PORT))
        .withResources(Pods.resources(settings, DefaultRequests.ETCD))
        .withSecurityContext(Pods.restricted())
        // By its last words a member that has lost its data is known.
        .withTerminationMessagePolicy("FallbackToLogsOnError")
        .withStartupProbe(Probes.startup("HTTP", METRICS_PORT_NAME, "/livez"))
        .withReadinessProbe(Probes.readiness("HTTP", METRICS_PORT_NAME, "/readyz"))
        .withLivenessProbe(Probes.liveness("HTTP", METRICS_PORT_NAME, "/livez"))
        .withVolumeMounts(
            new VolumeMountBuilder().withName(DATA_VOLUME).withMountPath(DATA_DIRECTORY).build(),
            Pods.readOnly(CERTIFICATES_VOLUME, CERTIFICATES_DIRECTORY))
        .build();
  }

  private static Map<String, String> flags(ControlPlane controlPlane, long quota) {
    var host =
        "https://$(POD_NAME).%s.%s.svc"
            .formatted(controlPlane.names().etcdPeerService(), controlPlane.namespace());
    var flags = new TreeMap<String, String>();
    flags.put("advertise-client-urls", host + ":" + CLIENT_PORT);
    flags.put("auto-compaction-mode", "periodic");
    flags.put("auto-compaction-retention", "72h");
    flags.put("cert-file", CERTIFICATES_DIRECTORY + "/server.crt");
    flags.put("cipher-suites", TlsFlags.CIPHER_SUITES);
    flags.put("client-cert-auth", "true");
    flags.put("data-dir", DATA_DIRECTORY);
    flags.put("initial-advertise-peer-urls", host + ":" + PEER_PORT);
    // Members that have data do not look at these.
    flags.put("initial-cluster", "$(FOUNDING_MEMBERS)$(MEMBERS_TO_JOIN)");
    flags.put("initial-cluster-state", "$(INITIAL_CLUSTER_STATE)");
    flags.put("initial-cluster-token", token(controlPlane));
    flags.put("key-file", CERTIFICATES_DIRECTORY + "/server.key");
    flags.put("listen-client-urls", "https://0.0.0.0:" + CLIENT_PORT);
    flags.put("listen-metrics-urls", "http://0.0.0.0:" + METRICS_PORT);
    flags.put("listen-peer-urls", "https://0.0.0.0:" + PEER_PORT);
    flags.put("name", "$(POD_NAME)");
    flags.put("peer-cert-file", CERTIFICATES_DIRECTORY + "/peer.crt");
    flags.put("peer-client-cert-auth", "true");
    flags.put("peer-key-file", CERTIFICATES_DIRECTORY + "/peer.key");
    flags.put("peer-trusted-ca-file", CERTIFICATES_DIRECTORY + "/ca.crt");
    flags.put(QUOTA_FLAG, Long.toString(quota));
    flags.put("trusted-ca-file", CERTIFICATES_DIRECTORY + "/ca.crt");
    flags.putAll(comparison(controlPlane));
    return flags;
  }

  /**
   * With each compaction, the leader compares a hash of its data with those of the others. It costs
   * next to nothing, since compactions compute it anyway.
   */
  private static Map<String, String> comparison(ControlPlane controlPlane) {
    var table = FlagTable.of(Program.ETCD);
    var release = FlagTable.release(controlPlane.components().etcd());
    if (!table.releases().contains(release)) {
      // Of a release that is not known, such as the forerunner may have run, it is left to etcd.
      return Map.of();
    }
    return table.gate(GATES_FLAG, COMPARISON_GATE, release).isPresent()
        ? Map.of(GATES_FLAG, COMPARISON_GATE + "=true")
        : Map.of("experimental-compact-hash-check-enabled", "true");
  }

  private static PersistentVolumeClaim dataVolume(ControlPlane controlPlane, Quantity volumeSize) {
    var settings = controlPlane.etcd();
    return new PersistentVolumeClaimBuilder()
        .withNewMetadata()
        .withName(DATA_VOLUME)
        .withLabels(Labels.of(controlPlane.names().cluster(), Component.ETCD))
        .endMetadata()
        .withNewSpec()
        .withAccessModes("ReadWriteOnce")
        .withStorageClassName(storageClass(settings))
        .withNewResources()
        .withRequests(Map.of("storage", volumeSize))
        .endResources()
        .endSpec()
        .build();
  }

  /** An empty name would mean volumes that nobody provisions; admission takes it as unset. */
  private static @Nullable String storageClass(@Nullable EtcdComponent settings) {
    return settings == null || "".equals(settings.storageClassName())
        ? null
        : settings.storageClassName();
  }

  private static Service service(ControlPlane controlPlane, String name, boolean headless) {
    return new ServiceBuilder()
        .withMetadata(Metadata.of(controlPlane, name, Component.ETCD))
        .withNewSpec()
        .withType("ClusterIP")
        .withClusterIP(headless ? "None" : null)
        .withPublishNotReadyAddresses(headless ? true : null)
        .withSelector(Labels.selector(controlPlane.names().cluster(), Component.ETCD))
        .withPorts(
            servicePort("etcd-server", CLIENT_PORT, CLIENT_PORT_NAME),
            servicePort("client-peer", PEER_PORT, PEER_PORT_NAME),
            servicePort("client-metrics", METRICS_PORT, METRICS_PORT_NAME))
        .endSpec()
        .build();
  }

  private static ServicePort servicePort(String name, int port, String target) {
    return new ServicePortBuilder()
        .withName(name)
        .withProtocol("TCP")
        .withPort(port)
        .withNewTargetPort(target)
        .build();
  }

  private static ContainerPort port(String name, int port) {
    return new ContainerPortBuilder()
        .withName(name)
        .withContainerPort(port)
        .withProtocol("TCP")
        .build();
  }

  private static List<EnvVar> environment(ControlPlane controlPlane) {
    var variables = new ArrayList<EnvVar>();
    variables.add(
        new EnvVarBuilder()
            .withName("POD_NAME")
            .withNewValueFrom()
            .withNewFieldRef()
            .withFieldPath("metadata.name")
            .endFieldRef()
            .endValueFrom()
            .build());
    variables.addAll(EtcdMembershipRenderer.environment(controlPlane));
    variables.add(file("ETCDCTL_CACERT", "ca.crt"));
    variables.add(file("ETCDCTL_CERT", "server.crt"));
    variables.add(file("ETCDCTL_KEY", "server.key"));
    return variables;
  }

  private static EnvVar file(String variable, String file) {
    return new EnvVarBuilder()
        .withName(variable)
        .withValue(CERTIFICATES_DIRECTORY + "/" + file)
        .build();
  }
}
