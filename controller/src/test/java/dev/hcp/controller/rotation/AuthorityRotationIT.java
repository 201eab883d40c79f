package dev.hcp.controller.rotation;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.hcp.api.certmanager.Certificate;
import dev.hcp.api.certmanager.Issuer;
import dev.hcp.controller.encryption.EncryptionKeys;
import dev.hcp.controller.kube.Fabric8Kube;
import dev.hcp.controller.pki.AuthorityMaker;
import dev.hcp.controller.pki.ServiceAccountKeys;
import dev.hcp.controller.plan.Action;
import dev.hcp.controller.plan.Progress;
import dev.hcp.controller.plan.Progress.Credential;
import dev.hcp.controller.plan.Progress.Phase;
import dev.hcp.controller.reconcile.Plan;
import dev.hcp.controller.scenario.Scenario;
import dev.hcp.controller.testing.CertManager;
import dev.hcp.controller.testing.EtcdPods;
import dev.hcp.controller.testing.Kubes;
import dev.hcp.controller.testing.ManagementApiServer;
import dev.hcp.controller.testing.Namespaces;
import dev.hcp.naming.Component;
import dev.hcp.naming.Labels;
import dev.hcp.render.pki.AuthorityKeys;
import io.fabric8.kubernetes.api.model.ConfigMapBuilder;
import io.fabric8.kubernetes.api.model.HasMetadata;
import io.fabric8.kubernetes.api.model.PodBuilder;
import io.fabric8.kubernetes.api.model.PodTemplateSpec;
import io.fabric8.kubernetes.api.model.Secret;
import io.fabric8.kubernetes.api.model.SecretBuilder;
import io.fabric8.kubernetes.api.model.SecretProjection;
import io.fabric8.kubernetes.api.model.apps.Deployment;
import io.fabric8.kubernetes.api.model.apps.DeploymentStatusBuilder;
import io.fabric8.kubernetes.api.model.apps.StatefulSet;
import io.fabric8.kubernetes.api.model.apps.StatefulSetStatusBuilder;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.KubernetesClientException;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.security.GeneralSecurityException;
import java.security.cert.CertificateFactory;
import java.security.cert.X509Certificate;
import java.time.Duration;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Base64;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.BooleanSupplier;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * What is planned, done to a real management API server with a real cert-manager, and to three real
 * members of etcd with two real API servers, whose files are written as a kubelet would, and which
 * are replaced one after the other. All the time somebody writes through each API server.
 */
final class AuthorityRotationIT {
  private static final String NAMESPACE = "clusters";
  private static final String COPIES = "demo-root-keys";
  private static final int MEMBERS = 3;
  private static final int API_SERVERS = 2;
  private static final Duration SOON = Duration.ofSeconds(60);

  /** What etcd says of writes that a leader has not finished when it ended. */
  private static final String LEADER_GONE = "etcdserver: request timed out";

  @TempDir Path directory;

  private final Scenario scenario = Scenario.named("minimal").spec("replicas: " + API_SERVERS);
  private final ManagementApiServer management = ManagementApiServer.start();
  private final KubernetesClient client = management.client();
  private final KubernetesClient controller = management.controllerClient();
  private final Fabric8Kube kube = Kubes.of(controller);
  private final List<Running> servers = new CopyOnWriteArrayList<>();
  private final Map<String, Path> files = new LinkedHashMap<>();
  private final Map<String, Map<String, String>> templates = new LinkedHashMap<>();
  private final List<String> failures = new CopyOnWriteArrayList<>();
  private final AtomicLong writes = new AtomicLong();
  private final AtomicBoolean writing = new AtomicBoolean();
  private Plan plan = Plan.of(scenario.observation());
  private CertManager certManager;
  private EtcdPods etcd;
  private int started;

  /** An API server, and the folder with its files. */
  private record Running(ManagementApiServer.Another server, KubernetesClient client, Path files) {
    void close() {
      client.close();
      server.close();
    }
  }

  @BeforeEach
  void start() {
    Assumptions.assumeTrue(CertManager.isPossible(), "cert-manager as a process takes root");
    certManager = CertManager.start(client, management.config(), directory);
    etcd = new EtcdPods(directory, MEMBERS);
    Namespaces.apply(client, NAMESPACE);
    await("kinds are served").atMost(SOON).ignoreExceptions().untilAsserted(this::sync);
    List.copyOf(scenario.all()).stream()
        .filter(AuthorityRotationIT::isReal)
        .forEach(object -> scenario.without(object.getClass(), object.getMetadata().getName()));
  }

