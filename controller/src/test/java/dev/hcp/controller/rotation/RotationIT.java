package dev.hcp.controller.rotation;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.hcp.controller.encryption.EncryptionKeys;
import dev.hcp.controller.kube.Fabric8HostedKubes;
import dev.hcp.controller.kube.HostedKube;
import dev.hcp.controller.migration.Rewriter;
import dev.hcp.controller.pki.ServiceAccountKeys;
import dev.hcp.controller.plan.Action;
import dev.hcp.controller.plan.Progress;
import dev.hcp.controller.plan.Progress.Credential;
import dev.hcp.controller.plan.Progress.Phase;
import dev.hcp.controller.reconcile.Plan;
import dev.hcp.controller.scenario.Scenario;
import dev.hcp.controller.telemetry.ControllerMetrics;
import dev.hcp.controller.testing.ManagementApiServer;
import dev.hcp.naming.Component;
import dev.hcp.naming.Labels;
import dev.hcp.render.encryption.KeyRing;
import dev.hcp.render.pki.SigningKeys;
import io.fabric8.kubernetes.api.model.HasMetadata;
import io.fabric8.kubernetes.api.model.PodBuilder;
import io.fabric8.kubernetes.api.model.PodTemplateSpec;
import io.fabric8.kubernetes.api.model.Secret;
import io.fabric8.kubernetes.api.model.SecretBuilder;
import io.fabric8.kubernetes.api.model.ServiceAccountBuilder;
import io.fabric8.kubernetes.api.model.apps.Deployment;
import io.fabric8.kubernetes.api.model.apps.DeploymentStatusBuilder;
import io.fabric8.kubernetes.api.model.authentication.TokenRequestBuilder;
import io.fabric8.kubernetes.client.Config;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.KubernetesClientException;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicLong;
import java.util.random.RandomGenerator;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * What is planned, done to two real API servers of one etcd: their files are written as a kubelet
 * would, and they are replaced one after the other as a Deployment would. All the time somebody
 * reads every Secret, and shows every token, at each of them.
 */
final class RotationIT {
  private static final String NAMESPACE = "default";
  private static final String ENCRYPTION = "demo-encryption";
  private static final String SERVICE_ACCOUNTS = "demo-sa";
  private static final String COPIES = "demo-root-keys";
  private static final String KUBECONFIG = "demo-control-plane-controller-kubeconfig";
  private static final Instant BEGIN = Instant.parse("2026-01-01T00:00:00Z");

  /** More than are asked for at a time. */
  private static final int SECRETS = 130;

  private static final int MOST_PASSES = 60;
  private static final int OK = 200;
  private static final int UNAUTHORIZED = 401;

  /** Lets nobody change one Secret. */
  private static final String POLICY =
      """
      apiVersion: admissionregistration.k8s.io/v1
      kind: ValidatingAdmissionPolicy
      metadata: {name: refuse}
      spec:
        failurePolicy: Fail
        matchConstraints:
          resourceRules:
            - {apiGroups: [""], apiVersions: [v1], operations: [UPDATE], resources: [secrets]}
        validations:
          - {expression: "object.metadata.name != 'refused'", message: not this one}
      ---
      apiVersion: admissionregistration.k8s.io/v1
      kind: ValidatingAdmissionPolicyBinding
      metadata: {name: refuse}
      spec: {policyName: refuse, validationActions: [Deny]}
      """;

  @TempDir Path directory;

  private final Scenario scenario =
      Scenario.named("minimal")
          .spec("replicas: 2")
          .with(secret(SERVICE_ACCOUNTS, ServiceAccountKeys.generate()));
  private final SimpleMeterRegistry meters = new SimpleMeterRegistry();
  private final ControllerMetrics metrics = new ControllerMetrics(meters);
  private final Fabric8HostedKubes kubes = new Fabric8HostedKubes(metrics);
  private final Rewriter rewriter =
      new Rewriter(
          kubes,
          (_, _) -> {},
          metrics,
          new Rewriter.Timing(
              Duration.ZERO,
              Duration.ofMinutes(5),
              Duration.ofMillis(100),
              Duration.ofSeconds(1),
              Duration.ofSeconds(1)),
          RandomGenerator.getDefault(),
          InstantSource.system());

  private final List<Running> servers = new CopyOnWriteArrayList<>();
  private final List<String> tokens = new CopyOnWriteArrayList<>();
  private final List<String> failures = new CopyOnWriteArrayList<>();
  private final AtomicLong probes = new AtomicLong();
  private final AtomicBoolean probing = new AtomicBoolean();
  private Map<String, String> template = Map.of();

