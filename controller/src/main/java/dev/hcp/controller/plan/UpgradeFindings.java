package dev.hcp.controller.plan;

import dev.hcp.version.KubernetesVersion;
import java.util.List;
import java.util.Optional;

/**
 * What was found in a hosted cluster that another minor version of the API server would break.
 *
 * @param to the version
 * @param kubelets nodes whose kubelets are too old for it, with their versions
 * @param apis APIs that it does not serve, and that somebody has asked for, with who was asked
 * @param webhooks webhooks that have to be asked and cannot answer, with why
 * @param problem what could not be found out; empty if all was
 */
public record UpgradeFindings(
    KubernetesVersion to,
    List<String> kubelets,
    List<String> apis,
    List<String> webhooks,
    Optional<String> problem) {
  /** Copies the lists. */
  public UpgradeFindings {
    kubelets = List.copyOf(kubelets);
    apis = List.copyOf(apis);
    webhooks = List.copyOf(webhooks);
  }

  /** Whether all was looked at, and nothing speaks against the version. */
  public boolean isClear() {
    return kubelets.isEmpty() && isClearButForKubelets();
  }

  /** The same without what is said of kubelets. */
  public boolean isClearButForKubelets() {
    return apis.isEmpty() && webhooks.isEmpty() && problem.isEmpty();
  }
}
