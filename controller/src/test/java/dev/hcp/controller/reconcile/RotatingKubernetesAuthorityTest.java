package dev.hcp.controller.reconcile;

import static org.assertj.core.api.Assertions.assertThat;

import dev.hcp.api.certmanager.Certificate;
import dev.hcp.api.v1alpha1.Condition;
import dev.hcp.api.v1alpha1.RotationStatus;
import dev.hcp.conditions.ConditionType;
import dev.hcp.controller.memory.Crash;
import dev.hcp.controller.memory.Disturbance.Moment;
import dev.hcp.controller.memory.Request;
import dev.hcp.controller.memory.SignedCertificates;
import dev.hcp.controller.plan.Machines;
import dev.hcp.naming.Labels;
import dev.hcp.naming.Names;
import dev.hcp.render.pki.Root;
import io.fabric8.kubernetes.api.model.ConfigMap;
import io.fabric8.kubernetes.api.model.HasMetadata;
import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.api.model.Secret;
import io.fabric8.kubernetes.api.model.SecretProjection;
import io.fabric8.kubernetes.api.model.apps.DaemonSet;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Base64;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/**
 * The Kubernetes CA of a running cluster is rotated. At every moment, whatever fails, pods of the
 * control plane, nodes and kubeconfigs accept each other, though each node only ever has what it
 * was given when it joined.
 */
final class RotatingKubernetesAuthorityTest {
  private static final Names NAMES = new Names("demo");
  private static final String COPIES = "demo-root-keys";
  private static final Instant LONG_AGO = Instant.parse("2025-06-01T00:00:00Z");
  private static final Duration ROUND = Duration.ofSeconds(20);
  private static final int MOST_ROUNDS = 120;
  private static final Map<String, Object> REQUEST = Map.of("kubernetesCA", "a");

  private Optional<Integer> crash = Optional.empty();
  private int requests;

  /** Authorities that pods were started with, by uid, and signers of what they may show. */
  private final Map<String, String> trust = new HashMap<>();

  private final Map<String, Set<String>> shown = new HashMap<>();

  /** The same of nodes, by name. */
  private final Map<String, String> nodeTrust = new HashMap<>();

  private final Map<String, Set<String>> nodeShown = new HashMap<>();
  private int joined;
  private String clusterInfo = "";

  @Test
  void everyNodeJoinsAnewBeforeTheOtherTakesItsPlace() {
    var world = withNodes();
    var first = authority(world);
    watch(world, Moment.BEFORE);
    world.cluster.forgetRequests();
    rotate(world, REQUEST);
    var phases = run(world);
    assertThat(phases).containsExactly("Prepare", "Switch", "Retire", "Completed");
    assertRotated(world, first);
    assertThat(rollouts(world))
        .as("one after the other, each once")
        .containsExactly("MachineDeployment a", "MachineDeployment b");
    assertThat(world.hostedClusters.nodes()).containsOnlyKeys("a-new-1", "a-new-2", "b-new-3");
    assertQuiet(world);
    rotate(world, Map.of("kubernetesCA", "b"));
    run(world);
    assertThat(order(world)).isEqualTo("3");
    assertThat(world.rotation("KubernetesCA").request()).isEqualTo("b");
  }

  @Test
  void withoutNodesNothingWaitsForTime() {
    var world = World.settledSample();
    var first = authority(world);
    watch(world, Moment.BEFORE);
    rotate(world, REQUEST);
    world.settle();
    assertRotated(world, first);
    assertThat(rollouts(world)).isEmpty();
    assertQuiet(world);
  }

  @Test
  void addOnsAreReplacedOnceAndControlPlanesThatWereNeverRotatedNever() {
    var world = withNodes();
    assertThat(proxy(world)).isEmpty();
    rotate(world, REQUEST);
    var seen = new ArrayList<String>();
    for (int i = 0; i < MOST_ROUNDS; i++) {
      round(world);
      proxy(world).filter(value -> !seen.contains(value)).ifPresent(seen::add);
    }
    assertThat(seen).containsExactly("2");
    assertThat(world.rotation("KubernetesCA").phase()).isEqualTo("Completed");
  }

