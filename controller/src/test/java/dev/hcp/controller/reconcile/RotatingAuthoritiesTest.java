package dev.hcp.controller.reconcile;

import static org.assertj.core.api.Assertions.assertThat;

import dev.hcp.api.v1alpha1.RotationStatus;
import dev.hcp.conditions.ConditionType;
import dev.hcp.controller.memory.Crash;
import dev.hcp.controller.memory.Disturbance.Moment;
import dev.hcp.controller.memory.SignedCertificates;
import dev.hcp.controller.scenario.Manifests;
import dev.hcp.naming.Labels;
import dev.hcp.naming.Names;
import dev.hcp.render.pki.Root;
import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.api.model.Secret;
import io.fabric8.kubernetes.api.model.SecretProjection;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Base64;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.assertj.core.api.Assertions;
import org.junit.jupiter.api.Test;

/**
 * CAs of a running cluster are rotated. At every moment, whatever fails, everybody accepts whatever
 * certificate anybody may show, even if no node ever gives a running pod new files, and though each
 * may do so at any time.
 */
final class RotatingAuthoritiesTest {
  private static final Names NAMES = new Names("demo");
  private static final String COPIES = "demo-root-keys";
  private static final int MOST_REQUESTS = 110;
  private static final List<Root> ROTATED = List.of(Root.ETCD, Root.FRONT_PROXY);
  private static final Map<String, Object> BOTH = Map.of("etcdCA", "a", "frontProxyCA", "a");

  /** What goes wrong otherwise, at one request or never. */
  private Optional<Integer> crash = Optional.empty();

  /** Requests since somebody watches. */
  private int requests;

  /** What pods were started with, by uid and CA, and whose certificates they may have. */
  private final Map<String, String> trust = new HashMap<>();

  private final Map<String, Set<String>> shown = new HashMap<>();

  @Test
  void everyCertificateIsIssuedByAnotherAuthority() {
    var world = World.settledSample();
    var first = authority(world, Root.ETCD);
    watch(world);
    rotate(world, BOTH);
    var phases = phases(world, "EtcdCA");
    assertThat(phases).containsExactly("Prepare", "Switch", "Retire", "Completed");
    assertRotated(world, "2");
    assertThat(authority(world, Root.ETCD)).isNotEqualTo(first);
    assertThat(world.get(Secret.class, COPIES).getData()).doesNotContainValue(first);
    assertQuiet(world);

    rotate(world, Map.of("etcdCA", "b", "frontProxyCA", "b"));
    world.settle();
    assertRotated(world, "3");
    assertQuiet(world);
  }

  @Test
  void onlyWhoHasToDoWithTheAuthorityIsReplaced() {
    var world = World.settledSample();
    var before = names(world, "etcd", "scheduler");
    watch(world);
    rotate(world, Map.of("frontProxyCA", "a"));
    world.settle();
    assertThat(names(world, "etcd", "scheduler")).isEqualTo(before);
    assertThat(annotations(world, "api-server", Root.FRONT_PROXY)).containsOnly("2");
    assertThat(annotations(world, "controller-manager", Root.FRONT_PROXY)).containsOnly("2");
    assertThat(authority(world, Root.ETCD)).isNotNull();
    assertThat(world.get(Secret.class, COPIES).getData()).doesNotContainKey("etcd-ca-order");
  }

  /** Of the pods one never gets to know the new CA. */
  @Test
  void whoDoesNotTrustItHoldsItsRotationBackAndItCanBeCalledOff() {
    var world = World.settledSample();
    var first = authority(world, Root.ETCD);
    var old = stray(world);
    watch(world);
    rotate(world, Map.of("etcdCA", "a"));
    world.settle();
    assertThat(world.rotation("EtcdCA").phase()).isEqualTo("Prepare");
    assertThat(world.rotation("EtcdCA").waitingFor())
        .isEqualTo(
            "all pods to trust it, which 3 of 4 of api-server (not demo-api-server-that-does-not-go) do");
    assertThat(world.condition(ConditionType.ROTATING).message())
        .contains("EtcdCA, Prepare", "demo-api-server-that-does-not-go");
    assertThat(authority(world, Root.ETCD)).isEqualTo(first);

    rotate(world, Map.of());
    world.settle();
    assertThat(world.object().getStatus().rotations()).isNull();
    world.cluster.remove(world.get(Pod.class, old));
    world.cluster.catchUp();
    world.settle();
    assertThat(authority(world, Root.ETCD)).isEqualTo(first);
    assertThat(order(world, Root.ETCD)).isEqualTo("1,2");
    assertQuiet(world);

    rotate(world, Map.of("etcdCA", "b"));
    world.settle();
    assertThat(order(world, Root.ETCD)).as("the one that was left").isEqualTo("2");
    assertThat(world.rotation("EtcdCA"))
        .isEqualTo(new RotationStatus("EtcdCA", "Completed", "b", null, null));
  }

