package dev.hcp.controller.reconcile;

import static org.assertj.core.api.Assertions.assertThat;

import dev.hcp.api.certmanager.CertManagerCondition;
import dev.hcp.api.certmanager.Certificate;
import dev.hcp.api.certmanager.CertificateStatus;
import dev.hcp.api.v1alpha1.CredentialStatus;
import dev.hcp.api.v1alpha1.HostedControlPlane;
import dev.hcp.conditions.ConditionType;
import dev.hcp.conditions.Conditions;
import dev.hcp.controller.memory.Crash;
import dev.hcp.controller.memory.Disturbance.Moment;
import dev.hcp.controller.scenario.Manifests;
import dev.hcp.naming.Labels;
import dev.hcp.validation.Validator;
import io.fabric8.kubernetes.api.model.HasMetadata;
import io.fabric8.kubernetes.api.model.Secret;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Base64;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

/** Kubeconfigs of users come, are kept up and go; certificates that are not renewed are noticed. */
final class CredentialsTest {
  private static final Instant RENEWAL = Instant.parse("2026-03-01T00:00:00Z");
  private static final Instant EXPIRY = Instant.parse("2026-03-31T00:00:00Z");
  private static final Map<String, Object> VIEWER =
      Map.of("name", "viewer", "user", "jane@example.com", "groups", List.of("viewers", "on-call"));
  private static final Map<String, Object> ARGO =
      Map.of("name", "argo", "user", "argo-cd", "duration", "8h", "server", "Internal");

  @Test
  void eachEntryHasACertificateAndAKubeconfig() {
    var world = World.settledSample();
    assertThat(find(world, ConditionType.KUBECONFIGS)).isEmpty();
    kubeconfigs(world, List.of(VIEWER, ARGO));
    world.settle();
    assertThat(world.condition(ConditionType.READY).status()).isEqualTo("True");
    assertThat(world.condition(ConditionType.KUBECONFIGS).message())
        .isEqualTo("2 kubeconfigs of users are written");
    var viewer = world.get(Certificate.class, "demo-kubeconfig-viewer-client").getSpec();
    assertThat(viewer.commonName()).isEqualTo("jane@example.com");
    assertThat(viewer.subject().organizations()).containsExactly("viewers", "on-call");
    assertThat(viewer.duration()).isEqualTo("2160h");
    assertThat(viewer.usages()).contains("client auth").doesNotContain("server auth");
    assertThat(viewer.issuerRef().name()).isEqualTo("demo-ca");
    var argo = world.get(Certificate.class, "demo-kubeconfig-argo-client").getSpec();
    assertThat(argo.subject()).isNull();
    assertThat(argo.duration()).isEqualTo("8h");
    var secret = world.get(Secret.class, "demo-kubeconfig-viewer");
    assertThat(secret.getType()).isEqualTo("cluster.x-k8s.io/secret");
    assertThat(secret.getMetadata().getOwnerReferences()).hasSize(1);
    assertThat(secret.getMetadata().getLabels())
        .containsEntry(Labels.KUBECONFIG_USERNAME, "viewer");
    assertThat(server(world, "viewer")).isEqualTo(server(world, null));
    assertThat(server(world, "argo")).isEqualTo("https://s-demo.clusters.svc:443");
    assertThat(user(world, "viewer"))
        .isEqualTo(
            Map.of(
                "client-certificate-data", data(world, "viewer", "tls.crt"),
                "client-key-data", data(world, "viewer", "tls.key")));
    assertThat(user(world, "viewer")).isNotEqualTo(user(world, "argo"));
    assertQuiet(world);
  }

  @Test
  void aRenewedCertificateIsInTheKubeconfigAtOnce() {
    var world = World.settledSample();
    kubeconfigs(world, List.of(VIEWER));
    world.settle();
    var before = user(world, "viewer");
    world.others.renew(world.get(Certificate.class, "demo-kubeconfig-viewer-client"));
    world.cluster.catchUp();
    world.settle();
    assertThat(user(world, "viewer"))
        .isNotEqualTo(before)
        .containsEntry("client-certificate-data", data(world, "viewer", "tls.crt"));
    assertQuiet(world);
  }

