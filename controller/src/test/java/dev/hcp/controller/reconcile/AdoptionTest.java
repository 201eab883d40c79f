package dev.hcp.controller.reconcile;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.hcp.api.capi.Cluster;
import dev.hcp.api.certmanager.Certificate;
import dev.hcp.api.certmanager.Issuer;
import dev.hcp.api.v1alpha1.Condition;
import dev.hcp.api.v1alpha1.HostedControlPlane;
import dev.hcp.api.v1alpha1.HostedControlPlaneStatus;
import dev.hcp.conditions.ConditionType;
import dev.hcp.controller.memory.Crash;
import dev.hcp.controller.memory.Disturbance.Moment;
import dev.hcp.controller.memory.Request;
import dev.hcp.controller.scenario.Manifests;
import dev.hcp.controller.testing.Forerunner;
import dev.hcp.controller.testing.Forerunner.Layout;
import dev.hcp.controller.testing.SigningCertManager;
import dev.hcp.naming.Labels;
import dev.hcp.naming.Names;
import dev.hcp.validation.Validator;
import io.fabric8.kubernetes.api.model.ConfigMap;
import io.fabric8.kubernetes.api.model.HasMetadata;
import io.fabric8.kubernetes.api.model.PersistentVolumeClaim;
import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.api.model.Secret;
import io.fabric8.kubernetes.api.model.SecretBuilder;
import io.fabric8.kubernetes.api.model.Service;
import io.fabric8.kubernetes.api.model.StatusBuilder;
import io.fabric8.kubernetes.api.model.Volume;
import io.fabric8.kubernetes.api.model.VolumeProjection;
import io.fabric8.kubernetes.api.model.apps.Deployment;
import io.fabric8.kubernetes.api.model.apps.StatefulSet;
import io.fabric8.kubernetes.api.model.policy.v1.PodDisruptionBudget;
import io.fabric8.kubernetes.client.KubernetesClientException;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.security.cert.X509Certificate;
import java.time.Duration;
import java.time.Instant;
import java.util.Base64;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.TreeMap;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/**
 * A control plane that the forerunner has made is taken over while it serves: nobody loses keys or
 * data, everybody trusts everybody at any moment, and each pod is replaced once.
 */
final class AdoptionTest {
  private static final List<String> KEYS =
      List.of("demo-ca", "demo-etcd-ca", "demo-front-proxy-ca", "demo-service-account");

  private static final List<String> OF_ETCD =
      List.of(
          "demo-etcd-server",
          "demo-etcd-peer",
          "demo-etcd-apiserver-client",
          "demo-etcd-controller-client");

  private static final List<String> LEAVES =
      Stream.concat(
              OF_ETCD.stream(),
              Stream.of(
                  "demo-apiserver",
                  "demo-apiserver-kubelet-client",
                  "demo-front-proxy",
                  "demo-admin",
                  "demo-controller-manager",
                  "demo-scheduler",
                  "demo-konnectivity-client",
                  "demo-control-plane-controller"))
          .toList();

  private static final List<String> CLIENTS =
      List.of("demo-admin", "demo-controller-manager", "demo-scheduler");

  private static final int MOST_REQUESTS = 400;
  private static final Instant START = Instant.parse("2026-01-01T00:00:00Z");
  private static final Duration A_MOMENT = Duration.ofSeconds(10);

  /** What the forerunner had done before it was stopped. */
  private enum Before {
    /** Brought it up, in the layout of v1.7.2. */
    RELEASED,
    /** Brought it up, in the layout of later versions. */
    STARTED,
    /** The same, and replaced the Kubernetes CA, but not yet all that the one before has signed. */
    RENEWED
  }

  /** What was there before, and what was seen since. */
  private static final class Watcher {
    private final World world;
    private final Map<String, String> keys = new TreeMap<>();
    private final Map<String, String> identities = new TreeMap<>();
    private final List<X509Certificate> nodesTrust;

