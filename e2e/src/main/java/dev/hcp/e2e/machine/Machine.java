package dev.hcp.e2e.machine;

import dev.hcp.e2e.BedException;
import dev.hcp.e2e.image.ImageStore;
import dev.hcp.e2e.process.Command;
import dev.hcp.e2e.process.ProcessIdentity;
import dev.hcp.e2e.process.Wait;
import dev.hcp.e2e.store.FileTrees;
import dev.hcp.e2e.store.Template;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * One "machine": a process tree with namespaces, a file-system view, a containerd and a kubelet of
 * its own. Killing its first process removes it; the rest is a folder and a control group.
 *
 * <p>Its view of the file system is the host's with {@code /etc} and {@code /var} under an overlay
 * and {@code /run} empty, so everything looks as on an ordinary node and nothing that is written
 * there reaches the host.
 */
public final class Machine {
  private static final Duration START_DEADLINE = Duration.ofSeconds(30);

  /**
   * Where the machine sees other files than the host; a relative path from there would mean
   * something else.
   */
  private static final List<Path> OWN_FOLDERS =
      List.of(Path.of("/etc"), Path.of("/run"), Path.of("/var"));

  private static final String CONTAINERD_SOCKET = "/run/containerd/containerd.sock";

  /**
   * The network device that has the machine's address. That of a machine beside the host is a
   * bridge, into which the others are plugged. Theirs is the plain end of that link: what crosses a
   * bridge passes the kernel's packet filter once more, before it is routed.
   */
  private static final String DEVICE = "node0";

  private static final String UPLINK = "uplink";

  private final MachineSpec spec;
  private final Path folder;
  private final Optional<Machine> neighbour;
  private final Cgroups cgroups;

  private Machine(MachineSpec spec, Path folder, Optional<Machine> neighbour) {
    this.spec = spec;
    this.folder = folder;
    this.neighbour = neighbour;
    this.cgroups = new Cgroups(spec.cgroup());
  }

  /**
   * A machine whose link leads to the host.
   *
   * @param spec what it is called and where it is in the network
   * @param folder where everything of it is kept
   */
  public static Machine besideTheHost(MachineSpec spec, Path folder) {
    return new Machine(spec, folder, Optional.empty());
  }

  /**
   * A machine in the same network as {@code neighbour}, whose link is plugged into the latter's
   * bridge.
   *
   * @param neighbour the machine that runs already
   * @param spec what it is called and where it is in the network
   * @param folder where everything of it is kept
   */
  public static Machine beside(Machine neighbour, MachineSpec spec, Path folder) {
    return new Machine(spec, folder, Optional.of(neighbour));
  }

  /** Starts it, made of {@code parts}; containerd answers when this returns. */
  public void start(MachineParts parts) {
    try {
      for (var name :
          List.of(
              "data/etcd",
              "data/kubelet",
              "data/cni",
              "data/volumes",
              "log",
              "work/etc",
              "work/var",
              "overlay/var")) {
        Files.createDirectories(folder.resolve(name));
      }
      ImageStore.at(parts.imageStore()).copyTo(folder.resolve("data/containerd"));
      writeConfiguration(parts);
    } catch (IOException e) {
      throw new BedException("cannot prepare %s: %s".formatted(folder, e.getMessage()), e);
    }
    cgroups.create();
    var process = startInit();
    connect(process);
    Wait.until(
        "containerd of %s answers".formatted(spec.hostName()),
        START_DEADLINE,
        () -> isServingPods() && ctr("version").run().succeeded(),
        () -> "see %s and %s".formatted(initLog(), folder.resolve("log/containerd.log")));
  }