  @AfterEach
  void end() {
    writing.set(false);
    if (etcd != null) {
      stop();
      certManager.close();
    }
    kube.close();
    controller.close();
    client.close();
    management.close();
  }

  /** Ends etcd and the API servers. */
  private void stop() {
    servers.forEach(Running::close);
    servers.clear();
    files.clear();
    etcd.close();
  }

  @Test
  void noWriteFailsWhileTheAuthoritiesOfEtcdAndOfTheFrontProxyAreRotated() throws Exception {
    awaitPasses("all certificates are there", this::hasAll);
    found();
    var first = data("demo-etcd-ca");
    writing.set(true);
    var writer = CompletableFuture.runAsync(this::write);

    scenario.spec("rotation: {etcdCA: a, frontProxyCA: a}");
    var phases = new ArrayList<String>();
    awaitPasses(
        "both are rotated",
        () -> {
          for (var progress : progress()) {
            var phase = "%s %s".formatted(progress.credential(), progress.phase());
            if (!phases.contains(phase)) {
              phases.add(phase);
            }
          }
          return phase(Credential.ETCD_CA).equals(Optional.of(Phase.COMPLETED))
              && phase(Credential.FRONT_PROXY_CA).equals(Optional.of(Phase.COMPLETED));
        });
    writing.set(false);
    writer.get(1, TimeUnit.MINUTES);
    assertThat(phases)
        .containsSubsequence(
            "ETCD_CA PREPARE", "ETCD_CA SWITCH", "ETCD_CA RETIRE", "ETCD_CA COMPLETED")
        .containsSubsequence("FRONT_PROXY_CA PREPARE", "FRONT_PROXY_CA COMPLETED");
    assertThat(failures).isEmpty();
    assertThat(writes.get()).as("writes").isGreaterThan(100);
    assertThat(data("demo-etcd-ca").get("tls.key")).isNotEqualTo(first.get("tls.key"));
    assertSigned();
    awaitPasses(
        "nothing is left of the old one", () -> !data(COPIES).containsKey("etcd-ca-key-1.key"));
    assertThat(data(COPIES)).doesNotContainValue(first.get("tls.key"));
    assertThat(data("demo-etcd-ca-bundle"))
        .containsEntry("ca.crt", data("demo-etcd-ca").get("tls.crt"));

    // What a new CA adds is taken away again, though it was added by another kind of request.
    stop();
    scenario.spec("rotation: {etcdCA: b, frontProxyCA: a}");
    awaitPasses(
        "it is rotated again",
        () ->
            progress().stream()
                .anyMatch(progress ->
                    progress.credential() == Credential.ETCD_CA
                        && !progress.isUnderWay()
                        && progress.request().equals(Optional.of("b"))));
    awaitPasses(
        "nothing is left of the second", () -> !data(COPIES).containsKey("etcd-ca-key-2.key"));
    assertThat(data(COPIES)).containsKey("etcd-ca-key-3.key");
    assertSigned();
  }

  /** cert-manager was faster than whoever puts a CA back. */
  @Test
  void whatAnotherAuthorityHasSignedIsIssuedAnew() {
    awaitPasses("all certificates are there", this::hasAll);
    var first = data("demo-etcd-ca");
    delete("demo-etcd-ca");
    await("cert-manager makes another CA")
        .atMost(SOON)
        .until(() -> find("demo-etcd-ca").isPresent());
    var other = data("demo-etcd-ca").get("tls.crt");
    delete("demo-etcd-server");
    await("cert-manager signs by it")
        .atMost(SOON)
        .until(() ->
            find("demo-etcd-server")
                .filter(leaf -> isSigned(leaf.get("tls.crt"), other))
                .isPresent());
    awaitPasses(
        "it is issued anew",
        () ->
            data("demo-etcd-ca").get("tls.key").equals(first.get("tls.key"))
                && isSigned(data("demo-etcd-server").get("tls.crt"), first.get("tls.crt")));
    assertSigned();
  }

  private void awaitPasses(String what, BooleanSupplier condition) {
    await(what)
        .atMost(Duration.ofMinutes(8))
        // As whoever makes passes tries again.
        .ignoreException(KubernetesClientException.class)
        .pollDelay(Duration.ZERO)
        .pollInterval(Duration.ofMillis(200))
        .until(() -> {
          pass();
          return condition.getAsBoolean();
        });
  }

  /** One pass, and one move of whoever replaces pods. */
  private void pass() {
    sync();
    plan = Plan.of(scenario.observation());
    for (var step : plan.steps()) {
      for (var desired : step.desired()) {
        if (isReal(desired)) {
          var live = live(desired);
          kube.apply(desired, live.orElse(null));
        }
      }
      step.actions().forEach(this::perform);
    }
    follow();
    if (!templates.isEmpty()) {
      replace();
    }
  }

