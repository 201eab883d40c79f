package dev.hcp.render.etcd;

import dev.hcp.model.ControlPlane;
import dev.hcp.naming.Component;
import dev.hcp.naming.Labels;
import dev.hcp.render.Metadata;
import io.fabric8.kubernetes.api.model.ConfigMap;
import io.fabric8.kubernetes.api.model.ConfigMapBuilder;
import io.fabric8.kubernetes.api.model.EnvVar;
import io.fabric8.kubernetes.api.model.EnvVarBuilder;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Collectors;
import java.util.stream.IntStream;

/** How members of etcd learn, at each start, whether they may found a cluster or whom to join. */
public final class EtcdMembershipRenderer {
  /** Key of the ConfigMap {@link #configuration} with the number of members. */
  public static final String MEMBERS_KEY = "members";

  /**
   * Key of the ConfigMap {@link #configuration} with the state in which members without data start.
   */
  public static final String STATE_KEY = "initial-cluster-state";

  /** Value of {@link #STATE_KEY} once there is a cluster: no second one may be founded. */
  public static final String EXISTING = "existing";

  /** Key of the ConfigMap {@link #configuration} with the ordinal of the survivor. */
  public static final String SURVIVOR_KEY = "survivor";

  /** Key of the ConfigMap {@link #configuration} with the pod that the survivor had. */
  public static final String SURVIVOR_POD_KEY = "survivor-pod";

  /** Key of the ConfigMap {@link #configuration} with the number of survivals. */
  public static final String RECOVERIES_KEY = "recoveries";

  /** Key of the ConfigMap {@link #configuration} with the ordinal of the first member. */
  public static final String FIRST_KEY = "first";

  /** Key of the ConfigMap {@link #configuration} with the stage of a restoration. */
  public static final String RESTORE_STAGE_KEY = "restore-stage";

  /** Key of the ConfigMap {@link #configuration} with the identity of what asked for it. */
  public static final String RESTORE_UID_KEY = "restore-uid";

  /** Key of the ConfigMap {@link #configuration} with the name of what asked for it. */
  public static final String RESTORE_NAME_KEY = "restore-name";

  /** Key of the ConfigMap {@link #configuration} with the name of the backup. */
  public static final String RESTORE_BACKUP_KEY = "restore-backup";

  /** Key of the ConfigMap {@link #configuration} with the ordinal of the first former member. */
  public static final String FORMER_FIRST_KEY = "former-first";

  /** Key of the ConfigMap {@link #configuration} with the number of former members. */
  public static final String FORMER_MEMBERS_KEY = "former-members";

  /** Key of the ConfigMap {@link #configuration} with the state of the former cluster. */
  public static final String FORMER_STATE_KEY = "former-initial-cluster-state";

  /** Key of the ConfigMap {@link #configuration} with the identity of the last success. */
  public static final String RESTORED_UID_KEY = "restored-uid";

  /** Key of the ConfigMap {@link #configuration} with the names of all successes. */
  public static final String RESTORED_NAMES_KEY = "restored-names";

  private static final String FOUNDING = "new";
  private static final String FOUNDERS_KEY = "initial-cluster";
  private static final String FORCE_KEY = "force-new-cluster";

  private EtcdMembershipRenderer() {}

  /**
   * The ConfigMap that says how many members there are or are about to be, and lets them found a
   * cluster. Containers read it whenever they start, so no template changes with it. Without it no
   * member starts.
   *
   * <p>Once there is a cluster, a member without data does not start: nobody told it whom to join.
   *
   * @param membership what is to be recorded
   */
  public static ConfigMap configuration(ControlPlane controlPlane, Membership membership) {
    var survivor = membership.survivor();
    return new ConfigMapBuilder()
        .withMetadata(
            Metadata.of(controlPlane, controlPlane.names().etcdMembership(), Component.ETCD))
        .addToData(FIRST_KEY, Integer.toString(membership.first()))
        .addToData(MEMBERS_KEY, Integer.toString(membership.members()))
        .addToData(STATE_KEY, state(membership.founded()))
        .addToData(
            FOUNDERS_KEY,
            membership.founded() ? "" : initialCluster(controlPlane, membership.ordinals()))
        .addToData(FORCE_KEY, survivor.isPresent() ? "true" : "")
        .addToData(SURVIVOR_KEY, survivor.map(only -> Integer.toString(only.ordinal())).orElse(""))
        .addToData(SURVIVOR_POD_KEY, survivor.map(Membership.Survivor::pod).orElse(""))
        .addToData(RECOVERIES_KEY, Integer.toString(membership.recoveries()))
        .addToData(restorations(membership))
        .build();
  }

  private static String state(boolean founded) {
    return founded ? EXISTING : FOUNDING;
  }

  /** Nothing where there never was a restoration. */
  private static Map<String, String> restorations(Membership membership) {
    var data = new TreeMap<String, String>();
    membership
        .restoration()
        .ifPresent(restoration -> {
          data.put(RESTORE_UID_KEY, restoration.uid());
          data.put(RESTORE_NAME_KEY, restoration.name());
          data.put(RESTORE_BACKUP_KEY, restoration.backup());
          data.put(RESTORE_STAGE_KEY, restoration.stage().name());
          data.put(FORMER_FIRST_KEY, Integer.toString(restoration.former().first()));
          data.put(FORMER_MEMBERS_KEY, Integer.toString(restoration.former().members()));
          data.put(FORMER_STATE_KEY, state(restoration.former().founded()));
        });
    membership
        .restored()
        .ifPresent(restored -> {
          data.put(RESTORED_UID_KEY, restored.uid());
          data.put(RESTORED_NAMES_KEY, String.join(",", restored.names()));
        });
    return data;
  }

  /** Members in the form of etcd's flag {@code initial-cluster}. */
  public static String initialCluster(ControlPlane controlPlane, IntStream ordinals) {
    return ordinals
        .mapToObj(
            i -> "%s=%s".formatted(controlPlane.names().etcdMember(i), peerUrl(controlPlane, i)))
        .collect(Collectors.joining(","));
  }

  /** Where a member is reached by the others. */
  public static String peerUrl(ControlPlane controlPlane, int ordinal) {
    return "https://%s:%d".formatted(controlPlane.etcdMemberHost(ordinal), EtcdRenderer.PEER_PORT);
  }

  /** Variables by which a container reads it, and is told by its pod whom to join. */
  static List<EnvVar> environment(ControlPlane controlPlane) {
    return List.of(
        variable(controlPlane, "INITIAL_CLUSTER_STATE", STATE_KEY),
        variable(controlPlane, "FOUNDING_MEMBERS", FOUNDERS_KEY),
        variable(controlPlane, "ETCD_FORCE_NEW_CLUSTER", FORCE_KEY),
        new EnvVarBuilder()
            .withName("MEMBERS_TO_JOIN")
            .withNewValueFrom()
            .withNewFieldRef()
            .withFieldPath("metadata.annotations['%s']".formatted(Labels.JOIN_ANNOTATION))
            .endFieldRef()
            .endValueFrom()
            .build());
  }

  private static EnvVar variable(ControlPlane controlPlane, String variable, String key) {
    return new EnvVarBuilder()
        .withName(variable)
        .withNewValueFrom()
        .withNewConfigMapKeyRef()
        .withName(controlPlane.names().etcdMembership())
        .withKey(key)
        .endConfigMapKeyRef()
        .endValueFrom()
        .build();
  }
}
