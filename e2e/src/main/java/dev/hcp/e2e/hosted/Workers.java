package dev.hcp.e2e.hosted;

import dev.hcp.e2e.Bed;
import dev.hcp.e2e.BedException;
import dev.hcp.e2e.machine.Machine;
import dev.hcp.e2e.machine.MachineSpec;
import dev.hcp.e2e.process.Command;
import dev.hcp.e2e.process.InParallel;
import dev.hcp.e2e.process.Wait;
import dev.hcp.e2e.store.FileTrees;
import dev.hcp.e2e.store.Mutex;
import dev.hcp.e2e.store.Template;
import io.fabric8.kubernetes.api.model.GenericKubernetesResource;
import io.fabric8.kubernetes.api.model.Node;
import io.fabric8.kubernetes.client.Config;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.KubernetesClientException;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.security.cert.CertificateException;
import java.security.cert.CertificateFactory;
import java.time.Duration;
import java.util.Base64;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.IntStream;

/** The nodes of the hosted clusters of one bed. */
public final class Workers {
  private static final Duration JOIN_DEADLINE = Duration.ofMinutes(3);
  private static final Duration NODE_DEADLINE = Duration.ofMinutes(2);
  private static final Pattern NAME = Pattern.compile("[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?");
  private static final String MEMBERSHIP = "worker";
  private static final String CONTROL_PLANES = "hostedcontrolplanes.controlplane.cluster.x-k8s.io";
  private static final int MOST = 99;

  private final Bed bed;

  /**
   * @param bed where they are
   */
  public Workers(Bed bed) {
    this.bed = bed;
  }

  /** All there are, running or not. */
  public List<Worker> all() {
    return bed.folder().machineNames().stream().flatMap(name -> find(name).stream()).toList();
  }

  /** The nodes of one cluster. */
  public List<Worker> of(String namespace, String cluster) {
    var wanted = new Worker.Membership(namespace, cluster, "");
    return all().stream().filter(worker -> worker.membership().isPeerOf(wanted)).toList();
  }

  /** The one called {@code name}. */
  public Worker require(String name) {
    return find(name)
        .orElseThrow(() ->
            new BedException(
                "there is no worker called '%s' on the bed '%s'; there are %s"
                    .formatted(name, bed.name(), all().stream().map(Worker::name).toList())));
  }

  /** A name for one more node of {@code cluster}. */
  public String freeName(String cluster) {
    var taken = bed.folder().machineNames();
    return IntStream.rangeClosed(1, MOST)
        .mapToObj(number -> "%s-worker-%d".formatted(cluster, number))
        .filter(name -> !taken.contains(name))
        .findFirst()
        .orElseThrow(() -> new BedException("%s has %d workers already".formatted(cluster, MOST)));
  }

  /**
   * Joins machines to a hosted cluster, all at the same time, by its host name and nothing but what
   * kubeadm has for it. A machine that is not running any more is made anew. The nodes are
   * registered when this returns, and will be ready a moment later.
   */
  public List<Worker> join(String namespace, String cluster, List<String> names) {
    names.forEach(Workers::requireValid);
    var kubeconfig = Kubeconfig.parse(bed.kubeconfig(namespace, cluster));
    var podsOfTheCluster = podRange(namespace, cluster);
    leaveLimitsToTheHost(namespace, cluster);
    var workers = names.stream().map(name -> create(namespace, cluster, name)).toList();
    try (var hosted = bed.client(namespace, cluster)) {
      InParallel.forEach(
          workers,
          worker -> {
            forget(hosted, worker.name());
            worker.machine().start(bed.machineParts());
            var token = BootstrapToken.random();
            hosted.resource(token.object()).create();
            kubeadmJoin(worker, kubeconfig, token);
            connectPods(worker, hosted, podsOfTheCluster);
          });
    } catch (KubernetesClientException e) {
      throw new BedException(
          "cannot join %s to %s/%s: %s".formatted(names, namespace, cluster, e.getMessage()), e);
    }
    return workers;
  }

