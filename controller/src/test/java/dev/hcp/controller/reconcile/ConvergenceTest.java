package dev.hcp.controller.reconcile;

import static org.assertj.core.api.Assertions.assertThat;

import dev.hcp.api.certmanager.Certificate;
import dev.hcp.conditions.ConditionType;
import dev.hcp.controller.memory.Crash;
import dev.hcp.controller.memory.Disturbance;
import dev.hcp.controller.memory.Disturbance.Moment;
import dev.hcp.controller.memory.Request;
import dev.hcp.naming.Labels;
import dev.hcp.version.KubernetesVersion;
import io.fabric8.kubernetes.api.model.HasMetadata;
import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.api.model.Secret;
import io.fabric8.kubernetes.api.model.Service;
import io.fabric8.kubernetes.api.model.apps.Deployment;
import io.fabric8.kubernetes.api.model.apps.StatefulSet;
import io.fabric8.kubernetes.client.KubernetesClientException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;

/** Whatever happens on the way, the same control plane stands in the end. */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
final class ConvergenceTest {
  /** Of the many moments at which one request can fail, every so many are tried. */
  private static final int STRIDE = 5;

  private Map<String, Object> undisturbed = Map.of();
  private int requests;

  @BeforeAll
  void convergeUndisturbed() {
    var world = World.sample();
    world.settle();
    undisturbed = world.snapshot();
    requests = world.cluster.requests().size();
  }

  @Test
  void everythingIsReadyInTheEnd() {
    var world = World.settledSample();
    assertThat(world.object().getStatus().conditions())
        .filteredOn(c -> c.type().endsWith("Ready") || c.type().equals("Available"))
        .hasSize(28)
        .allMatch(c -> c.status().equals("True"));
    var status = world.object().getStatus();
    assertThat(status.initialization().controlPlaneInitialized()).isTrue();
    assertThat(status.version()).isEqualTo("v1.36.3");
    assertThat(status.versions()).singleElement().returns(3, v -> v.replicas());
    assertThat(status.replicas()).isEqualTo(3);
    assertThat(status.observedGeneration()).isEqualTo(world.object().getMetadata().getGeneration());
    assertThat(world.object().getSpec().controlPlaneEndpoint().host())
        .isEqualTo("demo.clusters.hcp.example.test");
  }

  @Test
  void allThatWaitsForNothingIsCreatedInTheFirstPass() {
    var world = World.sample();
    world.pass();
    assertThat(world.cluster.all(Deployment.class))
        .extracting(d -> d.getMetadata().getName())
        .containsExactlyInAnyOrder("demo-api-server", "demo-controller-manager", "demo-scheduler");
    assertThat(world.cluster.all(StatefulSet.class)).hasSize(1);
    assertThat(world.cluster.all(Service.class)).hasSize(3);
    assertThat(world.cluster.all(Certificate.class)).hasSize(15);
  }

  @Test
  void nothingIsWrittenOnceNothingChanges() {
    var world = World.settledSample();
    long version = world.cluster.version();
    var events = world.cluster.events();
    for (int i = 0; i < 5; i++) {
      world.pass();
    }
    world.restart();
    world.pass();
    assertThat(world.cluster.requests()).isEmpty();
    assertThat(world.cluster.version()).isEqualTo(version);
    assertThat(world.cluster.events()).isEqualTo(events);
  }

  @Test
  void crashAtAnyRequestDoesNoHarm() {
    assertThat(requests).isGreaterThan(40);
    for (int k = 1; k <= requests; k++) {
      int number = k;
      disturbed(
          "Crash before request %d".formatted(number),
          once(number, Moment.BEFORE, request -> new Crash(request)));
    }
  }

  @Test
  void failureOfAnyRequestDoesNoHarm() {
    for (int k = 1; k <= requests; k += STRIDE) {
      for (var moment : Moment.values()) {
        disturbed(
            "Failure %s request %d".formatted(moment, k),
            once(k, moment, ConvergenceTest::timeout));
      }
    }
  }