  /** An API server, and the folder with its files. */
  private record Running(ManagementApiServer.Another server, Path files) {}

  @AfterEach
  void end() {
    probing.set(false);
    rewriter.close();
    kubes.close();
  }

  @Test
  void nobodyNoticesThatKeysAreRotatedButWhoHasATokenOfAKeyThatIsGone() throws Exception {
    settle(Optional.empty(), () -> {});
    try (var management = ManagementApiServer.start(_ -> flags(write("first")))) {
      roll(management);
      fill();
      var first = token();
      probing.set(true);
      var probe = CompletableFuture.runAsync(this::probe);

      scenario.spec(
          "rotation: {encryptionKey: a, serviceAccountKey: a, serviceAccountKeyRetention: 1h}");
      var phases = new ArrayList<String>();
      settle(
          Optional.of(management),
          () -> {
            // Signed as it is just now.
            var _ = token();
            progress()
                .forEach(progress -> {
                  var phase = "%s %s".formatted(progress.credential(), progress.phase());
                  if (!phases.contains(phase)) {
                    phases.add(phase);
                  }
                });
          });
      assertThat(phases)
          .containsSubsequence(
              "ENCRYPTION_KEY PREPARE", "ENCRYPTION_KEY SWITCH", "ENCRYPTION_KEY COMPLETED")
          .containsSubsequence(
              "SERVICE_ACCOUNT_KEY PREPARE",
              "SERVICE_ACCOUNT_KEY SWITCH",
              "SERVICE_ACCOUNT_KEY RETIRE");
      assertThat(KeyRing.read(data(ENCRYPTION), "").keys()).containsOnlyKeys(2);
      assertThat(meters.counter("hcp.rewritten.objects", "result", "written").count())
          .isGreaterThanOrEqualTo(SECRETS);
      assertAccepted(first);
      try (var other = management.another(flags(write("new-key-alone")));
          var client = other.client()) {
        assertThat(canaries(client)).as("none is of the old key").isEqualTo(SECRETS);
      }

      assertThat(phase(Credential.SERVICE_ACCOUNT_KEY)).contains(Phase.RETIRE);
      var last = token();
      tokens.clear();
      tokens.add(last);
      scenario.at(BEGIN.plus(Duration.ofHours(2)));
      settle(Optional.of(management), () -> {});
      assertThat(phase(Credential.SERVICE_ACCOUNT_KEY)).contains(Phase.COMPLETED);
      assertThat(SigningKeys.read(data(SERVICE_ACCOUNTS)).pairs()).containsOnlyKeys(2);
      assertAccepted(last);
      assertRefused(first);
      probing.set(false);
      probe.get(1, TimeUnit.MINUTES);
      assertThat(failures).isEmpty();
      assertThat(probes.get()).as("probes").isGreaterThan(50);
    } finally {
      servers.clear();
    }
  }

  /** What a policy of the hosted cluster refuses is named, and tried again until it is let in. */
  @Test
  void anObjectThatIsRefusedHoldsUpNoOtherAndIsTriedAgain() {
    try (var server = ManagementApiServer.start();
        var client = server.client()) {
      for (var name : List.of("first", "refused", "last")) {
        var _ = client.resource(named(name)).create();
      }
      var policies =
          client.load(new ByteArrayInputStream(POLICY.getBytes(StandardCharsets.UTF_8))).items();
      for (var policy : policies) {
        var _ = client.resource(policy).create();
      }
      await("the policy is in force")
          .atMost(Duration.ofSeconds(30))
          .until(() -> code(() -> touch(client, "refused")) != OK);
      var kubeconfig = kubeconfig(server.config());
      var resources =
          new TreeSet<>(List.of("configmaps", "secrets", "gone.example.com", "deployments.apps"));
      rewriter.keepUp("clusters", "demo", new Action.Rewrite("2", kubeconfig, resources));
      await("it is tried again")
          .atMost(Duration.ofMinutes(1))
          .until(() -> rewriter.last("clusters", "demo").orElseThrow().problem().isPresent());
      var last = rewriter.last("clusters", "demo").orElseThrow();
      assertThat(last.done()).isFalse();
      assertThat(last.problem().orElseThrow())
          .startsWith("1 objects of secrets cannot be written, the first is default/refused: ")
          .contains("not this one");
      assertThat(last.objects()).as("the others").isGreaterThanOrEqualTo(2);
      for (var policy : policies) {
        var _ = client.resource(policy).delete();
      }
      await("it is written")
          .atMost(Duration.ofMinutes(1))
          .until(() -> rewriter.last("clusters", "demo").orElseThrow().done());
      assertThat(rewriter.last("clusters", "demo").orElseThrow().problem()).isEmpty();
    }
  }