  @Test
  void itCanBeCalledOffBeforeNodesJoinByIt() {
    var world = withNodes();
    world.hostedClusters.distrust("default", "team-a", "team-b", "team-c");
    rotate(world, REQUEST);
    run(world);
    assertThat(world.rotation("KubernetesCA").phase()).isEqualTo("Prepare");
    assertThat(world.rotation("KubernetesCA").waitingFor())
        .isEqualTo(
            "the controller-manager to write ConfigMap kube-root-ca.crt of namespaces default, team-a, team-b and 1 more of the hosted cluster");
    rotate(world, Map.of());
    world.hostedClusters.distrust();
    run(world);
    assertThat(world.object().getStatus().rotations()).isNull();
    assertThat(order(world)).isEqualTo("1,2");
    assertThat(rollouts(world)).isEmpty();
    assertThat(find(world, "demo-ca-next")).isEmpty();
    assertQuiet(world);
  }

  @Test
  void aNodeThatIsNotReplacedHoldsItBackAndIsNamed() {
    var world = withNodes();
    join(world, "metal", LONG_AGO);
    world.settle();
    rotate(world, REQUEST);
    run(world);
    rotate(world, Map.of());
    run(world);
    assertThat(world.rotation("KubernetesCA").phase()).as("too late").isEqualTo("Switch");
    assertThat(order(world)).isEqualTo("1,2");
    assertThat(world.rotation("KubernetesCA").waitingFor())
        .contains(
            "which 3 of 4 have (not metal)",
            "nodes of no MachineDeployment (metal): replace them, or annotate them with controlplane.cluster.x-k8s.io/kubernetes-ca: a");
    world.hostedClusters.annotate("metal", "other");
    run(world);
    assertThat(world.rotation("KubernetesCA").phase()).isEqualTo("Switch");
    world.hostedClusters.annotate("metal", "a");
    run(world);
    assertThat(order(world)).isEqualTo("2");
  }

  @Test
  void machinesAreReplacedOnlyForwardAndNotWhereSomebodyElseDecides() {
    var world = withNodes();
    var later = Instant.parse("2027-01-01T00:00:00Z");
    world.cluster.put(deployment("a", Optional.of(later), Optional.empty()));
    world.cluster.put(
        deployment("b", Optional.of(LONG_AGO), Optional.of("capi-topology applies it")));
    rotate(world, REQUEST);
    run(world);
    assertThat(world.rotation("KubernetesCA").waitingFor())
        .contains(
            "MachineDeployment a replaces its machines at 2027-01-01T00:00:00Z",
            "MachineDeployment b is not told to: capi-topology applies it");
    assertThat(rollouts(world)).isEmpty();
    world.cluster.put(deployment("b", Optional.of(LONG_AGO), Optional.empty()));
    run(world);
    assertThat(rollouts(world)).containsExactly("MachineDeployment b");
  }

  @Test
  void oneThatDoesNotComeToItsEndKeepsTheOthersAsTheyAre() {
    var world = withNodes();
    rotate(world, REQUEST);
    for (int i = 0; i < MOST_ROUNDS; i++) {
      world.round();
      world.now = world.now.plus(ROUND);
    }
    assertThat(rollouts(world)).containsExactly("MachineDeployment a");
    assertThat(world.rotation("KubernetesCA").waitingFor())
        .contains("MachineDeployment a is replacing its machines");
  }

  @Test
  void oneThatIsPausedAfterItWasToldLetsTheOthersGoOn() {
    var world = withNodes();
    rotate(world, REQUEST);
    for (int i = 0; i < MOST_ROUNDS && rollouts(world).isEmpty(); i++) {
      round(world);
    }
    var told = world.cluster.machines(World.NAMESPACE, "demo").deployments().getFirst();
    assertThat(told.after()).isPresent();
    world.cluster.put(
        new Machines.Deployment(
            told.namespace(),
            told.name(),
            told.uid(),
            told.resourceVersion(),
            told.after(),
            false,
            Optional.of("it is paused"),
            Optional.empty()));
    for (int i = 0; i < MOST_ROUNDS && rollouts(world).size() < 2; i++) {
      world.round();
      world.now = world.now.plus(ROUND);
    }
    assertThat(rollouts(world)).containsExactly("MachineDeployment a", "MachineDeployment b");
    assertThat(world.rotation("KubernetesCA").waitingFor())
        .contains("MachineDeployment a replaces no machines: it is paused");
  }

