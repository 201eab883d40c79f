package dev.hcp.controller.authentication;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import dev.hcp.controller.kube.ManagementApi;
import dev.hcp.controller.kube.ManagementClient;
import dev.hcp.controller.plan.ManagementTokens;
import dev.hcp.controller.plan.Step;
import dev.hcp.controller.reconcile.Plan;
import dev.hcp.controller.scenario.Scenario;
import dev.hcp.controller.telemetry.ControllerMetrics;
import dev.hcp.controller.testing.ManagementApiServer;
import dev.hcp.controller.testing.TokenIssuer;
import dev.hcp.process.TokenIssuerChoice;
import io.fabric8.kubernetes.api.model.ConfigMap;
import io.fabric8.kubernetes.api.model.ServiceAccountBuilder;
import io.fabric8.kubernetes.api.model.authentication.SelfSubjectReview;
import io.fabric8.kubernetes.api.model.authentication.TokenRequestBuilder;
import io.fabric8.kubernetes.api.model.authentication.UserInfo;
import io.fabric8.kubernetes.api.model.rbac.ClusterRoleBindingBuilder;
import io.fabric8.kubernetes.client.ConfigBuilder;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.KubernetesClientException;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.random.RandomGenerator;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * A real API server reads what is rendered, and decides about tokens of a real issuer and of a real
 * management cluster.
 */
final class AuthenticationIT {
  private static final Duration PATIENCE = Duration.ofSeconds(150);
  private static final String AUDIENCE = "workload-cluster:clusters/demo";
  private static final IssuerDiscovery.Timing HURRIED =
      new IssuerDiscovery.Timing(
          Duration.ofSeconds(5),
          Duration.ofMillis(200),
          Duration.ofSeconds(1),
          Duration.ofHours(1));

  @TempDir static Path directory;
  private static TokenIssuer issuer;
  private static ManagementApiServer management;
  private static ManagementApiServer hosted;
  private static final AtomicInteger CHANGES = new AtomicInteger();

  @BeforeAll
  static void start() throws IOException {
    issuer = new TokenIssuer();
    management =
        ManagementApiServer.start(
            port -> List.of("--service-account-issuer=https://127.0.0.1:" + port));
    write(scenario(), "v1.yaml");
    hosted =
        ManagementApiServer.start(_ ->
            List.of(
                "--authentication-config=" + file(),
                "--service-account-issuer=https://kubernetes.default.svc"));
  }

  @AfterAll
  static void stop() {
    hosted.close();
    management.close();
    issuer.close();
  }

  @Test
  void aTokenOfTheIssuerLogsInAndAnotherAudienceDoesNot() {
    var claims =
        Map.<String, Object>of(
            "sub",
            "ada",
            "email",
            "ada@example.com",
            "email_verified",
            true,
            "groups",
            List.of("team-a", "team-b"));
    awaitLogin(issuer.token("kubernetes", claims));
    assertThat(login(issuer.token("kubernetes", claims)))
        .satisfies(user -> {
          assertThat(user.getUsername()).isEqualTo("sso:ada@example.com");
          assertThat(user.getGroups())
              .containsExactlyInAnyOrder("sso:team-a", "sso:team-b", "system:authenticated");
        });
    assertRefused(issuer.token("another", claims));
    assertRefused(
        issuer.token(
            "kubernetes",
            Map.of(
                "sub",
                "eve",
                "email",
                "e@example.com",
                "email_verified",
                false,
                "groups",
                List.of())));
    try (var other = new TokenIssuer()) {
      assertRefused(other.token("kubernetes", claims));
    }
  }

