package dev.hcp.controller.upgrade;

import dev.hcp.conditions.ConditionState;
import dev.hcp.conditions.ConditionStatus;
import dev.hcp.conditions.ConditionType;
import dev.hcp.conditions.Conditions;
import dev.hcp.conditions.Reason;
import dev.hcp.controller.plan.HostedCluster;
import dev.hcp.controller.plan.Observation;
import dev.hcp.controller.plan.Planning;
import dev.hcp.controller.plan.PodTrouble;
import dev.hcp.controller.plan.Rollout;
import dev.hcp.controller.plan.Step;
import dev.hcp.controller.plan.UpgradeCheck;
import dev.hcp.controller.plan.UpgradeCheck.Server;
import dev.hcp.controller.plan.UpgradeFindings;
import dev.hcp.model.ControlPlane;
import dev.hcp.naming.Component;
import dev.hcp.naming.Labels;
import dev.hcp.naming.Names;
import dev.hcp.version.KubeletSkew;
import dev.hcp.version.KubernetesVersion;
import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.api.model.apps.Deployment;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.stream.Collectors;

/**
 * Another minor version lies ahead of the API servers of a control plane that works. Once they are
 * on the way to it, it does not any more: what is half done is worse than what it breaks.
 *
 * @param from the version that API servers have
 * @param to the one that they shall have
 * @param findings what it would break; empty if that is not known
 * @param unreachable why nothing can be found out now; empty if that is being done
 * @param skipped whether the user wants it all the same
 */
