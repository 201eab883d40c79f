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
import dev.hcp.render.pki.SigningKeys;
import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.api.model.Secret;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Base64;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.TreeMap;
import java.util.TreeSet;
import org.junit.jupiter.api.Test;

/**
 * Keys of a running cluster are rotated. At every moment, whatever fails, each API server can read
 * what another writes, and accepts the tokens that another signs, or has signed.
 */
final class RotatingTest {
  private static final String ENCRYPTION = "demo-encryption";
  private static final String SERVICE_ACCOUNTS = "demo-sa";
  private static final String COPIES = "demo-root-keys";
  private static final int MOST_REQUESTS = 70;
  private static final Duration RETENTION = Duration.ofHours(24);

  /** What goes wrong otherwise, at one request or never. */
  private Optional<Integer> crash = Optional.empty();

  /** Requests since somebody watches. */
  private int requests;

  @Test
  void everythingIsWrittenAgainByAnotherEncryptionKey() {
    var world = World.settledSample();
    var first = ring(world).keys().get(1);
    assertThat(world.object().getStatus().rotations()).isNull();
    watch(world);
    rotate(world, Map.of("encryptionKey", "a"));
    world.settle();
    assertThat(ring(world).keys()).containsOnlyKeys(2);
    assertThat(ring(world).retired()).as("of older backups").containsOnly(Map.entry(1, first));
    assertThat(copies(world).keys()).containsOnlyKeys(2);
    assertThat(copies(world).retired()).containsOnly(Map.entry(1, first));
    assertThat(world.get(Secret.class, ENCRYPTION).getData()).doesNotContainKey("key-1");
    assertThat(file(world)).contains("key-2").doesNotContain("key-1");
    assertThat(world.rewrites.runs()).containsExactly("2 secrets");
    assertCompleted(world, "EncryptionKey", "a");
    assertQuiet(world);

    rotate(world, Map.of("encryptionKey", "b"));
    world.settle();
    assertThat(ring(world).keys()).containsOnlyKeys(3);
    assertThat(ring(world).retired()).containsOnlyKeys(1, 2);
    assertCompleted(world, "EncryptionKey", "b");
    assertQuiet(world);
  }

  @Test
  void anOldEncryptionKeyStaysUntilEverythingIsWrittenAgain() {
    var world = World.settledSample();
    watch(world);
    world.rewrites.hold();
    rotate(world, Map.of("encryptionKey", "a"));
    world.settle();
    assertThat(ring(world).order().numbers()).containsExactly(2, 1);
    assertThat(ring(world).keys()).containsOnlyKeys(1, 2);
    assertThat(world.rotation("EncryptionKey").phase()).isEqualTo("Switch");
    assertThat(world.rotation("EncryptionKey").waitingFor())
        .isEqualTo(
            "everything to be written again: secrets; it begins at 2026-01-01T00:04:00Z, when no API server can encrypt by another key any more");
    assertThat(world.rotation("EncryptionKey").startedAt()).isEqualTo("2026-01-01T00:00:00Z");
    assertThat(world.condition(ConditionType.ROTATING).status()).isEqualTo("True");
    assertThat(world.condition(ConditionType.ROTATING).reason()).isEqualTo("SwitchingKey");
    assertThat(world.condition(ConditionType.READY).status()).isEqualTo("True");

    rotate(world, Map.of());
    world.settle();
    assertThat(ring(world).order().numbers()).as("too late").containsExactly(2, 1);
    world.rewrites.release();
    world.settle();
    assertThat(ring(world).keys()).containsOnlyKeys(2);
    assertCompleted(world, "EncryptionKey", "a");
  }

  /** Of three API servers one never gets to know the new keys. */
  @Test
  void anApiServerThatDoesNotKnowAKeyHoldsItsRotationBackAndItCanBeCalledOff() {
    var world = World.settledSample();
    var old = Manifests.copy(world.pods("api-server").getFirst());
    old.getMetadata().setName("demo-api-server-that-does-not-go");
    old.getMetadata().setOwnerReferences(List.of());
    world.cluster.put(old);
    watch(world);
    rotate(world, Map.of("encryptionKey", "a", "serviceAccountKey", "a"));
    world.settle();
    assertThat(ring(world).order().numbers()).containsExactly(1, 2);
    assertThat(signing(world).order().numbers()).containsExactly(1, 2);
    assertThat(world.rotation("EncryptionKey").waitingFor())
        .isEqualTo("all API servers to know it, which 3 of 4 do");
    assertThat(world.rotation("ServiceAccountKey").waitingFor())
        .isEqualTo("all API servers to trust it, which 3 of 4 do");
    assertThat(world.condition(ConditionType.ROTATING).reason()).isEqualTo("PreparingKey");

    rotate(world, Map.of());
    world.settle();
    assertThat(world.object().getStatus().rotations()).isNull();
    world.cluster.remove(world.get(Pod.class, old.getMetadata().getName()));
    world.cluster.catchUp();
    world.settle();
    assertThat(ring(world).order().first()).isEqualTo(1);
    assertThat(signing(world).order().first()).isEqualTo(1);
    assertQuiet(world);

    rotate(world, Map.of("encryptionKey", "b", "serviceAccountKey", "b"));
    world.settle();
    assertThat(ring(world).keys()).as("the one that was left").containsOnlyKeys(2);
    assertThat(signing(world).order().numbers()).containsExactly(2, 1);
  }

