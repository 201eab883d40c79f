package dev.hcp.e2e;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.fasterxml.jackson.databind.node.TextNode;
import dev.hcp.conditions.ConditionType;
import dev.hcp.naming.Labels;
import java.time.Duration;
import java.time.Instant;
import java.util.Set;
import java.util.TreeSet;
import java.util.function.Predicate;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Order;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

/** What the controller runs on the nodes of a hosted cluster, as the user wants it. */
@Order(72)
@ExtendWith({BedExtension.class, ClusterWithNodesExtension.class})
final class AddOnsIT {
  private static final Duration DEADLINE = Duration.ofMinutes(2);
  private static final Duration SEVERAL_PASSES = Duration.ofSeconds(10);
  private static final Predicate<String> IS_ADD_ON =
      Pattern.compile("kube-proxy|node-proxier|coredns|kube-dns|konnectivity-agent").asPredicate();
  private static final String KINDS =
      "serviceaccounts,configmaps,services,daemonsets,deployments,poddisruptionbudgets,"
          + "roles,rolebindings,clusterroles,clusterrolebindings,networkpolicies";

  private final Bed bed;
  private final ClusterWithNodes cluster;

  AddOnsIT(Bed bed, ClusterWithNodes cluster) {
    this.bed = bed;
    this.cluster = cluster;
  }

  @Test
  void disabledAddOnsAreRemovedWithAllTheirObjectsAndComeBack() {
    var before = addOns();
    assertThat(before)
        .contains(
            "DaemonSet kube-system/kube-proxy",
            "ConfigMap kube-system/kube-proxy",
            "ServiceAccount kube-system/kube-proxy",
            "Deployment kube-system/coredns",
            "Service kube-system/kube-dns",
            "ClusterRole /system:coredns",
            "Deployment kube-system/konnectivity-agent");
    cluster.patchControlPlane(
        """
        {"kubeProxy": {"disabled": true}, "coredns": {"disabled": true},
         "konnectivityClient": {"disabled": true}}
        """);
    await("nothing of the add-ons is left")
        .atMost(DEADLINE)
        .untilAsserted(() -> {
          assertThat(addOns()).isEmpty();
          assertThat(podsOfAddOns()).isEmpty();
        });
    HostedClustersExtension.awaitReady(cluster.controlPlane(), DEADLINE);
    for (var condition :
        Set.of(
            ConditionType.WORKLOAD_KUBE_PROXY,
            ConditionType.WORKLOAD_COREDNS,
            ConditionType.WORKLOAD_KONNECTIVITY)) {
      assertThat(cluster.controlPlane().condition(condition).orElseThrow().message())
          .contains("Disabled");
    }

    cluster.patchControlPlane(
        """
        {"kubeProxy": {"disabled": null}, "coredns": null, "konnectivityClient": null}
        """);
    await("the add-ons are what they were")
        .atMost(DEADLINE)
        .untilAsserted(() -> assertThat(addOns()).isEqualTo(before));
    HostedClustersExtension.awaitReady(cluster.controlPlane(), DEADLINE);
  }

  @Test
  void namesThatTheUserAddsAreAnsweredAndStay() {
    var corefile =
        configOfCoreDns()
            .replace(
                "    ready\n",
                "    ready\n    hosts {\n        192.0.2.7 printer.example.test\n        fallthrough\n    }\n");
    assertThat(corefile).contains("printer");
    cluster.patchControlPlane(
        "{\"coredns\": {\"corefile\": %s}}".formatted(TextNode.valueOf(corefile)));
    await("CoreDNS is configured").atMost(DEADLINE).until(() -> configOfCoreDns().equals(corefile));
    // It would read the file again by itself, but the kubelet takes a minute to bring it.
    cluster
        .kubectl("delete", "pod", "--namespace=kube-system", "--selector=k8s-app=kube-dns")
        .check();
    cluster.apply(
        """
        apiVersion: v1
        kind: Pod
        metadata: {name: asking, namespace: default}
        spec:
          terminationGracePeriodSeconds: 0
          containers:
            - {name: asking, image: "docker.io/library/toolbox:1", command: [sleep, "3600"]}
        """);
    await("the name is answered")
        .atMost(DEADLINE)
        .untilAsserted(() -> assertThat(lookup("printer.example.test")).contains("192.0.2.7"));
    assertThat(lookup("kubernetes.default.svc.cluster.local")).contains("10.134.0.1");

    aPassIsDue();
    await("passes leave it alone")
        .during(SEVERAL_PASSES)
        .atMost(SEVERAL_PASSES.multipliedBy(2))
        .until(() -> configOfCoreDns().equals(corefile));
    cluster.patchControlPlane("{\"coredns\": null}");
    await("the default is back")
        .atMost(DEADLINE)
        .until(() -> !configOfCoreDns().contains("printer"));
    cluster.kubectl("delete", "pod", "asking", "--namespace=default").check();
    HostedClustersExtension.awaitReady(cluster.controlPlane(), DEADLINE);
  }

  private void aPassIsDue() {
    bed.kubectl("annotate", "hcp", ClusterWithNodes.NAME, "--namespace", ClusterWithNodes.NAME)
        .with("--overwrite", "example.test/touched=" + Instant.now())
        .check();
  }

  private String lookup(String name) {
    return cluster
        .kubectl("exec", "asking", "--namespace=default", "--", "nslookup", name)
        .run()
        .output();
  }

  private String configOfCoreDns() {
    return cluster
        .client()
        .configMaps()
        .inNamespace("kube-system")
        .withName("coredns")
        .get()
        .getData()
        .get("Corefile");
  }

  /** The objects of the add-ons, as kind, namespace and name. */
  private Set<String> addOns() {
    return cluster
        .kubectl("get", KINDS, "--all-namespaces")
        .with("--selector=%s=%s".formatted(Labels.MANAGED_BY, Labels.MANAGER))
        .with(
            "--output=jsonpath={range .items[*]}{.kind} {.metadata.namespace}/{.metadata.name}{\"\\n\"}{end}")
        .output()
        .lines()
        .filter(IS_ADD_ON)
        .collect(Collectors.toCollection(TreeSet::new));
  }

  private Set<String> podsOfAddOns() {
    return cluster.client().pods().inNamespace("kube-system").list().getItems().stream()
        .map(pod -> pod.getMetadata().getName())
        .filter(IS_ADD_ON)
        .collect(Collectors.toSet());
  }
}