    /** What was shown to API servers before. */
    private final Map<String, List<X509Certificate>> clients = new TreeMap<>();

    private final Map<String, List<X509Certificate>> trusted = new HashMap<>();
    private final Map<String, List<X509Certificate>> trustedOfFrontProxy = new HashMap<>();
    private final Map<String, Set<Object>> templates = new TreeMap<>();

    Watcher(World world) {
      this.world = world;
      KEYS.forEach(name -> keys.put(name, key(world, name)));
      nodesTrust = certificates(world, "demo-ca-bundle", "ca.crt");
      CLIENTS.forEach(name -> clients.put(name, certificates(world, name, "tls.crt")));
      lasting(world).forEach(object -> identities.put(name(object), object.getMetadata().getUid()));
      look();
    }

    /** What holds at any moment. */
    void look() {
      var now = world.now;
      for (var pod : world.cluster.all(Pod.class)) {
        trusted.computeIfAbsent(
            pod.getMetadata().getUid(),
            _ -> trusted(world, pod, "demo-etcd-ca", isOf(pod, "etcd") ? "ca.crt" : "etcd/ca.crt"));
        if (isOf(pod, "etcd") || isOf(pod, "api-server")) {
          for (var other : OF_ETCD) {
            assertThat(
                    SigningCertManager.accepts(
                        trusted.get(pod.getMetadata().getUid()),
                        certificates(world, other, "tls.crt"),
                        now))
                .as("pod %s accepts %s", pod.getMetadata().getName(), other)
                .isTrue();
          }
        }
      }
      world.cluster.all(Pod.class).stream()
          .filter(pod -> isOf(pod, "api-server"))
          .forEach(pod ->
              assertThat(
                      SigningCertManager.accepts(
                          trustedOfFrontProxy.computeIfAbsent(
                              pod.getMetadata().getUid(),
                              _ ->
                                  trusted(world, pod, "demo-front-proxy-ca", "front-proxy-ca.crt")),
                          certificates(world, "demo-front-proxy", "tls.crt"),
                          now))
                  .as("pod %s accepts demo-front-proxy", pod.getMetadata().getName())
                  .isTrue());
      assertThat(
              SigningCertManager.accepts(
                  nodesTrust, certificates(world, "demo-apiserver", "tls.crt"), now))
          .as("nodes accept the API server")
          .isTrue();
      // API servers follow that file without a restart.
      clients.forEach((name, shown) -> {
        if (shown.getFirst().getNotAfter().toInstant().isAfter(now)) {
          assertThat(
                  SigningCertManager.accepts(
                      certificates(world, "demo-ca-bundle", "ca.crt"), shown, now))
              .as("API servers accept who still shows the former %s", name)
              .isTrue();
        }
      });
      KEYS.stream()
          .limit(3)
          .forEach(name -> assertThat(key(world, name)).as(name).isEqualTo(keys.get(name)));
      lasting(world)
          .forEach(object ->
              assertThat(object.getMetadata().getUid())
                  .as(name(object))
                  .isEqualTo(identities.getOrDefault(name(object), "new")));
      assertThat(ready("etcd")).as("members of etcd").isGreaterThanOrEqualTo(2);
      assertThat(ready("api-server")).as("API servers").isGreaterThanOrEqualTo(1);
      for (var workload : workloads(world)) {
        templates.computeIfAbsent(name(workload), _ -> new HashSet<>()).add(template(workload));
      }
    }

    private long ready(String component) {
      return world.cluster.all(Pod.class).stream()
          .filter(pod -> isOf(pod, component))
          .filter(pod ->
              pod.getStatus() != null
                  && pod.getStatus().getConditions().stream()
                      .anyMatch(c -> c.getType().equals("Ready") && c.getStatus().equals("True")))
          .count();
    }

    void settle() {
      for (int round = 0; round < 120; round++) {
        boolean changing = world.round();
        look();
        if (!changing) {
          return;
        }
      }
      throw new AssertionError(
          "still changing: "
              + world
                  .cluster
                  .requests()
                  .subList(
                      Math.max(0, world.cluster.requests().size() - 10),
                      world.cluster.requests().size()));
    }
  }

