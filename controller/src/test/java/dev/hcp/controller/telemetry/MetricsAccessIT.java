package dev.hcp.controller.telemetry;

import static org.assertj.core.api.Assertions.assertThat;

import dev.hcp.access.Gatekeeper;
import dev.hcp.access.KubernetesReviews;
import dev.hcp.controller.kube.ManagementClient;
import dev.hcp.controller.testing.ManagementApiServer;
import dev.hcp.controller.testing.Namespaces;
import dev.hcp.controller.testing.WithManagementApiServer;
import dev.hcp.process.BuildInfo;
import dev.hcp.process.MetricsServer;
import dev.hcp.process.TestPki;
import dev.hcp.process.TlsFiles;
import io.fabric8.kubernetes.api.model.ServiceAccountBuilder;
import io.fabric8.kubernetes.api.model.authentication.TokenRequestBuilder;
import io.fabric8.kubernetes.api.model.rbac.ClusterRoleBindingBuilder;
import io.fabric8.kubernetes.client.ConfigBuilder;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.file.Path;
import java.time.Duration;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.io.TempDir;

/** A real API server says who reads metrics, asked with the shipped role. */
@WithManagementApiServer
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class MetricsAccessIT {
  private static final String NAMESPACE = "metrics-readers";

  /** Reviews anew each time, so that what is said is what the API server says now. */
  private static final Gatekeeper.Timing AT_ONCE =
      new Gatekeeper.Timing(
          Duration.ZERO,
          Duration.ZERO,
          Duration.ofMinutes(10),
          Duration.ZERO,
          Duration.ofSeconds(30));

  private final ManagementApiServer server;
  private final KubernetesClient admin;
  private final AtomicReference<KubernetesClient> asked;
  private final TestPki pki = TestPki.generate("EC", 1);
  private final MetricsServer metrics = new MetricsServer(BuildInfo.load());
  private final Gatekeeper gatekeeper;
  private final HttpClient http = HttpClient.newBuilder().sslContext(TestPki.trusting(pki)).build();

  @TempDir static Path certificates;

  MetricsAccessIT(ManagementApiServer server) {
    this.server = server;
    this.admin = server.client();
    this.asked = new AtomicReference<>(server.controllerClient());
    this.gatekeeper = new Gatekeeper(new KubernetesReviews(asked::get), AT_ONCE);
  }

  @BeforeAll
  void serve() throws IOException {
    pki.writeTo(certificates);
    var tls = TlsFiles.open(certificates, Duration.ofMinutes(1), metrics.registry());
    metrics.serve(0, tls.sslContext(), gatekeeper);
    tls.close();
    Namespaces.apply(admin, NAMESPACE);
  }

  @AfterAll
  void close() {
    http.close();
    metrics.close();
    gatekeeper.close();
    asked.get().close();
    admin.close();
  }

  @Test
  void whoIsBoundToTheShippedRoleIsLetIn() throws Exception {
    bind("prometheus");
    assertThat(scrape(token("prometheus"))).startsWith("200 ").contains("hcp_build_info{");
    assertThat(server.auditLog())
        .anyMatch(line ->
            line.contains("/tokenreviews") && line.contains("capi-hosted-control-plane-manager"))
        .anyMatch(line -> line.contains("/subjectaccessreviews"));
  }

  @Test
  void whoIsNotIsTold() throws Exception {
    assertThat(scrape(token("stranger")))
        .isEqualTo(
            "403 system:serviceaccount:metrics-readers:stranger may not get /metrics: bind it to"
                + " the ClusterRole capi-hosted-control-plane-metrics-reader\n");
    assertThat(scrape("made.up.token"))
        .startsWith("401 the API server does not accept this token: ");
  }

  @Test
  void logLevelsAreForThoseWhoAreBoundToTheirRole() throws Exception {
    bind("operator", "capi-hosted-control-plane-log-levels");
    bind("watcher");
    var change =
        HttpRequest.newBuilder(
                URI.create(
                    "https://localhost:%d/log-levels?logger=dev.hcp.Nothing&level=debug&for=1s"
                        .formatted(metrics.port())))
            .PUT(BodyPublishers.noBody());
    assertThat(send(change, token("operator"))).startsWith("200 dev.hcp.Nothing debug until ");
    assertThat(send(change, token("watcher")))
        .isEqualTo(
            "403 system:serviceaccount:metrics-readers:watcher may not put /log-levels: bind it to"
                + " the ClusterRole capi-hosted-control-plane-log-levels\n");
  }

  @Test
  void aTokenForSomebodyElseIsRefused() throws Exception {
    bind("elsewhere");
    assertThat(scrape(tokenFor("elsewhere", "another-audience")))
        .startsWith("401 the API server does not accept this token: ");
  }

  @Test
  void whoWasLetInIsWhileTheApiServerIsAway() throws Exception {
    bind("early");
    bind("late");
    var early = token("early");
    var late = token("late");
    assertThat(scrape(early)).startsWith("200 ");
    try (var nowhere = clientOfNobody()) {
      var before = asked.getAndSet(nowhere);
      try {
        assertThat(scrape(early)).startsWith("200 ");
        assertThat(scrape(late))
            .isEqualTo("503 the API server cannot be asked who this is, try again\n");
      } finally {
        asked.set(before);
      }
    }
    assertThat(scrape(late)).startsWith("200 ");
  }

  @Test
  void aProcessWithoutTheRoleSaysSo() throws Exception {
    bind("reader");
    try (var rightless = server.clientOf("somebody", "system:authenticated")) {
      var before = asked.getAndSet(rightless);
      try {
        assertThat(scrape(token("reader")))
            .startsWith("503 this process may not ask the API server who callers are: bind")
            .contains("capi-hosted-control-plane-metrics-auth");
      } finally {
        asked.set(before);
      }
    }
  }

  private KubernetesClient clientOfNobody() {
    return ManagementClient.open(
        new ConfigBuilder(server.config()).withMasterUrl("https://127.0.0.1:1/").build(),
        Duration.ofSeconds(2),
        new ControllerMetrics(new SimpleMeterRegistry()));
  }

  private String scrape(String token) throws Exception {
    return send(
        HttpRequest.newBuilder(
            URI.create("https://localhost:%d/metrics".formatted(metrics.port()))),
        token);
  }

  private String send(HttpRequest.Builder request, String token) throws Exception {
    var answer =
        http.send(
            request
                .setHeader("Authorization", "Bearer " + token)
                .timeout(Duration.ofSeconds(60))
                .build(),
            BodyHandlers.ofString());
    return answer.statusCode() + " " + answer.body();
  }

  private String token(String account) {
    return token(account, new TokenRequestBuilder().withNewSpec().endSpec());
  }

  private String tokenFor(String account, String audience) {
    return token(
        account, new TokenRequestBuilder().withNewSpec().withAudiences(audience).endSpec());
  }

  private String token(String account, TokenRequestBuilder request) {
    var wanted =
        new ServiceAccountBuilder()
            .withNewMetadata()
            .withName(account)
            .withNamespace(NAMESPACE)
            .endMetadata()
            .build();
    var _ = admin.resource(wanted).serverSideApply();
    return admin
        .serviceAccounts()
        .inNamespace(NAMESPACE)
        .withName(account)
        .tokenRequest(request.build())
        .getStatus()
        .getToken();
  }

  private void bind(String account) {
    bind(account, "capi-hosted-control-plane-metrics-reader");
  }

  private void bind(String account, String role) {
    var binding =
        new ClusterRoleBindingBuilder()
            .withNewMetadata()
            .withName("%s-%s".formatted(role, account))
            .endMetadata()
            .withNewRoleRef()
            .withApiGroup("rbac.authorization.k8s.io")
            .withKind("ClusterRole")
            .withName(role)
            .endRoleRef()
            .addNewSubject()
            .withKind("ServiceAccount")
            .withName(account)
            .withNamespace(NAMESPACE)
            .endSubject()
            .build();
    var _ = admin.resource(binding).serverSideApply();
  }
}