  @Test
  void whatIsLeftOfAnEntryGoesWithIt() {
    var world = World.settledSample();
    kubeconfigs(world, List.of(VIEWER, ARGO));
    world.settle();
    kubeconfigs(world, List.of(ARGO));
    world.settle();
    assertThat(named(world))
        .containsExactlyInAnyOrder(
            "Certificate demo-kubeconfig-argo-client",
            "Secret demo-kubeconfig-argo",
            "Secret demo-kubeconfig-argo-client");
    kubeconfigs(world, List.of());
    world.settle();
    assertThat(named(world)).isEmpty();
    assertThat(find(world, ConditionType.KUBECONFIGS)).isEmpty();
    assertThat(world.get(Secret.class, "demo-kubeconfig").getData()).isNotEmpty();
    assertQuiet(world);
  }

  /** cert-manager may write a Secret once more, after its Certificate is gone. */
  @Test
  void aSecretThatComesBackGoesAgain() {
    var world = World.settledSample();
    kubeconfigs(world, List.of(VIEWER));
    world.settle();
    var secret = world.get(Secret.class, "demo-kubeconfig-viewer-client");
    kubeconfigs(world, List.of());
    world.settle();
    world.cluster.put(secret);
    world.cluster.catchUp();
    world.settle();
    assertThat(named(world)).isEmpty();
  }

  /** Whatever request fails, and whether before or after it had its effect. */
  @Test
  void itEndsWellWhereverTheControllerCrashes() {
    for (var moment : Moment.values()) {
      for (int at = 0; at < 12; at++) {
        var world = World.settledSample();
        int crash = at;
        var requests = new int[1];
        world.cluster.disturb((request, when) -> {
          if (when == moment && requests[0]++ == crash) {
            throw new Crash(request);
          }
        });
        kubeconfigs(world, List.of(VIEWER, ARGO));
        world.settle();
        kubeconfigs(world, List.of(ARGO));
        world.settle();
        assertThat(named(world)).as("%s %d", moment, at).hasSize(3);
        assertThat(world.condition(ConditionType.READY).status()).isEqualTo("True");
      }
    }
  }

  /** Nobody gets a kubeconfig by which he is taken for a part of the control plane. */
  @Test
  void noEntryCanHaveTheNameOfAUserOfTheControlPlane() {
    var world = World.settledSample();
    var template = Manifests.toMap(world.object());
    var users = new ArrayList<String>();
    for (var certificate : world.cluster.all(Certificate.class)) {
      var spec = certificate.getSpec();
      if (spec.isCA()) {
        continue;
      }
      users.add(spec.commonName());
      assertThat(errors(template, Map.of("name", "a", "user", spec.commonName())))
          .as("user %s", spec.commonName())
          .hasSize(1);
      var subject = spec.subject();
      for (var group : subject == null ? List.<String>of() : subject.organizations()) {
        users.add(group);
        assertThat(errors(template, Map.of("name", "a", "user", "b", "groups", List.of(group))))
            .as("group %s", group)
            .hasSize(1);
      }
    }
    assertThat(users).contains("system:masters", "kubernetes-admin", "kubeadm:cluster-admins");
    assertThat(errors(template, VIEWER)).isEmpty();
  }

  @Test
  void anOverdueRenewalIsNoticedByItselfToldOnceAndForgottenOnceItIsMadeUpFor() {
    var world = World.settledSample();
    assertThat(world.object().getStatus().certificates()).isNull();
    world.now = Instant.parse("2026-02-01T00:00:00Z");
    world.others.say("demo-scheduler", status(RENEWAL, EXPIRY));
    world.settle();
    assertThat(world.object().getStatus().certificates())
        .containsExactly(
            new CredentialStatus(
                "demo-scheduler", true, null, null, EXPIRY.toString(), RENEWAL.toString()));
    assertQuiet(world);

    var again = world.pass().orElseThrow();
    assertThat(world.now.plus(again)).isEqualTo(RENEWAL.plus(Duration.ofHours(1)).plusSeconds(1));
    world.now = world.now.plus(again);
    int told = world.cluster.events().size();
    world.settle();
    var condition = world.condition(ConditionType.CERTIFICATES);
    assertThat(condition.reason()).isEqualTo("RenewalOverdue");
    assertThat(condition.status()).as("it is valid").isEqualTo("True");
    assertThat(condition.message()).contains("demo-scheduler", "does it run?");
    assertThat(world.condition(ConditionType.READY).status()).isEqualTo("True");
    assertThat(world.object().getStatus().certificates().getFirst().reason())
        .isEqualTo("RenewalOverdue");
    world.settle();
    world.restart();
    world.settle();
    assertThat(world.cluster.events().stream().skip(told))
        .singleElement()
        .asString()
        .contains("RenewalOverdue", "demo-scheduler");
    assertQuiet(world);

    // Another one, while the first still is.
    told = world.cluster.events().size();
    world.others.say("demo-ca", status(RENEWAL, EXPIRY));
    world.settle();
    assertThat(world.condition(ConditionType.CA_CERTIFICATES).reason()).isEqualTo("RenewalOverdue");
    assertThat(world.cluster.events().stream().skip(told))
        .singleElement()
        .asString()
        .contains("demo-ca");

    world.now = EXPIRY;
    world.settle();
    assertThat(world.condition(ConditionType.CERTIFICATES).reason())
        .isEqualTo("CertificateExpired");
    assertThat(world.condition(ConditionType.READY).status()).isEqualTo("False");

    for (var name : List.of("demo-ca", "demo-scheduler")) {
      world.others.say(
          name, status(EXPIRY.plus(Duration.ofDays(60)), EXPIRY.plus(Duration.ofDays(90))));
    }
    world.settle();
    assertThat(world.condition(ConditionType.CERTIFICATES).reason())
        .isEqualTo("ReconcileSucceeded");
    assertThat(world.condition(ConditionType.CA_CERTIFICATES).reason())
        .isEqualTo("ReconcileSucceeded");
    assertThat(world.condition(ConditionType.READY).status()).isEqualTo("True");
    assertThat(world.object().getStatus().certificates())
        .hasSize(2)
        .allMatch(CredentialStatus::ready);
    assertQuiet(world);
  }

