package dev.hcp.e2e;

import dev.hcp.e2e.cluster.AddOns;
import dev.hcp.e2e.cluster.Cilium;
import dev.hcp.e2e.cluster.ControlPlane;
import dev.hcp.e2e.cluster.FurtherNode;
import dev.hcp.e2e.cluster.ManagementNode;
import dev.hcp.e2e.cluster.Provider;
import dev.hcp.e2e.cluster.Supervisor;
import dev.hcp.e2e.hosted.Kubeconfig;
import dev.hcp.e2e.hosted.Workers;
import dev.hcp.e2e.image.BaseImages;
import dev.hcp.e2e.image.BedImages;
import dev.hcp.e2e.image.ImageStore;
import dev.hcp.e2e.machine.BedNetwork;
import dev.hcp.e2e.machine.Machine;
import dev.hcp.e2e.machine.MachineParts;
import dev.hcp.e2e.machine.MachineSpec;
import dev.hcp.e2e.process.Command;
import dev.hcp.e2e.process.InParallel;
import dev.hcp.e2e.store.BedFolder;
import dev.hcp.e2e.store.Cache;
import dev.hcp.e2e.store.FileTrees;
import dev.hcp.e2e.store.Mutex;
import dev.hcp.e2e.store.SourceTree;
import dev.hcp.e2e.tools.Prerequisites;
import dev.hcp.e2e.tools.Toolbox;
import io.fabric8.kubernetes.api.model.Secret;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.KubernetesClientBuilder;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Base64;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.stream.IntStream;
import java.util.stream.Stream;

/**
 * A management cluster on this machine. Several may exist side by side under different names; each
 * has its own processes, network range, folder and control group.
 *
 * <p>The management API server and, through the Gateway, the hosted clusters can be reached from
 * the host by their addresses. Host names of hosted clusters are known to programs run by {@link
 * #command} and, through {@link HostedClusterResolver}, to the virtual machine that holds a {@code
 * Bed}.
 */
public final class Bed {
  private static final String CONTROL_PLANE = "control-plane";
  private static final String MACHINE_PARTS = "machine-parts";
  private static final String NETWORK = "network";
  private static final String POD_NETWORK = "pod-network";

  private final String name;
  private final BedFolder folder;
  private final BedNetwork network;
  private final ManagementNode node;

  private Bed(String name, BedFolder folder, BedNetwork network) {
    this.name = name;
    this.folder = folder;
    this.network = network;
    var spec = MachineSpec.management(name, network);
    var machine = Machine.besideTheHost(spec, folder.machine(spec.hostName()));
    this.node = new ManagementNode(machine, folder);
    HostedClusterResolver.resolveTo(network.gateway());
  }

  /**
   * Brings a bed up, as far as it is not up yet. Can be repeated, also after it was interrupted.
   */
  public static Bed up(BedOptions options, SourceTree source, Cache cache, Progress progress) {
    new Prerequisites(progress, cache).ensure();
    options.release().ifPresent(release -> Provider.requireRelease(release, source));
    var tools = Toolbox.prepare(source, cache, progress);
    var images = new BedImages(tools);
    var store =
        ImageStore.prepare(
            images, options.imageSets(), new BaseImages(cache, progress), cache, progress);
    try (var _ = lock(options.name(), cache)) {
      var bed = existing(options.name(), cache).orElse(null);
      if (bed == null || !bed.isRunning()) {
        removeLocked(options.name(), cache);
        bed = create(options.name(), cache);
        bed.start(options.cni(), store, images, tools, progress);
      }
      bed.requireCni(options.cni());
      var addOns =
          new AddOns(bed.node, bed.folder, bed.network, images, tools, source, cache, progress);
      var cilium = new Cilium(bed.node, bed.folder, bed.network, images, progress);
      bed.install(addOns, cilium, options, source, progress);
      return bed;
    }
  }

  /** The bed called {@code name}, if there is one and it runs. */
  public static Optional<Bed> attach(String name, Cache cache) {
    return existing(BedOptions.requireValid(name), cache).filter(Bed::isRunning);
  }

  /** Like {@link #attach}, for someone who cannot do without. */
  public static Bed require(String name, Cache cache) {
    return attach(name, cache)
        .orElseThrow(() ->
            new BedException(
                "there is no bed called '%s', or it was not brought up completely; beds that exist: %s. Run: e2e/bed up --name %s"
                    .formatted(name, names(cache), name)));
  }

  /** The names of all beds that exist, running or not. */
  public static List<String> names(Cache cache) {
    if (!Files.isDirectory(cache.beds())) {
      return List.of();
    }
    try (var beds = Files.list(cache.beds())) {
      return beds.map(bed -> bed.getFileName().toString()).sorted().toList();
    } catch (IOException e) {
      throw new BedException("cannot list %s: %s".formatted(cache.beds(), e.getMessage()), e);
    }
  }