  @ParameterizedTest
  @EnumSource
  void aRunningControlPlaneIsTakenOver(Before before) {
    var world = taken(before, Map.of());
    var watcher = new Watcher(world);
    watcher.settle();
    assertThat(world.failures).isEmpty();
    assertThat(world.cluster.requests().getFirst().toString())
        .isEqualTo("create Secret demo-root-keys");
    assertThat(world.cluster.requests())
        .extracting(Request::toString)
        .doesNotContain("create Secret demo-sa")
        .noneMatch(request -> request.startsWith("delete PersistentVolumeClaim"))
        .noneMatch(request -> request.startsWith("delete StatefulSet"));
    assertTakenOver(watcher);
    watcher.templates.forEach((name, seen) -> assertThat(seen).as(name).hasSize(2));
    assertThat(world.cluster.events()).anyMatch(event -> event.contains("TakingOver"));

    world.cluster.forgetRequests();
    world.pass();
    world.restart();
    world.settle();
    assertThat(world.cluster.requests()).as("once all is taken over").isEmpty();
  }

  /** Who was given a certificate by the CA before goes on with it until that one expires. */
  @Test
  void theCaThatTheForerunnerHadReplacedIsTrustedUntilItExpires() {
    var world = taken(Before.RENEWED, Map.of());
    var former = certificates(world, "demo-ca-bundle", "old.crt").getFirst();
    var watcher = new Watcher(world);
    watcher.settle();
    assertThat(certificates(world, "demo-ca-bundle", "ca.crt")).hasSize(2).contains(former);
    assertThat(certificates(world, "demo-ca", "tls.crt").getFirst().getPublicKey())
        .isNotEqualTo(former.getPublicKey());
    var templates = workloads(world).stream().map(AdoptionTest::template).toList();
    var end = former.getNotAfter().toInstant();

    world.now = end.minusSeconds(60);
    assertThat(world.pass().orElseThrow())
        .isBetween(Duration.ofSeconds(60), Duration.ofSeconds(61));
    world.settle();
    watcher.look();
    assertThat(certificates(world, "demo-ca-bundle", "ca.crt")).contains(former);

    world.now = end;
    world.settle();
    assertThat(world.get(Secret.class, "demo-ca-bundle").getData()).containsOnlyKeys("ca.crt");
    assertThat(certificates(world, "demo-ca-bundle", "ca.crt")).hasSize(1).doesNotContain(former);
    assertThat(workloads(world).stream().map(AdoptionTest::template).toList())
        .as("nobody is replaced for it")
        .isEqualTo(templates);
    assertThat(world.condition(ConditionType.READY).status()).isEqualTo("True");
  }