  @Test
  void manyFailuresDoNoHarm() {
    for (int every = 2; every <= 5; every++) {
      int n = every;
      var count = new int[1];
      disturbed(
          "Every request number %d fails".formatted(n),
          (request, moment) -> {
            if (moment == Moment.AFTER && ++count[0] % n == 0 && count[0] < 300) {
              throw timeout(request);
            }
          });
    }
  }

  private void disturbed(String what, Disturbance disturbance) {
    var world = World.sample();
    world.cluster.disturb(disturbance);
    try {
      world.settle();
      assertThat(world.snapshot()).as(what).isEqualTo(undisturbed);
      world.assertKeysWereNeverReplaced();
    } catch (RuntimeException e) {
      throw new AssertionError(what, e);
    }
  }

  private static Disturbance once(
      int number, Moment when, java.util.function.Function<Request, Throwable> what) {
    var count = new int[1];
    return (request, moment) -> {
      if (moment == when && ++count[0] == number) {
        ConvergenceTest.<RuntimeException>sneak(what.apply(request));
      }
    };
  }

  @SuppressWarnings("unchecked")
  private static <T extends Throwable> void sneak(Throwable thrown) throws T {
    throw (T) thrown;
  }

  private static KubernetesClientException timeout(Request request) {
    return new KubernetesClientException(request + ": no answer in time");
  }

  @Test
  void informersThatLagBehindDoNoHarm() {
    var world = World.sample();
    world.cluster.lag();
    world.cluster.catchUp();
    for (int round = 0; round < 40; round++) {
      // Passes that do not see what those before them wrote.
      world.pass();
      world.pass();
      world.pass();
      world.cluster.catchUp();
      world.others.step();
      if (round % 2 == 0) {
        world.cluster.catchUp();
      }
    }
    world.cluster.catchUp();
    world.settle();
    assertThat(world.snapshot()).isEqualTo(undisturbed);
    world.assertKeysWereNeverReplaced();
  }

  @Test
  void anyGeneratedObjectThatIsDeletedComesBackAsItWas() {
    var names =
        World.settledSample().cluster.generated().stream()
            .filter(o -> !(o instanceof Pod))
            .map(ConvergenceTest::nameOf)
            .toList();
    assertThat(names).hasSizeGreaterThan(40);
    var world = World.settledSample();
    for (var name : names) {
      world.cluster.remove(find(world, name));
      world.settle();
      var now = world.snapshot();
      assertThat(now.keySet()).as("after deletion of %s", name).isEqualTo(undisturbed.keySet());
      if (isReissued(world, name)) {
        // cert-manager makes another key; what carries it follows.
        continue;
      }
      assertThat(now.get(name)).as(name).isEqualTo(undisturbed.get(name));
    }
    world.assertKeysWereNeverReplaced();
    assertThat(world.condition(ConditionType.READY).status()).isEqualTo("True");
  }

  @Test
  void anyGeneratedObjectThatIsChangedBecomesAsItWas() {
    var world = World.settledSample();
    for (var name : List.copyOf(undisturbed.keySet())) {
      if (name.equals("the control plane") || name.startsWith("PersistentVolumeClaim")) {
        continue;
      }
      var object = find(world, name);
      if (object.getMetadata().getOwnerReferences().isEmpty()) {
        // Made by cert-manager, which keeps it up.
        continue;
      }
      world.cluster.edit(object, o -> o.getMetadata().setLabels(new TreeMap<>(Map.of("a", "b"))));
      world.settle();
      assertThat(find(world, name).getMetadata().getLabels())
          .as(name)
          .containsEntry(Labels.CLUSTER_NAME, "demo")
          .containsEntry(Labels.MANAGED_BY, Labels.MANAGER);
    }
    var replicas = world.get(Deployment.class, "demo-scheduler");
    world.cluster.edit(replicas, d -> d.getSpec().setReplicas(0));
    world.settle();
    assertThat(world.get(Deployment.class, "demo-scheduler").getSpec().getReplicas()).isEqualTo(1);
  }