  private void writeConfiguration(MachineParts parts) throws IOException {
    var values =
        Map.of(
            "FOLDER", folder.toString(),
            "HOSTNAME", spec.hostName(),
            "ADDRESS", spec.address(),
            "PAUSE_IMAGE", parts.pauseImage(),
            "CNI_PLUGINS", parts.cniPlugins().toString(),
            "CONTAINERD_SOCKET", CONTAINERD_SOCKET,
            "KUBELET", parts.kubelet().toString(),
            "NAMESERVER", spec.nameserver());
    write("init.sh", Template.render("machine/init.sh", values));
    write("overlay/etc/containerd/config.toml", Template.render("machine/containerd.toml", values));
    write("overlay/etc/hosts", Template.render("machine/hosts", values));
    write("overlay/etc/resolv.conf", Template.render("machine/resolv.conf", values));
  }

  private ProcessIdentity startInit() {
    // A session of its own: an interrupt at the terminal ends the bed's command, not the machine.
    var unshare =
        Command.of("setsid", "unshare", "--net", "--mount", "--pid", "--uts", "--ipc")
            .with(
                "--fork",
                "--kill-child",
                "--mount-proc",
                "bash",
                folder.resolve("init.sh").toString())
            .in(folder)
            .log(initLog())
            .startDetached();
    ProcessIdentity.of(unshare.pid()).write(outerFile());
    Wait.until(
        "the first process of %s runs".formatted(spec.hostName()),
        START_DEADLINE,
        () -> unshare.children().findFirst().isPresent(),
        () -> "see %s".formatted(initLog()));
    var init = ProcessIdentity.of(unshare.children().findFirst().orElseThrow().pid());
    init.write(initFile());
    return init;
  }

  /** Its own client cannot tell: containerd listens before its part for the kubelet is ready. */
  private boolean isServingPods() {
    var log = folder.resolve("log/containerd.log");
    try {
      return Files.exists(log) && Files.readString(log).contains("Start streaming server");
    } catch (IOException e) {
      throw new BedException("cannot read %s: %s".formatted(log, e.getMessage()), e);
    }
  }

  /** Joins the machine to the bed's network. */
  private void connect(ProcessIdentity init) {
    var link = spec.link();
    var ownEnd = neighbour.isPresent() ? DEVICE : UPLINK;
    var create =
        Command.of("ip", "link", "add", link, "type", "veth", "peer", "name", ownEnd)
            .with("netns", Long.toString(init.pid()));
    if (neighbour.isPresent()) {
      // The kernel takes its time to remove that of a machine of the same name that has ended.
      neighbour.get().inNetwork(Command.of("ip", "link", "delete", link)).run();
      neighbour.get().inNetwork(create).check();
      neighbour.get().ip("link set %s master %s".formatted(link, DEVICE));
      neighbour.get().ip("link set %s up".formatted(link));
    } else {
      create.check();
      Command.of("ip", "address", "add")
          .with(spec.hostAddress() + "/" + spec.prefixLength(), "dev", link)
          .check();
      Command.of("ip", "link", "set", link, "up").check();
      ip("link add %s type bridge".formatted(DEVICE));
      ip("link set %s master %s".formatted(UPLINK, DEVICE));
      ip("link set %s up".formatted(UPLINK));
    }
    ip("link set lo up");
    ip("address add %s/%d dev %s".formatted(spec.address(), spec.prefixLength(), DEVICE));
    ip("link set %s up".formatted(DEVICE));
    ip("route add default via " + spec.hostAddress());
    inNetwork(Command.of("sysctl", "-qw", "net.ipv4.ip_forward=1")).check();
  }

  /**
   * Gives its pods addresses of {@code own}, and lets them reach whatever is not in {@code all},
   * the range of all pods of the cluster, under the machine's address.
   */
  public void connectPods(String own, String all) {
    inNetwork(Command.of("nft", "--file", "-"))
        .input(Template.render("machine/masquerade.nft", Map.of("PODS", all)))
        .check();
    // By the machine itself: it watches the folder, and does not see what is put below its overlay.
    on(Command.of("sh", "-c", "mkdir -p /etc/cni/net.d && cat > /etc/cni/net.d/10-bed.conflist"))
        .input(Template.render("machine/cni.json", Map.of("POD_RANGE", own)))
        .check();
  }