  @Test
  void aKeyThatIsPutBackForAnOlderBackupIsKnownUntilEverythingIsWrittenAgain() {
    var world = World.settledSample();
    watch(world);
    for (var request : List.of("a", "b")) {
      rotate(world, Map.of("encryptionKey", request));
      world.settle();
    }
    world.rewrites.hold();
    world.cluster.edit(
        world.get(Secret.class, COPIES),
        secret ->
            secret.getData().put("encryption-key-1", secret.getData().get("encryption-retired-1")));
    world.cluster.catchUp();
    world.settle();
    assertThat(file(world)).contains("key-3", "key-1").doesNotContain("key-2");
    assertThat(ring(world).order().first()).isEqualTo(3);
    assertThat(world.rotation("EncryptionKey").waitingFor()).contains("written again");
    world.rewrites.release();
    world.settle();
    assertThat(ring(world).keys()).containsOnlyKeys(3);
    assertThat(copies(world).keys()).containsOnlyKeys(3);
    assertCompleted(world, "EncryptionKey", "b");
    assertQuiet(world);
  }

  @Test
  void tokensOfAnOldKeyStayValidForTheirTime() {
    var world = World.settledSample();
    var first = signing(world).signing();
    watch(world);
    rotate(world, Map.of("serviceAccountKey", "a", "serviceAccountKeyRetention", "24h"));
    world.settle();
    assertThat(signing(world).order().numbers()).containsExactly(2, 1);
    assertThat(signing(world).pairs()).containsEntry(1, first);
    assertThat(world.rotation("ServiceAccountKey").phase()).isEqualTo("Retire");
    assertThat(world.rotation("ServiceAccountKey").waitingFor()).contains("2026-01-02T00:00:00Z");
    assertThat(orders(world, "api-server")).containsOnly("2,1");
    assertThat(orders(world, "controller-manager")).containsOnly("2");
    assertQuiet(world);

    world.now = world.now.plus(RETENTION).minusSeconds(1);
    assertQuiet(world);
    world.now = world.now.plusSeconds(1);
    world.settle();
    assertThat(signing(world).pairs()).containsOnlyKeys(2);
    assertThat(orders(world, "api-server")).containsOnly("2");
    assertThat(world.get(Secret.class, SERVICE_ACCOUNTS).getData())
        .containsOnlyKeys(
            "tls.crt", "tls.key", "key-2.pub", "key-2.key", "trusted-2.pub", "order", "answered");
    assertThat(world.get(Secret.class, COPIES).getData())
        .doesNotContainKeys("sa-key-1.pub", "sa-key-1.key");
    assertCompleted(world, "ServiceAccountKey", "a");
    assertQuiet(world);
  }

  @Test
  void anOldServiceAccountKeyGoesAtTheUsersWord() {
    var world = World.settledSample();
    watch(world);
    rotate(world, Map.of("serviceAccountKey", "a"));
    world.settle();
    assertThat(world.rotation("ServiceAccountKey").waitingFor()).contains("2027-01-02T00:00:00Z");
    // Another rotation need not wait for that.
    rotate(world, Map.of("serviceAccountKey", "b"));
    world.settle();
    assertThat(signing(world).order().numbers()).containsExactly(3, 2, 1);
    world.now = Instant.parse("2026-03-01T00:00:00Z");
    rotate(world, Map.of("serviceAccountKey", "b", "serviceAccountKeyRetention", "0s"));
    world.settle();
    assertThat(signing(world).order().numbers()).containsExactly(3);
    assertCompleted(world, "ServiceAccountKey", "b");
  }