  /** Over there Cluster API would take every machine for one that joined anew. */
  @Test
  void aMoveWaitsForMachinesEvenIfTheSpecIsRefusedMeanwhile() {
    var world = withNodes();
    var held = "machines are being replaced for spec.rotation.kubernetesCA";
    rotate(world, REQUEST);
    for (int i = 0; i < MOST_ROUNDS && rollouts(world).isEmpty(); i++) {
      assertThat(MoveHold.shown(world.object())).isEmpty();
      round(world);
    }
    assertThat(rollouts(world)).isNotEmpty();
    assertThat(MoveHold.shown(world.object())).contains(held);
    var version = world.object().getSpec().version();
    world.spec(Map.of("version", "v1.29.0"));
    world.settle();
    assertThat(MoveHold.shown(world.object())).contains(held);
    assertThat(world.condition(ConditionType.READY))
        .returns("InvalidSpec", Condition::reason)
        .satisfies(ready -> assertThat(ready.message()).endsWith(held));
    world.spec(Map.of("version", version));
    run(world);
    assertThat(world.rotation("KubernetesCA").phase()).isEqualTo("Completed");
    assertThat(MoveHold.shown(world.object())).isEmpty();
  }

  @Test
  void theUserMayReplaceMachines() {
    var world = withNodes();
    rotate(world, Map.of("kubernetesCA", "a", "machineRollout", "Manual"));
    run(world);
    assertThat(rollouts(world)).isEmpty();
    assertThat(world.rotation("KubernetesCA").waitingFor())
        .contains("which 0 of 3 have (not a-0, a-1, b-0)", "replace their machines, for example");
    for (var node : List.copyOf(world.hostedClusters.nodes().keySet())) {
      world.hostedClusters.leave(node);
      join(world, node + "-new", world.now);
    }
    run(world);
    assertThat(order(world)).isEqualTo("2");
  }

  @Test
  void nothingGoesOnWhileTheHostedClusterDoesNotAnswer() {
    var world = withNodes();
    rotate(world, REQUEST);
    for (int i = 0; i < MOST_ROUNDS && find(world, "demo-ca-next").isEmpty(); i++) {
      round(world);
    }
    world.hostedClusters.answer(Optional.of("connection refused"));
    run(world);
    assertThat(order(world)).isEqualTo("1,2");
    assertThat(world.rotation("KubernetesCA").waitingFor())
        .isEqualTo("the hosted cluster to answer: connection refused");
    world.hostedClusters.answer(Optional.empty());
    run(world);
    assertThat(order(world)).isEqualTo("2");
  }

  /** cert-manager renews by whom it knows, whenever it likes. */
  @Test
  void whatIsRenewedMeanwhileIsAccepted() {
    var world = withNodes();
    var first = authority(world);
    watch(world, Moment.BEFORE);
    rotate(world, REQUEST);
    for (int i = 0; i < MOST_ROUNDS; i++) {
      round(world);
      if (i % 5 == 0 && authority(world).equals(first)) {
        world.others.renew(world.get(Certificate.class, "demo-apiserver"));
        world.others.renew(world.get(Certificate.class, "demo-admin"));
        world.cluster.catchUp();
        assertThat(world.signer("demo-apiserver")).isEqualTo(first);
      }
    }
    assertRotated(world, first);
  }

  /** What was deleted by mistake is put back, wherever the rotation is. */
  @Test
  void secretsThatAreLostInBetweenArePutBack() {
    var secrets = List.of(COPIES, "demo-ca", "demo-ca-next", "demo-ca-bundle", "demo-kubeconfig");
    for (var lost : secrets) {
      // Each at any time would take too long: together they meet every second round.
      for (int rounds = 3 + 2 * secrets.indexOf(lost); rounds < 60; rounds += 10) {
        var world = withNodes();
        var first = authority(world);
        rotate(world, REQUEST);
        for (int i = 0; i < rounds; i++) {
          round(world);
        }
        find(world, lost).ifPresent(world.cluster::remove);
        world.cluster.catchUp();
        run(world);
        // A new one whose only copy is lost before anything was signed by it is made once more.
        assertThat(order(world)).as("%s after %d", lost, rounds).isIn("2", "3");
        assertRotated(world, first, order(world));
      }
    }
  }

