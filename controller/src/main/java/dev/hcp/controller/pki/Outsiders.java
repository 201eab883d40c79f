package dev.hcp.controller.pki;

import dev.hcp.conditions.ConditionType;
import dev.hcp.controller.kubeconfig.Kubeconfigs;
import dev.hcp.controller.plan.Action;
import dev.hcp.controller.plan.HostedCluster;
import dev.hcp.controller.plan.Planning;
import dev.hcp.controller.plan.TrustCheck;
import dev.hcp.controller.plan.TrustFindings;
import dev.hcp.model.SecretText;
import dev.hcp.render.pki.AuthorityKeys;
import dev.hcp.render.pki.Heir;
import dev.hcp.render.pki.PkiRenderer;
import dev.hcp.render.pki.Root;
import dev.hcp.render.workload.BootstrapRenderer;
import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.List;
import java.util.Optional;

/**
 * Who has to follow a rotation of the Kubernetes CA besides the pods of the control plane:
 * kubeconfigs, and what runs in the hosted cluster.
 *
 * @param check what to find out in the hosted cluster; empty if nothing
 * @param untold who has not been given yet what is published, in words; empty if nobody
 * @param unjoined which nodes have not joined by the heir, in words; empty if all have, or there is
 *     none
 * @param due when nodes begin to count; empty if that does not matter
 * @param actions machines to be looked at and replaced
 */