  /** Of the pods one goes on showing a certificate of the old CA. */
  @Test
  void whoMayStillShowAnOldCertificateKeepsTheOldAuthority() {
    var world = World.settledSample();
    watch(world);
    rotate(world, Map.of("etcdCA", "a"));
    for (int i = 0; i < 40 && !"2,1".equals(order(world, Root.ETCD)); i++) {
      world.round();
    }
    var old = stray(world);
    rotate(world, Map.of());
    world.settle();
    assertThat(world.rotation("EtcdCA").phase()).as("too late").isEqualTo("Switch");
    assertThat(world.rotation("EtcdCA").waitingFor())
        .isEqualTo(
            "all pods to use certificates of it, which 3 of 4 of api-server (not demo-api-server-that-does-not-go) do");
    assertThat(order(world, Root.ETCD)).isEqualTo("2,1");
    world.cluster.remove(world.get(Pod.class, old));
    world.cluster.catchUp();
    world.settle();
    assertThat(order(world, Root.ETCD)).isEqualTo("2");
  }

  @Test
  void aNewControlPlaneMeetsWhatIsRequestedFromTheBeginning() {
    var world = World.sample();
    rotate(world, BOTH);
    world.settle();
    for (var root : ROTATED) {
      assertThat(world.get(Secret.class, COPIES).getData())
          .doesNotContainKeys(root.alias() + "-order", root.alias() + "-key-2.crt");
    }
    assertCompleted(world, "a");
    assertQuiet(world);
  }

  /** A leaf that a CA has signed which is not, or no longer, ours. */
  @Test
  void whatAnotherAuthorityHasSignedIsIssuedAnew() {
    var world = World.settledSample();
    var foreign = SignedCertificates.authority("etcd-ca", "foreign");
    for (var name : List.of("demo-etcd-server", "demo-etcd-controller-client")) {
      var leaf = SignedCertificates.leaf(name, 1, foreign.certificate(), "etcd-ca").orElseThrow();
      world.cluster.edit(
          world.get(Secret.class, name),
          secret -> secret.setData(Map.of("tls.crt", leaf.certificate(), "tls.key", leaf.key())));
    }
    world.cluster.catchUp();
    world.settle();
    assertSigned(world);
    assertQuiet(world);
  }

  /** What was deleted by mistake is put back, wherever a rotation is. */
  @Test
  void secretsThatAreLostInBetweenArePutBack() {
    for (var lost :
        List.of(COPIES, "demo-etcd-ca", "demo-etcd-ca-bundle", "demo-front-proxy-ca-bundle")) {
      for (int rounds = 1; rounds < 40; rounds += 4) {
        var world = World.settledSample();
        forget();
        rotate(world, BOTH);
        for (int i = 0; i < rounds; i++) {
          world.round();
        }
        world.cluster.remove(world.get(Secret.class, lost));
        world.cluster.catchUp();
        world.settle();
        assertSigned(world);
        assertCompleted(world, "a");
        assertThat(world.condition(ConditionType.READY).status()).isEqualTo("True");
      }
    }
  }