  /** The new CA cannot be put back, though nodes have joined by it: another one follows. */
  @Test
  void anHeirWhoseKeyIsLostIsFollowedByAnother() {
    var world = withNodes();
    rotate(world, REQUEST);
    for (int i = 0; i < MOST_ROUNDS && rollouts(world).isEmpty(); i++) {
      round(world);
    }
    find(world, COPIES).ifPresent(world.cluster::remove);
    find(world, "demo-ca-next").ifPresent(world.cluster::remove);
    world.cluster.catchUp();
    run(world);
    assertThat(order(world)).isEqualTo("3");
    assertThat(world.rotation("KubernetesCA").phase()).isEqualTo("Completed");
    assertThat(world.signer("demo-apiserver")).isEqualTo(authority(world));
  }

  @Test
  void aCrashAtAnyRequestDoesNoHarm() {
    var undisturbed = withNodes();
    watch(undisturbed, Moment.BEFORE);
    rotate(undisturbed, REQUEST);
    run(undisturbed);
    int all = requests;
    assertThat(all).isBetween(20, 200);
    for (var moment : Moment.values()) {
      // Each request at one of its moments would take too long.
      for (int number = 1 + 2 * moment.ordinal(); number <= all; number += 7) {
        var world = withNodes();
        var first = authority(world);
        crash = Optional.of(number);
        watch(world, moment);
        rotate(world, REQUEST);
        run(world);
        assertRotated(world, first);
        crash = Optional.empty();
      }
    }
  }

  /** Two MachineDeployments, with two nodes and one. */
  private World withNodes() {
    trust.clear();
    shown.clear();
    nodeTrust.clear();
    nodeShown.clear();
    joined = 0;
    var world = World.settledSample();
    world.cluster.put(deployment("a", Optional.empty(), Optional.empty()));
    world.cluster.put(deployment("b", Optional.of(LONG_AGO), Optional.empty()));
    for (var node : List.of("a-0", "a-1", "b-0")) {
      join(world, node, LONG_AGO);
      world.cluster.putMachine(node, node.substring(0, 1));
    }
    world.settle();
    return world;
  }

  private static Machines.Deployment deployment(
      String name, Optional<Instant> after, Optional<String> obstacle) {
    return new Machines.Deployment(
        World.NAMESPACE, name, name, name, after, true, Optional.empty(), obstacle);
  }

  /** Rounds until it is completed, or for long; which phases there were. */
  private List<String> run(World world) {
    var phases = new ArrayList<String>();
    int quiet = 0;
    for (int i = 0; i < MOST_ROUNDS && quiet < 12; i++) {
      quiet = round(world) ? 0 : quiet + 1;
      Optional.ofNullable(world.object().getStatus().rotations()).orElse(List.of()).stream()
          .map(RotationStatus::phase)
          .filter(phase -> phases.isEmpty() || !phases.getLast().equals(phase))
          .forEach(phases::add);
    }
    return phases;
  }

  private boolean round(World world) {
    var _ = clusterInfo(world);
    boolean changed = world.round();
    world.now = world.now.plus(ROUND);
    return replaceMachine(world) || changed;
  }