  /**
   * Removes the bed called {@code name} with everything it has made; returns whether there was one.
   */
  public static boolean down(String name, Cache cache) {
    BedOptions.requireValid(name);
    try (var _ = lock(name, cache)) {
      var exists = Files.isDirectory(cache.bed(name));
      removeLocked(name, cache);
      return exists;
    }
  }

  private static Mutex lock(String name, Cache cache) {
    return Mutex.tryLock(cache.root().resolve("locks").resolve("bed-" + name + ".lock"))
        .orElseThrow(() ->
            new BedException(
                "another command is working on the bed '%s'; wait for it to end".formatted(name)));
  }

  private static Optional<Bed> existing(String name, Cache cache) {
    var folder = new BedFolder(cache.bed(name));
    return networkOf(folder).map(network -> new Bed(name, folder, network));
  }

  private static Optional<BedNetwork> networkOf(BedFolder folder) {
    return folder.isDone(NETWORK)
        ? Optional.of(new BedNetwork(Integer.parseInt(folder.note(NETWORK))))
        : Optional.empty();
  }

  private static Bed create(String name, Cache cache) {
    // Two new beds must not choose the same range.
    try (var _ = Mutex.lock(cache.root().resolve("locks/networks.lock"))) {
      Set<Integer> taken = new HashSet<>();
      for (var other : names(cache)) {
        networkOf(new BedFolder(cache.bed(other))).ifPresent(network -> taken.add(network.third()));
      }
      var folder = new BedFolder(cache.bed(name));
      var network = BedNetwork.choose(name, taken);
      folder.done(NETWORK, Integer.toString(network.third()));
      return new Bed(name, folder, network);
    }
  }

  private static void removeLocked(String name, Cache cache) {
    var folder = new BedFolder(cache.bed(name));
    new Supervisor(folder).stop();
    networkOf(folder).ifPresent(network -> new Bed(name, folder, network).removeMachines());
    FileTrees.delete(folder.root());
  }

  private void removeMachines() {
    for (var machine : folder.machineNames()) {
      if (!machine.equals(MachineSpec.MANAGEMENT)) {
        // Where it was in the network does not matter any more.
        var spec = MachineSpec.worker(name, machine, network, "");
        Machine.beside(node.machine(), spec, folder.machine(machine)).remove();
      }
    }
    node.machine().remove();
  }

  private void start(
      Cni cni, ImageStore store, BedImages images, Toolbox tools, Progress progress) {
    linkPrograms(tools);
    var parts =
        new MachineParts(
            store.folder(),
            images.pause(),
            Prerequisites.cniPlugins(),
            tools.binary("k8s", "kubelet"));
    folder.done(MACHINE_PARTS, parts.note());
    folder.done(POD_NETWORK, cni.word());
    node.machine().start(managementParts());
    if (cni == Cni.BRIDGE) {
      node.machine().connectPods(ControlPlane.POD_RANGE, ControlPlane.POD_RANGE);
    }
    progress.say("machine started, network 172.30.%d.0/24".formatted(network.third()));
    inStep(CONTROL_PLANE, new ControlPlane(node, folder, images)::initialise);
    folder.done(CONTROL_PLANE, images.kubernetesVersion());
    progress.say("kubeadm init of Kubernetes %s done".formatted(images.kubernetesVersion()));
  }

  private void requireCni(Cni wanted) {
    if (cni() != wanted) {
      throw new BedException(
          "the pods of the bed '%s' are connected by %s, which cannot be changed to %s; take it down first"
              .formatted(name, cni().word(), wanted.word()));
    }
  }

  private MachineParts managementParts() {
    return cni() == Cni.CILIUM ? machineParts().withCniPlugins(Cilium.PLUGINS) : machineParts();
  }

  private void join(int number) {
    var machine = furtherMachine(number);
    var step = machine.spec().hostName();
    if (!folder.isDone(step) || !machine.isRunning()) {
      inStep(step, () -> new FurtherNode(node, machine, folder).join(managementParts()));
      folder.done(step, "");
    }
  }

  private void install(
      AddOns addOns, Cilium cilium, BedOptions options, SourceTree source, Progress progress) {
    new Supervisor(folder).start(name, Main.class.getName());
    InParallel.forEach(IntStream.rangeClosed(2, options.nodes()).boxed().toList(), this::join);
    once("service-network", addOns::waitForServiceNetwork);
    if (options.cni() == Cni.CILIUM) {
      once("cilium", cilium::install);
    }
    InParallel.run(
        () -> once("basics", addOns::installBasics),
        () -> once("gateway", addOns::installGateway),
        () -> {
          once("cert-manager", addOns::installCertManager);
          once("cluster-api", addOns::installClusterApi);
          options
              .release()
              .ifPresent(release ->
                  inStep(
                      "provider",
                      new Provider(node, managementMachines(), folder, source, release, progress)
                          ::install));
        });
  }

  private void once(String step, Runnable work) {
    if (folder.isDone(step)) {
      return;
    }
    inStep(step, work);
    folder.done(step, "");
  }

