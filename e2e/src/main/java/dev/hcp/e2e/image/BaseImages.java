package dev.hcp.e2e.image;

import dev.hcp.e2e.BedException;
import dev.hcp.e2e.Progress;
import dev.hcp.e2e.process.Command;
import dev.hcp.e2e.store.Cache;
import dev.hcp.e2e.store.Digest;
import dev.hcp.e2e.store.FileTrees;
import dev.hcp.e2e.tools.DebianPackages;
import dev.hcp.e2e.tools.Prerequisites;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;

/** The images that others stand on, each an archive in the cache. */
public final class BaseImages {
  /**
   * Where the Java base image has its runtime; the product's images start {@code bin/java} in it.
   */
  private static final String JAVA_HOME = "/usr/lib/jvm/java";

  private static final String PATH_VARIABLE =
      "PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin";

  /** Part of the keys of both images: raised when what this class puts into them changes. */
  private static final String LAYOUT = "4";

  private static final String NONROOT = "65532:65532";

  private static final Path NFT = Path.of("/usr/sbin/nft");
  private static final Path IPTABLES = Path.of("/usr/sbin/xtables-nft-multi");
  private static final Path BASH = Path.of("/bin/bash");
  private static final Path GETENT = Path.of("/usr/bin/getent");

  /**
   * What our processes and their libraries use: the HTTP clients, Jetty, gRPC on Netty, the S3
   * client, logback; the agent (instrument); jcmd and flight recordings for whoever has to look
   * into a running process. No desktop.
   */
  private static final List<String> JAVA_MODULES =
      List.of(
          "java.base",
          "java.compiler",
          "java.instrument",
          "java.logging",
          "java.management",
          "java.naming",
          "java.net.http",
          "java.rmi",
          "java.security.jgss",
          "java.security.sasl",
          "java.sql",
          "java.xml",
          "jdk.crypto.ec",
          "jdk.httpserver",
          "jdk.jcmd",
          "jdk.jfr",
          "jdk.management",
          "jdk.management.agent",
          "jdk.naming.dns",
          "jdk.net",
          "jdk.unsupported",
          "jdk.zipfs");

  /** The user and the groups that tests of a container's identity ask for. */
  private static final String TEST_USERS =
      """
      root:x:0:0:root:/root:/bin/sh
      nobody:x:65534:65534:nobody:/:/bin/false
      user-defined-in-image:x:1000:1000::/:/bin/sh
      """;

  private static final String TEST_GROUPS =
      """
      root:x:0:
      nobody:x:65534:
      user-defined-in-image:x:1000:
      group-defined-in-image:x:50000:user-defined-in-image
      """;

  private static final String WEB_SERVER_SETTINGS =
      """
      user root;
      worker_processes 1;
      pid /run/nginx.pid;
      error_log /dev/stderr;
      events { worker_connections 128; }
      http {
        access_log /dev/stdout;
        default_type text/html;
        server {
          listen 80;
          root /usr/share/nginx/html;
        }
      }
      """;

  /**
   * The protocols that rules are about. nft prints numbers for those without a name, and
   * kube-proxy, which reads what it has written before, would take these for strangers and delete
   * them.
   */
  private static final String PROTOCOLS =
      """
      icmp 1 ICMP
      tcp 6 TCP
      udp 17 UDP
      ipv6-icmp 58 IPv6-ICMP
      sctp 132 SCTP
      """;

  private static final List<String> FIREWALL_NAMES =
      List.of(
          "iptables",
          "iptables-save",
          "iptables-restore",
          "ip6tables",
          "ip6tables-save",
          "ip6tables-restore");
  private static final List<String> SHELL_NAMES =
      List.of(
          "sh",
          "cat",
          "chmod",
          "cp",
          "date",
          "df",
          "du",
          "echo",
          "env",
          "find",
          "grep",
          "head",
          "hostname",
          "id",
          "ip",
          "kill",
          "ls",
          "mkdir",
          "mv",
          "nc",
          "nslookup",
          "ping",
          "ps",
          "rm",
          "sed",
          "sleep",
          "stat",
          "tail",
          "tar",
          "test",
          "touch",
          "wget");

  private final Cache cache;
  private final Progress progress;

  /**
   * @param cache where the archives are kept
   * @param progress told about what takes time
   */
  public BaseImages(Cache cache, Progress progress) {
    this.cache = cache;
    this.progress = progress;
  }

  /**
   * A shell, the packet filter's tools and the C library: for kube-proxy, Envoy and helper pods.
   */
  Path system() {
    var key = new Digest().add(LAYOUT).add(PROTOCOLS).add(NFT).add(IPTABLES).add(libc()).key();
    return archive(
        "system-" + key,
        "bed.test/system:" + key,
        Map.of("Env", List.of(PATH_VARIABLE)),
        files -> {
          files.basics();
          firewall(files);
          // Envoy's needs beyond what the above has brought along.
          for (var library : List.of("libm.so.6", "librt.so.1", "libdl.so.2", "libpthread.so.0")) {
            files.copy(libraryFolder().resolve(library), libraryFolder().resolve(library));
          }
          shell(files);
        });
  }