  private void perform(Action action) {
    switch (action) {
      case Action.CreateServiceAccountKeys _ -> create("demo-sa", ServiceAccountKeys.generate());
      case Action.CreateEncryptionKey _ ->
          create("demo-encryption", Map.of("key-1", EncryptionKeys.generate()));
      case Action.AddAuthority(var seen, var root, int number) ->
          kube.edit(
              seen,
              present(
                  AuthorityKeys.added(
                      root,
                      number,
                      AuthorityMaker.make(
                          root.commonName(),
                          InstantSource.system().instant(),
                          Duration.ofDays(1),
                          seen.getData().getOrDefault(root.alias() + ".crt", "")))));
      case Action.Reissue(var seen, var why) -> kube.reissue(seen, why);
      case Action.RemoveEntries(var seen, var entries) -> {
        var gone = new LinkedHashMap<String, Optional<String>>();
        entries.forEach(entry -> gone.put(entry, Optional.empty()));
        kube.edit(seen, gone);
      }
      default -> {}
    }
  }

  private static Map<String, Optional<String>> present(Map<String, String> entries) {
    var all = new LinkedHashMap<String, Optional<String>>();
    entries.forEach((name, value) -> all.put(name, Optional.of(value)));
    return all;
  }

  private void create(String name, Map<String, String> data) {
    if (find(name).isEmpty()) {
      kube.create(
          new SecretBuilder()
              .withNewMetadata()
              .withName(name)
              .withNamespace(NAMESPACE)
              .withLabels(Labels.of("demo"))
              .endMetadata()
              .withData(data)
              .build());
    }
  }

  private static boolean isReal(HasMetadata object) {
    return object instanceof Secret || object instanceof Certificate || object instanceof Issuer;
  }

  /** Looks at everything that is real. */
  private void sync() {
    Stream.of(
            client.secrets().inNamespace(NAMESPACE).list().getItems(),
            client.resources(Certificate.class).inNamespace(NAMESPACE).list().getItems(),
            client.resources(Issuer.class).inNamespace(NAMESPACE).list().getItems())
        .flatMap(List::stream)
        .forEach(scenario::with);
  }

  private Optional<HasMetadata> live(HasMetadata object) {
    return scenario.all().stream()
        .filter(other -> other.getClass().equals(object.getClass()))
        .filter(other -> other.getMetadata().getName().equals(object.getMetadata().getName()))
        .findFirst();
  }

  private boolean hasAll() {
    return isMountable(Component.ETCD)
        && isMountable(Component.API_SERVER)
        && find("demo-etcd-controller-client").isPresent()
        && find(COPIES).filter(copies -> copies.containsKey("etcd-ca.key")).isPresent();
  }

  /** Starts etcd and API servers for the first time. */
  private void found() {
    sync();
    for (int i = 0; i < MEMBERS; i++) {
      etcd.start(i, write("demo-etcd-" + i, template(Component.ETCD)));
    }
    etcd.awaitReady();
    for (int i = 0; i < API_SERVERS; i++) {
      startApiServer();
    }
    for (int i = 0; i < MEMBERS; i++) {
      settled(Component.ETCD, i);
    }
    for (var component : List.of(Component.API_SERVER, Component.CONTROLLER_MANAGER)) {
      for (int i = 0; i < replicas(component); i++) {
        settled(component, i);
      }
    }
  }

  private void startApiServer() {
    var folder = write("demo-api-server-" + started++, template(Component.API_SERVER));
    var server = management.another(flags(folder));
    servers.add(new Running(server, server.client(), folder));
  }

  /** Replaces one pod of each component that is not of the present template, if any. */
  private void replace() {
    for (var component :
        List.of(Component.ETCD, Component.API_SERVER, Component.CONTROLLER_MANAGER)) {
      var wanted = template(component).getMetadata().getAnnotations();
      for (int i = 0; i < replicas(component); i++) {
        if (wanted.equals(templates.get(pod(component, i))) || !isMountable(component)) {
          continue;
        }
        if (servers.isEmpty()) {
          // Without processes there is nothing to replace.
        } else if (component == Component.ETCD) {
          etcd.start(i, write("demo-etcd-" + i, template(component)));
          etcd.awaitReady();
        } else if (component == Component.API_SERVER) {
          startApiServer();
          var old = servers.removeFirst();
          // Whoever writes through it comes to an end first.
          pause();
          old.close();
          files.values().remove(old.files());
        }
        settled(component, i);
        return;
      }
    }
  }