  @Test
  void renewedCertificatesRestartNothing() {
    var world = World.settledSample();
    var before = templates(world);
    for (var secret : world.cluster.all(Secret.class)) {
      if (secret.getType().equals("kubernetes.io/tls")) {
        world.cluster.edit(secret, s -> s.getData().put("tls.crt", "cmVuZXdlZA=="));
      }
    }
    world.settle();
    assertThat(templates(world)).isEqualTo(before);
    assertThat(world.get(Secret.class, "demo-ca-bundle").getData())
        .containsEntry("ca.crt", "cmVuZXdlZA==");
    assertThat(world.condition(ConditionType.READY).status()).isEqualTo("True");
  }

  @Test
  void upgradeMovesFollowersOnlyAfterAllApiServers() {
    var world = World.settledSample();
    var target = KubernetesVersion.parse("v1.37.1");
    var seen = new ArrayList<String>();
    setVersion(world, target.toString());
    for (boolean changing = true; changing; ) {
      changing = world.round();
      var apiServers = versions(world, "demo-api-server");
      for (var follower : List.of("demo-controller-manager", "demo-scheduler")) {
        var followers = versions(world, follower);
        assertThat(followers)
            .as("%s beside API servers %s", follower, apiServers)
            .allMatch(v -> apiServers.stream().allMatch(a -> v.compareTo(a) <= 0));
      }
      seen.add(world.object().getStatus().version());
      assertThat(world.condition(ConditionType.AVAILABLE).status()).isEqualTo("True");
    }
    assertThat(versions(world, "demo-api-server")).containsOnly(target).hasSize(3);
    assertThat(versions(world, "demo-scheduler")).containsOnly(target);
    assertThat(world.condition(ConditionType.READY).status()).isEqualTo("True");
    assertThat(seen).startsWith("v1.36.3").endsWith("v1.37.1").isSorted();
  }

  @Test
  void upgradeThatIsInterruptedAnywhereComesToTheSameEnd() {
    var reference = World.settledSample();
    setVersion(reference, "v1.37.1");
    reference.settle();
    int writes = reference.cluster.requests().size();
    assertThat(writes).isGreaterThan(5);
    for (int k = 1; k <= writes; k++) {
      var world = World.settledSample();
      setVersion(world, "v1.37.1");
      world.cluster.disturb(once(k, Moment.BEFORE, request -> new Crash(request)));
      world.settle();
      assertThat(world.snapshot()).as("crash before request %d", k).isEqualTo(reference.snapshot());
    }
  }

  private static void setVersion(World world, String version) {
    world.edit(Map.of("version", version));
  }

  private static List<KubernetesVersion> versions(World world, String deployment) {
    return world.cluster.all(Pod.class).stream()
        .filter(p -> p.getMetadata().getOwnerReferences().getFirst().getName().equals(deployment))
        .map(p -> p.getMetadata().getAnnotations().get(Labels.VERSION_ANNOTATION))
        .map(KubernetesVersion::parse)
        .toList();
  }

  private static List<Object> templates(World world) {
    var templates = new ArrayList<>();
    world.cluster.all(Deployment.class).forEach(d -> templates.add(d.getSpec().getTemplate()));
    world.cluster.all(StatefulSet.class).forEach(s -> templates.add(s.getSpec().getTemplate()));
    return templates;
  }

  /** Whether cert-manager makes a key anew when a Secret is gone; keys of roots are kept. */
  private static boolean isReissued(World world, String name) {
    var secret = name.startsWith("Secret ") ? name.substring("Secret ".length()) : "";
    return world.cluster.all(Certificate.class).stream()
            .anyMatch(c -> c.getSpec().secretName().equals(secret))
        || secret.endsWith("kubeconfig");
  }

  private static HasMetadata find(World world, String name) {
    return world.cluster.generated().stream()
        .filter(o -> nameOf(o).equals(name))
        .findFirst()
        .orElseThrow(() -> new AssertionError("No " + name));
  }

  private static String nameOf(HasMetadata object) {
    return object.getKind() + " " + object.getMetadata().getName();
  }
}