  private static CertificateStatus status(Instant renewal, Instant expiry) {
    return new CertificateStatus(
        List.of(new CertManagerCondition("Ready", "True", "Ready", "up to date", null)),
        null,
        expiry.toString(),
        renewal.toString(),
        null,
        null);
  }

  private static void kubeconfigs(World world, List<Map<String, Object>> entries) {
    world.cluster.put(with(Manifests.toMap(world.object()), entries));
    world.cluster.catchUp();
  }

  private static HostedControlPlane with(
      Map<String, Object> object, List<Map<String, Object>> entries) {
    var changed = new HashMap<>(object);
    var spec = new HashMap<String, Object>();
    ((Map<?, ?>) object.get("spec")).forEach((key, value) -> spec.put(String.valueOf(key), value));
    spec.put("kubeconfigs", entries);
    changed.put("spec", spec);
    return Manifests.fromMap(changed, HostedControlPlane.class);
  }

  private static List<String> errors(Map<String, Object> template, Map<String, Object> entry) {
    return Validator.create(with(template, List.of(entry))).stream().map(Object::toString).toList();
  }

  private static Optional<?> find(World world, ConditionType type) {
    return Conditions.find(world.object().getStatus().conditions(), type);
  }

  private static List<String> named(World world) {
    return world.cluster.generated().stream()
        .filter(object -> object.getMetadata().getName().startsWith("demo-kubeconfig-"))
        .map(CredentialsTest::text)
        .toList();
  }

  private static String text(HasMetadata object) {
    return "%s %s".formatted(object.getKind(), object.getMetadata().getName());
  }

  private static String data(World world, String entry, String key) {
    return world.get(Secret.class, "demo-kubeconfig-%s-client".formatted(entry)).getData().get(key);
  }

  private static Map<String, String> user(World world, String entry) {
    var users = (List<?>) kubeconfig(world, "demo-kubeconfig-" + entry).get("users");
    var user = new HashMap<String, String>();
    ((Map<?, ?>) ((Map<?, ?>) users.getFirst()).get("user"))
        .forEach((key, value) -> user.put(String.valueOf(key), String.valueOf(value)));
    return user;
  }

  private static String server(World world, @Nullable String entry) {
    var name = entry == null ? "demo-kubeconfig" : "demo-kubeconfig-" + entry;
    var clusters = (List<?>) kubeconfig(world, name).get("clusters");
    var cluster = (Map<?, ?>) ((Map<?, ?>) clusters.getFirst()).get("cluster");
    return String.valueOf(cluster.get("server"));
  }

  private static Map<String, Object> kubeconfig(World world, String secret) {
    var value = world.get(Secret.class, secret).getData().get("value");
    return Manifests.map(new String(Base64.getDecoder().decode(value), StandardCharsets.UTF_8));
  }

  private static void assertQuiet(World world) {
    world.cluster.forgetRequests();
    for (int pass = 0; pass < 3; pass++) {
      world.pass();
      world.cluster.catchUp();
    }
    assertThat(world.cluster.requests()).isEmpty();
  }
}
