package dev.hcp.controller.pki;

import static org.assertj.core.api.Assertions.assertThat;

import dev.hcp.api.certmanager.Certificate;
import dev.hcp.conditions.ConditionType;
import dev.hcp.conditions.Reason;
import dev.hcp.controller.encryption.AtRest;
import dev.hcp.controller.plan.Action;
import dev.hcp.controller.plan.Planning;
import dev.hcp.controller.reconcile.Plan;
import dev.hcp.controller.scenario.Scenario;
import io.fabric8.kubernetes.api.model.HasMetadata;
import io.fabric8.kubernetes.api.model.ObjectMetaBuilder;
import io.fabric8.kubernetes.api.model.Secret;
import java.nio.charset.StandardCharsets;
import java.util.Base64;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** The keys that must never be lost. */
final class RootKeysTest {
  private static final String COPIES = "demo-root-keys";

  private Scenario scenario = Scenario.named("minimal");

  /** All originals, and copies of them. */
  @BeforeEach
  void keepCopies() {
    scenario.with(copies(keys()).orElseThrow());
  }

  private Planning planning() {
    return Plan.of(scenario.observation()).planning();
  }

  private RootKeys keys() {
    return RootKeys.of(
        planning(), AtRest.of(planning()), Signing.of(planning()), Authorities.of(planning()));
  }

  private static Optional<Secret> copies(RootKeys keys) {
    return keys.secrets().stream()
        .filter(s -> s.getMetadata().getName().equals(COPIES))
        .findFirst();
  }

  private static Map<String, String> copiedData(RootKeys keys) {
    return copies(keys).orElseThrow().getData();
  }

  private static String base64(String text) {
    return Base64.getEncoder().encodeToString(text.getBytes(StandardCharsets.UTF_8));
  }

  private Secret original(String name) {
    return scenario.get(Secret.class, name);
  }

  @Test
  void firstSightIsCopied() {
    var keys = keys();
    assertThat(copiedData(keys))
        .containsOnlyKeys(
            "ca.crt",
            "ca.key",
            "etcd-ca.crt",
            "etcd-ca.key",
            "front-proxy-ca.crt",
            "front-proxy-ca.key",
            "sa.crt",
            "sa.key")
        .containsEntry("etcd-ca.key", base64("key of demo-etcd-ca"))
        .containsEntry("sa.crt", base64("public key of demo-sa"));
    assertThat(keys.secrets()).hasSize(1);
    assertThat(keys.restoredAuthorities()).isEmpty();
    assertThat(keys.serviceAccountKeysMissing()).isFalse();
  }

  @Test
  void nothingIsMadeOfNothing() {
    scenario =
        Scenario.named("minimal")
            .without(Secret.class, "demo-ca")
            .without(Secret.class, "demo-etcd-ca")
            .without(Secret.class, "demo-front-proxy-ca")
            .without(Secret.class, "demo-sa");
    var keys = keys();
    assertThat(keys.secrets()).isEmpty();
    assertThat(keys.restoredAuthorities()).isEmpty();
    assertThat(keys.serviceAccountKeysMissing()).isTrue();
    assertThat(
            Pki.plan(
                    planning(),
                    AtRest.of(planning()),
                    Signing.of(planning()),
                    Authorities.of(planning()))
                .stream()
                .flatMap(s -> s.actions().stream()))
        .containsExactly(new Action.CreateServiceAccountKeys(Optional.empty()));
  }

  @Test
  void renewalWithTheSameKeyUpdatesCopyAndBundle() {
    scenario.edit(
        Secret.class, "demo-ca", s -> s.getData().put("tls.crt", base64("renewed certificate")));
    var keys = keys();
    assertThat(copiedData(keys))
        .containsEntry("ca.crt", base64("renewed certificate"))
        .containsEntry("ca.key", base64("key of demo-ca"));
    assertThat(keys.restoredAuthorities()).isEmpty();
    assertThat(bundle("demo-ca")).isEqualTo(base64("renewed certificate"));
  }