  private static void assertTakenOver(Watcher watcher) {
    var world = watcher.world;
    assertThat(world.condition(ConditionType.READY))
        .returns("True", Condition::status)
        .returns("ReconcileSucceeded", Condition::reason);
    assertThat(world.object().getStatus().conditions())
        .extracting(Condition::type)
        .doesNotContain("CARotationAnnotationReady");

    // Keys.
    var keys = world.get(Secret.class, "demo-sa").getData();
    assertThat(keys.get("tls.key")).isEqualTo(watcher.keys.get("demo-service-account"));
    assertThat(decoded(keys.get("tls.crt"))).startsWith("-----BEGIN PUBLIC KEY-----");
    assertThat(world.get(Secret.class, "demo-root-keys").getData())
        .containsEntry("ca.key", watcher.keys.get("demo-ca"))
        .containsEntry("etcd-ca.key", watcher.keys.get("demo-etcd-ca"))
        .containsEntry("front-proxy-ca.key", watcher.keys.get("demo-front-proxy-ca"))
        .containsEntry("sa.key", watcher.keys.get("demo-service-account"));

    // Trust: each CA is a root, and those who started before that trust what it signs for years.
    for (var ca : List.of("demo-ca", "demo-etcd-ca", "demo-front-proxy-ca")) {
      assertThat(world.get(Certificate.class, ca).getSpec().issuerRef().name())
          .isEqualTo("demo-root");
      var certificate = certificates(world, ca, "tls.crt").getFirst();
      assertThat(certificate.getIssuerX500Principal())
          .isEqualTo(certificate.getSubjectX500Principal());
    }
    world.cluster.all(Pod.class).stream()
        .filter(pod -> isOf(pod, "etcd") || isOf(pod, "api-server"))
        .forEach(pod ->
            assertThat(watcher.trusted.get(pod.getMetadata().getUid()))
                .as(pod.getMetadata().getName())
                .allSatisfy(trusted -> {
                  assertThat(trusted.getNotAfter()).isAfter(world.now.plus(Duration.ofDays(3000)));
                  assertThat(trusted.getSubjectX500Principal().getName()).isEqualTo("CN=etcd-ca");
                }));

    // Data.
    var set = world.get(StatefulSet.class, "demo-etcd");
    assertThat(set.getSpec().getUpdateStrategy().getType()).isEqualTo("OnDelete");
    assertThat(set.getSpec().getPersistentVolumeClaimRetentionPolicy().getWhenDeleted())
        .isEqualTo("Retain");
    assertThat(set.getSpec().getVolumeClaimTemplates().getFirst().getMetadata().getLabels())
        .as("what cannot be changed")
        .isNullOrEmpty();
    assertThat(set.getSpec().getTemplate().getSpec().getContainers().getFirst())
        .satisfies(etcd ->
            assertThat(etcd.getImage()).as("data are not read by less").endsWith(":3.7.1-0"))
        .satisfies(etcd ->
            assertThat(etcd.getArgs())
                .contains("--quota-backend-bytes=1932735283")
                .noneMatch(argument -> argument.contains("hash-check")));
    assertThat(world.get(ConfigMap.class, "demo-etcd-membership").getData())
        .containsEntry("members", "3")
        .containsEntry("initial-cluster-state", "existing");

    assertThat(world.cluster.all(PersistentVolumeClaim.class))
        .hasSize(3)
        .allMatch(claim -> claim.getMetadata().getLabels().containsKey(Labels.MANAGED_BY));

    // Nothing is left of the forerunner.
    assertThat(world.cluster.all(Pod.class))
        .allMatch(pod -> pod.getMetadata().getLabels().containsKey(Labels.MANAGED_BY));
    assertThat(world.cluster.get(Certificate.class, World.NAMESPACE, "demo-service-account"))
        .isEmpty();
    assertThat(world.cluster.get(Secret.class, World.NAMESPACE, "demo-service-account")).isEmpty();
    assertThat(world.get(Secret.class, "demo-etcd-ca-bundle").getData()).containsOnlyKeys("ca.crt");
    assertThat(world.get(PodDisruptionBudget.class, "demo-api-server").getMetadata())
        .satisfies(budget ->
            assertThat(budget.getOwnerReferences())
                .singleElement()
                .returns("HostedControlPlane", owner -> owner.getKind()));
    assertThat(world.get(Service.class, "s-demo").getSpec().getType()).isEqualTo("LoadBalancer");
  }

  @Test
  void aCrashAtAnyRequestDoesNoHarm() {
    var reference = taken(Map.of());
    reference.settle();
    int requests = Math.min(reference.cluster.requests().size(), MOST_REQUESTS);
    for (int number = 1; number <= requests; number += number < 60 ? 5 : 11) {
      for (var moment : Moment.values()) {
        var world = taken(Map.of());
        var count = new AtomicInteger();
        int at = number;
        world.cluster.disturb((request, when) -> {
          if (when == moment && count.incrementAndGet() == at) {
            throw new Crash(request);
          }
        });
        var watcher = new Watcher(world);
        watcher.settle();
        assertTakenOver(watcher);
      }
    }
  }

