package dev.hcp.controller.testing;

import dev.hcp.controller.kube.ManagementClient;
import dev.hcp.controller.telemetry.ControllerMetrics;
import io.etcd.jetcd.ByteSequence;
import io.etcd.jetcd.Client;
import io.etcd.jetcd.options.GetOption;
import io.fabric8.kubernetes.api.model.HasMetadata;
import io.fabric8.kubernetes.client.Config;
import io.fabric8.kubernetes.client.ConfigBuilder;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.KubernetesClientBuilder;
import io.fabric8.kubernetes.client.RequestConfigBuilder;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.BindException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.KeyPairGenerator;
import java.time.Duration;
import java.util.Base64;
import java.util.Comparator;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.function.IntFunction;
import java.util.stream.Stream;
import org.awaitility.Awaitility;

/**
 * An etcd and a kube-apiserver with RBAC and an audit log, as processes of this machine that listen
 * on the loopback interface only. No controllers run, so nothing is garbage-collected.
 */
public final class ManagementApiServer implements AutoCloseable {
  private static final Duration PATIENCE = Duration.ofSeconds(90);
  private static final Duration START = Duration.ofSeconds(90);
  private static final Duration STOP = Duration.ofSeconds(10);

  /** What a thousand control planes take, some times over. */
  private static final long QUOTA = 8L << 30;

  private static final String CERTIFICATES = "certificates";
  private static final int MOST_PORTS = 100;
  private static final int LOWEST_PORT = 15_000;
  private static final int HIGHEST_PORT = 30_000;
  private static final String ADMIN_TOKEN = "admin-token";
  private static final List<String> ROLES =
      List.of(
          "../config/rbac/manager_role.yaml",
          "../config/rbac/leader_election_role.yaml",
          "../config/rbac/metrics_role.yaml");

  /** Where the controller would run. */
  public static final String NAMESPACE = "capi-hosted-control-plane-system";

  private final Path directory;
  private final List<Process> processes = new CopyOnWriteArrayList<>();
  private final int port;
  private int etcdPort;

  private ManagementApiServer(Path directory, int port) {
    this.directory = directory;
    this.port = port;
  }

  /** Starts both and waits until the API server is ready. */
  public static ManagementApiServer start() {
    return start(_ -> List.of());
  }

  /**
   * Starts both and waits until the API server is ready.
   *
   * @param flags further flags of the API server, which replace ours, given the port on which it
   *     will listen
   */
  public static ManagementApiServer start(IntFunction<List<String>> flags) {
    var etcd = Binaries.ETCD.path();
    var _ = Binaries.KUBE_APISERVER.path();
    try {
      var server =
          new ManagementApiServer(Files.createTempDirectory("management-api-server"), freePort());
      try {
        server.launch(etcd, flags.apply(server.port));
        return server;
      } catch (IOException | RuntimeException e) {
        server.close();
        throw e;
      }
    } catch (IOException e) {
      throw new UncheckedIOException("cannot start a management API server", e);
    }
  }

  /**
   * Starts a further API server that uses the same etcd, and waits until it is ready. It ends with
   * this one, or earlier.
   *
   * @param flags its further flags, which replace ours
   */
  public Another another(List<String> flags) {
    var other = starting(flags);
    Awaitility.await(other.certificates + " is ready, see " + directory)
        .atMost(START)
        .pollInterval(Duration.ofMillis(200))
        .ignoreExceptions()
        .failFast("it ended, see " + directory, () -> !other.process.isAlive())
        .until(other::isReady);
    return other;
  }

  /** The same, without waiting. */
  public Another starting(List<String> flags) {
    int otherPort = freePort();
    var name = "kube-apiserver-" + otherPort;
    try {
      return new Another(run(name, command(otherPort, name, flags)), otherPort, name);
    } catch (IOException e) {
      throw new UncheckedIOException("cannot start " + name, e);
    }
  }

  /** A further API server. */
  public final class Another implements AutoCloseable {
    private final Process process;
    private final int port;
    private final String certificates;