  @ParameterizedTest
  @ValueSource(strings = {"demo-ca", "demo-etcd-ca", "demo-front-proxy-ca"})
  void deletedRootIsPutBack(String name) {
    var was = original(name);
    scenario.without(Secret.class, name);
    var keys = keys();
    assertPutBack(keys, name, was);
    assertThat(copiedData(keys)).isEqualTo(scenario.get(Secret.class, COPIES).getData());
  }

  @ParameterizedTest
  @ValueSource(strings = {"demo-ca", "demo-etcd-ca", "demo-front-proxy-ca"})
  void changedKeyIsPutBackAndNeverTrusted(String name) {
    var was = original(name);
    scenario.edit(
        Secret.class,
        name,
        s -> s.setData(Map.of("tls.crt", base64("foreign"), "tls.key", base64("foreign key"))));
    var keys = keys();
    assertPutBack(keys, name, was);
    assertThat(bundle(name)).isEqualTo(was.getData().get("tls.crt"));
    assertThat(copiedData(keys)).doesNotContainValue(base64("foreign"));
  }

  @Test
  void emptiedRootIsPutBack() {
    var was = original("demo-ca");
    scenario.edit(Secret.class, "demo-ca", s -> s.setData(Map.of("tls.crt", "", "tls.key", "")));
    assertPutBack(keys(), "demo-ca", was);
  }

  @Test
  void deletedOrChangedServiceAccountKeysArePutBack() {
    var was = original("demo-sa").getData();
    scenario.edit(
        Secret.class, "demo-sa", s -> s.setData(Map.of("tls.crt", "eA==", "tls.key", "eQ==")));
    assertThat(serviceAccounts(keys())).isEqualTo(was);
    scenario.without(Secret.class, "demo-sa");
    var keys = keys();
    assertThat(serviceAccounts(keys)).isEqualTo(was);
    assertThat(keys.serviceAccountKeysMissing()).as("new keys are wanted").isFalse();
  }

  @Test
  void deletedCopiesAreMadeAgain() {
    var was = scenario.get(Secret.class, COPIES).getData();
    scenario.without(Secret.class, COPIES);
    var keys = keys();
    assertThat(copiedData(keys)).isEqualTo(was);
    assertThat(keys.restoredAuthorities()).isEmpty();
  }

  @Test
  void copiesOfSomeAreCompletedFromTheOthers() {
    var was = scenario.get(Secret.class, COPIES).getData();
    scenario.edit(
        Secret.class,
        COPIES,
        s -> s.setData(Map.of("ca.crt", was.get("ca.crt"), "ca.key", was.get("ca.key"))));
    scenario.without(Secret.class, "demo-ca");
    var keys = keys();
    assertThat(copiedData(keys)).isEqualTo(was);
    assertThat(keys.restoredAuthorities())
        .extracting(s -> s.getMetadata().getName())
        .containsExactly("demo-ca");
  }

  /** One key is lost for good then; cert-manager makes another. All others stay. */
  @Test
  void ifCopiesAndOneOriginalAreGoneOnlyThatOneIsLost() {
    var was = scenario.get(Secret.class, COPIES).getData();
    scenario.without(Secret.class, COPIES).without(Secret.class, "demo-etcd-ca");
    var keys = keys();
    assertThat(copiedData(keys))
        .hasSize(6)
        .doesNotContainKeys("etcd-ca.crt", "etcd-ca.key")
        .allSatisfy((key, value) -> assertThat(value).isEqualTo(was.get(key)));
    assertThat(keys.restoredAuthorities()).isEmpty();

    scenario.with(secret("demo-etcd-ca", "new certificate", "new key"));
    assertThat(copiedData(keys())).containsEntry("etcd-ca.key", base64("new key"));
  }

