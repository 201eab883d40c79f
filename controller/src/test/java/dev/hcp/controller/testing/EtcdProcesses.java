package dev.hcp.controller.testing;

import dev.hcp.controller.plan.EtcdAccess;
import io.etcd.jetcd.ByteSequence;
import io.etcd.jetcd.Client;
import io.etcd.jetcd.options.GetOption;
import io.grpc.netty.GrpcSslContexts;
import io.netty.handler.ssl.SslContextBuilder;
import io.netty.handler.ssl.SslProvider;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.net.HttpURLConnection;
import java.net.URI;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicLong;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import javax.net.ssl.SSLException;
import org.awaitility.Awaitility;
import org.awaitility.core.TerminalFailureException;

/**
 * A cluster of etcd with TLS, as processes of this machine that listen on the loopback interface
 * only. Members are called {@code demo-etcd-0} and so on, as those of a control plane {@code demo}.
 */
public final class EtcdProcesses implements AutoCloseable {
  private static final Duration START = Duration.ofSeconds(60);
  private static final Duration STOP = Duration.ofSeconds(10);
  private static final Duration WRITE = Duration.ofSeconds(20);
  private static final int MOST_STARTS = 3;

  /** Bytes of the end of a log that a kubelet keeps as the last words of a container. */
  private static final int KEPT = 2048;

  private final EtcdPki pki = new EtcdPki();
  private final EtcdPki.Identity client = pki.issue("controller-etcd-client");
  private final Path directory;
  private final List<Member> members;
  private final List<String> flags;

  /** One member; its process is null while it does not run. */
  private static final class Member {
    private final String name;
    private final int clientPort = ManagementApiServer.freePort();
    private final int peerPort = ManagementApiServer.freePort();
    private final int metricsPort = ManagementApiServer.freePort();
    private Process process;
    private String initialCluster = "";
    private String state = "new";
    private boolean alone;

    Member(int ordinal) {
      this.name = "demo-etcd-" + ordinal;
    }

    String peerUrl() {
      return "https://localhost:" + peerPort;
    }

    boolean isReady() throws IOException {
      var connection =
          (HttpURLConnection)
              URI.create("http://127.0.0.1:%d/health".formatted(metricsPort))
                  .toURL()
                  .openConnection();
      connection.setConnectTimeout(2_000);
      connection.setReadTimeout(5_000);
      try {
        return connection.getResponseCode() == HttpURLConnection.HTTP_OK;
      } finally {
        connection.disconnect();
      }
    }
  }

  private EtcdProcesses(Path directory, int members, List<String> flags) {
    this.directory = directory;
    this.members =
        IntStream.range(0, members)
            .mapToObj(Member::new)
            .collect(Collectors.toCollection(ArrayList::new));
    this.flags = flags;
  }

  /**
   * Starts all members and waits until each is ready. A port that was free may be taken when a
   * member gets to listen on it, so a start that fails is tried again.
   *
   * @param flags further flags of each
   */
  public static EtcdProcesses start(int members, String... flags) {
    var etcd = Binaries.ETCD.path();
    for (int attempt = 1; ; attempt++) {
      try {
        return start(etcd, members, List.of(flags));
      } catch (TerminalFailureException e) {
        if (attempt == MOST_STARTS) {
          throw e;
        }
      } catch (IOException e) {
        throw new UncheckedIOException("cannot start etcd", e);
      }
    }
  }

  private static EtcdProcesses start(Path etcd, int members, List<String> flags)
      throws IOException {
    var cluster = new EtcdProcesses(Files.createTempDirectory("etcd"), members, flags);
    try {
      cluster.launch(etcd);
      return cluster;
    } catch (IOException | RuntimeException e) {
      cluster.close();
      throw e;
    }
  }

  private void launch(Path etcd) throws IOException {
    var server = pki.issue("etcd");
    Files.writeString(directory.resolve("ca.crt"), pki.authority());
    Files.writeString(directory.resolve("server.crt"), server.certificate());
    Files.writeString(directory.resolve("server.key"), server.key());
    for (int i = 0; i < members.size(); i++) {
      members.get(i).initialCluster = initialCluster(members);
      run(etcd, members.get(i));
    }
    awaitReady();
  }

  private static String initialCluster(List<Member> members) {
    return members.stream()
        .map(m -> "%s=%s".formatted(m.name, m.peerUrl()))
        .collect(Collectors.joining(","));
  }

