package dev.hcp.e2e;

import static org.assertj.core.api.Assertions.assertThat;

import dev.hcp.e2e.hosted.HostedCluster;
import dev.hcp.hardening.CisBenchmark;
import dev.hcp.hardening.CisCheck;
import dev.hcp.hardening.ControlPlaneProcess;
import io.fabric8.kubernetes.api.model.SecretBuilder;
import java.io.IOException;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Order;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

/** What is said of hardening holds for what runs. */
@Order(25)
@ExtendWith({BedExtension.class, HostedClustersExtension.class})
final class HardeningIT {
  private static final String CANARY = "canary-in-a-secret";

  private final Bed bed;
  private final HostedCluster demo;

  HardeningIT(Bed bed, HostedCluster demo) {
    this.bed = bed;
    this.demo = demo;
  }

  @Test
  void runningPodsPassTheBenchmarkButForWhatIsDocumented() {
    var pods = processes();
    for (var check : CisBenchmark.checks()) {
      switch (check.verdict()) {
        case CisCheck.Met(var program, _, var holds) ->
            assertThat(pods)
                .filteredOn(process -> process.program() == program)
                .as(check.toString())
                .isNotEmpty()
                .allMatch(holds);
        case CisCheck.Deviation(var program, _, _, var instead) ->
            assertThat(pods)
                .filteredOn(process -> process.program() == program)
                .as(check.toString())
                .isNotEmpty()
                .allMatch(instead);
        case CisCheck.Choice _, CisCheck.Elsewhere _ -> {}
      }
    }
  }

  /** Nothing between the pod and the process adds or takes away a flag. */
  @Test
  void processesHaveTheCommandLinesOfTheirPods() {
    var running = CommandLines.all();
    assertThat(processes())
        .filteredOn(process -> !process.commandLine().toString().contains("$("))
        .isNotEmpty()
        .allSatisfy(process ->
            assertThat(running).anyMatch(words -> isStartedBy(words, process.commandLine())));
  }

  @Test
  void etcdHoldsNoSecretInPlainText() {
    try (var client = bed.client(demo.namespace(), demo.name())) {
      var secret =
          new SecretBuilder()
              .withNewMetadata()
              .withName("canary")
              .withNamespace("default")
              .endMetadata()
              .withStringData(Map.of("canary", CANARY))
              .build();
      var _ = client.resource(secret).create();
      try {
        var stored = stored("/registry/secrets/default/canary");
        assertThat(stored).contains("k8s:enc:secretbox:v1:key-1:").doesNotContain(CANARY);
        assertThat(stored("/registry/namespaces/default"))
            .as("what is not encrypted")
            .contains("k8s");
        assertThat(client.secrets().inNamespace("default").withName("canary").get().getData())
            .containsEntry("canary", "Y2FuYXJ5LWluLWEtc2VjcmV0");
      } finally {
        var _ = client.resource(secret).delete();
      }
    }
  }

  @Test
  void whoHasNoCredentialsGetsNoFurtherThanTheProbes() throws IOException {
    var endpoint = demo.endpoint().orElseThrow();
    assertThat(endpoint.get("/readyz").status()).isEqualTo(200);
    assertThat(endpoint.get("/api/v1/namespaces/kube-public/configmaps/cluster-info").status())
        .isEqualTo(200);
    for (var path : List.of("/version", "/api", "/metrics", "/api/v1/namespaces")) {
      assertThat(endpoint.get(path).status()).as(path).isEqualTo(401);
    }
  }

  /** Where a pod gives flags only, the program comes from the image. */
  private static boolean isStartedBy(List<String> words, List<String> ofPod) {
    return words.equals(ofPod) || words.subList(1, words.size()).equals(ofPod);
  }

  private String stored(String key) {
    return bed.kubectl(
            "exec",
            demo.names().etcdMember(0),
            "--namespace",
            demo.namespace(),
            "--container",
            "etcd")
        .with("--", "etcdctl", "get", key, "--print-value-only")
        .output();
  }

  private List<ControlPlaneProcess> processes() {
    return demo.pods().stream()
        .flatMap(pod -> ControlPlaneProcess.of(pod.getSpec()).stream())
        .toList();
  }
}