record Outsiders(
    Optional<TrustCheck> check,
    Optional<String> untold,
    Optional<String> unjoined,
    Optional<Instant> due,
    List<Action> actions) {
  /** Nobody. */
  static final Outsiders NONE =
      new Outsiders(
          Optional.empty(), Optional.empty(), Optional.empty(), Optional.empty(), List.of());

  private static final int MOST_NAMES = 3;

  /**
   * What a kubelet takes at most from its certificate to its Node, and by which clocks differ: a
   * node that appears later has a certificate of the heir.
   */
  private static final Duration SETTLE = Duration.ofMinutes(2);

  private static final List<ConditionType> ADD_ONS =
      List.of(
          ConditionType.WORKLOAD_KUBE_PROXY,
          ConditionType.WORKLOAD_COREDNS,
          ConditionType.WORKLOAD_KONNECTIVITY);

  /** Copies the list. */
  Outsiders {
    actions = List.copyOf(actions);
  }

  /** Those of a CA as it is found; nobody unless it is rotated. */
  static Outsiders of(Planning planning, Root root, AuthorityKeys found, Optional<String> request) {
    if (root != Root.KUBERNETES || found.pairs().isEmpty() || !isUnderWay(found, request)) {
      return NONE;
    }
    var check = check(found);
    var replacing = replacing(planning, check);
    return new Outsiders(
        Optional.of(check),
        untold(planning, found, check),
        unjoined(planning, found, check, replacing),
        check.joined().filter(time -> time.isAfter(planning.observed().at())),
        replacing.map(MachineReplacement::actions).orElse(List.of()));
  }

  private static boolean isUnderWay(AuthorityKeys found, Optional<String> request) {
    var rotation = found.rotation();
    return rotation.isAsked(request)
        || rotation.started().isPresent()
        || found.heir().isPresent()
        || !found.order().older().isEmpty();
  }

  private static TrustCheck check(AuthorityKeys found) {
    return new TrustCheck(
        found.heir().isEmpty() ? Optional.of(pem(found)) : Optional.empty(),
        found.heir().flatMap(Heir::since).map(Outsiders::joined),
        found.rotation().answered().orElse(""));
  }

  /** In whole seconds, as everybody writes such times. */
  private static Instant joined(Instant since) {
    return since.plus(SETTLE).truncatedTo(ChronoUnit.SECONDS).plusSeconds(1);
  }

  private static String pem(AuthorityKeys found) {
    return SecretText.read(found.published(), PkiRenderer.BUNDLE_KEY).orElseThrow();
  }

  private static Optional<String> untold(Planning planning, AuthorityKeys found, TrustCheck check) {
    var kubeconfigs = Kubeconfigs.outdated(planning);
    if (!kubeconfigs.isEmpty()) {
      return Optional.of("Secrets with kubeconfigs to be written: %s".formatted(some(kubeconfigs)));
    }
    return unknown(planning, check)
        .or(() -> {
          var hosted = planning.observed().workload().orElseThrow();
          if (!isInformed(planning, found, hosted)) {
            return Optional.of("ConfigMap cluster-info of the hosted cluster to be written");
          }
          return hosted
              .trust()
              .filter(findings -> !findings.namespaces().isEmpty())
              .map(findings ->
                  "the controller-manager to write ConfigMap kube-root-ca.crt of namespaces %s of the hosted cluster"
                      .formatted(some(findings.namespaces())));
        });
  }

  /** Why it is not known how things are in the hosted cluster; empty if it is. */
  private static Optional<String> unknown(Planning planning, TrustCheck check) {
    var hosted = planning.observed().workload();
    return hosted
        .flatMap(HostedCluster::problem)
        .map("the hosted cluster to answer: %s"::formatted)
        .or(() -> {
          var findings =
              hosted.flatMap(HostedCluster::trust).filter(found -> found.check().equals(check));
          return findings.isEmpty()
              ? Optional.of("the hosted cluster to be looked at")
              : findings
                  .flatMap(TrustFindings::problem)
                  .map("the hosted cluster to be looked at: %s"::formatted);
        });
  }

  private static boolean isInformed(Planning planning, AuthorityKeys found, HostedCluster hosted) {
    var endpoint = planning.reach().endpoint();
    var outcome = hosted.outcomes().get(ConditionType.WORKLOAD_CLUSTER_INFO);
    return endpoint != null
        && outcome != null
        && outcome.failure().isEmpty()
        && outcome
            .part()
            .desired()
            .contains(
                BootstrapRenderer.clusterInfo(
                    endpoint, found.published().getOrDefault(PkiRenderer.BUNDLE_KEY, "")));
  }

  /** What becomes of the machines of nodes that have joined too early; empty if there is none. */
  private static Optional<MachineReplacement> replacing(Planning planning, TrustCheck check) {
    return check
        .joined()
        .filter(time -> !time.isAfter(planning.observed().at()))
        .filter(_ -> unknown(planning, check).isEmpty())
        .flatMap(time ->
            planning
                .observed()
                .workload()
                .flatMap(HostedCluster::trust)
                .filter(findings -> !findings.older().isEmpty())
                .map(findings ->
                    MachineReplacement.of(planning, findings.older(), time, check.request())));
  }

  private static Optional<String> unjoined(
      Planning planning,
      AuthorityKeys found,
      TrustCheck check,
      Optional<MachineReplacement> replacing) {
    if (check.joined().isEmpty()) {
      return Optional.empty();
    }
    var unknown = unknown(planning, check);
    if (unknown.isPresent()) {
      return unknown;
    }
    var hosted = planning.observed().workload().orElseThrow();
    var findings = hosted.trust().orElseThrow();
    var joined = check.joined().get();
    if (findings.nodes() == 0) {
      return Optional.empty();
    }
    if (planning.observed().at().isBefore(joined)) {
      return Optional.of("%s: nodes that join from then on need no more".formatted(joined));
    }
    if (!findings.older().isEmpty()) {
      return Optional.of(
          "all nodes to have joined after %s, which %d of %d have (not %s)%s"
              .formatted(
                  joined,
                  findings.nodes() - findings.older().size(),
                  findings.nodes(),
                  some(findings.older()),
                  replacing.map(machines -> ": " + machines.description()).orElse("")));
    }
    return ADD_ONS.stream()
        .filter(condition -> !isReplaced(found, hosted, condition))
        .findFirst()
        .map(condition ->
            "pods of an add-on in the hosted cluster to be replaced: see condition %s"
                .formatted(condition.value()));
  }

  private static boolean isReplaced(
      AuthorityKeys found, HostedCluster hosted, ConditionType condition) {
    var outcome = hosted.outcomes().get(condition);
    var trust = found.trust(Root.KUBERNETES);
    return outcome != null
        && outcome.isComplete()
        && outcome.part().desired().stream()
            .allMatch(object -> trust.inHostedCluster(object).equals(object));
  }

  /** The first few of some names. */
  static String some(List<String> names) {
    var first = String.join(", ", names.stream().limit(MOST_NAMES).toList());
    return names.size() <= MOST_NAMES
        ? first
        : "%s and %d more".formatted(first, names.size() - MOST_NAMES);
  }
}