  @Test
  void aCrashAtAnyRequestDoesNoHarm() {
    var undisturbed = World.settledSample();
    watch(undisturbed);
    rotate(undisturbed, BOTH);
    undisturbed.settle();
    assertThat(requests).as("all of them").isLessThan(MOST_REQUESTS);
    int all = requests;
    for (var moment : Moment.values()) {
      // Each request, at one of its moments.
      for (int number = 1 + moment.ordinal(); number <= all; number += 2) {
        var world = World.settledSample();
        crash = Optional.of(number);
        watch(world, moment);
        rotate(world, BOTH);
        world.settle();
        assertRotated(world, "2");
      }
    }
  }

  private static void assertRotated(World world, String number) {
    for (var root : ROTATED) {
      assertThat(order(world, root)).isEqualTo(number);
      var copies = world.get(Secret.class, COPIES).getData();
      assertThat(copies.keySet())
          .filteredOn(name -> name.startsWith(root.alias() + "-key-"))
          .containsExactlyInAnyOrder(
              "%s-key-%s.crt".formatted(root.alias(), number),
              "%s-key-%s.key".formatted(root.alias(), number));
      var bundle = world.get(Secret.class, NAMES.bundle(root.name(NAMES))).getData();
      assertThat(bundle)
          .containsOnlyKeys(
              "ca.crt",
              "trusted-%s.crt".formatted(number),
              "authority-%s.crt".formatted(number),
              "order",
              "answered")
          .containsEntry("ca.crt", authority(world, root));
    }
    assertSigned(world);
    assertThat(world.condition(ConditionType.READY).status()).isEqualTo("True");
    assertThat(world.condition(ConditionType.ROTATING).status()).isEqualTo("False");
  }

  /** All certificates are of the CAs that there are, and all pods trust these. */
  private static void assertSigned(World world) {
    for (var root : Root.values()) {
      var authority = authority(world, root);
      assertThat(world.get(Secret.class, COPIES).getData())
          .containsEntry(root.alias() + ".crt", authority)
          .containsEntry(
              root.alias() + ".key",
              world.get(Secret.class, root.name(NAMES)).getData().get("tls.key"));
    }
    for (var name : List.of("demo-etcd-server", "demo-etcd-peer", "demo-etcd-controller-client")) {
      assertThat(world.signer(name)).as(name).isEqualTo(authority(world, Root.ETCD));
    }
    assertThat(world.signer("demo-front-proxy")).isEqualTo(authority(world, Root.FRONT_PROXY));
    assertThat(world.signer("demo-admin")).isEqualTo(authority(world, Root.KUBERNETES));
  }

  private static void assertCompleted(World world, String request) {
    for (var credential : List.of("EtcdCA", "FrontProxyCA")) {
      assertThat(world.rotation(credential))
          .isEqualTo(new RotationStatus(credential, "Completed", request, null, null));
    }
  }

  /** Nothing is to be done, and nobody is told anything. */
  private static void assertQuiet(World world) {
    world.settle();
    world.cluster.forgetRequests();
    world.pass();
    assertThat(world.cluster.requests()).isEmpty();
  }

  private static void rotate(World world, Map<String, Object> rotation) {
    world.spec(Map.of("rotation", rotation));
  }

  /** An API server that nobody replaces. */
  private static String stray(World world) {
    var old = Manifests.copy(world.pods("api-server").getFirst());
    old.getMetadata().setName("demo-api-server-that-does-not-go");
    old.getMetadata().setOwnerReferences(List.of());
    world.cluster.put(old);
    world.cluster.catchUp();
    return old.getMetadata().getName();
  }

  /** All in their order. */
  private static List<String> phases(World world, String credential) {
    var phases = new ArrayList<String>();
    boolean changes = true;
    while (changes) {
      changes = world.round();
      Optional.ofNullable(world.object().getStatus().rotations()).orElse(List.of()).stream()
          .filter(status -> status.credential().equals(credential))
          .map(RotationStatus::phase)
          .filter(phase -> phases.isEmpty() || !phases.getLast().equals(phase))
          .forEach(phases::add);
    }
    return phases;
  }

  private void forget() {
    crash = Optional.empty();
    requests = 0;
    trust.clear();
    shown.clear();
  }

  private void watch(World world) {
    crash = Optional.empty();
    watch(world, Moment.BEFORE);
  }