public record Upgrade(
    KubernetesVersion from,
    KubernetesVersion to,
    Optional<UpgradeFindings> findings,
    Optional<String> unreachable,
    boolean skipped) {
  /** How many objects a message names of each kind. */
  private static final int MOST_NAMES = 5;

  /** The one that lies ahead; empty if none does. */
  public static Optional<Upgrade> ahead(Observation observed) {
    var to = KubernetesVersion.tryParse(observed.hostedControlPlane().getSpec().version());
    var apiServers = apiServers(observed);
    var from = apiServers.flatMap(Rollout::version).flatMap(KubernetesVersion::tryParse);
    if (to.isEmpty() || from.isEmpty() || !isLater(to.get(), from.get())) {
      return Optional.empty();
    }
    // Nobody uses one that has never worked, and perhaps another version is what makes it work.
    if (!observed.initialized()) {
      return Optional.empty();
    }
    var workload = observed.workload();
    return Optional.of(
        new Upgrade(
            from.get(),
            to.get(),
            workload
                .flatMap(HostedCluster::upgrade)
                .filter(findings -> findings.to().equals(to.get()))
                // Kubelets that were too old are so while nobody answers.
                .filter(findings ->
                    !findings.kubelets().isEmpty()
                        || workload.flatMap(HostedCluster::problem).isEmpty()),
            workload
                .flatMap(HostedCluster::problem)
                .or(() ->
                    apiServers.filter(rollout -> rollout.available() > 0).isPresent()
                        ? Optional.empty()
                        : Optional.of("no API server is available")),
            isSkipped(observed, to.get())));
  }

  private static boolean isLater(KubernetesVersion to, KubernetesVersion from) {
    return to.major() > from.major() || (to.major() == from.major() && to.minor() > from.minor());
  }

  private static Optional<Rollout> apiServers(Observation observed) {
    return observed
        .objects()
        .get(Deployment.class, new Names(observed.cluster().getMetadata().getName()).apiServer())
        .map(Rollout::of);
  }

  private static boolean isSkipped(Observation observed, KubernetesVersion to) {
    return Optional.ofNullable(observed.hostedControlPlane().getMetadata().getAnnotations())
        .flatMap(all -> Optional.ofNullable(all.get(Labels.SKIP_UPGRADE_CHECKS_ANNOTATION)))
        .flatMap(KubernetesVersion::tryParse)
        .filter(version -> version.minorName().equals(to.minorName()))
        .isPresent();
  }

  /** Whether everything stays at the version that it has. */
  public boolean isHeld() {
    return findings
        .map(found -> !found.kubelets().isEmpty() || !(skipped || found.isClearButForKubelets()))
        // Kubelets are looked at in any case, as long as somebody answers.
        .orElse(!skipped || unreachable.isEmpty());
  }

  /** What to find out of the hosted cluster; empty if no other minor version lies ahead. */
  public static Optional<UpgradeCheck> check(Planning planning) {
    return ahead(planning.observed())
        .map(upgrade -> new UpgradeCheck(upgrade.to(), servers(planning), word(planning)));
  }

  private static String word(Planning planning) {
    var metadata = planning.observed().hostedControlPlane().getMetadata();
    return "%d %s"
        .formatted(
            metadata.getGeneration(),
            Optional.ofNullable(metadata.getAnnotations())
                .map(all -> all.get(Labels.SKIP_UPGRADE_CHECKS_ANNOTATION))
                .orElse(""));
  }

  /** All that run, ready or not: each remembers by itself what it was asked for. */
  private static List<Server> servers(Planning planning) {
    return PodTrouble.pods(planning.objects(), Component.API_SERVER).stream()
        .filter(PodTrouble::mayRun)
        .flatMap(pod ->
            address(pod)
                .map(address ->
                    new Server(
                        pod.getMetadata().getName(),
                        address,
                        ControlPlane.API_SERVER_PORT,
                        planning.controlPlane().internalHost()))
                .stream())
        .sorted(Comparator.comparing(Server::pod))
        .toList();
  }

  private static Optional<String> address(Pod pod) {
    return Optional.ofNullable(pod.getStatus().getPodIP()).filter(ip -> !ip.isEmpty());
  }

  /**
   * Says what holds back another minor version; empty if nothing does. A controller that has just
   * started repeats what was said before it could look.
   */
  public static Optional<Step> plan(Planning planning) {
    return ahead(planning.observed())
        .filter(Upgrade::isHeld)
        .map(upgrade ->
            upgrade.isUnknown() ? said(planning).orElseGet(upgrade::state) : upgrade.state())
        .map(state -> new Step(state, List.of()));
  }

  private boolean isUnknown() {
    return findings.isEmpty() && unreachable.isEmpty();
  }

  /** What is published of this generation of the spec. */
  private static Optional<ConditionState> said(Planning planning) {
    var object = planning.observed().hostedControlPlane();
    return Optional.ofNullable(object.getStatus())
        .flatMap(status -> Optional.ofNullable(status.conditions()))
        .flatMap(conditions ->
            Conditions.state(
                conditions, ConditionType.UPGRADE_BLOCKED, object.getMetadata().getGeneration()));
  }

  private ConditionState state() {
    if (findings.isEmpty()) {
      return new ConditionState(
          ConditionType.UPGRADE_BLOCKED,
          ConditionStatus.UNKNOWN,
          Reason.UPGRADE_NOT_CHECKED,
          "The control plane stays at %s until it is known what %s would break%s"
              .formatted(
                  from,
                  to,
                  unreachable
                      .map(why -> ". That is tried again: " + why + skippable())
                      .orElse(": the hosted cluster is being looked at")));
    }
    var found = findings.get();
    var parts = new ArrayList<String>();
    if (!found.kubelets().isEmpty()) {
      parts.add(
          "kubelets must be at least v%d.%d, so bring these nodes there: %s"
              .formatted(to.major(), KubeletSkew.oldestMinor(to), names(found.kubelets())));
    }
    if (!skipped && !found.apis().isEmpty()) {
      parts.add(
          ("somebody has used APIs that %s does not serve; API servers remember that until they"
                  + " start anew, for which there is spec.rollout.after: %s")
              .formatted(to.minorName(), names(found.apis())));
    }
    if (!skipped && !found.webhooks().isEmpty()) {
      parts.add(
          "webhooks must answer, since their failurePolicy is Fail: %s"
              .formatted(names(found.webhooks())));
    }
    if (!skipped) {
      found.problem().ifPresent(parts::add);
    }
    return new ConditionState(
        ConditionType.UPGRADE_BLOCKED,
        ConditionStatus.TRUE,
        reason(found),
        "The control plane stays at %s, and goes on to %s by itself once that is mended: %s%s"
            .formatted(
                from,
                to,
                String.join("; ", parts),
                skipped || found.isClearButForKubelets() ? "" : skippable()));
  }

  private Reason reason(UpgradeFindings found) {
    if (!found.kubelets().isEmpty()) {
      return Reason.KUBELETS_TOO_OLD;
    }
    if (!found.apis().isEmpty()) {
      return Reason.DEPRECATED_APIS_IN_USE;
    }
    return found.webhooks().isEmpty() ? Reason.UPGRADE_NOT_CHECKED : Reason.WEBHOOKS_UNAVAILABLE;
  }

  private String skippable() {
    return ". Annotation %s: %s has it go on without%s"
        .formatted(
            Labels.SKIP_UPGRADE_CHECKS_ANNOTATION,
            to.minorName(),
            findings.filter(found -> !found.kubelets().isEmpty()).isPresent()
                ? ", but for kubelets"
                : "");
  }

  private static String names(List<String> objects) {
    int more = objects.size() - MOST_NAMES;
    return objects.stream().limit(MOST_NAMES).collect(Collectors.joining(", "))
        + (more > 0 ? " and %d more".formatted(more) : "");
  }
}