  /**
   * What Cilium's agent runs on a node: clang, with which it compiles its filters, the packet
   * filter's tools, and a shell for its scripts; with the source of the filters.
   *
   * @param source Cilium's source
   * @param version the version of it
   */
  Path cilium(Path source, String version) {
    var packages = DebianPackages.unpacked(cache, "clang-19", "ipset");
    var loopback = Prerequisites.cniPlugins().resolve("loopback");
    var key =
        new Digest()
            .add(LAYOUT)
            .add(version)
            .add(packages.toString())
            .add(PROTOCOLS)
            .add(NFT)
            .add(IPTABLES)
            .add(BASH)
            .add(loopback)
            .add(libc())
            .key();
    return archive(
        "cilium-" + key,
        "bed.test/cilium:" + key,
        Map.of("Env", List.of(PATH_VARIABLE)),
        files -> {
          files.basics();
          firewall(files);
          shell(files);
          files.links("/bin", "busybox", List.of("basename")).program(BASH);
          files.program(packages, Path.of("/usr/sbin/ipset"));
          var clang = Path.of("/usr/lib/llvm-19/bin/clang");
          files.program(packages, clang).links("/usr/bin", clang.toString(), List.of("clang"));
          files.copy(loopback, Path.of("/cni/loopback"));
          for (var script :
              List.of(
                  "images/cilium/init-container.sh",
                  "plugins/cilium-cni/install-plugin.sh",
                  "plugins/cilium-cni/cni-uninstall.sh")) {
            var file = source.resolve(script);
            files.script(file, Path.of("/", file.getFileName().toString()));
          }
          var filters = source.resolve("bpf");
          try (var all = Files.walk(filters)) {
            for (var file : all.filter(Files::isRegularFile).sorted().toList()) {
              var name = filters.relativize(file);
              if (!name.startsWith("tests") && !name.startsWith("complexity-tests")) {
                files.copy(file, Path.of("/var/lib/cilium/bpf").resolve(name));
              }
            }
          }
        });
  }

  /**
   * What the containers of Kubernetes' own tests expect to find: a shell with all its commands, and
   * clients for HTTP, DNS and plain sockets with the options that the tests use.
   */
  Path tests() {
    var packages =
        DebianPackages.unpacked(
            cache, "bind9-dnsutils", "curl", "iproute2", "iperf", "netcat-openbsd");
    var key =
        new Digest().add(LAYOUT).add(packages.toString()).add(BASH).add(GETENT).add(libc()).key();
    return archive(
        "tests-" + key,
        "bed.test/tests:" + key,
        Map.of("Env", List.of(PATH_VARIABLE)),
        files -> {
          files.basics().text("/etc/passwd", TEST_USERS).text("/etc/group", TEST_GROUPS);
          for (var program :
              List.of("/usr/bin/curl", "/usr/bin/dig", "/usr/bin/iperf", "/bin/ip", "/bin/ss")) {
            files.program(packages, Path.of(program));
          }
          var netcat = Path.of("/bin/nc.openbsd");
          files.program(packages, netcat).links("/usr/bin", netcat.toString(), List.of("nc"));
          // The shell of busybox would run its own commands in place of these.
          files.program(BASH).links("/bin", BASH.toString(), List.of("sh"));
          files.program(GETENT);
          allCommands(files);
          // A second name by which tests start what is put on top.
          files.links("/", "agnhost", List.of("agnhost-2"));
          files.folder("/uploads", "0777");
        });
  }

  /** A program of the tests that runs as its owner, root, whoever starts it. */
  Path settingUser(Path program) {
    var key = new Digest().add(LAYOUT).add(program.toString()).key();
    return archive(
        "setuid-" + key,
        "bed.test/setuid:" + key,
        Map.of("Env", List.of(PATH_VARIABLE), "Cmd", List.of("nnp")),
        files -> {
          files.basics();
          allCommands(files);
          files.copy(program, Path.of("/usr/local/bin/nnp"));
          files.permissions("/usr/local/bin/nnp", "4755");
        });
  }

  /** A shell with all its commands. */
  Path shell() {
    var busybox = busybox();
    var key = new Digest().add(LAYOUT).add(busybox.toString()).add(BASH).add(libc()).key();
    return archive(
        "shell-" + key,
        "bed.test/shell:" + key,
        Map.of("Env", List.of(PATH_VARIABLE), "Cmd", List.of("sh")),
        files -> {
          files.basics();
          // Debian's busybox keeps no variable whose name is none in a shell.
          files.program(BASH).links("/bin", BASH.toString(), List.of("sh"));
          allCommands(files);
        });
  }

