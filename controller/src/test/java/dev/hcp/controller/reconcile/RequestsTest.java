package dev.hcp.controller.reconcile;

import static org.assertj.core.api.Assertions.assertThat;

import dev.hcp.api.v1alpha1.ControlPlaneEndpoint;
import dev.hcp.api.v1alpha1.HostedControlPlane;
import dev.hcp.controller.plan.Step;
import dev.hcp.controller.scenario.Manifests;
import dev.hcp.controller.scenario.Scenario;
import dev.hcp.render.workload.CoreDnsRenderer;
import dev.hcp.render.workload.KonnectivityAgentRenderer;
import dev.hcp.render.workload.KubeProxyRenderer;
import io.fabric8.kubernetes.api.model.HasMetadata;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/** No control plane runs without a claim to CPU and memory, even if its owner says nothing. */
final class RequestsTest {
  @Test
  void everyContainerHasRequestsByDefault() {
    var names = new HashSet<String>();
    for (var pods : Pods.of(workloads())) {
      for (var container : pods.containers()) {
        names.add(container.getName());
        assertThat(container.getResources().getRequests())
            .as("%s in %s", container.getName(), pods)
            .containsKeys("cpu", "memory")
            .allSatisfy((_, quantity) -> assertThat(quantity.getNumericalAmount()).isPositive());
      }
    }
    assertThat(names)
        .containsExactlyInAnyOrder(
            "audit-webhook",
            "coredns",
            "etcd",
            "konnectivity-agent",
            "konnectivity-server",
            "kube-apiserver",
            "kube-controller-manager",
            "kube-proxy",
            "kube-scheduler");
  }

  /** All workloads that there can be, of a control plane that sets much, but no resources. */
  private static List<HasMetadata> workloads() {
    var scenario = Scenario.named("full");
    var object = Manifests.toMap(scenario.observation().hostedControlPlane());
    scenario.with(Manifests.fromMap(withoutResources(object), HostedControlPlane.class));
    var plan = Plan.of(scenario.observation());
    var controlPlane = plan.planning().controlPlane();
    var endpoint = new ControlPlaneEndpoint("demo.example.test", 443);
    var all = new ArrayList<HasMetadata>();
    plan.steps().stream().map(Step::desired).forEach(all::addAll);
    Stream.of(
            KubeProxyRenderer.render(controlPlane, endpoint),
            CoreDnsRenderer.render(controlPlane, 3),
            KonnectivityAgentRenderer.render(controlPlane, endpoint, 3))
        .forEach(addOn -> all.addAll(addOn.desired()));
    return all;
  }

  private static Map<String, Object> withoutResources(Map<?, ?> object) {
    var rest = new LinkedHashMap<String, Object>();
    object.forEach((key, value) -> {
      if (value instanceof Map<?, ?> inner) {
        if (!key.equals("resources")) {
          rest.put((String) key, withoutResources(inner));
        }
      } else {
        rest.put((String) key, value);
      }
    });
    return rest;
  }
}