  /** Cluster API replaces a machine of one that is to be replaced. */
  private boolean replaceMachine(World world) {
    var machines = world.cluster.machines(World.NAMESPACE, "demo");
    for (var deployment : machines.deployments()) {
      if (deployment.after().filter(world.now::isBefore).isPresent()) {
        continue;
      }
      var old =
          world.hostedClusters.nodes().entrySet().stream()
              .filter(node -> deployment.name().equals(machines.nodes().get(node.getKey())))
              .filter(node -> deployment.after().filter(node.getValue()::isBefore).isPresent())
              .map(Map.Entry::getKey)
              .sorted()
              .findFirst();
      if (old.isPresent()) {
        world.hostedClusters.leave(old.get());
        nodeTrust.remove(old.get());
        nodeShown.remove(old.get());
        var node = "%s-new-%d".formatted(deployment.name(), ++joined);
        join(world, node, world.now);
        world.cluster.putMachine(node, deployment.name());
        return true;
      }
      if (!deployment.settled()) {
        world.cluster.put(deployment(deployment.name(), deployment.after(), Optional.empty()));
        return true;
      }
    }
    return false;
  }

  /** As kubeadm: it trusts what cluster-info says, and gets a certificate of whoever signs. */
  private void join(World world, String node, Instant time) {
    world.hostedClusters.join(node, time);
    nodeTrust.put(node, clusterInfo(world));
    var signers = new HashSet<String>();
    world.pods("controller-manager").stream()
        .flatMap(pod -> mounted(world, pod, "ca.crt").stream())
        .forEach(signers::add);
    nodeShown.put(node, signers);
  }

  private String clusterInfo(World world) {
    // It stays where it is while nobody who has just started knows it.
    parts(world)
        .filter(ConfigMap.class::isInstance)
        .map(ConfigMap.class::cast)
        .filter(map -> map.getMetadata().getName().equals("cluster-info"))
        .map(map -> map.getData().get("kubeconfig"))
        .map(text -> text.replaceAll("(?s).*certificate-authority-data: (\\S+)\n.*", "$1"))
        .findFirst()
        .ifPresent(authorities -> clusterInfo = authorities);
    return clusterInfo;
  }

  private static Optional<String> proxy(World world) {
    return parts(world)
        .filter(DaemonSet.class::isInstance)
        .map(DaemonSet.class::cast)
        .map(set -> set.getSpec().getTemplate().getMetadata().getAnnotations())
        .flatMap(Stream::ofNullable)
        .flatMap(
            annotations -> Stream.ofNullable(annotations.get(Labels.authorityAnnotation("ca"))))
        .findFirst();
  }

  private static Stream<HasMetadata> parts(World world) {
    return world.hostedClusters.last(World.NAMESPACE, World.NAME).stream()
        .flatMap(hosted -> hosted.outcomes().values().stream())
        .flatMap(outcome -> outcome.part().desired().stream());
  }

  private void watch(World world, Moment moment) {
    requests = 0;
    world.cluster.disturb((request, now) -> {
      var _ = clusterInfo(world);
      assertAccepted(world);
      if (now == moment && crash.equals(Optional.of(++requests))) {
        throw new Crash(request);
      }
    });
  }

  /** Whatever certificate somebody may have, all who may be shown it accept. */
  private void assertAccepted(World world) {
    var verifiers = new TreeMap<String, String>();
    var servers = new HashSet<String>();
    var clients = new HashSet<String>();
    for (var component : Root.KUBERNETES.trusting()) {
      world
          .pods(component.label())
          .forEach(pod -> {
            var id = pod.getMetadata().getUid();
            var bundle = bundle(world, pod);
            if (!trust.containsKey(id) && bundle.isEmpty()) {
              return;
            }
            var _ = trust.putIfAbsent(id, bundle.orElse(""));
            verifiers.put(pod.getMetadata().getName(), trust.get(id));
            leaves(pod)
                .flatMap(name -> world.cluster.get(Secret.class, World.NAMESPACE, name).stream())
                .flatMap(
                    secret -> SignedCertificates.signer(secret.getData().get("tls.crt")).stream())
                .filter(signer -> SignedCertificates.isNamed(signer, Root.KUBERNETES.commonName()))
                .forEach(signer -> shown.computeIfAbsent(id, _ -> new HashSet<>()).add(signer));
            servers.addAll(shown.getOrDefault(id, Set.of()));
          });
    }
    clients.addAll(servers);
    nodeShown.values().forEach(clients::addAll);
    verifiers.forEach((pod, certificates) -> assertTrusted(pod, certificates, clients));
    nodeTrust.forEach((node, certificates) -> assertTrusted(node, certificates, servers));
  }