  /** Lists of big clusters take longer than etcd keeps the revision at which they began. */
  @Test
  void allObjectsAreWrittenThoughTheirListIsTooOldMeanwhile() {
    // A cache would remember the list for longer than etcd.
    try (var server = ManagementApiServer.start(_ -> List.of("--watch-cache=false"));
        var client = server.client()) {
      for (int i = 0; i < SECRETS; i++) {
        var _ = client.resource(named("canary-%03d".formatted(i))).create();
      }
      var seen = new ArrayList<String>();
      try (var kube =
          kubes.open(
              new String(
                  Base64.getDecoder().decode(kubeconfig(server.config())),
                  StandardCharsets.UTF_8))) {
        kube.rewrite(
            "secrets",
            (object, result, _) -> {
              assertThat(result).isEqualTo(HostedKube.Rewritten.WRITTEN);
              seen.add(object);
              if (seen.size() == 1) {
                var _ = client.resource(named("later")).create();
                server.compact();
              }
            });
      }
      assertThat(server.auditLog())
          .as("the list was too old")
          .anyMatch(line -> line.contains("\"code\":410"));
      for (int i = 0; i < SECRETS; i++) {
        assertThat(seen).contains("default/canary-%03d".formatted(i));
      }
    }
  }

  private static Secret named(String name) {
    return new SecretBuilder()
        .withNewMetadata()
        .withName(name)
        .withNamespace(NAMESPACE)
        .endMetadata()
        .build();
  }

  private static void touch(KubernetesClient client, String secret) {
    var _ =
        client
            .secrets()
            .inNamespace(NAMESPACE)
            .withName(secret)
            .edit(found -> found.edit().addToData(secret, "YQ==").build());
  }

  /** Passes until nothing changes any more; pods are replaced where there are any. */
  private void settle(Optional<ManagementApiServer> management, Runnable each) {
    for (int pass = 0; pass < MOST_PASSES; pass++) {
      boolean changed = isChanged();
      // A pod does not start before the Secret has all that it is given.
      if (!changed && management.isPresent() && !template.equals(annotations())) {
        roll(management.get());
        changed = true;
      }
      each.run();
      if (!changed) {
        return;
      }
    }
    throw new AssertionError("Still changing: %s".formatted(progress()));
  }

  /** One pass, by somebody who sees everything at once; whether it changed anything. */
  private boolean isChanged() {
    boolean changed = false;
    var plan = Plan.of(scenario.observation());
    for (var step : plan.steps()) {
      for (var desired : step.desired()) {
        if (desired instanceof Secret secret
            && List.of(ENCRYPTION, SERVICE_ACCOUNTS, COPIES)
                .contains(secret.getMetadata().getName())) {
          changed |= put(secret.getMetadata().getName(), secret.getData());
        }
      }
      for (var action : step.actions()) {
        changed |= perform(action);
      }
    }
    follow();
    return changed;
  }

  private boolean perform(Action action) {
    switch (action) {
      case Action.CreateEncryptionKey _ ->
          put(ENCRYPTION, Map.of("key-1", EncryptionKeys.generate()));
      case Action.AddEncryptionKey(var seen, int number) ->
          add(seen, Map.of("key-" + number, EncryptionKeys.generate()));
      case Action.AddServiceAccountKey(var seen, int number) ->
          add(
              seen,
              SigningKeys.added(number, SigningKeys.read(ServiceAccountKeys.generate()).signing()));
      case Action.RemoveEntries(var seen, var entries) -> {
        var data = new TreeMap<>(seen.getData());
        data.keySet().removeAll(entries);
        put(seen.getMetadata().getName(), data);
      }
      case Action.Rewrite wanted -> {
        rewriter.keepUp("clusters", "demo", wanted);
        await("everything is written again")
            .atMost(Duration.ofMinutes(2))
            .until(() -> rewriter.last("clusters", "demo").orElseThrow().done());
        scenario.rewritten(rewriter.last("clusters", "demo").orElseThrow());
      }
      default -> {
        return false;
      }
    }
    return true;
  }

  private void add(Secret seen, Map<String, String> entries) {
    var data = new TreeMap<>(seen.getData());
    data.putAll(entries);
    put(seen.getMetadata().getName(), data);
  }