  /** Until whatever was begun before is done. */
  private void pause() {
    var before = writes.get();
    if (writing.get()) {
      await().atMost(SOON).until(() -> writes.get() > before + API_SERVERS);
    }
  }

  private boolean isMountable(Component component) {
    return projections(template(component))
        .allMatch(projection ->
            projection.getItems().stream()
                .allMatch(item ->
                    find(projection.getName()).orElse(Map.of()).containsKey(item.getKey())));
  }

  private void settled(Component component, int number) {
    var workload = workload(component);
    var template = template(component);
    templates.put(pod(component, number), template.getMetadata().getAnnotations());
    scenario.with(
        new PodBuilder()
            .withNewMetadata()
            .withName(pod(component, number))
            .withNamespace(NAMESPACE)
            .withLabels(Labels.of("demo", component))
            .withAnnotations(template.getMetadata().getAnnotations())
            .endMetadata()
            .build());
    int all = replicas(component);
    boolean isOver =
        Stream.iterate(0, i -> i + 1)
            .limit(all)
            .allMatch(i ->
                template.getMetadata().getAnnotations().equals(templates.get(pod(component, i))));
    workload.getMetadata().setGeneration(1L);
    int updated = isOver ? all : all - 1;
    if (workload instanceof Deployment deployment) {
      deployment.setStatus(
          new DeploymentStatusBuilder()
              .withObservedGeneration(1L)
              .withReplicas(all)
              .withUpdatedReplicas(updated)
              .withReadyReplicas(all)
              .withAvailableReplicas(all)
              .build());
    } else if (workload instanceof StatefulSet set) {
      set.setStatus(
          new StatefulSetStatusBuilder()
              .withObservedGeneration(1L)
              .withReplicas(all)
              .withUpdatedReplicas(updated)
              .withReadyReplicas(all)
              .withAvailableReplicas(all)
              .withCurrentRevision(isOver ? "new" : "old")
              .withUpdateRevision("new")
              .build());
    }
    scenario.with(workload);
  }

  private static String pod(Component component, int number) {
    return "demo-%s-%d".formatted(component.label(), number);
  }

  private int replicas(Component component) {
    return switch (workload(component)) {
      case Deployment deployment -> deployment.getSpec().getReplicas();
      case StatefulSet set -> set.getSpec().getReplicas();
      default -> throw new IllegalStateException();
    };
  }

  private PodTemplateSpec template(Component component) {
    return switch (workload(component)) {
      case Deployment deployment -> deployment.getSpec().getTemplate();
      case StatefulSet set -> set.getSpec().getTemplate();
      default -> throw new IllegalStateException();
    };
  }

  private HasMetadata workload(Component component) {
    return plan.steps().stream()
        .flatMap(step -> step.desired().stream())
        .<HasMetadata>map(object -> object)
        .filter(object -> object instanceof Deployment || object instanceof StatefulSet)
        .filter(found -> found.getMetadata().getName().equals("demo-" + component.label()))
        .findFirst()
        .orElseThrow();
  }

  private static Stream<SecretProjection> projections(PodTemplateSpec template) {
    return template.getSpec().getVolumes().stream()
        .flatMap(volume -> Optional.ofNullable(volume.getProjected()).stream())
        .flatMap(projected -> projected.getSources().stream())
        .flatMap(source -> Optional.ofNullable(source.getSecret()).stream());
  }