  private static void requireValid(String name) {
    if (!NAME.matcher(name).matches() || MachineSpec.isManagement(name)) {
      throw new BedException(
          "a worker cannot be called '%s': at most 63 lower-case letters, digits and dashes, and nothing that begins with '%s'"
              .formatted(name, MachineSpec.MANAGEMENT));
    }
  }

  /** Waits until the node is ready for pods. */
  public void awaitReady(Worker worker, Duration deadline) {
    try (var hosted = bed.client(worker.membership().namespace(), worker.membership().cluster())) {
      Wait.until(
          "the node %s is ready".formatted(worker),
          deadline,
          () -> find(hosted, worker.name()).filter(Workers::isReady).isPresent(),
          () -> "see %s".formatted(worker.kubeletLog()));
    }
  }

  /** Removes the worker called {@code name}, and its Node if the cluster still answers. */
  public void remove(String name) {
    var worker = require(name);
    var membership = worker.membership();
    worker.machine().remove();
    if (bed.findKubeconfig(membership.namespace(), membership.cluster()).isPresent()) {
      try (var hosted = bed.client(membership.namespace(), membership.cluster())) {
        forget(hosted, name);
      } catch (KubernetesClientException e) {
        throw new BedException(
            "the machine %s is gone, but its Node is not: %s".formatted(name, e.getMessage()), e);
      }
    }
  }

  private Worker create(String namespace, String cluster, String name) {
    // Two new machines must not choose the same address.
    try (var _ = Mutex.lock(bed.folder().root().resolve("workers.lock"))) {
      if (bed.folder().machineNames().contains(name)) {
        removeRemains(name);
      }
      var taken = all().stream().map(worker -> worker.membership().address()).toList();
      var address =
          bed.network().workers().stream()
              .filter(candidate -> !taken.contains(candidate))
              .findFirst()
              .orElseThrow(() ->
                  new BedException("all addresses of workers are in use: %s".formatted(taken)));
      var membership = new Worker.Membership(namespace, cluster, address);
      bed.folder().write(membershipFile(name), membership.text());
      return worker(name, membership);
    }
  }

  private void removeRemains(String name) {
    var existing = find(name);
    if (existing.filter(worker -> worker.machine().isRunning()).isPresent()) {
      throw new BedException("there is a worker %s already".formatted(existing.get()));
    }
    existing.ifPresent(worker -> worker.machine().remove());
    FileTrees.delete(bed.folder().machine(name));
  }

  private Optional<Worker> find(String name) {
    var file = membershipFile(name);
    try {
      return Files.exists(file)
          ? Optional.of(worker(name, Worker.Membership.parse(Files.readString(file))))
          : Optional.empty();
    } catch (IOException e) {
      throw new BedException("cannot read %s: %s".formatted(file, e.getMessage()), e);
    }
  }

  private Worker worker(String name, Worker.Membership membership) {
    var spec = MachineSpec.worker(bed.name(), name, bed.network(), membership.address());
    var machine = Machine.beside(bed.node().machine(), spec, bed.folder().machine(name));
    return new Worker(machine, bed.folder(), membership);
  }

  private Path membershipFile(String name) {
    return bed.folder().machine(name).resolve(MEMBERSHIP);
  }

  private void kubeadmJoin(Worker worker, Config kubeconfig, BootstrapToken token) {
    var spec = worker.machine().spec();
    bed.folder()
        .write(
            worker.machine().etc("kubernetes-patches/kubeletconfiguration+merge.yaml"),
            Template.render("hosted/kubelet-patch.yaml", Map.of("CGROUP", spec.cgroup())));
    var server = URI.create(kubeconfig.getMasterUrl());
    Command join =
        worker
            .command("kubeadm", "join", "%s:%d".formatted(server.getHost(), port(server)))
            .with("--token", token.text())
            .with("--patches", "/etc/kubernetes-patches")
            // Kernel and control groups are the host's, and there is no service manager.
            .with("--ignore-preflight-errors", "SystemVerification")
            .within(JOIN_DEADLINE)
            .log(bed.folder().log("join-" + worker.name()));
    for (var hash : hashes(kubeconfig.getCaCertData())) {
      join = join.with("--discovery-token-ca-cert-hash", hash);
    }
    join.check();
  }