    private Another(Process process, int port, String certificates) {
      this.process = process;
      this.port = port;
      this.certificates = certificates;
    }

    /** How to reach it with all rights. */
    public Config config() {
      return ManagementApiServer.this.config(port, certificates);
    }

    /** A client with all rights; the caller closes it. */
    public KubernetesClient client() {
      return open(config());
    }

    /** A client with the rights of whom a token is of; the caller closes it. */
    public KubernetesClient clientWith(String token) {
      return open(new ConfigBuilder(config()).withOauthToken(token).build());
    }

    private boolean isReady() {
      try (var client = client()) {
        return "ok".equals(client.raw("/readyz"));
      }
    }

    /** Checks that fail, by what is answered at a path such as {@code /readyz}. */
    public List<String> failing(String path) {
      try (var client = client()) {
        // An answer in the negative need not be asked for again.
        var once =
            client.newClient(new RequestConfigBuilder().withRequestRetryBackoffLimit(0).build());
        var http = once.getHttpClient();
        return http.sendAsync(
                http.newHttpRequestBuilder()
                    .uri(URI.create(once.getMasterUrl().toString()).resolve(path))
                    .build(),
                String.class)
            .get(STOP.toSeconds(), TimeUnit.SECONDS)
            .bodyString()
            .lines()
            .filter(line -> line.startsWith("[-]"))
            .map(line -> line.substring("[-]".length()).replaceAll(" .*", ""))
            .toList();
      } catch (InterruptedException e) {
        Thread.currentThread().interrupt();
        throw new IllegalStateException("interrupted", e);
      } catch (ExecutionException | TimeoutException | IOException e) {
        throw new IllegalStateException("it does not answer", e);
      }
    }

    @Override
    public void close() {
      end(process);
      processes.remove(process);
    }
  }

  /** How to reach it with all rights. */
  public Config config() {
    return config(port, CERTIFICATES);
  }

  private Config config(int port, String certificates) {
    return new ConfigBuilder(Config.empty())
        .withMasterUrl("https://127.0.0.1:" + port + "/")
        .withCaCertFile(directory.resolve(certificates).resolve("apiserver.crt").toString())
        .withOauthToken(ADMIN_TOKEN)
        .build();
  }

  /** A client with all rights; the caller closes it. */
  public KubernetesClient client() {
    return open(config());
  }

  /** The same, for what takes longer than the controller would wait; the caller closes it. */
  public KubernetesClient patientClient() {
    return new KubernetesClientBuilder()
        .withConfig(
            new ConfigBuilder(config()).withRequestTimeout((int) PATIENCE.toMillis()).build())
        .build();
  }

  /**
   * A client with the rights that the shipped roles give to the controller, and no others; the
   * caller closes it.
   */
  public KubernetesClient controllerClient() {
    try (var admin = client()) {
      for (var role : ROLES) {
        try (var manifest = Files.newInputStream(Path.of(role))) {
          admin.load(manifest).items().forEach(item -> apply(admin, item));
        }
      }
    } catch (IOException e) {
      throw new UncheckedIOException("cannot read the shipped roles", e);
    }
    return clientOf(
        "system:serviceaccount:%s:capi-hosted-control-plane-manager".formatted(NAMESPACE),
        "system:serviceaccounts",
        "system:authenticated");
  }

  /** A client with the rights of a user; the caller closes it. */
  public KubernetesClient clientOf(String user, String... groups) {
    return open(
        new ConfigBuilder(config())
            .withImpersonateUsername(user)
            .withImpersonateGroups(groups)
            .build());
  }

  private static KubernetesClient open(Config config) {
    return ManagementClient.open(
        config, Duration.ofSeconds(10), new ControllerMetrics(new SimpleMeterRegistry()));
  }

  private static void apply(KubernetesClient admin, HasMetadata object) {
    if (object.getMetadata().getNamespace() != null) {
      Namespaces.apply(admin, NAMESPACE);
    }
    var _ = admin.resource(object).forceConflicts().serverSideApply();
  }