  /** Informers may be behind for as long as they like. */
  @Test
  void noPassIsMadeBeforeAllIsSeen() {
    var world = taken(Map.of());
    world.cluster.lag();
    for (int i = 0; i < 3; i++) {
      assertThat(world.pass()).isPresent();
    }
    assertThat(world.cluster.requests())
        .extracting(Request::verb)
        .containsOnly("create", "label", "conditions", "status");
    assertThat(world.condition(ConditionType.READY))
        .returns("False", Condition::status)
        .returns("TakingOver", Condition::reason);
    assertThat(world.condition(ConditionType.READY).message())
        .contains("its keys are being copied to Secret demo-root-keys");
    assertThat(world.object().getStatus().conditions())
        .extracting(Condition::type)
        .doesNotContain("CARotationAnnotationReady");
    world.cluster.catchUp();
    var watcher = new Watcher(world);
    watcher.settle();
    assertTakenOver(watcher);
  }

  /** At any time, or before it was ever taken over. */
  @Test
  void itIsTakenDownLikeOurs() {
    for (int rounds = 0; rounds < 12; rounds += 3) {
      var world = taken(Map.of());
      for (int i = 0; i < rounds; i++) {
        world.round();
      }
      world.delete();
      world.settle();
      assertThat(world.find()).as("after %d rounds", rounds).isEmpty();
      assertThat(world.cluster.all(Pod.class)).as("after %d rounds", rounds).isEmpty();
      assertThat(
              Stream.of(
                      StatefulSet.class,
                      Deployment.class,
                      PersistentVolumeClaim.class,
                      Certificate.class,
                      Secret.class)
                  .flatMap(type -> world.cluster.all(type).stream()))
          .as("after %d rounds", rounds)
          .isEmpty();
    }
  }

  /** Somebody may have changed an object just then, which wakes nobody. */
  @Test
  void itSaysHowFarItIsAndGoesOnByItself() {
    var world = taken(Map.of());
    world.cluster.disturb((request, when) -> {
      if (when == Moment.BEFORE && request.toString().equals("label Service s-demo")) {
        throw new Crash(request);
      }
    });
    for (int i = 0; i < 3; i++) {
      assertThatThrownBy(world::pass).isInstanceOf(Crash.class);
      world.cluster.catchUp();
    }
    world.cluster.disturb((_, _) -> {});
    world.cluster.lag();
    assertThat(world.pass()).hasValueSatisfying(again -> assertThat(again).isLessThan(A_MOMENT));
    assertThat(world.condition(ConditionType.READY).message())
        .matches(".* taken over: \\d+ of \\d+ objects have their label, the next is .*");
  }

  @Test
  void aDeletionGoesOnByItselfWhileObjectsAreAdopted() {
    var world = taken(Map.of());
    world.delete();
    world.cluster.lag();
    assertThat(world.pass()).hasValueSatisfying(again -> assertThat(again).isLessThan(A_MOMENT));
    assertThat(world.condition(ConditionType.DELETING))
        .returns("True", Condition::status)
        .returns("WaitingForObjects", Condition::reason);
    assertThat(world.condition(ConditionType.DELETING).message())
        .startsWith("What the forerunner has made is made known first: ");
    assertThat(world.cluster.requests()).extracting(Request::verb).containsOnly("label", "status");
    world.cluster.catchUp();
    world.settle();
    assertThat(world.find()).isEmpty();
  }

