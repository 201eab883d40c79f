package dev.hcp.controller.reconcile;

import static org.assertj.core.api.Assertions.assertThat;

import dev.hcp.api.v1alpha1.RotationStatus;
import dev.hcp.conditions.ConditionType;
import dev.hcp.controller.memory.Crash;
import dev.hcp.controller.memory.Disturbance.Moment;
import dev.hcp.controller.scenario.Manifests;
import dev.hcp.model.KeyOrder;
import dev.hcp.naming.Labels;
import dev.hcp.render.encryption.Cipher;
import dev.hcp.render.encryption.EncryptionRenderer;
import dev.hcp.render.encryption.KeyRing;
import io.fabric8.kubernetes.api.model.Container;
import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.api.model.Secret;
import io.fabric8.kubernetes.api.model.apps.Deployment;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/**
 * A running cluster goes from a key of the controller to a key management service, from one to
 * another, and back. At every moment, whatever fails, each API server can read what another writes,
 * and has the plugin that it needs for that.
 */
final class KmsTest {
  private static final String ENCRYPTION = "demo-encryption";
  private static final String COPIES = "demo-root-keys";
  private static final String DEPLOYMENT = "demo-api-server";
  private static final int MOST_REQUESTS = 60;

  /** What goes wrong otherwise, at one request or never. */
  private Optional<Integer> crash = Optional.empty();

  private int requests;

  @Test
  void everythingIsEncryptedByAServiceAndTheOldKeyGoes() {
    var world = World.settledSample();
    watch(world);
    want(world, kms("a"), Map.of());
    world.settle();
    assertServed(world, 2, "a");
    assertThat(ring(world).retired()).containsOnlyKeys(1);
    assertThat(world.rewrites.runs()).containsExactly("2 secrets");
    assertThat(world.object().getStatus().rotations()).isNull();
    assertThat(world.condition(ConditionType.ENCRYPTION).message())
        .isEqualTo("What is written is encrypted by KMS a: secrets");
    assertQuiet(world);

    want(world, kms("b"), Map.of());
    world.settle();
    assertServed(world, 3, "b");
    assertThat(ring(world).retired()).containsOnlyKeys(1, 2);
    assertQuiet(world);

    want(world, Map.of(), Map.of());
    world.settle();
    assertThat(ring(world).keys()).containsOnlyKeys(4);
    assertThat(ring(world).keys().get(4)).isInstanceOf(Cipher.Key.class);
    assertThat(ring(world).retired()).containsOnlyKeys(1, 2, 3);
    assertThat(plugins(world)).isEmpty();
    assertThat(world.rewrites.runs()).containsExactly("2 secrets", "3 secrets", "4 secrets");
    assertQuiet(world);

    // The same service as before, by another number.
    want(world, kms("a"), Map.of());
    world.settle();
    assertServed(world, 5, "a");
    assertQuiet(world);
  }

  @Test
  void aServiceIsKnownBeforeItIsUsedAndTheOldKeyStaysUntilEverythingIsWrittenAgain() {
    var world = World.settledSample();
    var old = Manifests.copy(world.pods("api-server").getFirst());
    old.getMetadata().setName("demo-api-server-that-does-not-go");
    old.getMetadata().setOwnerReferences(List.of());
    world.cluster.put(old);
    watch(world);
    world.rewrites.hold();
    want(world, kms("a"), Map.of());
    world.settle();
    assertThat(ring(world).order().numbers()).containsExactly(1, 2);
    assertThat(plugins(world)).containsExactly("kms-plugin-2");
    assertThat(readiness(world)).as("it has to work before it is used").isEqualTo("/readyz");
    assertThat(world.condition(ConditionType.ENCRYPTION).message())
        .isEqualTo(
            "What is written is encrypted by the key of the controller until all API servers know KMS a: secrets");
    assertThat(status(world).phase()).isEqualTo("Prepare");
    assertThat(status(world).waitingFor()).isEqualTo("all API servers to know it, which 3 of 4 do");

    world.cluster.remove(world.get(Pod.class, old.getMetadata().getName()));
    world.cluster.catchUp();
    world.settle();
    assertThat(ring(world).order().numbers()).containsExactly(2, 1);
    assertThat(readiness(world)).isEqualTo("/readyz?exclude=kms-providers");
    assertThat(file(world)).contains("a.secrets", "key-1");
    assertThat(status(world).phase()).isEqualTo("Switch");
    want(world, Map.of(), Map.of());
    world.settle();
    assertThat(ring(world).order().numbers()).as("one after the other").containsExactly(2, 1);
    world.rewrites.release();
    world.settle();
    assertThat(ring(world).keys()).containsOnlyKeys(3);
    assertThat(plugins(world)).isEmpty();
  }