  /** What the API server has logged so far. */
  public String log() {
    try {
      return Files.readString(directory.resolve("kube-apiserver.log"));
    } catch (IOException e) {
      throw new UncheckedIOException("cannot read the log", e);
    }
  }

  /** Whether etcd has a text anywhere in its files, its log included. */
  public boolean isStored(String text) {
    try (Stream<Path> files = Files.walk(directory.resolve("etcd"))) {
      for (var file : files.filter(Files::isRegularFile).toList()) {
        // One character for each byte.
        if (Files.readString(file, StandardCharsets.ISO_8859_1).contains(text)) {
          return true;
        }
      }
      return false;
    } catch (IOException e) {
      throw new UncheckedIOException("cannot read the files of etcd", e);
    }
  }

  /** What etcd has below a key, each as a text with one character for each byte. */
  public List<String> values(String prefix) {
    try (var etcd = Client.builder().endpoints("http://127.0.0.1:" + etcdPort).build()) {
      return etcd
          .getKVClient()
          .get(
              ByteSequence.from(prefix, StandardCharsets.UTF_8),
              GetOption.builder().isPrefix(true).build())
          .get(STOP.toSeconds(), TimeUnit.SECONDS)
          .getKvs()
          .stream()
          .map(entry -> entry.getValue().toString(StandardCharsets.ISO_8859_1))
          .toList();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IllegalStateException("interrupted", e);
    } catch (ExecutionException | TimeoutException e) {
      throw new IllegalStateException("etcd does not answer", e);
    }
  }

  /** Makes etcd forget what was before now, as API servers do every five minutes. */
  public void compact() {
    try (var etcd = Client.builder().endpoints("http://127.0.0.1:" + etcdPort).build()) {
      var kv = etcd.getKVClient();
      long revision =
          kv.get(ByteSequence.from("/", StandardCharsets.UTF_8))
              .get(STOP.toSeconds(), TimeUnit.SECONDS)
              .getHeader()
              .getRevision();
      var _ = kv.compact(revision).get(STOP.toSeconds(), TimeUnit.SECONDS);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IllegalStateException("interrupted", e);
    } catch (ExecutionException | TimeoutException e) {
      throw new IllegalStateException("etcd is not compacted", e);
    }
  }

  /** Everything that was requested so far, one JSON object per line. */
  public List<String> auditLog() {
    try {
      return Files.readAllLines(directory.resolve("audit.log"));
    } catch (IOException e) {
      throw new UncheckedIOException("cannot read the audit log", e);
    }
  }

  @Override
  public void close() {
    for (var process : processes.reversed()) {
      end(process);
    }
    processes.clear();
    if (!Files.exists(directory)) {
      return;
    }
    try (Stream<Path> files = Files.walk(directory)) {
      for (var file : files.sorted(Comparator.reverseOrder()).toList()) {
        Files.deleteIfExists(file);
      }
    } catch (IOException e) {
      throw new UncheckedIOException("cannot remove " + directory, e);
    }
  }

  private static void end(Process process) {
    process.destroy();
    try {
      if (!process.waitFor(STOP.toSeconds(), TimeUnit.SECONDS)) {
        process.destroyForcibly();
      }
    } catch (InterruptedException e) {
      process.destroyForcibly();
      Thread.currentThread().interrupt();
    }
  }

  private void launch(Path etcd, List<String> flags) throws IOException {
    etcdPort = freePort();
    int peerPort = freePort();
    var _ =
        run(
            "etcd",
            List.of(
                etcd.toString(),
                "--data-dir=" + directory.resolve("etcd"),
                "--unsafe-no-fsync",
                "--quota-backend-bytes=" + QUOTA,
                "--listen-client-urls=http://127.0.0.1:" + etcdPort,
                "--advertise-client-urls=http://127.0.0.1:" + etcdPort,
                "--listen-peer-urls=http://127.0.0.1:" + peerPort,
                "--initial-advertise-peer-urls=http://127.0.0.1:" + peerPort,
                "--initial-cluster=default=http://127.0.0.1:" + peerPort));
    var _ = Files.writeString(directory.resolve("tokens"), admin());
    var _ =
        Files.writeString(
            directory.resolve("audit.yaml"),
            """
            apiVersion: audit.k8s.io/v1
            kind: Policy
            omitStages: [RequestReceived, ResponseStarted]
            rules:
              - level: Metadata
            """);
    var _ = Files.writeString(directory.resolve("service-accounts.key"), privateKey());
    var _ = run("kube-apiserver", command(port, CERTIFICATES, flags));
    Awaitility.await("kube-apiserver is ready, see " + directory)
        .atMost(START)
        .pollInterval(Duration.ofMillis(200))
        .ignoreExceptions()
        .failFast("a process ended:\n" + directory, this::somethingEnded)
        .until(this::isReady);
  }