  /** Sends what is meant for the pods in {@code range} to the machine that has {@code address}. */
  public void route(String range, String address) {
    ip("route replace %s via %s".formatted(range, address));
  }

  private void ip(String line) {
    inNetwork(Command.of("ip").with(line.split(" ", -1))).check();
  }

  /** Whether it runs. */
  public boolean isRunning() {
    return ProcessIdentity.read(outerFile()).filter(ProcessIdentity::isAlive).isPresent()
        && ProcessIdentity.read(initFile()).filter(ProcessIdentity::isAlive).isPresent();
  }

  /**
   * {@code command}, run on the machine, in the folder it would have been run in here if that is
   * the same there.
   */
  public Command on(Command command) {
    var here = command.directory();
    var there = OWN_FOLDERS.stream().anyMatch(here::startsWith) ? Path.of("/") : here;
    return command.startedBy(
        entering("--mount", "--pid", "--uts", "--net", "--ipc", "--wdns=" + there));
  }

  /** {@code command}, run with the host's files but the machine's network. */
  public Command inNetwork(Command command) {
    return command.startedBy(entering("--net"));
  }

  private List<String> entering(String... namespaces) {
    var init =
        ProcessIdentity.read(initFile())
            .filter(ProcessIdentity::isAlive)
            .orElseThrow(
                () -> new BedException("the machine %s does not run".formatted(spec.hostName())));
    var launcher = new ArrayList<>(List.of("nsenter", "--target", Long.toString(init.pid())));
    launcher.addAll(List.of(namespaces));
    launcher.add("--");
    return launcher;
  }

  /** containerd's client on the machine. */
  public Command ctr(String... arguments) {
    return on(Command.of("ctr", "--namespace", "k8s.io").with(arguments));
  }

  /** Imports an image archive. */
  public void importImage(Path archive, Path log) {
    ctr("images", "import", archive.toString()).within(Duration.ofMinutes(2)).log(log).check();
  }

  /** Where machines see the control groups of version 2, which both versions' hosts have. */
  public static Path unifiedControlGroups() {
    return Cgroups.unifiedMount();
  }

  /** A file that processes on the machine see as {@code /etc/<name>}. */
  public Path etc(String name) {
    return folder.resolve("overlay/etc").resolve(name);
  }

  /** A file that processes on the machine see as {@code /var/log/<name>}. */
  public Path log(String name) {
    return folder.resolve("log").resolve(name);
  }

  /** Its name in the cluster. */
  public MachineSpec spec() {
    return spec;
  }

  /** Kills it, with everything that runs on it, and leaves its files. */
  public void kill() {
    for (var file : List.of(outerFile(), initFile())) {
      var process = ProcessIdentity.read(file);
      process.ifPresent(ProcessIdentity::kill);
      process.ifPresent(p ->
          Wait.until(
              "process %d of %s has ended".formatted(p.pid(), spec.hostName()),
              START_DEADLINE,
              () -> !p.isAlive()));
    }
  }

  /** Kills it and removes everything it has made. */
  public void remove() {
    kill();
    if (neighbour.isEmpty()) {
      // Goes with the network namespace as a rule; not if the machine died before it was connected.
      Command.of("ip", "link", "delete", spec.link()).run();
    }
    cgroups.remove();
    FileTrees.delete(folder);
  }

  private Path outerFile() {
    return folder.resolve("unshare.process");
  }

  private Path initFile() {
    return folder.resolve("init.process");
  }

  private Path initLog() {
    return folder.resolve("init.log");
  }

  private void write(String name, String content) throws IOException {
    var file = folder.resolve(name);
    var parent = file.getParent();
    if (parent != null) {
      Files.createDirectories(parent);
    }
    Files.writeString(file, content);
  }
}