  @Test
  void aChangeCanBeCalledOffAsLongAsTheServiceIsNotUsed() {
    var world = World.settledSample();
    var old = Manifests.copy(world.pods("api-server").getFirst());
    old.getMetadata().setName("demo-api-server-that-does-not-go");
    old.getMetadata().setOwnerReferences(List.of());
    world.cluster.put(old);
    want(world, kms("a"), Map.of());
    world.settle();
    assertThat(plugins(world)).containsExactly("kms-plugin-2");
    want(world, kms("b"), Map.of());
    world.settle();
    assertThat(ring(world).services().values()).extracting(Cipher.Kms::name).containsExactly("b");
    want(world, Map.of(), Map.of());
    world.settle();
    assertThat(ring(world).keys()).containsOnlyKeys(1);
    assertThat(copies(world).keys()).containsOnlyKeys(1);
    assertThat(plugins(world)).isEmpty();
    assertThat(world.object().getStatus().rotations()).isNull();
    assertQuiet(world);

    world.cluster.remove(world.get(Pod.class, old.getMetadata().getName()));
    world.cluster.catchUp();
    want(world, Map.of(), Map.of("encryptionKey", "x"));
    world.settle();
    assertThat(ring(world).current().orElseThrow()).isInstanceOf(Cipher.Key.class);
    assertThat(ring(world).retired()).containsKey(1);
    assertQuiet(world);
  }

  /** The service has another key by itself; a rotation has everything written by that. */
  @Test
  void aRotationWithAServiceWritesEverythingAgain() {
    var world = World.sample();
    want(world, kms("a"), Map.of("encryptionKey", "x"));
    world.settle();
    assertServed(world, 1, "a");
    assertThat(status(world))
        .isEqualTo(new RotationStatus("EncryptionKey", "Completed", "x", null, null));
    assertThat(world.rewrites.runs()).isEmpty();
    watch(world);
    world.rewrites.hold();
    want(world, kms("a"), Map.of("encryptionKey", "y"));
    world.settle();
    assertThat(status(world).phase()).isEqualTo("Switch");
    assertThat(status(world).request()).isEqualTo("y");
    assertThat(status(world).waitingFor()).contains("written again");
    world.rewrites.release();
    world.settle();
    assertThat(world.rewrites.runs()).containsExactly("1 secrets y");
    assertServed(world, 1, "a");
    assertThat(status(world))
        .isEqualTo(new RotationStatus("EncryptionKey", "Completed", "y", null, null));
    assertQuiet(world);
  }

  @Test
  void whatLeadsToAServiceFollowsTheSpec() {
    var world = World.sample();
    want(world, kms("a"), Map.of());
    world.settle();
    watch(world);
    want(world, kms("a", "v2"), Map.of());
    world.settle();
    assertServed(world, 1, "a");
    assertThat(containers(world).getFirst().getImage()).isEqualTo("r.example.com/kms:v2");
    assertThat(world.rewrites.runs()).isEmpty();
    assertQuiet(world);
  }

  @Test
  void aCrashAtAnyRequestDoesNoHarm() {
    for (int number = 1; number < MOST_REQUESTS; number++) {
      var world = World.settledSample();
      crash = Optional.of(number);
      watch(world);
      want(world, kms("a"), Map.of());
      world.settle();
      assertServed(world, 2, "a");
      watch(world);
      want(world, Map.of(), Map.of());
      world.settle();
      assertThat(ring(world).keys()).containsOnlyKeys(3);
      assertThat(plugins(world)).isEmpty();
    }
  }

  private static Map<String, Object> kms(String name) {
    return kms(name, "v1");
  }

  private static Map<String, Object> kms(String name, String tag) {
    return Map.of(
        "provider",
        "KMS",
        "kms",
        Map.of(
            "name",
            name,
            "plugin",
            Map.of(
                "image",
                Map.of("registry", "r.example.com", "repository", "kms", "tag", tag),
                "socket",
                "/run/kms/" + name + ".sock")));
  }