  @Test
  void bundlesWaitForTheirRootAndSaySo() {
    scenario = Scenario.named("minimal").without(Secret.class, "demo-etcd-ca");
    var step =
        Pki.plan(
                planning(),
                AtRest.of(planning()),
                Signing.of(planning()),
                Authorities.of(planning()))
            .stream()
            .filter(s -> s.state().type() == ConditionType.CA_BUNDLES)
            .findFirst()
            .orElseThrow();
    assertThat(step.state().reason()).isEqualTo(Reason.CA_SECRET_NOT_YET_AVAILABLE);
    assertThat(step.state().message()).contains("demo-etcd-ca");
    assertThat(step.desired())
        .extracting(o -> o.getMetadata().getName())
        .containsExactly("demo-ca-bundle", "demo-front-proxy-ca-bundle");
  }

  @Test
  void certificateThatFailsIsNamedWithWhatCertManagerSays() {
    scenario.with(
        """
        apiVersion: cert-manager.io/v1
        kind: Certificate
        metadata: {name: demo-ca, namespace: clusters, generation: 2}
        status:
          conditions:
            - {type: Issuing, status: "True"}
            - {type: Ready, status: "False", reason: Failed, message: the issuer is on fire}
        """);
    assertThat(state(ConditionType.CA_CERTIFICATES))
        .isEqualTo("Certificate demo-ca: the issuer is on fire");
    ready("demo-ca", 1);
    assertThat(state(ConditionType.CA_CERTIFICATES))
        .isEqualTo("Certificate demo-ca: cert-manager has not looked at the latest change yet");
    ready("demo-ca", 2);
    assertThat(state(ConditionType.CA_CERTIFICATES))
        .isEqualTo("Certificate demo-etcd-ca is being created");
    ready("demo-etcd-ca", 2);
    ready("demo-front-proxy-ca", 2);
    assertThat(state(ConditionType.CA_CERTIFICATES))
        .isEqualTo("Issuer demo-root: cert-manager has not looked at it yet");
  }

  private void ready(String name, int observed) {
    scenario.with(
        """
        apiVersion: cert-manager.io/v1
        kind: Certificate
        metadata: {name: %s, namespace: clusters, generation: 2}
        status: {conditions: [{type: Ready, status: "True", observedGeneration: %d}]}
        """
            .formatted(name, observed));
    assertThat(scenario.get(Certificate.class, name).getStatus()).isNotNull();
  }

  private String state(ConditionType type) {
    return Pki.plan(
            planning(), AtRest.of(planning()), Signing.of(planning()), Authorities.of(planning()))
        .stream()
        .filter(s -> s.state().type() == type)
        .findFirst()
        .orElseThrow()
        .state()
        .message();
  }

  private static Secret secret(String name, String certificate, String key) {
    var secret = new Secret();
    secret.setMetadata(new ObjectMetaBuilder().withName(name).build());
    secret.setData(Map.of("tls.crt", base64(certificate), "tls.key", base64(key)));
    return secret;
  }

  private String bundle(String ca) {
    return Pki.plan(
            planning(), AtRest.of(planning()), Signing.of(planning()), Authorities.of(planning()))
        .stream()
        .flatMap(s -> s.desired().stream())
        .<HasMetadata>map(o -> o)
        .filter(o -> o.getMetadata().getName().equals(ca + "-bundle"))
        .map(o -> ((Secret) o).getData().get("ca.crt"))
        .findFirst()
        .orElseThrow();
  }

  private static Map<String, String> serviceAccounts(RootKeys keys) {
    return keys.secrets().stream()
        .filter(s -> s.getMetadata().getName().equals("demo-sa"))
        .findFirst()
        .orElseThrow()
        .getData();
  }

  /** As cert-manager would have written it, so that it takes the key over. */
  private static void assertPutBack(RootKeys keys, String name, Secret was) {
    assertThat(keys.restoredAuthorities()).hasSize(1);
    var restored = keys.restoredAuthorities().getFirst();
    assertThat(restored.getMetadata().getName()).isEqualTo(name);
    assertThat(restored.getType()).isEqualTo("kubernetes.io/tls");
    assertThat(restored.getData()).containsAllEntriesOf(was.getData()).containsKey("ca.crt");
  }
}
