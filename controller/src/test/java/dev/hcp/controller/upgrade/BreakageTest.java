package dev.hcp.controller.upgrade;

import static org.assertj.core.api.Assertions.assertThat;

import dev.hcp.controller.kube.HostedKube.DeprecatedApi;
import dev.hcp.controller.kube.HostedKube.RequiredWebhook;
import dev.hcp.controller.kube.HostedKube.WebhookService;
import dev.hcp.version.KubernetesVersion;
import io.fabric8.kubernetes.api.model.Node;
import io.fabric8.kubernetes.api.model.NodeBuilder;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.junit.jupiter.api.Test;

/** What another minor version breaks. */
final class BreakageTest {
  private static final KubernetesVersion TO = KubernetesVersion.parse("v1.36.3");

  private static Node node(String name, String kubelet) {
    return new NodeBuilder()
        .withNewMetadata()
        .withName(name)
        .endMetadata()
        .withNewStatus()
        .withNewNodeInfo()
        .withKubeletVersion(kubelet)
        .endNodeInfo()
        .endStatus()
        .build();
  }

  private static DeprecatedApi api(String group, String resource, String removed) {
    return new DeprecatedApi(group, "v1beta1", resource, "", removed);
  }

  @Test
  void kubeletsMayBeThreeMinorVersionsOlder() {
    var silent = new NodeBuilder().withNewMetadata().withName("silent").endMetadata().build();
    assertThat(
            Breakage.kubelets(
                TO,
                List.of(
                    node("b", "v1.32.9"),
                    node("c", "v1.33.0"),
                    node("a", "v1.31.4-eks-1"),
                    node("odd", "banana"),
                    silent)))
        .containsExactly("Node a (v1.31.4-eks-1)", "Node b (v1.32.9)");
  }

  @Test
  void apisCountThatTheVersionRemoves() {
    var removed = api("flows.example", "schemas", "1.36");
    assertThat(
            Breakage.apis(
                TO,
                Map.of(
                    "pod-1", Set.of(removed, api("later.example", "things", "1.37")),
                    "pod-0", Set.of(removed, new DeprecatedApi("", "v1", "pods", "log", "1.35")),
                    "pod-2", Set.of(api("", "componentstatuses", "")))))
        .containsExactly(
            "pods/log of v1 (removed in v1.35), asked of pod-0",
            "schemas of flows.example/v1beta1 (removed in v1.36), asked of pod-0, pod-1");
  }

  @Test
  void webhooksCountThatCannotAnswer() {
    var gone = new WebhookService("ops", "gone");
    var there = new WebhookService("ops", "there");
    assertThat(
            Breakage.webhooks(
                List.of(
                    new RequiredWebhook("MutatingWebhookConfiguration", "m", "a.example", there),
                    new RequiredWebhook("ValidatingWebhookConfiguration", "v", "b.example", gone)),
                Map.of(there, Optional.empty(), gone, Optional.of("Service ops/gone is away"))))
        .containsExactly(
            "ValidatingWebhookConfiguration v, webhook b.example (Service ops/gone is away)");
  }
}
