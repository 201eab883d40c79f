package dev.hcp.controller.upgrade;

import dev.hcp.controller.kube.HostedKube.DeprecatedApi;
import dev.hcp.controller.kube.HostedKube.RequiredWebhook;
import dev.hcp.controller.kube.HostedKube.WebhookService;
import dev.hcp.version.KubeletSkew;
import dev.hcp.version.KubernetesVersion;
import io.fabric8.kubernetes.api.model.Node;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;

/** What another minor version of the API server would break, by name, sorted. */
public final class Breakage {
  private Breakage() {}

  /** Nodes whose kubelets are too old. A kubelet that does not tell its version is not. */
  public static List<String> kubelets(KubernetesVersion to, Collection<Node> nodes) {
    var found = new TreeSet<String>();
    for (var node : nodes) {
      version(node)
          .filter(version -> KubeletSkew.isTooOld(version, to))
          .ifPresent(version ->
              found.add("Node %s (%s)".formatted(node.getMetadata().getName(), version)));
    }
    return List.copyOf(found);
  }

  private static Optional<KubernetesVersion> version(Node node) {
    return node.getStatus() == null || node.getStatus().getNodeInfo() == null
        ? Optional.empty()
        : Optional.ofNullable(node.getStatus().getNodeInfo().getKubeletVersion())
            .flatMap(KubernetesVersion::tryParse);
  }

  /**
   * APIs that are not served any more.
   *
   * @param asked what API servers were asked for, by the names of their pods
   */
  public static List<String> apis(KubernetesVersion to, Map<String, Set<DeprecatedApi>> asked) {
    var pods = new TreeMap<String, TreeSet<String>>();
    asked.forEach((pod, apis) ->
        apis.stream()
            .filter(api -> isRemoved(api, to))
            .forEach(api -> pods.computeIfAbsent(describe(api), _ -> new TreeSet<>()).add(pod)));
    return pods.entrySet().stream()
        .map(e -> "%s, asked of %s".formatted(e.getKey(), String.join(", ", e.getValue())))
        .toList();
  }

  private static boolean isRemoved(DeprecatedApi api, KubernetesVersion to) {
    return KubernetesVersion.tryParse(api.removedRelease())
        .filter(removed ->
            removed.major() < to.major()
                || (removed.major() == to.major() && removed.minor() <= to.minor()))
        .isPresent();
  }

  private static String describe(DeprecatedApi api) {
    return "%s%s%s of %s (removed in v%s)"
        .formatted(
            api.resource(),
            api.subresource().isEmpty() ? "" : "/",
            api.subresource(),
            api.group().isEmpty() ? api.version() : api.group() + "/" + api.version(),
            api.removedRelease());
  }

  /**
   * Webhooks that cannot answer.
   *
   * @param why what keeps Services from answering; empty for one that can
   */
  public static List<String> webhooks(
      Collection<RequiredWebhook> webhooks, Map<WebhookService, Optional<String>> why) {
    return webhooks.stream()
        .flatMap(webhook ->
            why.getOrDefault(webhook.service(), Optional.empty()).stream()
                .map(reason ->
                    "%s %s, webhook %s (%s)"
                        .formatted(
                            webhook.kind(), webhook.configuration(), webhook.name(), reason)))
        .sorted()
        .toList();
  }
}