  @Test
  void whoHasNoCredentialsMayProbeAndJoinAndNothingElse() {
    try (var client = client(null)) {
      for (var path : List.of("/healthz", "/livez", "/readyz", "/readyz?verbose")) {
        assertThat(client.raw(path)).as(path).contains("ok");
      }
      for (var path :
          List.of(
              "/api/v1/namespaces/kube-public/configmaps/cluster-info",
              "/.well-known/openid-configuration",
              "/openid/v1/jwks")) {
        assertThat(code(client, path)).as("%s is for roles to allow", path).isEqualTo(403);
      }
      for (var path :
          List.of("/version", "/api", "/apis", "/metrics", "/api/v1/secrets", "/readyz/etcd")) {
        assertThat(code(client, path)).as(path).isEqualTo(401);
      }
    }
  }

  private static int code(KubernetesClient client, String path) {
    return catchThrowableOfType(KubernetesClientException.class, () -> client.raw(path)).getCode();
  }

  @Test
  void aChangeIsFollowedWithoutARestart() throws IOException {
    var token = issuer.token("later", Map.of("sub", "bob"));
    assertRefused(token);
    write(
        scenario().spec(providers("[kubernetes, later]", "'later:' + string(claims.sub)")),
        "v1.yaml");
    awaitLogin(token);
    assertThat(login(token).getUsername()).isEqualTo("later:bob");
    write(scenario(), "v1.yaml");
    Awaitility.await().atMost(PATIENCE).untilAsserted(() -> assertRefused(token));
  }

  /** What may be asked without credentials is not in it, since 1.31 does not take that. */
  @Test
  void theFileForOlderVersionsIsReadToo() throws IOException {
    var older =
        Files.writeString(directory.resolve("older.yaml"), content(scenario(), "v1beta1.yaml"));
    try (var server =
            ManagementApiServer.start(_ ->
                List.of(
                    "--authentication-config=" + older,
                    "--service-account-issuer=https://kubernetes.default.svc"));
        var client =
            client(server, issuer.token("kubernetes", Map.of("sub", "ada", "email", "a")));
        var anonymous = client(server, null)) {
      Awaitility.await()
          .atMost(PATIENCE)
          .ignoreExceptionsInstanceOf(KubernetesClientException.class)
          .until(() ->
              client
                  .resource(new SelfSubjectReview())
                  .create()
                  .getStatus()
                  .getUserInfo()
                  .getUsername()
                  .equals("sso:a"));
      assertThat(anonymous.raw("/version")).contains("gitVersion");
    }
  }

  @Test
  void serviceAccountsOfTheManagementClusterLogInWithTheirOwnAudienceOnly() throws Exception {
    try (var admin = management.client();
        var controller = management.controllerClient();
        var discovery =
            new IssuerDiscovery(
                new ManagementApi(controller),
                new TokenIssuerChoice.Discovered(),
                HURRIED,
                RandomGenerator.getDefault())) {
      var url = management.config().getMasterUrl().replaceAll("/$", "");
      discovery.start(CHANGES::incrementAndGet);
      discovery.awaitFirstLook();
      assertThat(discovery.last().obstacle().orElseThrow())
          .contains(url)
          .contains("system:service-account-issuer-discovery");

      var _ = admin.resource(discoveryForEverybody()).create();
      Awaitility.await().atMost(PATIENCE).until(() -> discovery.last().issuer().isPresent());
      assertThat(CHANGES).hasValue(2);
      assertThat(discovery.last().issuer().orElseThrow().url()).isEqualTo(url);

      write(scenario().managementTokens(discovery.last()), "v1.yaml");
      var token = serviceAccountToken(admin, AUDIENCE);
      awaitLogin(token);
      assertThat(login(token))
          .satisfies(user -> {
            assertThat(user.getUsername())
                .isEqualTo("management-cluster:system:serviceaccount:default:robot");
            assertThat(user.getGroups()).containsExactly("system:authenticated");
          });
      assertRefused(serviceAccountToken(admin, url));
      assertRefused(serviceAccountToken(admin, "workload-cluster:clusters/other"));
      assertRefused(serviceAccountToken(admin, "kubernetes"));
    }
  }

