package dev.hcp.controller.etcd;

import dev.hcp.conditions.ConditionState;
import dev.hcp.conditions.ConditionType;
import dev.hcp.conditions.Reason;
import dev.hcp.controller.plan.EtcdAccess;
import dev.hcp.controller.plan.LiveObjects;
import dev.hcp.controller.plan.Planning;
import dev.hcp.controller.plan.PodTrouble;
import dev.hcp.controller.plan.Rollout;
import dev.hcp.controller.plan.Step;
import dev.hcp.controller.plan.Workloads;
import dev.hcp.model.ControlPlane;
import dev.hcp.naming.Component;
import dev.hcp.naming.Names;
import dev.hcp.render.etcd.EtcdRenderer;
import dev.hcp.render.pki.PkiRenderer;
import io.fabric8.kubernetes.api.model.HasMetadata;
import io.fabric8.kubernetes.api.model.Quantity;
import io.fabric8.kubernetes.api.model.Secret;
import io.fabric8.kubernetes.api.model.apps.StatefulSet;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.IntStream;

/** Plans etcd. */
public final class Etcd {
  private Etcd() {}

  /** The step. */
  public static Step plan(Planning planning) {
    var controlPlane = planning.controlPlane();
    var set = EtcdRenderer.statefulSet(controlPlane, volumeSize(planning));
    var workload =
        Workloads.step(
            planning,
            Component.ETCD,
            set,
            EtcdRenderer.disruptionBudget(controlPlane),
            state(planning.objects(), controlPlane.names()));
    var desired = new ArrayList<HasMetadata>();
    desired.add(EtcdRenderer.peerService(controlPlane));
    desired.add(EtcdRenderer.clientService(controlPlane));
    desired.addAll(workload.desired());
    return new Step(workload.state(), desired, workload.obsolete(), List.of());
  }

  /**
   * Whether etcd runs the wanted version everywhere, so that what depends on it may move on.
   *
   * @param desired what is wanted
   */
  public static boolean settled(LiveObjects objects, ControlPlane desired) {
    return objects
        .get(StatefulSet.class, desired.names().etcd())
        .map(live ->
            Rollout.of(live).complete()
                && image(live).equals(image(EtcdRenderer.statefulSet(desired, size(live)))))
        .orElse(false);
  }

  /** Whether enough members are ready to serve. */
  public static boolean hasQuorum(LiveObjects objects, Names names) {
    return objects
        .get(StatefulSet.class, names.etcd())
        .map(Rollout::of)
        .filter(rollout -> rollout.ready() >= quorum(rollout.wanted()))
        .isPresent();
  }

  /**
   * How the members are reached as the controller; empty while the certificates for that are not
   * there yet.
   */
  public static Optional<EtcdAccess> access(LiveObjects objects, ControlPlane controlPlane) {
    var names = controlPlane.names();
    var authorities = pem(objects, names.bundle(names.etcdCa()), PkiRenderer.BUNDLE_KEY);
    var certificate = pem(objects, names.etcdControllerClientCertificate(), "tls.crt");
    var key = pem(objects, names.etcdControllerClientCertificate(), "tls.key");
    if (authorities.isEmpty() || certificate.isEmpty() || key.isEmpty()) {
      return Optional.empty();
    }
    return Optional.of(
        new EtcdAccess(
            IntStream.range(0, controlPlane.etcdMembers())
                .mapToObj(i ->
                    new EtcdAccess.Endpoint(
                        names.etcdMember(i),
                        controlPlane.etcdMemberHost(i),
                        EtcdRenderer.CLIENT_PORT))
                .toList(),
            authorities.get(),
            certificate.get(),
            key.get()));
  }

  private static Optional<String> pem(LiveObjects objects, String secret, String key) {
    return objects
        .get(Secret.class, secret)
        .map(Secret::getData)
        .flatMap(data -> Optional.ofNullable(data.get(key)))
        .map(encoded -> new String(Base64.getDecoder().decode(encoded), StandardCharsets.US_ASCII));
  }

  /** Size of the data volumes. A claim template cannot be changed, so what is there stays. */
  public static Quantity volumeSize(Planning planning) {
    return planning
        .objects()
        .get(StatefulSet.class, planning.controlPlane().names().etcd())
        .map(Etcd::size)
        .orElseGet(() ->
            Optional.ofNullable(planning.controlPlane().etcd())
                .flatMap(settings -> Optional.ofNullable(settings.volumeSize()))
                // Zero is what serialisers write for a size that is not set.
                .filter(size -> size.getNumericalAmount().signum() > 0)
                .orElse(EtcdRenderer.INITIAL_VOLUME_SIZE));
  }

  private static ConditionState state(LiveObjects objects, Names names) {
    var live = objects.get(StatefulSet.class, names.etcd());
    if (live.isEmpty()) {
      return ConditionState.not(
          ConditionType.ETCD,
          Reason.NOT_CREATED,
          "StatefulSet %s is being created".formatted(names.etcd()));
    }
    var rollout = Rollout.of(live.get());
    if (rollout.complete()) {
      return ConditionState.done(
          ConditionType.ETCD, "All %d members serve".formatted(rollout.wanted()));
    }
    boolean quorum = rollout.ready() >= quorum(rollout.wanted());
    return ConditionState.not(
        ConditionType.ETCD,
        quorum ? Reason.MEMBERS_NOT_READY : Reason.QUORUM_LOST,
        "%d of %d members are ready, %d are needed%s"
            .formatted(
                rollout.ready(),
                rollout.wanted(),
                quorum(rollout.wanted()),
                PodTrouble.describe(objects, Component.ETCD).map(t -> "; " + t).orElse("")));
  }

  private static int quorum(int members) {
    return members / 2 + 1;
  }

  private static String image(StatefulSet set) {
    return set.getSpec().getTemplate().getSpec().getContainers().getFirst().getImage();
  }

  private static Quantity size(StatefulSet set) {
    return set.getSpec().getVolumeClaimTemplates().stream()
        .flatMap(claim -> claim.getSpec().getResources().getRequests().entrySet().stream())
        .filter(request -> request.getKey().equals("storage"))
        .map(Map.Entry::getValue)
        .findFirst()
        .orElse(EtcdRenderer.INITIAL_VOLUME_SIZE);
  }
}