  private boolean put(String name, Map<String, String> data) {
    if (data.equals(find(name))) {
      return false;
    }
    scenario.with(secret(name, data));
    return true;
  }

  private Map<String, String> find(String name) {
    return scenario.all().stream()
        .filter(object -> object instanceof Secret)
        .filter(object -> object.getMetadata().getName().equals(name))
        .findFirst()
        .map(object -> ((Secret) object).getData())
        .orElse(Map.of());
  }

  private Map<String, String> data(String name) {
    return scenario.get(Secret.class, name).getData();
  }

  private static Secret secret(String name, Map<String, String> data) {
    return new SecretBuilder()
        .withNewMetadata()
        .withName(name)
        .withNamespace("clusters")
        .endMetadata()
        .withData(data)
        .build();
  }

  private Deployment deployment(Component component) {
    return Plan.of(scenario.observation()).steps().stream()
        .flatMap(step -> step.desired().stream())
        .<HasMetadata>map(object -> object)
        .filter(Deployment.class::isInstance)
        .map(Deployment.class::cast)
        .filter(found -> found.getMetadata().getName().equals("demo-" + component.label()))
        .findFirst()
        .orElseThrow();
  }

  /** What makes pods be replaced: of both Deployments, since they are replaced together here. */
  private Map<String, String> annotations() {
    var all = new TreeMap<String, String>();
    for (var component : List.of(Component.API_SERVER, Component.CONTROLLER_MANAGER)) {
      deployment(component)
          .getSpec()
          .getTemplate()
          .getMetadata()
          .getAnnotations()
          .forEach((name, value) -> all.put(component + name, value));
    }
    return all;
  }

  /** Replaces the API servers one after the other, and says that all pods are. */
  private void roll(ManagementApiServer management) {
    template = annotations();
    var wanted = Map.copyOf(template);
    var before = List.copyOf(servers);
    for (int i = 0; i < 2; i++) {
      var files = write("files-%d-%d".formatted(wanted.hashCode(), i));
      servers.add(new Running(management.another(flags(files)), files));
      if (i < before.size()) {
        servers.remove(before.get(i));
        before.get(i).server().close();
      }
    }
    for (var component : List.of(Component.API_SERVER, Component.CONTROLLER_MANAGER)) {
      var desired = deployment(component);
      int replicas = desired.getSpec().getReplicas();
      desired.getMetadata().setGeneration(1L);
      desired.setStatus(
          new DeploymentStatusBuilder()
              .withObservedGeneration(1L)
              .withReplicas(replicas)
              .withUpdatedReplicas(replicas)
              .withReadyReplicas(replicas)
              .withAvailableReplicas(replicas)
              .build());
      scenario.with(desired);
      for (int i = 0; i < replicas; i++) {
        scenario.with(
            new PodBuilder()
                .withNewMetadata()
                .withName("demo-%s-%d".formatted(component.label(), i))
                .withNamespace("clusters")
                .withLabels(Labels.of("demo", component))
                .withAnnotations(desired.getSpec().getTemplate().getMetadata().getAnnotations())
                .endMetadata()
                .build());
      }
    }
    scenario.with(
        secret(KUBECONFIG, Map.of("value", kubeconfig(servers.getFirst().server().config()))));
  }

  private static String kubeconfig(Config config) {
    return Base64.getEncoder()
        .encodeToString(
            """
            apiVersion: v1
            kind: Config
            clusters: [{name: c, cluster: {server: '%s', certificate-authority: '%s'}}]
            users: [{name: u, user: {token: '%s'}}]
            contexts: [{name: x, context: {cluster: c, user: u}}]
            current-context: x
            """
                .formatted(config.getMasterUrl(), config.getCaCertFile(), config.getOauthToken())
                .getBytes(StandardCharsets.UTF_8));
  }