  private static void want(
      World world, Map<String, Object> encryption, Map<String, Object> rotation) {
    world.spec(Map.of("encryptionAtRest", encryption, "rotation", rotation));
  }

  private void watch(World world) {
    requests = 0;
    var seen = new TreeMap<Integer, Cipher>();
    world.cluster.disturb((request, moment) -> {
      assertReadable(world, seen);
      if (moment == Moment.BEFORE && crash.equals(Optional.of(++requests))) {
        throw new Crash(request);
      }
    });
  }

  /**
   * Each pod was started with a configuration that has what is written by, whose plugin is there;
   * and nothing is gone by which something may be encrypted.
   */
  private static void assertReadable(World world, TreeMap<Integer, Cipher> seen) {
    var data =
        world
            .cluster
            .get(Secret.class, World.NAMESPACE, ENCRYPTION)
            .map(Secret::getData)
            .orElse(Map.of());
    if (!data.containsKey(EncryptionRenderer.FILE)) {
      return;
    }
    var ring = KeyRing.read(data, "");
    seen.putAll(ring.keys());
    int writer = ring.order().first();
    var known = new ArrayList<String>();
    for (int one = 0; one <= 6; one++) {
      for (int other = 0; other <= 6; other++) {
        var numbers =
            Stream.of(one, other, writer).filter(number -> number > 0).distinct().toList();
        for (var order : List.of(numbers, numbers.reversed())) {
          known.add(
              EncryptionRenderer.annotations(ring.with(new KeyOrder(order)))
                  .get(Labels.ENCRYPTION_ANNOTATION));
        }
      }
    }
    assertThat(world.pods("api-server"))
        .allSatisfy(pod ->
            assertThat(pod.getMetadata().getAnnotations().get(Labels.ENCRYPTION_ANNOTATION))
                .isIn(known));
    if (ring.current().orElseThrow() instanceof Cipher.Kms) {
      assertThat(plugins(world)).contains("kms-plugin-" + writer);
    }
    var written = world.rewrites.runs().stream().anyMatch(run -> run.startsWith(writer + " "));
    if (writer > 1 && !written) {
      assertThat(ring.keys()).containsKey(writer - 1);
    }
  }

  private static void assertServed(World world, int number, String name) {
    assertThat(ring(world).keys()).containsOnlyKeys(number);
    assertThat(copies(world).keys()).containsOnlyKeys(number);
    assertThat(ring(world).services().get(number).name()).isEqualTo(name);
    assertThat(plugins(world)).containsExactly("kms-plugin-" + number);
    assertThat(file(world))
        .contains("\"%s.secrets\"".formatted(name))
        .contains("unix:///run/hcp-kms/%d/%s.sock".formatted(number, name))
        .doesNotContain("secretbox");
    assertThat(world.condition(ConditionType.ENCRYPTION).status()).isEqualTo("True");
    assertThat(world.condition(ConditionType.READY).status()).isEqualTo("True");
  }

  /** Nothing is to be done, and nobody is told anything. */
  private static void assertQuiet(World world) {
    world.settle();
    world.cluster.forgetRequests();
    world.pass();
    assertThat(world.cluster.requests()).isEmpty();
  }

  private static List<Container> containers(World world) {
    return world
        .get(Deployment.class, DEPLOYMENT)
        .getSpec()
        .getTemplate()
        .getSpec()
        .getInitContainers();
  }

  private static List<String> plugins(World world) {
    return containers(world).stream().map(Container::getName).toList();
  }

  private static String readiness(World world) {
    return world
        .get(Deployment.class, DEPLOYMENT)
        .getSpec()
        .getTemplate()
        .getSpec()
        .getContainers()
        .getFirst()
        .getReadinessProbe()
        .getHttpGet()
        .getPath();
  }

  private static RotationStatus status(World world) {
    return world.object().getStatus().rotations().getFirst();
  }

  private static KeyRing ring(World world) {
    return KeyRing.read(world.get(Secret.class, ENCRYPTION).getData(), "");
  }

  private static KeyRing copies(World world) {
    return KeyRing.readCopies(world.get(Secret.class, COPIES).getData());
  }

  private static String file(World world) {
    return new String(
        Base64.getDecoder()
            .decode(world.get(Secret.class, ENCRYPTION).getData().get(EncryptionRenderer.FILE)),
        java.nio.charset.StandardCharsets.UTF_8);
  }
}
