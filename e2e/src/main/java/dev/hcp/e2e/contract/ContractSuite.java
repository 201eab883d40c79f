package dev.hcp.e2e.contract;

import io.fabric8.kubernetes.client.KubernetesClient;
import java.util.ArrayList;
import java.util.List;
import java.util.OptionalInt;
import java.util.stream.Stream;

/** Tries all rules on a provider, by one of its control planes that is ready for use. */
public final class ContractSuite {
  private ContractSuite() {}

  /** All rules that only read. */
  static List<ReadRule> readRules() {
    return Stream.of(
            ResourceRules.all(),
            SpecRules.all(),
            StatusRules.all(),
            TemplateRules.all(),
            SecretRules.all(),
            ClusterctlRules.all())
        .flatMap(List::stream)
        .toList();
  }

  /**
   * Tries all rules.
   *
   * @param client of the management cluster, as its administrator
   * @param changes whether rules may be tried that change something for a while
   * @param patience how long the provider is waited for
   * @param otherReplicas to how many replicas it can be scaled meanwhile; empty to leave that out
   * @throws IllegalArgumentException if there is no such Cluster or control plane
   */
  public static ContractReport run(
      KubernetesClient client,
      Subject subject,
      boolean changes,
      Patience patience,
      OptionalInt otherReplicas) {
    return run(new ManagementApi(client), subject, changes, patience, otherReplicas);
  }

  static ContractReport run(
      Management management,
      Subject subject,
      boolean changes,
      Patience patience,
      OptionalInt otherReplicas) {
    var snapshot = new Reading(subject, management).read();
    var findings = new ArrayList<Finding>(judge(snapshot));
    findings.addAll(
        changes
            ? new Trials(snapshot, management, patience, otherReplicas).run()
            : Trials.rules().stream()
                .map(rule ->
                    new Finding(rule, Verdict.notApplicable("nothing may be changed in this run")))
                .toList());
    return new ContractReport(subject, findings);
  }

  static List<Finding> judge(Snapshot snapshot) {
    return readRules().stream()
        .map(rule -> new Finding(rule.rule(), rule.judge().apply(snapshot)))
        .toList();
  }
}