  /** The files of a new pod, as its template names them. */
  private Path write(String name, PodTemplateSpec template) {
    try {
      var folder = Files.createDirectories(directory.resolve("files").resolve(name));
      for (var projection : projections(template).toList()) {
        for (var item : projection.getItems()) {
          write(folder.resolve(item.getPath()), data(projection.getName()).get(item.getKey()));
        }
      }
      files.put(name, folder);
      return folder;
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static void write(Path file, String content) throws IOException {
    Files.createDirectories(file.getParent());
    var next = file.resolveSibling(file.getFileName() + ".next");
    Files.write(next, Base64.getDecoder().decode(content));
    Files.move(next, file, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
  }

  /** Nodes give running pods certificates that are issued anew; keys and certificates apart. */
  private void follow() {
    try {
      for (var entry : files.entrySet()) {
        if (entry.getKey().startsWith("demo-etcd")) {
          pair(entry.getValue(), "server", "demo-etcd-server");
          pair(entry.getValue(), "peer", "demo-etcd-peer");
        } else {
          pair(entry.getValue(), "apiserver-etcd-client", "demo-etcd-apiserver-client");
          pair(entry.getValue(), "front-proxy-client", "demo-front-proxy");
        }
      }
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private void pair(Path folder, String file, String secret) throws IOException {
    var data = data(secret);
    var known = Files.readAllBytes(folder.resolve(file + ".crt"));
    if (!Arrays.equals(known, Base64.getDecoder().decode(data.get("tls.crt")))) {
      write(folder.resolve(file + ".key"), data.get("tls.key"));
      write(folder.resolve(file + ".crt"), data.get("tls.crt"));
    }
  }

  private List<String> flags(Path folder) {
    return List.of(
        "--etcd-servers=" + etcd.urls(),
        "--etcd-cafile=" + folder.resolve("etcd/ca.crt"),
        "--etcd-certfile=" + folder.resolve("apiserver-etcd-client.crt"),
        "--etcd-keyfile=" + folder.resolve("apiserver-etcd-client.key"),
        "--etcd-prefix=/hosted",
        "--requestheader-client-ca-file=" + folder.resolve("front-proxy-ca.crt"),
        "--requestheader-allowed-names=front-proxy-client",
        "--requestheader-username-headers=X-Remote-User",
        "--requestheader-group-headers=X-Remote-Group",
        "--requestheader-extra-headers-prefix=X-Remote-Extra-",
        "--proxy-client-cert-file=" + folder.resolve("front-proxy-client.crt"),
        "--proxy-client-key-file=" + folder.resolve("front-proxy-client.key"));
  }

  /** Writes through every API server, and looks whether aggregated ones would know it. */
  private void write() {
    while (writing.get()) {
      for (var running : servers) {
        try {
          var hosted = running.client();
          var number = writes.incrementAndGet();
          var _ =
              hosted
                  .resource(
                      new ConfigMapBuilder()
                          .withNewMetadata()
                          .withNamespace("default")
                          .withName("canary-" + number)
                          .endMetadata()
                          .build())
                  .create();
          var leaf = Files.readAllBytes(running.files().resolve("front-proxy-client.crt"));
          var trusted =
              hosted
                  .configMaps()
                  .inNamespace("kube-system")
                  .withName("extension-apiserver-authentication")
                  .get()
                  .getData()
                  .get("requestheader-client-ca-file");
          if (!isSigned(
              Base64.getEncoder().encodeToString(leaf),
              Base64.getEncoder().encodeToString(trusted.getBytes(StandardCharsets.US_ASCII)))) {
            failures.add("aggregated API servers would not know it");
          }
        } catch (KubernetesClientException | IOException e) {
          // A leader ends here as it is; the controller moves it away first.
          if (servers.contains(running) && !String.valueOf(e.getMessage()).contains(LEADER_GONE)) {
            failures.add(e.toString());
          }
        }
      }
    }
  }

  private void assertSigned() {
    for (var name :
        List.of(
            "demo-etcd-server",
            "demo-etcd-peer",
            "demo-etcd-apiserver-client",
            "demo-etcd-controller-client")) {
      assertThat(isSigned(data(name).get("tls.crt"), data("demo-etcd-ca").get("tls.crt")))
          .as(name)
          .isTrue();
    }
    assertThat(
            isSigned(
                data("demo-front-proxy").get("tls.crt"),
                data("demo-front-proxy-ca").get("tls.crt")))
        .isTrue();
  }

  private static boolean isSigned(String leaf, String authorities) {
    return certificates(authorities).stream()
        .anyMatch(authority -> {
          try {
            certificates(leaf).getFirst().verify(authority.getPublicKey());
            return true;
          } catch (GeneralSecurityException _) {
            return false;
          }
        });
  }

  private static List<X509Certificate> certificates(String encoded) {
    try {
      return CertificateFactory.getInstance("X.509")
          .generateCertificates(new ByteArrayInputStream(Base64.getDecoder().decode(encoded)))
          .stream()
          .map(X509Certificate.class::cast)
          .toList();
    } catch (GeneralSecurityException e) {
      throw new IllegalStateException(e);
    }
  }

  private void delete(String secret) {
    var _ = client.secrets().inNamespace(NAMESPACE).withName(secret).delete();
  }

  private Map<String, String> data(String secret) {
    return find(secret).orElseThrow();
  }

  private Optional<Map<String, String>> find(String secret) {
    return Optional.ofNullable(client.secrets().inNamespace(NAMESPACE).withName(secret).get())
        .map(Secret::getData);
  }

  private List<Progress> progress() {
    return plan.rotations().all();
  }

  private Optional<Phase> phase(Credential credential) {
    return progress().stream()
        .filter(progress -> progress.credential() == credential)
        .map(Progress::phase)
        .findFirst();
  }
}