  @Test
  void anIssuerThatIsTrustedByNobodyIsNotTrustedHere() throws Exception {
    try (var client = management.client();
        var discovery =
            new IssuerDiscovery(
                new ManagementApi(client),
                new TokenIssuerChoice.Fixed(issuer.url()),
                HURRIED,
                RandomGenerator.getDefault())) {
      discovery.start(() -> {});
      discovery.awaitFirstLook();
      assertThat(discovery.last().issuer()).isEmpty();
      assertThat(discovery.last().obstacle().orElseThrow()).contains(issuer.url());
    }
  }

  private static Scenario scenario() {
    return Scenario.named("minimal")
        .managementTokens(ManagementTokens.UNWANTED)
        .spec(providers("[kubernetes]", "'sso:' + claims.email"));
  }

  private static String providers(String audiences, String username) {
    return """
    oidcProviders:
      %s:
        audiences: %s
        certificateAuthority: |
    %s
        claimValidationRules:
        - expression: claims.?email_verified.orValue(true) == true
          message: 'verify your "address"'
        claimMappings:
          username: "%s"
          groups: "has(claims.groups) ? dyn(claims.groups).map(g, 'sso:' + g) : dyn([])"
    """
        .formatted(issuer.url(), audiences, issuer.authority().indent(6).stripTrailing(), username);
  }

  /** Replaces the file as a kubelet does, at once. */
  private static void write(Scenario scenario, String version) throws IOException {
    var next = Files.writeString(directory.resolve("next"), content(scenario, version));
    Files.move(next, file(), StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
  }

  private static String content(Scenario scenario, String version) {
    var map =
        Plan.of(scenario.observation()).steps().stream()
            .map(Step::desired)
            .flatMap(List::stream)
            .filter(ConfigMap.class::isInstance)
            .map(ConfigMap.class::cast)
            .filter(object -> object.getMetadata().getName().equals("demo-authentication"))
            .findFirst()
            .orElseThrow();
    return map.getData().get(version);
  }

  private static Path file() {
    return directory.resolve("config.yaml");
  }

  private static String serviceAccountToken(KubernetesClient admin, String audience) {
    var accounts = admin.serviceAccounts().inNamespace("default");
    var account =
        new ServiceAccountBuilder().withNewMetadata().withName("robot").endMetadata().build();
    var _ = accounts.resource(account).serverSideApply();
    return accounts
        .withName("robot")
        .tokenRequest(
            new TokenRequestBuilder().withNewSpec().withAudiences(audience).endSpec().build())
        .getStatus()
        .getToken();
  }

  private static io.fabric8.kubernetes.api.model.rbac.ClusterRoleBinding discoveryForEverybody() {
    return new ClusterRoleBindingBuilder()
        .withNewMetadata()
        .withName("issuer-discovery")
        .endMetadata()
        .withNewRoleRef()
        .withApiGroup("rbac.authorization.k8s.io")
        .withKind("ClusterRole")
        .withName("system:service-account-issuer-discovery")
        .endRoleRef()
        .addNewSubject()
        .withKind("Group")
        .withApiGroup("rbac.authorization.k8s.io")
        .withName("system:unauthenticated")
        .endSubject()
        .build();
  }

  private static void awaitLogin(String token) {
    Awaitility.await()
        .atMost(PATIENCE)
        .ignoreExceptionsInstanceOf(KubernetesClientException.class)
        .until(() -> login(token) != null);
  }

  private static UserInfo login(String token) {
    try (var client = client(token)) {
      return client.resource(new SelfSubjectReview()).create().getStatus().getUserInfo();
    }
  }

  private static void assertRefused(String token) {
    assertThatThrownBy(() -> login(token))
        .isInstanceOfSatisfying(
            KubernetesClientException.class, e -> assertThat(e.getCode()).isEqualTo(401));
  }

  private static KubernetesClient client(String token) {
    return client(hosted, token);
  }

  private static KubernetesClient client(ManagementApiServer server, String token) {
    return ManagementClient.open(
        new ConfigBuilder(server.config()).withOauthToken(token).build(),
        Duration.ofSeconds(10),
        new ControllerMetrics(new SimpleMeterRegistry()));
  }
}