  private static void inStep(String step, Runnable work) {
    try {
      work.run();
    } catch (BedException e) {
      throw new BedException("the step '%s' failed: %s".formatted(step, e.getMessage()), e);
    }
  }

  private void linkPrograms(Toolbox tools) {
    try {
      Files.createDirectories(folder.programs());
      for (var program : tools.commands().entrySet()) {
        Files.createSymbolicLink(folder.programs().resolve(program.getKey()), program.getValue());
      }
    } catch (IOException e) {
      throw new BedException(
          "cannot link programs into %s: %s".formatted(folder.programs(), e.getMessage()), e);
    }
  }

  /** What it is called. */
  public String name() {
    return name;
  }

  /** Its addresses. */
  public BedNetwork network() {
    return network;
  }

  /** Where its files and logs are. */
  public BedFolder folder() {
    return folder;
  }

  /** Whether its machine runs and its control plane was initialised. */
  public boolean isRunning() {
    return folder.isDone(CONTROL_PLANE) && node.machine().isRunning();
  }

  /** The process that gives Services their addresses. */
  public Supervisor supervisor() {
    return new Supervisor(folder);
  }

  /** The management node. */
  public ManagementNode node() {
    return node;
  }

  /** The machines of the management cluster, the one with the control plane first. */
  public List<Machine> managementMachines() {
    var further =
        folder.machineNames().stream()
            .filter(MachineSpec::isManagement)
            .filter(machine -> !machine.equals(MachineSpec.MANAGEMENT))
            .map(machine -> furtherMachine(MachineSpec.numberOf(machine)));
    return Stream.concat(Stream.of(node.machine()), further).toList();
  }

  private Machine furtherMachine(int number) {
    var spec = MachineSpec.furtherManagement(name, network, number);
    return Machine.beside(node.machine(), spec, folder.machine(spec.hostName()));
  }

  /** The nodes of hosted clusters. */
  public Workers workers() {
    return new Workers(this);
  }

  /** What connects the pods of its management cluster. */
  public Cni cni() {
    return Cni.of(folder.note(POD_NETWORK));
  }

  /** What its machines are made of. */
  public MachineParts machineParts() {
    return MachineParts.parse(folder.note(MACHINE_PARTS));
  }

  /** The API server's audit log: who asked for what, a JSON object a line. */
  public Path auditLog() {
    return node.machine().log("kubernetes/audit.log");
  }

  /** {@code arguments} run on the management node, where all tools and host names are known. */
  public Command command(String... arguments) {
    return node.command(arguments);
  }

  /** kubectl as the administrator of the management cluster. */
  public Command kubectl(String... arguments) {
    return node.kubectl(arguments);
  }

  /** A client of the management cluster as its administrator, for the caller to close. */
  public KubernetesClient client() {
    return client(read(node.adminKubeconfig()));
  }

  /**
   * A client of the hosted cluster {@code cluster} as its administrator, through the Gateway, for
   * the caller to close.
   */
  public KubernetesClient client(String namespace, String cluster) {
    return client(kubeconfig(namespace, cluster));
  }

  private static KubernetesClient client(String kubeconfig) {
    return new KubernetesClientBuilder().withConfig(Kubeconfig.parse(kubeconfig)).build();
  }

  /** The administrator's kubeconfig of a hosted cluster. */
  public String kubeconfig(String namespace, String cluster) {
    return findKubeconfig(namespace, cluster)
        .orElseThrow(() ->
            new BedException(
                "there is no Secret %s/%s-kubeconfig: is there a cluster of that name, and is it up?"
                    .formatted(namespace, cluster)));
  }

  /**
   * The administrator's kubeconfig of a hosted cluster, where Cluster API expects it, if it is
   * there yet.
   */
  public Optional<String> findKubeconfig(String namespace, String cluster) {
    try (var client = client()) {
      var secret = client.secrets().inNamespace(namespace).withName(cluster + "-kubeconfig").get();
      return Optional.ofNullable(secret)
          .map(Secret::getData)
          .map(data -> data.get("value"))
          .map(value -> new String(Base64.getDecoder().decode(value), StandardCharsets.UTF_8));
    }
  }

  /** The namespaces that hold a cluster called {@code cluster}. */
  public List<String> namespacesOf(String cluster) {
    try (var client = client()) {
      return client
          .secrets()
          .inAnyNamespace()
          .withLabel("cluster.x-k8s.io/cluster-name", cluster)
          .list()
          .getItems()
          .stream()
          .filter(secret -> secret.getMetadata().getName().equals(cluster + "-kubeconfig"))
          .map(secret -> secret.getMetadata().getNamespace())
          .toList();
    }
  }

  private static String read(Path file) {
    try {
      return Files.readString(file);
    } catch (IOException e) {
      throw new BedException("cannot read %s: %s".formatted(file, e.getMessage()), e);
    }
  }
}