  /** A rotation that was begun meanwhile, and is not wanted any more, keeps no old key. */
  @Test
  void anOldServiceAccountKeyGoesThoughAnotherRotationWasCalledOff() {
    var world = World.settledSample();
    watch(world);
    rotate(world, Map.of("serviceAccountKey", "a"));
    world.settle();
    var old = Manifests.copy(world.pods("api-server").getFirst());
    old.getMetadata().setName("demo-api-server-that-does-not-go");
    old.getMetadata().setOwnerReferences(List.of());
    world.cluster.put(old);
    rotate(world, Map.of("serviceAccountKey", "b"));
    world.settle();
    assertThat(signing(world).order().numbers()).containsExactly(2, 1, 3);
    rotate(world, Map.of("serviceAccountKey", "a", "serviceAccountKeyRetention", "0s"));
    world.cluster.remove(world.get(Pod.class, old.getMetadata().getName()));
    world.cluster.catchUp();
    world.settle();
    assertThat(signing(world).order().numbers()).containsExactly(2, 3);
    assertCompleted(world, "ServiceAccountKey", "a");
    assertQuiet(world);
  }

  /** Somebody has taken one out of the Secret with the copies. */
  @Test
  void aKeyInUseThatHasNoCopyAnyMoreIsCopiedAgain() {
    var world = World.settledSample();
    watch(world);
    world.rewrites.hold();
    rotate(world, Map.of("encryptionKey", "a", "serviceAccountKey", "a"));
    world.settle();
    var encryption = ring(world).keys();
    var signing = signing(world).pairs();
    assertThat(encryption).containsOnlyKeys(1, 2);
    assertThat(signing).containsOnlyKeys(1, 2);
    world.cluster.edit(
        world.get(Secret.class, COPIES),
        secret ->
            secret
                .getData()
                .keySet()
                .removeAll(List.of("encryption-key-1", "sa-key-1.pub", "sa-key-1.key")));
    world.cluster.catchUp();
    world.settle();
    assertThat(ring(world).keys()).isEqualTo(encryption);
    assertThat(copies(world).keys()).isEqualTo(encryption);
    assertThat(signing(world).pairs()).isEqualTo(signing);
    assertThat(SigningKeys.readCopies(world.get(Secret.class, COPIES).getData(), "sa").pairs())
        .isEqualTo(signing);
  }

  @Test
  void aNewControlPlaneMeetsWhatIsRequestedFromTheBeginning() {
    var world = World.sample();
    rotate(world, Map.of("encryptionKey", "a", "serviceAccountKey", "a"));
    world.settle();
    assertThat(ring(world).keys()).containsOnlyKeys(1);
    assertThat(signing(world).pairs()).containsOnlyKeys(1);
    assertCompleted(world, "EncryptionKey", "a");
    assertCompleted(world, "ServiceAccountKey", "a");
    assertThat(world.rewrites.runs()).isEmpty();
    assertQuiet(world);
  }

  /** What was deleted by mistake is put back, wherever a rotation is. */
  @Test
  void secretsThatAreLostInBetweenArePutBack() {
    for (var lost : List.of(ENCRYPTION, SERVICE_ACCOUNTS, COPIES)) {
      for (int rounds = 1; rounds < 30; rounds++) {
        var world = World.settledSample();
        watch(world);
        rotate(world, both());
        for (int i = 0; i < rounds; i++) {
          world.round();
        }
        world.cluster.remove(world.get(Secret.class, lost));
        world.cluster.catchUp();
        world.settle();
        assertRotated(world);
      }
    }
  }

  @Test
  void aCrashAtAnyRequestDoesNoHarm() {
    var undisturbed = World.settledSample();
    watch(undisturbed);
    rotate(undisturbed, both());
    undisturbed.settle();
    assertThat(requests).as("all of them").isLessThan(MOST_REQUESTS);
    int all = requests;
    for (var moment : Moment.values()) {
      // Each request, at one of its moments.
      for (int number = 1 + moment.ordinal(); number <= all; number += 2) {
        var world = World.settledSample();
        crash = Optional.of(number);
        watch(world, moment);
        rotate(world, both());
        world.settle();
        assertRotated(world);
      }
    }
  }

  private static Map<String, Object> both() {
    return Map.of(
        "encryptionKey", "a", "serviceAccountKey", "a", "serviceAccountKeyRetention", "0s");
  }

  private static void assertRotated(World world) {
    assertThat(ring(world).keys()).hasSize(1).doesNotContainKey(1);
    assertThat(ring(world).retired()).containsKey(1);
    assertThat(signing(world).pairs()).hasSize(1).doesNotContainKey(1);
    assertCompleted(world, "EncryptionKey", "a");
    assertCompleted(world, "ServiceAccountKey", "a");
    assertThat(world.condition(ConditionType.READY).status()).isEqualTo("True");
  }