  /** Waits until all members are ready. */
  public void awaitReady() {
    Awaitility.await("etcd is ready, see " + directory)
        .atMost(START)
        .pollInterval(Duration.ofMillis(100))
        .ignoreExceptions()
        .failFast(
            "a member ended, see " + directory,
            () -> members.stream().anyMatch(m -> m.process == null || !m.process.isAlive()))
        .until(() -> {
          for (var member : members) {
            if (!member.isReady()) {
              return false;
            }
          }
          return true;
        });
  }

  private void run(Path etcd, Member member) throws IOException {
    var command = new ArrayList<String>();
    command.add(etcd.toString());
    command.add("--name=" + member.name);
    command.add("--data-dir=" + data(member));
    command.add("--unsafe-no-fsync");
    command.add("--listen-client-urls=https://127.0.0.1:" + member.clientPort);
    command.add("--advertise-client-urls=https://localhost:" + member.clientPort);
    command.add("--listen-peer-urls=https://127.0.0.1:" + member.peerPort);
    command.add("--initial-advertise-peer-urls=" + member.peerUrl());
    command.add("--listen-metrics-urls=http://127.0.0.1:" + member.metricsPort);
    command.add("--initial-cluster=" + member.initialCluster);
    command.add("--initial-cluster-state=" + member.state);
    command.add("--initial-cluster-token=clusters-demo");
    command.add("--client-cert-auth=true");
    command.add("--peer-client-cert-auth=true");
    for (var prefix : List.of("", "peer-")) {
      command.add("--%strusted-ca-file=%s".formatted(prefix, directory.resolve("ca.crt")));
      command.add("--%scert-file=%s".formatted(prefix, directory.resolve("server.crt")));
      command.add("--%skey-file=%s".formatted(prefix, directory.resolve("server.key")));
    }
    command.addAll(flags);
    var builder =
        new ProcessBuilder(command)
            .directory(directory.toFile())
            .redirectErrorStream(true)
            .redirectOutput(
                ProcessBuilder.Redirect.appendTo(directory.resolve(member.name + ".log").toFile()));
    builder.environment().put("ETCD_FORCE_NEW_CLUSTER", member.alone ? "true" : "");
    member.process = builder.start();
  }

  /**
   * Has etcd's own tool copy the database of a member to a file.
   *
   * @param longest how long it may take
   */
  public void save(String name, Path file, Duration longest) {
    var command =
        List.of(
            Binaries.ETCDCTL.path().toString(),
            "--endpoints=https://localhost:" + member(name).clientPort,
            "--cacert=" + directory.resolve("ca.crt"),
            "--cert=" + directory.resolve("server.crt"),
            "--key=" + directory.resolve("server.key"),
            "--command-timeout=%ds".formatted(longest.toSeconds()),
            "snapshot",
            "save",
            file.toString());
    try {
      var process =
          new ProcessBuilder(command)
              .redirectErrorStream(true)
              .redirectOutput(directory.resolve("etcdctl.log").toFile())
              .start();
      if (!process.waitFor(longest.toSeconds(), TimeUnit.SECONDS) || process.exitValue() != 0) {
        process.destroyForcibly();
        throw new IllegalStateException(
            "%s failed: %s".formatted(command, Files.readString(directory.resolve("etcdctl.log"))));
      }
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IllegalStateException(e);
    }
  }

  /** How the controller would reach it. */
  public EtcdAccess access() {
    return access(pki.authority(), client);
  }

  /** The same with another certificate of the same CA. */
  public EtcdAccess renewedAccess() {
    return access(pki.authority(), pki.issue("controller-etcd-client"));
  }

  /** The same members, with what others trust and are trusted for. */
  public EtcdAccess access(String authority, EtcdPki.Identity identity) {
    return new EtcdAccess(
        members.stream()
            .map(m -> new EtcdAccess.Endpoint(m.name, "localhost", m.clientPort, m.peerUrl()))
            .toList(),
        authority,
        identity.certificate(),
        identity.key());
  }

  /** What the members trust. */
  public EtcdPki pki() {
    return pki;
  }

  /** Ends a member at once, as a crash does; its data stay. */
  public void kill(String name) {
    stop(member(name));
  }

