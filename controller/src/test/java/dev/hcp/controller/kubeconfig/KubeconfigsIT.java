package dev.hcp.controller.kubeconfig;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import dev.hcp.api.certmanager.Certificate;
import dev.hcp.controller.plan.Step;
import dev.hcp.controller.reconcile.Plan;
import dev.hcp.controller.scenario.Scenario;
import dev.hcp.controller.testing.ClientPki;
import dev.hcp.controller.testing.ManagementApiServer;
import dev.hcp.model.Lists;
import io.fabric8.kubernetes.api.model.HasMetadata;
import io.fabric8.kubernetes.api.model.Secret;
import io.fabric8.kubernetes.api.model.SecretBuilder;
import io.fabric8.kubernetes.api.model.authentication.SelfSubjectReview;
import io.fabric8.kubernetes.api.model.rbac.ClusterRoleBindingBuilder;
import io.fabric8.kubernetes.api.model.rbac.ClusterRoleBuilder;
import io.fabric8.kubernetes.client.Config;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.KubernetesClientBuilder;
import io.fabric8.kubernetes.client.KubernetesClientException;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Base64;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.io.TempDir;

/** What the kubeconfig of a user opens, at a real API server. */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
final class KubeconfigsIT {
  private static final Duration DEADLINE = Duration.ofSeconds(30);
  private static final String INTERNAL = "https://s-demo.clusters.svc:443";

  @TempDir static Path directory;

  private final ClientPki pki = new ClientPki();
  private ManagementApiServer server;

  @BeforeAll
  void start() throws IOException {
    var authority = Files.writeString(directory.resolve("clients.crt"), pki.authority());
    server = ManagementApiServer.start(_ -> List.of("--client-ca-file=" + authority));
  }

  @AfterAll
  void stop() {
    server.close();
  }

  @Test
  void itsUserIsWhomTheEntryNamesAndMayWhatRolesSay() throws IOException {
    try (var user = open(kubeconfig());
        var admin = server.client()) {
      var info = user.resource(new SelfSubjectReview()).create().getStatus().getUserInfo();
      assertThat(info.getUsername()).isEqualTo("jane@example.com");
      assertThat(info.getGroups())
          .containsExactlyInAnyOrder("viewers", "on-call", "system:authenticated");
      assertRefused(() -> user.namespaces().list());

      var _ =
          admin
              .resource(
                  new ClusterRoleBuilder()
                      .withNewMetadata()
                      .withName("namespaces")
                      .endMetadata()
                      .addNewRule()
                      .withApiGroups("")
                      .withResources("namespaces")
                      .withVerbs("list")
                      .endRule()
                      .build())
              .create();
      var _ =
          admin
              .resource(
                  new ClusterRoleBindingBuilder()
                      .withNewMetadata()
                      .withName("on-call")
                      .endMetadata()
                      .withNewRoleRef("rbac.authorization.k8s.io", "ClusterRole", "namespaces")
                      .addNewSubject("rbac.authorization.k8s.io", "Group", "on-call", null)
                      .build())
              .create();
      await("the binding counts")
          .atMost(DEADLINE)
          .ignoreExceptionsInstanceOf(KubernetesClientException.class)
          .untilAsserted(() -> assertThat(user.namespaces().list().getItems()).isNotEmpty());
      assertRefused(() -> user.secrets().inNamespace("default").list());
    }
  }

  private static void assertRefused(Runnable request) {
    assertThatThrownBy(request::run)
        .isInstanceOfSatisfying(
            KubernetesClientException.class, e -> assertThat(e.getCode()).isEqualTo(403));
  }

  /** As it is rendered, once cert-manager has issued the certificate that is rendered with it. */
  private String kubeconfig() throws IOException {
    var scenario =
        Scenario.named("minimal")
            .spec(
                "kubeconfigs: [{name: viewer, user: jane@example.com, groups: [viewers, on-call],"
                    + " server: Internal}]");
    var wanted = find(scenario, Certificate.class, "demo-kubeconfig-viewer-client").getSpec();
    var subject = wanted.subject();
    assertThat(subject).isNotNull();
    scenario.with(
        secret(
            wanted.secretName(),
            pki.secret(wanted.commonName(), Lists.orEmpty(subject.organizations()))));
    scenario.with(
        secret(
            "demo-ca-bundle",
            Map.of("ca.crt", Files.readString(Path.of(server.config().getCaCertFile())))));
    var encoded = find(scenario, Secret.class, "demo-kubeconfig-viewer").getData().get("value");
    var text = new String(Base64.getDecoder().decode(encoded), StandardCharsets.UTF_8);
    assertThat(text).contains(INTERNAL);
    return text.replace(INTERNAL, server.config().getMasterUrl());
  }

  private static KubernetesClient open(String kubeconfig) {
    var config = Config.fromKubeconfig(kubeconfig);
    config.setClientKeyAlgo("EC");
    return new KubernetesClientBuilder().withConfig(config).build();
  }

  private static Secret secret(String name, Map<String, String> text) {
    var data = new HashMap<String, String>();
    text.forEach((key, value) ->
        data.put(key, Base64.getEncoder().encodeToString(value.getBytes(StandardCharsets.UTF_8))));
    return new SecretBuilder()
        .withNewMetadata()
        .withNamespace("clusters")
        .withName(name)
        .endMetadata()
        .withData(data)
        .build();
  }

  private static <T extends HasMetadata> T find(Scenario scenario, Class<T> type, String name) {
    return Plan.of(scenario.observation()).steps().stream()
        .map(Step::desired)
        .flatMap(List::stream)
        .filter(type::isInstance)
        .map(type::cast)
        .filter(object -> object.getMetadata().getName().equals(name))
        .findFirst()
        .orElseThrow(() -> new AssertionError("Not wanted: " + name));
  }
}