  private void watch(World world, Moment moment) {
    var wanted = crash;
    forget();
    crash = wanted;
    world.cluster.disturb((request, now) -> {
      ROTATED.forEach(root -> assertAccepted(world, root));
      if (now == moment && crash.equals(Optional.of(++requests))) {
        throw new Crash(request);
      }
    });
  }

  /** Whatever certificate a pod may have, each pod that verifies such accepts. */
  private void assertAccepted(World world, Root root) {
    var all =
        world.cluster.all(Pod.class).stream()
            .filter(pod ->
                root.trusting().stream()
                    .anyMatch(component ->
                        component
                            .label()
                            .equals(pod.getMetadata().getLabels().get(Labels.COMPONENT))))
            .toList();
    var presented = new HashSet<String>();
    var verifiers = new HashMap<String, String>();
    for (var pod : all) {
      var id = "%s %s".formatted(pod.getMetadata().getUid(), root);
      var bundle = mounted(world, pod, NAMES.bundle(root.name(NAMES)));
      if (!trust.containsKey(id) && bundle.isEmpty()) {
        // It waits for that.
        continue;
      }
      var _ = trust.putIfAbsent(id, bundle.orElse(""));
      verifiers.put(pod.getMetadata().getName(), trust.get(id));
      leaves(pod)
          .map(name -> world.cluster.get(Secret.class, World.NAMESPACE, name))
          .flatMap(Optional::stream)
          .map(secret -> SignedCertificates.signer(secret.getData().get("tls.crt")))
          .flatMap(Optional::stream)
          .filter(signer -> SignedCertificates.isNamed(signer, root.commonName()))
          .forEach(signer -> shown.computeIfAbsent(id, _ -> new HashSet<>()).add(signer));
      presented.addAll(shown.getOrDefault(id, Set.of()));
    }
    verifiers.forEach((pod, certificates) ->
        presented.stream()
            .filter(signer -> !text(certificates).contains(text(signer).strip()))
            .forEach(_ ->
                Assertions.fail(
                    "%s does not trust all of %s: %s"
                        .formatted(pod, root, annotationsOf(all, root)))));
  }

  private static String annotationsOf(List<Pod> pods, Root root) {
    return pods.stream()
        .map(pod ->
            "%s %s"
                .formatted(
                    pod.getMetadata().getName(),
                    pod.getMetadata()
                        .getAnnotations()
                        .get(Labels.authorityAnnotation(root.alias()))))
        .collect(Collectors.joining(", "));
  }

  /** What a pod that is started now would be given of a Secret. */
  private static Optional<String> mounted(World world, Pod pod, String secret) {
    return World.projections(pod)
        .filter(projection -> projection.getName().equals(secret))
        .map(projection -> projection.getItems().getFirst().getKey())
        .findFirst()
        .flatMap(entry ->
            world
                .cluster
                .get(Secret.class, World.NAMESPACE, secret)
                .flatMap(found -> Optional.ofNullable(found.getData().get(entry))));
  }

  private static Stream<String> leaves(Pod pod) {
    return World.projections(pod)
        .filter(projection ->
            projection.getItems().stream().anyMatch(item -> item.getKey().equals("tls.crt")))
        .map(SecretProjection::getName);
  }

  private static String text(String encoded) {
    return new String(Base64.getDecoder().decode(encoded), StandardCharsets.US_ASCII);
  }

  private static String order(World world, Root root) {
    return Optional.ofNullable(
            world.get(Secret.class, COPIES).getData().get(root.alias() + "-order"))
        .map(RotatingAuthoritiesTest::text)
        .orElse("");
  }

  private static String authority(World world, Root root) {
    return world.get(Secret.class, root.name(NAMES)).getData().get("tls.crt");
  }

  private static List<String> names(World world, String... components) {
    return Stream.of(components)
        .flatMap(component -> world.pods(component).stream())
        .map(pod -> pod.getMetadata().getUid())
        .toList();
  }

  private static List<String> annotations(World world, String component, Root root) {
    return world.pods(component).stream()
        .map(
            pod -> pod.getMetadata().getAnnotations().get(Labels.authorityAnnotation(root.alias())))
        .toList();
  }
}