  /** Starts a member that was killed, on the data that it has. */
  public void restart(String name) {
    try {
      run(Binaries.ETCD.path(), member(name));
    } catch (IOException e) {
      throw new UncheckedIOException("cannot start " + name, e);
    }
  }

  /** From now on members start as they do once there is a cluster: without data they do not. */
  public void found() {
    for (var member : members) {
      member.initialCluster = "";
      member.state = "existing";
    }
  }

  /**
   * One more member, which does not run yet.
   *
   * @return its name
   */
  public String grow() {
    var member = new Member(members.size());
    member.state = "existing";
    members.add(member);
    return member.name;
  }

  /** Forgets the last member, which has ended. */
  public void shrink() {
    stop(members.removeLast());
  }

  /** Names of all members. */
  public List<String> names() {
    return members.stream().map(member -> member.name).toList();
  }

  /** Starts a member as one that is to join these, itself included. */
  public void join(String name, List<String> cluster) {
    var member = member(name);
    member.initialCluster = initialCluster(cluster.stream().map(this::member).toList());
    restart(name);
    member.initialCluster = "";
  }

  /** Starts a member that was killed as the only one, with the data that it has. */
  public void goOnAlone(String name) {
    var member = member(name);
    member.alone = true;
    restart(name);
    member.alone = false;
  }

  /** Waits until a member that was started has ended by itself, and returns its last words. */
  public End awaitEnd(String name) {
    var member = member(name);
    try {
      if (!member.process.waitFor(START.toSeconds(), TimeUnit.SECONDS)) {
        throw new IllegalStateException(name + " does not end, see " + directory);
      }
      var log = Files.readAllBytes(directory.resolve(name + ".log"));
      var words =
          new String(
              log,
              Math.max(0, log.length - KEPT),
              Math.min(log.length, KEPT),
              StandardCharsets.UTF_8);
      var end = new End(member.process.exitValue(), words);
      member.process = null;
      return end;
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IllegalStateException(e);
    }
  }

  /**
   * How a member ended.
   *
   * @param code exit code
   * @param words as much of the end of its log as a kubelet keeps
   */
  public record End(int code, String words) {}

