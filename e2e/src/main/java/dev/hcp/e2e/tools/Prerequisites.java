package dev.hcp.e2e.tools;

import dev.hcp.e2e.BedException;
import dev.hcp.e2e.Progress;
import dev.hcp.e2e.process.Command;
import dev.hcp.e2e.store.Cache;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/**
 * What the machine itself must bring: Linux, root, Go, and a few packages that are installed when
 * missing.
 */
public final class Prerequisites {
  private static final Duration APT_DEADLINE = Duration.ofMinutes(5);

  /** Programs the bed runs, with the Debian package each comes from. */
  private static final Map<String, String> PACKAGES =
      Map.ofEntries(
          Map.entry("containerd", "containerd"),
          Map.entry("ctr", "containerd"),
          Map.entry("runc", "runc"),
          Map.entry("ip", "iproute2"),
          Map.entry("nft", "nftables"),
          Map.entry("iptables", "iptables"),
          Map.entry("conntrack", "conntrack"),
          Map.entry("unshare", "util-linux"),
          Map.entry("nsenter", "util-linux"),
          Map.entry("setsid", "util-linux"),
          Map.entry("mount", "mount"),
          Map.entry("ldd", "libc-bin"),
          Map.entry("pip3", "python3-pip"));

  private static final List<Path> CNI_FOLDERS =
      List.of(Path.of("/usr/lib/cni"), Path.of("/opt/cni/bin"));

  private final Progress progress;
  private final Cache cache;

  /**
   * @param progress told about what is installed
   * @param cache where the installation's log goes
   */
  public Prerequisites(Progress progress, Cache cache) {
    this.progress = progress;
    this.cache = cache;
  }

  /** Fails if this machine cannot build the tools and images. */
  public static void requireBuilder() {
    if (!System.getProperty("os.name").equals("Linux")) {
      throw new BedException(
          "the test bed needs Linux, this is %s".formatted(System.getProperty("os.name")));
    }
    if (!System.getProperty("os.arch").equals("amd64")) {
      throw new BedException(
          "the test bed is made for x86-64, this is %s".formatted(System.getProperty("os.arch")));
    }
    if (!onPath("go")) {
      throw new BedException(
          "the test bed builds Kubernetes from source and needs Go (go.dev/dl) on PATH; there is none");
    }
  }

  /** Fails if this machine cannot run a bed; installs the packages that are missing. */
  public void ensure() {
    requireBuilder();
    if (!System.getProperty("user.name").equals("root")) {
      throw new BedException(
          "the test bed needs root (namespaces, mounts, cgroups), you are %s: run it with sudo"
              .formatted(System.getProperty("user.name")));
    }
    install(missingPackages());
  }

  /** The folder with the reference CNI plugins. */
  public static Path cniPlugins() {
    return CNI_FOLDERS.stream()
        .filter(folder -> Files.isExecutable(folder.resolve("bridge")))
        .findFirst()
        .orElseThrow(() -> new BedException("no CNI plugins in %s".formatted(CNI_FOLDERS)));
  }

  private List<String> missingPackages() {
    var programs =
        PACKAGES.entrySet().stream().filter(e -> !onPath(e.getKey())).map(Map.Entry::getValue);
    var plugins =
        CNI_FOLDERS.stream().noneMatch(folder -> Files.isExecutable(folder.resolve("bridge")))
            ? Stream.of("containernetworking-plugins")
            : Stream.<String>empty();
    return Stream.concat(programs, plugins).distinct().sorted().toList();
  }

  private void install(List<String> packages) {
    if (packages.isEmpty()) {
      return;
    }
    var names = String.join(" ", packages);
    if (!onPath("apt-get")) {
      throw new BedException(
          "missing: what Debian has in the packages %s; install them".formatted(names));
    }
    progress.say("installing Debian packages: %s".formatted(names));
    var log = cache.logs().resolve("apt.log");
    apt("update").log(log).check();
    apt("install", "-y", "--no-install-recommends")
        .with(packages.toArray(String[]::new))
        .log(log)
        .check();
    var still = missingPackages();
    if (!still.isEmpty()) {
      throw new BedException(
          "still missing after apt-get install: %s; log: %s"
              .formatted(still.stream().collect(Collectors.joining(" ")), log));
    }
  }

  static Command apt(String... arguments) {
    return Command.of("apt-get", "-q")
        .with(arguments)
        .env("DEBIAN_FRONTEND", "noninteractive")
        .within(APT_DEADLINE);
  }

  private static boolean onPath(String program) {
    return Stream.of(System.getenv().getOrDefault("PATH", "").split(":", -1))
        .map(folder -> Path.of(folder, program))
        .anyMatch(Files::isExecutable);
  }
}
