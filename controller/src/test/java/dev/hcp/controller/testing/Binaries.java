package dev.hcp.controller.testing;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Comparator;
import java.util.Optional;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Assumptions;

/**
 * Where etcd, kube-apiserver and the like are: in the directory that {@code hcp.test.bin} names, or
 * among the tools that the test bed has built.
 */
public enum Binaries {
  /** Controller of cert-manager. */
  CERT_MANAGER("cert-manager-controller", "cert-manager-", "controller"),
  /** clusterctl. */
  CLUSTERCTL("clusterctl", "capi-", "clusterctl"),
  /** etcd, whose Go command is called {@code server}. */
  ETCD("etcd", "etcd-", "server"),
  /** etcdctl. */
  ETCDCTL("etcdctl", "etcd-", "etcdctl"),
  /** etcdutl. */
  ETCDUTL("etcdutl", "etcd-", "etcdutl"),
  /** kube-apiserver. */
  KUBE_APISERVER("kube-apiserver", "k8s-", "kube-apiserver"),
  /** kube-controller-manager. */
  KUBE_CONTROLLER_MANAGER("kube-controller-manager", "k8s-", "kube-controller-manager"),
  /** kube-proxy. */
  KUBE_PROXY("kube-proxy", "k8s-", "kube-proxy"),
  /** kube-scheduler. */
  KUBE_SCHEDULER("kube-scheduler", "k8s-", "kube-scheduler"),
  /** An S3 server that keeps objects in files. */
  VERSITYGW("versitygw", "versitygw-", "versitygw");

  /** What a folder of the cache is called after that. */
  private static final Pattern KEY = Pattern.compile("[0-9a-f]+");

  private static final String PROPERTY = "hcp.test.bin";
  private static final String VARIABLE = "HCP_TEST_BIN";

  private final String file;
  private final String toolPrefix;
  private final String tool;

  Binaries(String file, String toolPrefix, String tool) {
    this.file = file;
    this.toolPrefix = toolPrefix;
    this.tool = tool;
  }

  /**
   * Path of the executable. Without one the test fails, unless {@code SKIP_E2E=1} says that it is
   * known and wanted.
   */
  public Path path() {
    var directory = System.getProperty(PROPERTY, System.getenv(VARIABLE));
    var found =
        directory == null
            ? newestTool()
            : Optional.of(Path.of(directory, file)).filter(Files::isExecutable);
    if (found.isPresent()) {
      return found.get();
    }
    Assumptions.assumeFalse(
        "1".equals(System.getenv("SKIP_E2E")), "SKIP_E2E=1: not tested against a real API server");
    throw new IllegalStateException(
        ("no executable %s in %s: build the test bed's tools (e2e/bed up), or name another"
                + " directory by -D%s or %s, or set SKIP_E2E=1 to leave these tests out")
            .formatted(file, directory == null ? tools() : directory, PROPERTY, VARIABLE));
  }

  private Optional<Path> newestTool() {
    if (!Files.isDirectory(tools())) {
      return Optional.empty();
    }
    try (var directories = Files.list(tools())) {
      return directories
          .filter(directory -> isOfTheTool(directory.getFileName().toString()))
          .map(directory -> directory.resolve(tool))
          .filter(Files::isExecutable)
          .max(Comparator.comparing(executable -> executable.toFile().lastModified()));
    } catch (IOException e) {
      throw new UncheckedIOException("cannot list " + tools(), e);
    }
  }

  /** Other versions of Kubernetes have other names, such as k8s-next. */
  private boolean isOfTheTool(String folder) {
    return folder.startsWith(toolPrefix)
        && KEY.matcher(folder.substring(toolPrefix.length())).matches();
  }

  private static Path tools() {
    return environment("HCP_CACHE")
        .map(Path::of)
        .or(() -> environment("XDG_CACHE_HOME").map(base -> Path.of(base, "hosted-control-plane")))
        .orElse(Path.of(System.getProperty("user.home"), ".cache", "hosted-control-plane"))
        .resolve("tools");
  }

  private static Optional<String> environment(String name) {
    return Optional.ofNullable(System.getenv(name)).filter(value -> !value.isEmpty());
  }
}