  /** Whatever keeps an object from its label, or from being seen with it. */
  @Test
  void noDeletionWaitsForAdoptionForEver() {
    var refused =
        new KubernetesClientException(
            "refused", 403, new StatusBuilder().withMessage("refused").build());
    for (boolean isRefused : List.of(true, false)) {
      var world = taken(Map.of());
      world.delete();
      if (isRefused) {
        world.cluster.disturb((request, when) -> {
          if (when == Moment.BEFORE && request.toString().equals("label Secret demo-kubeconfig")) {
            throw refused;
          }
        });
        assertThatThrownBy(world::pass).isSameAs(refused);
      } else {
        world.cluster.lag();
        var _ = world.pass();
      }
      assertThat(world.find()).isPresent();
      assertThat(world.cluster.all(StatefulSet.class)).isNotEmpty();
      world.now = START.plus(Duration.ofMinutes(6));
      if (!isRefused) {
        var _ = world.pass();
        assertThat(world.condition(ConditionType.DELETING).message())
            .startsWith("Waiting until these are gone: ");
      }
      world.cluster.catchUp();
      world.settle();
      assertThat(world.find()).isEmpty();
      assertThat(world.cluster.all(Pod.class)).isEmpty();
      assertThat(world.cluster.all(PersistentVolumeClaim.class)).isEmpty();
    }
  }

  @Test
  void pausedItIsLeftAlone() {
    var world = taken(Map.of());
    world.cluster.edit(
        world.object(), o -> o.getMetadata().setAnnotations(Map.of(Cluster.PAUSED_ANNOTATION, "")));
    world.settle();
    assertThat(world.cluster.requests())
        .extracting(Request::toString)
        .containsExactly("status HostedControlPlane demo");
  }

  @Test
  void whatCannotWorkIsLeftAlone() {
    var world = taken(Map.of("version", "v1.29.0"));
    world.settle();
    assertThat(world.condition(ConditionType.READY).reason()).isEqualTo("InvalidSpec");
    assertThat(world.cluster.requests())
        .extracting(Request::toString)
        .containsExactly("status HostedControlPlane demo");
  }

  /** The forerunner would have told nodes of the other key, and does not any more. */
  @Test
  void aCaThatWasRenewedSinceTheForerunnerEndedStopsIt() {
    var world = taken(Map.of());
    world.cluster.edit(
        world.get(Secret.class, "demo-ca-bundle"),
        bundle -> bundle.getData().put("current.crt", "b3RoZXI="));
    assertThatThrownBy(world::pass).isInstanceOf(IllegalArgumentException.class);
    assertThat(world.condition(ConditionType.READY).message())
        .contains("Certificate demo-ca was renewed since the forerunner was stopped");
    assertThat(world.cluster.requests())
        .extracting(Request::toString)
        .containsExactly("status HostedControlPlane demo");
  }

  /** What was copied the first time is older than what there is. */
  @Test
  void whatTheForerunnerHasKeptUpMeanwhileIsNotTakenOverByOldKeys() {
    var world = taken(Map.of());
    world.settle();
    var before = taken(Map.of()).get(Certificate.class, "demo-ca").getSpec();
    world.cluster.edit(world.get(Certificate.class, "demo-ca"), ca -> ca.setSpec(before));
    world.cluster.forgetRequests();
    assertThatThrownBy(world::pass).isInstanceOf(IllegalArgumentException.class);
    assertThat(world.condition(ConditionType.READY).message())
        .contains("delete Secrets demo-root-keys and demo-sa and ConfigMap demo-etcd-membership");
    assertThat(world.cluster.requests()).extracting(Request::verb).containsOnly("status");
  }

  /** Somebody's Secret with credentials of a cloud may well have such a name. */
  @Test
  void aSecretOfSomebodyElseWithThatNameIsLeftAlone() {
    var world = World.sample();
    var credentials =
        new SecretBuilder()
            .withNewMetadata()
            .withNamespace(World.NAMESPACE)
            .withName("demo-service-account")
            .endMetadata()
            .withData(Map.of("key.json", "e30="))
            .build();
    world.cluster.put(credentials);
    world.settle();
    assertThat(world.condition(ConditionType.READY).status()).isEqualTo("True");
    assertThat(world.get(Secret.class, "demo-service-account").getMetadata().getLabels())
        .isNullOrEmpty();
  }

