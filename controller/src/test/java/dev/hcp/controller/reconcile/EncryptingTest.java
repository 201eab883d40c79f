package dev.hcp.controller.reconcile;

import static org.assertj.core.api.Assertions.assertThat;

import dev.hcp.conditions.ConditionType;
import dev.hcp.controller.memory.Crash;
import dev.hcp.controller.memory.Disturbance.Moment;
import dev.hcp.naming.Labels;
import dev.hcp.render.encryption.EncryptionRenderer;
import dev.hcp.render.encryption.KeyRing;
import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.api.model.Secret;
import io.fabric8.kubernetes.api.model.apps.Deployment;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;

/**
 * A running cluster begins to encrypt. At every moment, whatever fails, each API server can read
 * what another writes.
 */
final class EncryptingTest {
  private static final String SECRET = "demo-encryption";
  private static final int MOST_REQUESTS = 60;

  /** What goes wrong otherwise, at one request or never. */
  private Optional<Integer> crash = Optional.empty();

  @Test
  void nobodyWritesWhatAnotherCannotRead() {
    var world = unencrypted();
    encrypt(world, Map.of());
    assertEncrypted(world, "secrets");
    encrypt(world, Map.of("resources", List.of("configmaps")));
    assertEncrypted(world, "configmaps", "secrets");
    encrypt(world, Map.of("disabled", true));
    assertEncrypted(world);
    assertThat(world.get(Secret.class, SECRET).getData()).containsKey("key-1");
    encrypt(world, Map.of());
    assertEncrypted(world, "secrets");
    world.assertKeysWereNeverReplaced();
  }

  @Test
  void aCrashAtAnyRequestDoesNoHarm() {
    for (int number = 1; number < MOST_REQUESTS; number++) {
      var world = unencrypted();
      crash = Optional.of(number);
      encrypt(world, Map.of("resources", List.of("configmaps")));
      assertEncrypted(world, "configmaps", "secrets");
      world.assertKeysWereNeverReplaced();
    }
  }

  private static World unencrypted() {
    var world = World.sample();
    spec(world, Map.of("disabled", true));
    world.settle();
    assertThat(world.cluster.get(Secret.class, World.NAMESPACE, SECRET)).isEmpty();
    return world;
  }

  private void encrypt(World world, Map<String, Object> settings) {
    spec(world, settings);
    var count = new int[1];
    world.cluster.disturb((request, moment) -> {
      assertReadable(world);
      if (moment == Moment.BEFORE && crash.equals(Optional.of(++count[0]))) {
        throw new Crash(request);
      }
    });
    world.settle();
    assertReadable(world);
    assertThat(world.condition(ConditionType.ENCRYPTION).status()).isEqualTo("True");
    assertThat(world.condition(ConditionType.READY).status()).isEqualTo("True");
  }

  private static void spec(World world, Map<String, Object> settings) {
    world.spec(Map.of("encryptionAtRest", settings));
  }

  private static void assertEncrypted(World world, String... resources) {
    assertThat(EncryptionRenderer.encrypted(world.get(Secret.class, SECRET).getData()))
        .containsExactly(resources);
    assertThat(world.get(Deployment.class, "demo-api-server").getSpec().getReplicas()).isEqualTo(3);
  }

  /** Each pod was started with a configuration that has whatever is written encrypted now. */
  private static void assertReadable(World world) {
    var data =
        world
            .cluster
            .get(Secret.class, World.NAMESPACE, SECRET)
            .map(Secret::getData)
            .orElse(Map.of());
    var encrypted = EncryptionRenderer.encrypted(data);
    if (encrypted.isEmpty()) {
      return;
    }
    var ring = KeyRing.read(data, "");
    assertThat(ring.resources()).containsAll(encrypted);
    var all = EncryptionRenderer.annotations(ring).get(Labels.ENCRYPTION_ANNOTATION);
    var written =
        EncryptionRenderer.annotations(ring.only(encrypted)).get(Labels.ENCRYPTION_ANNOTATION);
    assertThat(world.cluster.all(Pod.class))
        .filteredOn(pod -> "api-server".equals(pod.getMetadata().getLabels().get(Labels.COMPONENT)))
        .allSatisfy(pod ->
            assertThat(pod.getMetadata().getAnnotations().get(Labels.ENCRYPTION_ANNOTATION))
                .isIn(all, written));
  }
}