  /** nginx, which serves one page. */
  Path webServer() {
    var packages = DebianPackages.unpacked(cache, "nginx");
    var key =
        new Digest()
            .add(LAYOUT)
            .add(packages.toString())
            .add(WEB_SERVER_SETTINGS)
            .add(libc())
            .key();
    return archive(
        "nginx-" + key,
        "bed.test/nginx:" + key,
        Map.of("Env", List.of(PATH_VARIABLE), "Cmd", List.of("nginx", "-g", "daemon off;")),
        files -> {
          files.basics();
          files.program(packages, Path.of("/usr/sbin/nginx"));
          files.text("/etc/nginx/nginx.conf", WEB_SERVER_SETTINGS);
          files.text("/usr/share/nginx/html/index.html", "<h1>Welcome to nginx!</h1>\n");
          files.folder("/var/lib/nginx", "0755").folder("/var/log/nginx", "0755");
          files.folder("/run", "0755");
          allCommands(files);
        });
  }

  private void allCommands(RootFileSystem files) throws IOException {
    var busybox = busybox();
    var names = Command.of(busybox.toString(), "--list").output().lines().toList();
    files.copy(busybox, Path.of("/bin/busybox")).links("/bin", "busybox", names);
  }

  private static void firewall(RootFileSystem files) throws IOException {
    files.program(NFT).program(IPTABLES).text("/etc/protocols", PROTOCOLS);
    files.links("/usr/sbin", IPTABLES.getFileName().toString(), FIREWALL_NAMES);
    try (var extensions = Files.walk(extensionFolder())) {
      for (var extension : extensions.filter(Files::isRegularFile).sorted().toList()) {
        files.program(extension);
      }
    }
  }

  private void shell(RootFileSystem files) throws IOException {
    files.copy(busybox(), Path.of("/bin/busybox")).links("/bin", "busybox", SHELL_NAMES);
  }

  /**
   * A Java 25 runtime of exactly the modules the product needs, cut from the JDK that runs this
   * program, with the C library under it; runs as a numeric user without privileges.
   */
  public Path java() {
    var jdk = Path.of(System.getProperty("java.home"));
    var key =
        new Digest()
            .add(LAYOUT)
            .add(Runtime.version().toString())
            .add(jdk.resolve("release"))
            .add(String.join(",", JAVA_MODULES))
            .add(libc())
            .key();
    return archive(
        "java-" + key,
        "bed.test/java:" + key,
        Map.of(
            "Env",
            List.of(
                PATH_VARIABLE.replace("PATH=", "PATH=%s/bin:".formatted(JAVA_HOME)),
                "JAVA_HOME=" + JAVA_HOME,
                "LANG=C.UTF-8"),
            "User",
            NONROOT,
            "WorkingDir",
            "/"),
        files -> {
          files.basics();
          var runtime = files.place(JAVA_HOME);
          progress.say("linking a Java runtime");
          Command.of(jdk.resolve("bin/jlink").toString(), "--output", runtime.toString())
              .with("--add-modules", String.join(",", JAVA_MODULES))
              .with("--no-header-files", "--no-man-pages", "--generate-cds-archive")
              .log(cache.logs().resolve("jlink.log"))
              .within(Duration.ofMinutes(3))
              .check();
          try (var binaries = Files.walk(runtime)) {
            for (var binary : binaries.filter(BaseImages::isBinary).sorted().toList()) {
              files.libraries(binary);
            }
          }
        });
  }

  private Path archive(String name, String reference, Map<String, Object> config, Content content) {
    return cache.once(
        cache.entry("base", name + ".tar"),
        partial -> {
          progress.say("making the base image %s".formatted(name));
          var work = partial.resolveSibling(name + ".work");
          FileTrees.delete(work);
          Files.createDirectories(work.resolve("root"));
          Files.createDirectories(work.resolve("archive"));
          var files = new RootFileSystem(work.resolve("root"));
          content.fill(files);
          DockerArchive.write(files, reference, config, work.resolve("archive"), partial);
          FileTrees.delete(work);
        });
  }

  /** A shell and its usual commands in one static program. */
  Path busybox() {
    return DebianPackages.unpacked(cache, "busybox-static").resolve("bin/busybox");
  }

  private static boolean isBinary(Path file) {
    return Files.isRegularFile(file)
        && (file.getFileName().toString().endsWith(".so") || Files.isExecutable(file));
  }

  private static Path libc() {
    return libraryFolder().resolve("libc.so.6");
  }

  private static Path libraryFolder() {
    var folder = Path.of("/lib/x86_64-linux-gnu");
    if (!Files.isDirectory(folder)) {
      throw new BedException(
          "%s is not there: the bed makes its images on Debian".formatted(folder));
    }
    return folder;
  }

  private static Path extensionFolder() {
    return Path.of("/usr/lib/x86_64-linux-gnu/xtables");
  }

  /** Fills a base image. */
  @FunctionalInterface
  private interface Content {
    void fill(RootFileSystem files) throws IOException;
  }
}