  private static void assertTrusted(String who, String certificates, Set<String> signers) {
    assertThat(signers)
        .as(who)
        .allMatch(signer -> text(certificates).contains(text(signer).strip()));
  }

  private static Optional<String> bundle(World world, Pod pod) {
    return World.projections(pod)
        .filter(projection -> projection.getName().equals("demo-ca-bundle"))
        .findFirst()
        .flatMap(projection -> entry(world, projection, 0));
  }

  /** What a pod that is started now is given at a path. */
  private static Optional<String> mounted(World world, Pod pod, String path) {
    return World.projections(pod)
        .flatMap(projection ->
            Stream.iterate(0, i -> i + 1)
                .limit(projection.getItems().size())
                .filter(i -> projection.getItems().get(i).getPath().equals(path))
                .flatMap(i -> entry(world, projection, i).stream()))
        .findFirst();
  }

  private static Optional<String> entry(World world, SecretProjection projection, int item) {
    return world
        .cluster
        .get(Secret.class, World.NAMESPACE, projection.getName())
        .flatMap(secret ->
            Optional.ofNullable(secret.getData().get(projection.getItems().get(item).getKey())));
  }

  private static Stream<String> leaves(Pod pod) {
    return World.projections(pod)
        .filter(projection -> !projection.getName().equals("demo-ca"))
        .filter(projection ->
            projection.getItems().stream().anyMatch(item -> item.getKey().equals("tls.crt")))
        .map(SecretProjection::getName);
  }

  private void assertRotated(World world, String first) {
    assertRotated(world, first, "2");
  }

  private void assertRotated(World world, String first, String number) {
    assertThat(order(world)).isEqualTo(number);
    var authority = authority(world);
    assertThat(authority).isNotEqualTo(first);
    assertThat(world.get(Secret.class, COPIES).getData())
        .containsEntry("ca.crt", authority)
        .doesNotContainValue(first)
        .doesNotContainKeys("ca-heir", "ca-heir-since", "ca-key-1.key");
    assertThat(world.get(Secret.class, "demo-ca-bundle").getData())
        .containsOnlyKeys(
            "ca.crt",
            "trusted-%s.crt".formatted(number),
            "authority-%s.crt".formatted(number),
            "order",
            "answered")
        .containsEntry("ca.crt", authority);
    for (var name : List.of("demo-apiserver", "demo-admin", "demo-scheduler")) {
      assertThat(world.signer(name)).as(name).isEqualTo(authority);
    }
    assertThat(clusterInfo(world)).isEqualTo(authority);
    assertThat(text(world.get(Secret.class, "demo-kubeconfig").getData().get("value")))
        .contains(authority, world.get(Secret.class, "demo-admin").getData().get("tls.crt"));
    assertThat(find(world, "demo-ca-next")).isEmpty();
    assertThat(world.condition(ConditionType.READY).status()).isEqualTo("True");
    assertThat(world.rotation("KubernetesCA"))
        .isEqualTo(new RotationStatus("KubernetesCA", "Completed", "a", null, null));
  }

  private void assertQuiet(World world) {
    run(world);
    world.cluster.forgetRequests();
    world.pass();
    assertThat(world.cluster.requests()).isEmpty();
  }

  private static List<String> rollouts(World world) {
    return world.cluster.requests().stream()
        .filter(request -> request.verb().equals("roll out"))
        .map(Request::object)
        .toList();
  }

  private static void rotate(World world, Map<String, Object> rotation) {
    world.spec(Map.of("rotation", rotation));
  }

  private static Optional<Secret> find(World world, String name) {
    return world.cluster.get(Secret.class, World.NAMESPACE, name);
  }

  private static String order(World world) {
    return Optional.ofNullable(world.get(Secret.class, COPIES).getData().get("ca-order"))
        .map(RotatingKubernetesAuthorityTest::text)
        .orElse("");
  }

  private static String authority(World world) {
    return world.get(Secret.class, NAMES.kubernetesCa()).getData().get("tls.crt");
  }

  private static String text(String encoded) {
    return new String(Base64.getDecoder().decode(encoded), StandardCharsets.US_ASCII);
  }
}