  private static void assertCompleted(World world, String credential, String request) {
    assertThat(world.rotation(credential))
        .isEqualTo(new RotationStatus(credential, "Completed", request, null, null));
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

  private void watch(World world) {
    watch(world, Moment.BEFORE);
  }

  private void watch(World world, Moment moment) {
    requests = 0;
    var signed = new TreeSet<Integer>();
    var retired = new boolean[1];
    var keys = new TreeMap<Integer, Cipher>(ring(world).keys());
    world.cluster.disturb((request, now) -> {
      assertReadable(world, keys);
      retired[0] = retired[0] || isFirstRetired(world);
      assertTrusted(world, signed, retired[0]);
      if (now == moment && crash.equals(Optional.of(++requests))) {
        throw new Crash(request);
      }
    });
  }

  /**
   * Each pod was started with a file that has the key by which is written now, and no key is gone
   * by which something may be encrypted.
   */
  private static void assertReadable(World world, Map<Integer, Cipher> keys) {
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
    keys.putAll(ring.keys());
    var writer = ring.order().first();
    var known = new ArrayList<String>();
    for (var order : orders(writer, keys.size())) {
      known.add(EncryptionRenderer.annotations(ring.with(order)).get(Labels.ENCRYPTION_ANNOTATION));
    }
    assertThat(world.pods("api-server"))
        .allSatisfy(pod -> assertThat(annotation(pod, Labels.ENCRYPTION_ANNOTATION)).isIn(known));
    boolean writtenByOld =
        world.rewrites.runs().stream().noneMatch(r -> r.startsWith(writer + " "));
    if (writer > 1 && writtenByOld) {
      assertThat(file(world)).contains("key-" + (writer - 1));
    }
  }

  /** All in which a key is. */
  private static List<KeyOrder> orders(int key, int most) {
    var orders = new ArrayList<KeyOrder>();
    orders.add(KeyOrder.of(key));
    for (int one = 1; one <= most; one++) {
      for (int other = 1; other <= most; other++) {
        orders.add(new KeyOrder(List.of(one, other)));
        orders.add(new KeyOrder(List.of(key, one, other)));
      }
    }
    return orders.stream().filter(order -> order.numbers().contains(key)).toList();
  }

  /** Whoever signs is trusted by all, and whoever has signed is as long as it is said. */
  private static void assertTrusted(World world, TreeSet<Integer> signed, boolean retired) {
    var trusted = world.pods("api-server").stream().map(RotatingTest::numbers).toList();
    trusted.forEach(numbers -> signed.add(numbers.getFirst()));
    world.pods("controller-manager").forEach(pod -> signed.add(numbers(pod).getFirst()));
    int newest = signed.last();
    assertThat(trusted).allSatisfy(numbers -> assertThat(numbers).contains(newest));
    if (!retired) {
      assertThat(trusted).allSatisfy(numbers -> assertThat(numbers).contains(1));
    }
  }

  private static boolean isFirstRetired(World world) {
    return world
        .cluster
        .get(Secret.class, World.NAMESPACE, COPIES)
        .map(secret -> SigningKeys.readCopies(secret.getData(), "sa"))
        .filter(copies -> !copies.pairs().isEmpty() && !copies.pairs().containsKey(1))
        .isPresent();
  }

  private static List<Integer> numbers(Pod pod) {
    return Arrays.stream(
            Objects.requireNonNullElse(annotation(pod, Labels.SERVICE_ACCOUNT_KEYS_ANNOTATION), "1")
                .split(",", -1))
        .map(Integer::valueOf)
        .toList();
  }

  private static List<String> orders(World world, String component) {
    return world.pods(component).stream()
        .map(pod -> annotation(pod, Labels.SERVICE_ACCOUNT_KEYS_ANNOTATION))
        .toList();
  }

  private static String annotation(Pod pod, String name) {
    return pod.getMetadata().getAnnotations().get(name);
  }

  private static KeyRing ring(World world) {
    return KeyRing.read(world.get(Secret.class, ENCRYPTION).getData(), "");
  }

  private static KeyRing copies(World world) {
    return KeyRing.read(world.get(Secret.class, COPIES).getData(), "encryption-");
  }

  private static SigningKeys signing(World world) {
    return SigningKeys.read(world.get(Secret.class, SERVICE_ACCOUNTS).getData());
  }

  private static String file(World world) {
    return new String(
        Base64.getDecoder()
            .decode(world.get(Secret.class, ENCRYPTION).getData().get(EncryptionRenderer.FILE)),
        StandardCharsets.UTF_8);
  }
}
