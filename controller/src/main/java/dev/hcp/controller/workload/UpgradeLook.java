package dev.hcp.controller.workload;

import dev.hcp.controller.kube.Failures;
import dev.hcp.controller.kube.HostedKube;
import dev.hcp.controller.plan.UpgradeCheck;
import dev.hcp.controller.plan.UpgradeFindings;
import dev.hcp.controller.upgrade.Breakage;
import io.fabric8.kubernetes.api.model.Node;
import io.fabric8.kubernetes.client.KubernetesClientException;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/**
 * One look for what another minor version would break.
 *
 * @param kube requests to the hosted cluster
 * @param check what is to be found out
 * @param nodes its nodes
 */
record UpgradeLook(HostedKube kube, UpgradeCheck check, List<Node> nodes) {
  /** Far more than a cluster has that works, and little enough to be looked at in a minute. */
  private static final int MOST_CONFIGURATIONS = 500;

  private static final int MOST_SERVICES = 100;

  /** Asks all API servers. */
  UpgradeFindings find() {
    var problems = new ArrayList<String>();
    return new UpgradeFindings(
        check.to(),
        Breakage.kubelets(check.to(), nodes),
        apis(problems),
        webhooks(problems),
        problems.isEmpty() ? Optional.empty() : Optional.of(String.join("; ", problems)));
  }

  private List<String> apis(List<String> problems) {
    if (check.servers().isEmpty()) {
      problems.add("there is no API server whose metrics could be read");
    }
    var asked = new HashMap<String, Set<HostedKube.DeprecatedApi>>();
    for (var server : check.servers()) {
      try {
        asked.put(server.pod(), kube.deprecatedApis(server));
      } catch (KubernetesClientException e) {
        problems.add(
            "the metrics of pod %s cannot be read: %s".formatted(server.pod(), Failures.reason(e)));
      }
    }
    return Breakage.apis(check.to(), asked);
  }

  private List<String> webhooks(List<String> problems) {
    var why = new HashMap<HostedKube.WebhookService, Optional<String>>();
    try {
      var webhooks = kube.requiredWebhooks(MOST_CONFIGURATIONS);
      webhooks.cut().ifPresent(problems::add);
      for (var service : services(webhooks.found(), problems)) {
        why.put(service, kube.unavailable(service));
      }
      return Breakage.webhooks(webhooks.found(), Map.copyOf(why));
    } catch (KubernetesClientException e) {
      problems.add("the admission webhooks cannot be looked at: %s".formatted(Failures.reason(e)));
      return List.of();
    }
  }

  private static List<HostedKube.WebhookService> services(
      List<HostedKube.RequiredWebhook> webhooks, List<String> problems) {
    var services = webhooks.stream().map(HostedKube.RequiredWebhook::service).distinct().toList();
    if (services.size() > MOST_SERVICES) {
      problems.add(
          "admission webhooks are behind %d Services, more than the %d that are looked at"
              .formatted(services.size(), MOST_SERVICES));
    }
    return services.stream().limit(MOST_SERVICES).toList();
  }
}