  @Test
  void aKeyThatCannotBeReadStopsIt() {
    var world = taken(Map.of());
    world.cluster.edit(
        world.get(Secret.class, "demo-service-account"),
        secret -> secret.getData().put("tls.crt", "eHg="));
    assertThatThrownBy(world::pass).isInstanceOf(IllegalArgumentException.class);
    assertThat(world.condition(ConditionType.READY).message())
        .contains("certificate of the service-account key");
    assertThat(world.cluster.requests())
        .extracting(Request::toString)
        .containsExactly("status HostedControlPlane demo");
  }

  /** Whoever changes an object that is taken over must not be stopped by what it has. */
  @Test
  void admissionAcceptsEveryFieldOfTheForerunner() throws IOException {
    try (var file =
        AdoptionTest.class.getResourceAsStream("/dev/hcp/controller/adoption/every-field.yaml")) {
      var object = Manifests.map(new String(file.readAllBytes(), StandardCharsets.UTF_8));
      assertThat(new AcceptedSpecs().answer(object)).asString().contains("allowed=true");
      assertThat(Validator.stored(Manifests.fromMap(object, HostedControlPlane.class))).isEmpty();
    }
  }

  /** The forerunner's cluster at work, of which tests get copies: keys take long. */
  private static final SigningCertManager SIGNER = new SigningCertManager(() -> START);

  private static final World RUNNING = running(Layout.LATER);

  private static final World RELEASED = running(Layout.V1_7_2);

  /** The forerunner's cluster at work, just when our controller starts. */
  private static World taken(Map<String, Object> spec) {
    return taken(Before.STARTED, spec);
  }

  private static World taken(Before before, Map<String, Object> spec) {
    var world = (before == Before.RELEASED ? RELEASED : RUNNING).copy();
    var signer = SIGNER.copy(() -> world.now);
    world.others.signBy(signer::sign);
    if (before == Before.RENEWED) {
      renew(world, signer);
    }
    edit(world, spec);
    return world;
  }

  /**
   * A day later. The CAs have other keys, and pods trust both; certificates that were issued since
   * the day began are of the CAs before.
   */
  private static void renew(World world, SigningCertManager signer) {
    world.now = START.plus(Duration.ofHours(23));
    LEAVES.forEach(signer::forget);
    world.others.step();
    world.now = START.plus(Duration.ofHours(24));
    var former = world.get(Secret.class, "demo-ca").getData().get("ca.crt");
    for (var ca : List.of("demo-ca", "demo-etcd-ca", "demo-front-proxy-ca")) {
      signer.forget(ca);
    }
    world.others.step();
    var current = world.get(Secret.class, "demo-ca").getData().get("ca.crt");
    assertThat(current).isNotEqualTo(former);
    var both =
        Base64.getEncoder()
            .encodeToString(
                (decoded(former) + decoded(current)).getBytes(StandardCharsets.US_ASCII));
    for (var ca : List.of("demo-ca", "demo-etcd-ca", "demo-front-proxy-ca")) {
      var bundle = Manifests.copy(world.get(Secret.class, ca + "-bundle"));
      bundle.setData(Map.of("current.crt", current, "old.crt", former, "ca.crt", both));
      world.cluster.putApplied(bundle);
    }
    world.cluster.catchUp();
  }

  private static World running(Layout layout) {
    var world = World.sample();
    world.others.signBy(SIGNER::sign);
    world.others.step();
    edit(world, Map.of());
    var uid = world.object().getMetadata().getUid();
    var first = Forerunner.objects(layout, World.NAMESPACE, uid, "");
    first.stream()
        .filter(o -> o instanceof Issuer || o instanceof Certificate)
        .forEach(world.cluster::putApplied);
    for (int i = 0; i < 4; i++) {
      world.others.step();
    }
    var root = world.get(Secret.class, "demo-ca").getData().get("ca.crt");
    Forerunner.objects(layout, World.NAMESPACE, uid, root).stream()
        .filter(o -> !(o instanceof Issuer) && !(o instanceof Certificate))
        .forEach(world.cluster::putApplied);
    for (int i = 0; i < 6; i++) {
      world.others.step();
    }
    world.cluster.catchUp();
    assertThat(world.cluster.all(Pod.class)).hasSize(7);
    return world;
  }