  /** The files of a new API server, as its template names them. */
  private Path write(String name) {
    try {
      var folder = Files.createDirectories(directory.resolve(name));
      var template = deployment(Component.API_SERVER).getSpec().getTemplate();
      for (var path : List.of("sa.pub", "sa.key")) {
        var content = data(SERVICE_ACCOUNTS).get(item(template, path));
        var _ = Files.write(folder.resolve(path), Base64.getDecoder().decode(content));
      }
      writeConfiguration(folder);
      return folder;
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static String item(PodTemplateSpec template, String path) {
    return template.getSpec().getVolumes().stream()
        .flatMap(volume -> Optional.ofNullable(volume.getProjected()).stream())
        .flatMap(projected -> projected.getSources().stream())
        .flatMap(source -> Optional.ofNullable(source.getSecret()).stream())
        .flatMap(secret -> secret.getItems().stream())
        .filter(item -> item.getPath().equals(path))
        .findFirst()
        .orElseThrow()
        .getKey();
  }

  /** API servers that run are given the new configuration at once. */
  private void follow() {
    for (var running : servers) {
      try {
        writeConfiguration(running.files());
      } catch (IOException e) {
        throw new UncheckedIOException(e);
      }
    }
  }

  private void writeConfiguration(Path folder) throws IOException {
    var next =
        Files.write(
            folder.resolve("next"),
            Base64.getDecoder().decode(data(ENCRYPTION).get("encryption-configuration.yaml")));
    Files.move(
        next,
        folder.resolve("encryption.yaml"),
        StandardCopyOption.ATOMIC_MOVE,
        StandardCopyOption.REPLACE_EXISTING);
  }

  private static List<String> flags(Path files) {
    return List.of(
        "--service-account-key-file=" + files.resolve("sa.pub"),
        "--service-account-signing-key-file=" + files.resolve("sa.key"),
        "--encryption-provider-config=" + files.resolve("encryption.yaml"),
        "--encryption-provider-config-automatic-reload=true");
  }

  private void fill() {
    try (var client = servers.getFirst().server().client()) {
      var _ =
          client
              .resource(
                  new ServiceAccountBuilder()
                      .withNewMetadata()
                      .withName("somebody")
                      .withNamespace(NAMESPACE)
                      .endMetadata()
                      .build())
              .create();
      for (int i = 0; i < SECRETS; i++) {
        var _ =
            client
                .resource(
                    new SecretBuilder()
                        .withNewMetadata()
                        .withName("canary-" + i)
                        .withNamespace(NAMESPACE)
                        .endMetadata()
                        .withImmutable(i % 2 == 0)
                        .withStringData(Map.of("canary", "canary-" + i))
                        .build())
                .create();
      }
    }
  }

  /** A token that the API server has just signed that was started last. */
  private String token() {
    try (var client = servers.getLast().server().client()) {
      var token =
          client
              .serviceAccounts()
              .inNamespace(NAMESPACE)
              .withName("somebody")
              .tokenRequest(
                  new TokenRequestBuilder()
                      .withNewSpec()
                      .withExpirationSeconds(3600L)
                      .endSpec()
                      .build())
              .getStatus()
              .getToken();
      tokens.add(token);
      return token;
    }
  }

  private void probe() {
    while (probing.get()) {
      for (var running : servers) {
        try (var client = running.server().client()) {
          int found = canaries(client);
          if (found != SECRETS) {
            failures.add("%d Secrets".formatted(found));
          }
        } catch (KubernetesClientException e) {
          record(running, "Secrets", e);
        }
        for (var token : tokens) {
          try (var client = running.server().clientWith(token)) {
            var _ = client.raw("/api");
          } catch (KubernetesClientException e) {
            if (tokens.contains(token)) {
              record(running, "a token", e);
            }
          }
        }
        probes.incrementAndGet();
      }
    }
  }

  /** Whoever is taken out of service is asked no more. */
  private void record(Running running, String what, KubernetesClientException problem) {
    if (servers.contains(running)) {
      failures.add("%s: %s".formatted(what, problem.getMessage()));
    }
  }

  private static int canaries(KubernetesClient client) {
    return (int)
        client.secrets().inNamespace(NAMESPACE).list().getItems().stream()
            .filter(secret -> secret.getData().containsKey("canary"))
            .count();
  }

  private void assertAccepted(String token) {
    for (var running : servers) {
      try (var client = running.server().clientWith(token)) {
        assertThat(client.raw("/api")).contains("versions");
      }
    }
  }

  private void assertRefused(String token) {
    for (var running : servers) {
      try (var client = running.server().clientWith(token)) {
        assertThat(code(() -> client.raw("/api"))).isEqualTo(UNAUTHORIZED);
      }
    }
  }

  private static int code(Runnable request) {
    try {
      request.run();
      return OK;
    } catch (KubernetesClientException e) {
      return e.getCode();
    }
  }

  private List<Progress> progress() {
    return Plan.of(scenario.observation()).rotations().all();
  }

  private Optional<Phase> phase(Credential credential) {
    return progress().stream()
        .filter(progress -> progress.credential() == credential)
        .map(Progress::phase)
        .findFirst();
  }
}