  private List<String> command(int port, String certificates, List<String> flags) {
    var key = directory.resolve("service-accounts.key");
    var command =
        List.of(
            Binaries.KUBE_APISERVER.path().toString(),
            "--etcd-servers=http://127.0.0.1:" + etcdPort,
            "--bind-address=127.0.0.1",
            "--advertise-address=127.0.0.1",
            "--endpoint-reconciler-type=none",
            "--secure-port=" + port,
            "--cert-dir=" + directory.resolve(certificates),
            "--token-auth-file=" + directory.resolve("tokens"),
            "--authorization-mode=RBAC",
            "--allow-privileged=true",
            "--service-cluster-ip-range=10.0.0.0/24",
            "--service-account-issuer=https://127.0.0.1",
            "--service-account-key-file=" + key,
            "--service-account-signing-key-file=" + key,
            "--disable-admission-plugins=ServiceAccount",
            "--audit-policy-file=" + directory.resolve("audit.yaml"),
            "--audit-log-path=" + directory.resolve("audit.log"));
    return Stream.concat(
            command.stream().filter(own -> flags.stream().noneMatch(flag -> sameName(own, flag))),
            flags.stream())
        .toList();
  }

  private static boolean sameName(String flag, String other) {
    return flag.startsWith(other.substring(0, other.indexOf('=') + 1));
  }

  private Process run(String name, List<String> command) throws IOException {
    var process =
        new ProcessBuilder(command)
            .directory(directory.toFile())
            .redirectErrorStream(true)
            .redirectOutput(directory.resolve(name + ".log").toFile())
            .start();
    processes.add(process);
    return process;
  }

  private boolean somethingEnded() {
    return processes.stream().anyMatch(process -> !process.isAlive());
  }

  private boolean isReady() {
    try (var client = client()) {
      return "ok".equals(client.raw("/readyz"))
          && client.namespaces().withName("default").get() != null;
    }
  }

  private static String admin() {
    return "%s,admin,admin,\"system:masters\"%n".formatted(ADMIN_TOKEN);
  }

  private static String privateKey() {
    try {
      var generator = KeyPairGenerator.getInstance("RSA");
      generator.initialize(2048);
      var encoded = generator.generateKeyPair().getPrivate().getEncoded();
      return "-----BEGIN PRIVATE KEY-----\n%s\n-----END PRIVATE KEY-----\n"
          .formatted(Base64.getMimeEncoder(64, new byte[] {'\n'}).encodeToString(encoded));
    } catch (GeneralSecurityException e) {
      throw new IllegalStateException("this Java runtime has no RSA", e);
    }
  }

  /**
   * A port of the loopback interface on which nobody listens just now, and from which nobody makes
   * connections either: those ports are higher.
   */
  public static int freePort() {
    for (int attempt = 0; attempt < MOST_PORTS; attempt++) {
      int port = ThreadLocalRandom.current().nextInt(LOWEST_PORT, HIGHEST_PORT);
      try (var socket = new ServerSocket(port, 1, InetAddress.getLoopbackAddress())) {
        return socket.getLocalPort();
      } catch (BindException _) {
        // Somebody has it.
      } catch (IOException e) {
        throw new UncheckedIOException("no free port", e);
      }
    }
    throw new IllegalStateException("no free port");
  }
}