  /** What a pod has read when it started, of what stands for a CA. */
  private static List<X509Certificate> trusted(World world, Pod pod, String ca, String path) {
    return pod.getSpec().getVolumes().stream()
        .map(Volume::getProjected)
        .filter(Objects::nonNull)
        .flatMap(projected -> projected.getSources().stream())
        .map(VolumeProjection::getSecret)
        .filter(secret -> secret != null && secret.getName().startsWith(ca))
        .flatMap(secret ->
            secret.getItems().stream()
                .filter(item -> item.getPath().equals(path))
                .map(item -> certificates(world, secret.getName(), item.getKey())))
        .findFirst()
        .orElse(List.of());
  }

  private static void edit(World world, Map<String, Object> fields) {
    var owner = Manifests.toMap(world.get(Cluster.class, "demo"));
    var ofOwner = new TreeMap<String, Object>(Manifests.map(Manifests.write(owner.get("spec"))));
    ofOwner.put(
        "controlPlaneEndpoint", Map.of("host", "demo.clusters.hcp.example.test", "port", 443));
    owner.put("spec", ofOwner);
    world.cluster.put(Manifests.fromMap(owner, Cluster.class));
    var map = Manifests.toMap(world.object());
    var spec = new TreeMap<String, Object>(Manifests.map(Manifests.write(map.get("spec"))));
    spec.put("replicas", 2);
    spec.putAll(fields);
    map.put("spec", spec);
    map.put(
        "status",
        Map.of(
            "conditions",
            Stream.of("Ready", "CARotationAnnotationReady")
                .map(type ->
                    Map.of(
                        "type", type,
                        "status", "True",
                        "lastTransitionTime", "2025-12-31T00:00:00Z",
                        "reason", "ReconcileSucceeded",
                        "message", ""))
                .toList(),
            "ready",
            true,
            "version",
            "v1.36.3",
            "legacyIP",
            "192.0.2.10",
            "initialization",
            Map.of("controlPlaneInitialized", true)));
    var object = Manifests.fromMap(map, HostedControlPlane.class);
    object.getMetadata().setFinalizers(List.of(Names.FINALIZER));
    world.cluster.put(object);
    assertThat(world.object().getStatus()).isInstanceOf(HostedControlPlaneStatus.class);
  }

  private static Stream<HasMetadata> lasting(World world) {
    return Stream.of(
            PersistentVolumeClaim.class, StatefulSet.class, Deployment.class, Service.class)
        .flatMap(type -> world.cluster.all(type).stream());
  }

  private static List<HasMetadata> workloads(World world) {
    return Stream.of(StatefulSet.class, Deployment.class)
        .<HasMetadata>flatMap(type -> world.cluster.all(type).stream())
        .toList();
  }

  private static Object template(HasMetadata workload) {
    return switch (workload) {
      case StatefulSet set -> set.getSpec().getTemplate();
      case Deployment deployment -> deployment.getSpec().getTemplate();
      default -> throw new IllegalArgumentException(name(workload));
    };
  }

  private static boolean isOf(Pod pod, String component) {
    return component.equals(pod.getMetadata().getLabels().get(Labels.COMPONENT));
  }

  private static String name(HasMetadata object) {
    return object.getKind() + " " + object.getMetadata().getName();
  }

  private static String key(World world, String secret) {
    return world.get(Secret.class, secret).getData().get("tls.key");
  }

  private static List<X509Certificate> certificates(World world, String secret, String entry) {
    return SigningCertManager.chain(world.get(Secret.class, secret).getData().get(entry));
  }

  private static String decoded(String text) {
    return new String(Base64.getDecoder().decode(text), StandardCharsets.US_ASCII);
  }
}