  /** Overwrites a part of a file of a member that does not run: of its log, or its database. */
  public void damage(String name, Damage damage) {
    try (var files = Files.walk(data(member(name)))) {
      var file =
          files
              .filter(path -> path.toString().endsWith(damage.suffix))
              .sorted()
              .findFirst()
              .orElseThrow();
      try (var channel = FileChannel.open(file, StandardOpenOption.WRITE)) {
        var noise =
            ByteBuffer.allocate((int) Math.min(damage.length, Files.size(file) - damage.offset));
        for (int i = 0; noise.hasRemaining(); i++) {
          noise.put((byte) (i * 31 + 7));
        }
        var _ = channel.write(noise.flip(), damage.offset);
      }
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** Parts of files. */
  public enum Damage {
    /** Entries of the log. */
    LOG_ENTRIES(".wal", 9_000, 300),
    /** The beginning of the log. */
    LOG_HEAD(".wal", 0, 300),
    /** What says where in the database everything is. */
    DATABASE_HEAD("db", 0, 8_192),
    /** All pages of the database: of single ones nobody may take notice. */
    DATABASE_PAGES("db", 8_192, 16 << 20);

    private final String suffix;
    private final int offset;
    private final int length;

    Damage(String suffix, int offset, int length) {
      this.suffix = suffix;
      this.offset = offset;
      this.length = length;
    }
  }

  /** Whether the database of a member has a key, and not only its log. */
  public boolean isStored(String name, String key) {
    try {
      return content(name).contains(key);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /**
   * Gives a key that was {@link #put} another value in the database of a member that does not run.
   * Nothing tells the member, since databases have no checksums.
   */
  public void alter(String name, String key) {
    try (var channel = FileChannel.open(database(name), StandardOpenOption.WRITE)) {
      var content = content(name);
      int found = content.indexOf(key);
      if (found < 0) {
        throw new IllegalArgumentException("%s does not store %s".formatted(name, key));
      }
      // Older pages may have it as well.
      for (; found >= 0; found = content.indexOf(key, found + 1)) {
        int value = content.indexOf("xxx", found + key.length());
        var _ = channel.write(ByteBuffer.wrap(new byte[] {'y'}), value);
      }
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** One character for each byte. */
  private String content(String name) throws IOException {
    return Files.readString(database(name), StandardCharsets.ISO_8859_1);
  }

  private Path database(String name) {
    return data(member(name)).resolve("member").resolve("snap").resolve("db");
  }

  /** Number of keys that begin so. */
  public long count(String prefix) {
    var counted = new AtomicLong();
    var start = ByteSequence.from(prefix, StandardCharsets.UTF_8);
    with(reader ->
        counted.set(
            reader
                .getKVClient()
                .get(start, GetOption.builder().isPrefix(true).withCountOnly(true).build())
                .get(WRITE.toSeconds(), TimeUnit.SECONDS)
                .getCount()));
    return counted.get();
  }

  /** Removes all data of a member that does not run. */
  public void wipe(String name) {
    remove(data(member(name)));
  }

  /** Lets a member stand still, or go on: signals {@code STOP} and {@code CONT}. */
  public void signal(String name, String signal) {
    try {
      var kill =
          new ProcessBuilder("kill", "-" + signal, Long.toString(member(name).process.pid()))
              .inheritIO()
              .start();
      if (kill.waitFor() != 0) {
        throw new IllegalStateException("kill -%s %s failed".formatted(signal, name));
      }
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IllegalStateException(e);
    }
  }

  /** Writes keys {@code <prefix>0} and so on, each with a value of that many bytes. */
  public void put(String prefix, int keys, int bytes) {
    var value = ByteSequence.from("x".repeat(bytes), StandardCharsets.UTF_8);
    with(writer -> {
      for (int i = 0; i < keys; i++) {
        var key = ByteSequence.from(prefix + i, StandardCharsets.UTF_8);
        var _ = writer.getKVClient().put(key, value).get(WRITE.toSeconds(), TimeUnit.SECONDS);
      }
    });
  }

  /** Deletes keys {@code <prefix>0} and so on. */
  public void delete(String prefix, int keys) {
    with(writer -> {
      for (int i = 0; i < keys; i++) {
        var key = ByteSequence.from(prefix + i, StandardCharsets.UTF_8);
        var _ = writer.getKVClient().delete(key).get(WRITE.toSeconds(), TimeUnit.SECONDS);
      }
    });
  }

  /** Something to do with a client. */
  @FunctionalInterface
  private interface Task {
    void run(Client client) throws ExecutionException, InterruptedException, TimeoutException;
  }

  private void with(Task task) {
    var endpoints =
        members.stream()
            .filter(m -> m.process != null)
            .map(m -> "https://localhost:" + m.clientPort)
            .toArray(String[]::new);
    try (var writer =
        Client.builder()
            .endpoints(endpoints)
            .sslContext(
                GrpcSslContexts.configure(SslContextBuilder.forClient(), SslProvider.JDK)
                    .trustManager(stream(pki.authority()))
                    .keyManager(stream(client.certificate()), stream(client.key()))
                    .build())
            .build()) {
      task.run(writer);
    } catch (SSLException | TimeoutException e) {
      throw new IllegalStateException(e);
    } catch (ExecutionException e) {
      throw new IllegalStateException(e.getCause());
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IllegalStateException(e);
    }
  }

  private static InputStream stream(String pem) {
    return new ByteArrayInputStream(pem.getBytes(StandardCharsets.US_ASCII));
  }

  private Member member(String name) {
    return members.stream()
        .filter(m -> m.name.equals(name))
        .findFirst()
        .orElseThrow(() -> new IllegalArgumentException(name));
  }

  private Path data(Member member) {
    return directory.resolve(member.name);
  }

  private static void stop(Member member) {
    var process = member.process;
    member.process = null;
    if (process == null) {
      return;
    }
    process.destroyForcibly();
    try {
      if (!process.waitFor(STOP.toSeconds(), TimeUnit.SECONDS)) {
        throw new IllegalStateException(member.name + " does not end");
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  private static void remove(Path tree) {
    if (!Files.exists(tree)) {
      return;
    }
    try (Stream<Path> files = Files.walk(tree)) {
      for (var file : files.sorted(Comparator.reverseOrder()).toList()) {
        Files.deleteIfExists(file);
      }
    } catch (IOException e) {
      throw new UncheckedIOException("cannot remove " + tree, e);
    }
  }

  @Override
  public void close() {
    members.forEach(EtcdProcesses::stop);
    remove(directory);
  }
}