  private static int port(URI server) {
    return server.getPort() < 0 ? 443 : server.getPort();
  }

  /** The node's part of the pod network, as a network plugin without a controller would do it. */
  private void connectPods(Worker worker, KubernetesClient hosted, String podsOfTheCluster) {
    Wait.until(
        "the node %s has a range for its pods".formatted(worker),
        NODE_DEADLINE,
        () -> find(hosted, worker.name()).flatMap(Workers::ownRange).isPresent(),
        () -> "see %s".formatted(worker.kubeletLog()));
    var ranges =
        hosted.nodes().list().getItems().stream()
            .filter(node -> ownRange(node).isPresent())
            .collect(
                Collectors.toMap(
                    node -> node.getMetadata().getName(), node -> ownRange(node).orElseThrow()));
    var own = Optional.ofNullable(ranges.get(worker.name())).orElseThrow();
    for (var peer : of(worker.membership().namespace(), worker.membership().cluster())) {
      var range = ranges.get(peer.name());
      if (range != null && !peer.name().equals(worker.name()) && peer.machine().isRunning()) {
        worker.machine().route(range, peer.membership().address());
        peer.machine().route(own, worker.membership().address());
      }
    }
    worker.machine().connectPods(own, podsOfTheCluster);
  }

  private String podRange(String namespace, String cluster) {
    List<String> ranges =
        cluster(namespace, cluster).get("spec", "clusterNetwork", "pods", "cidrBlocks");
    if (ranges == null || ranges.isEmpty()) {
      throw new BedException(
          "the Cluster %s/%s names no range of pods in spec.clusterNetwork.pods.cidrBlocks"
              .formatted(namespace, cluster));
    }
    return ranges.getFirst();
  }

  /** kube-proxy sets the limits of connection tracking as a rule; here they are the host's. */
  private void leaveLimitsToTheHost(String namespace, String cluster) {
    String controlPlane = cluster(namespace, cluster).get("spec", "controlPlaneRef", "name");
    bed.kubectl("patch", CONTROL_PLANES, controlPlane, "--namespace", namespace, "--type=merge")
        .with(
            "--patch",
            """
            {"spec": {"kubeProxy": {"args": {"conntrack-max-per-core": "0", "conntrack-min": "0"}}}}
            """)
        .check();
  }

  private GenericKubernetesResource cluster(String namespace, String name) {
    try (var management = bed.client()) {
      return Optional.ofNullable(
              management
                  .genericKubernetesResources("cluster.x-k8s.io/v1beta2", "Cluster")
                  .inNamespace(namespace)
                  .withName(name)
                  .get())
          .orElseThrow(
              () -> new BedException("there is no Cluster %s/%s".formatted(namespace, name)));
    }
  }

  private static void forget(KubernetesClient hosted, String name) {
    hosted.nodes().withName(name).delete();
    Wait.until(
        "the Node %s is gone".formatted(name), NODE_DEADLINE, () -> find(hosted, name).isEmpty());
  }

  private static Optional<Node> find(KubernetesClient hosted, String name) {
    return Optional.ofNullable(hosted.nodes().withName(name).get());
  }

  private static Optional<String> ownRange(Node node) {
    return Optional.ofNullable(node.getSpec().getPodCIDR()).filter(range -> !range.isEmpty());
  }

  private static boolean isReady(Node node) {
    return node.getStatus().getConditions().stream()
        .anyMatch(c -> c.getType().equals("Ready") && c.getStatus().equals("True"));
  }

  /** What kubeadm recognises the cluster's authorities by, each in turn. */
  private static List<String> hashes(String authorities) {
    try {
      var sha256 = MessageDigest.getInstance("SHA-256");
      var pem = new ByteArrayInputStream(Base64.getDecoder().decode(authorities));
      return CertificateFactory.getInstance("X.509").generateCertificates(pem).stream()
          .map(certificate -> certificate.getPublicKey().getEncoded())
          .map(key -> "sha256:" + HexFormat.of().formatHex(sha256.digest(key)))
          .toList();
    } catch (CertificateException | NoSuchAlgorithmException e) {
      throw new BedException("the cluster's authority is not usable: " + e.getMessage(), e);
    }
  }
}
