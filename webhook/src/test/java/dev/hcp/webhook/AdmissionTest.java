package dev.hcp.webhook;

import static dev.hcp.webhook.RunningWebhook.MUTATE;
import static dev.hcp.webhook.RunningWebhook.VALIDATE;
import static dev.hcp.webhook.RunningWebhook.hostedControlPlane;
import static dev.hcp.webhook.RunningWebhook.review;
import static org.assertj.core.api.Assertions.assertThat;

import dev.hcp.api.v1alpha1.HostedControlPlane;
import dev.hcp.process.TestPki;
import dev.hcp.webhook.admission.Questions;
import dev.hcp.webhook.admission.Sight;
import dev.hcp.webhook.admission.Surroundings;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.Base64;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What the API server is answered. */
class AdmissionTest {
  private static final Map<String, Object> NONE = Map.of();

  @TempDir static Path certificates;
  private static final AtomicInteger LOOKS = new AtomicInteger();
  private static RunningWebhook webhook;

  @BeforeAll
  static void start() throws Exception {
    var pki = TestPki.generate("EC", 1);
    pki.writeAsKubelet(certificates, "..v1");
    webhook = RunningWebhook.start(certificates, AdmissionTest::look, pki);
  }

  @AfterAll
  static void stop() {
    webhook.close();
  }

  @Test
  void validObjectIsAllowed() throws Exception {
    assertThat(webhook.answer(VALIDATE, review("CREATE", NONE, hostedControlPlane(NONE))))
        .isEqualTo(Map.of("uid", "uid-1", "allowed", true));
  }

  @Test
  void defaultsAreAPatchOfNothingElse() throws Exception {
    var object = hostedControlPlane(Map.of("version", "1.36.0", "fieldOfTheFuture", List.of(1, 2)));
    spec(object).remove("replicas");

    var patch = patch(webhook.answer(MUTATE, review("CREATE", NONE, object)));

    assertThat(patch)
        .containsExactlyInAnyOrder(
            Map.of("op", "add", "path", "/spec/version", "value", "v1.36.0"),
            Map.of("op", "add", "path", "/spec/replicas", "value", 2));
  }

  @Test
  void defaultingADefaultedObjectChangesNothing() throws Exception {
    assertThat(webhook.answer(MUTATE, review("CREATE", NONE, hostedControlPlane(NONE))))
        .isEqualTo(Map.of("uid", "uid-1", "allowed", true));
  }

  @Test
  void malformedObjectIsLeftToTheSchema() throws Exception {
    var object = new HashMap<>(hostedControlPlane(NONE));
    object.put("spec", List.of("not", "a", "spec"));
    assertThat(webhook.answer(MUTATE, review("CREATE", NONE, object)))
        .containsEntry("allowed", true);
  }

  @Test
  @SuppressWarnings("unchecked")
  void everyErrorIsNamedAsTheApiServerWould() throws Exception {
    var object =
        hostedControlPlane(
            Map.of("version", "banana", "etcd", Map.of("autoGrow", true, "volumeSize", "10Gi")));

    var answer = webhook.answer(VALIDATE, review("CREATE", NONE, object));

    assertThat(answer).containsEntry("allowed", false).containsEntry("uid", "uid-1");
    var status = (Map<String, Object>) answer.get("status");
    assertThat(status)
        .containsEntry("code", 422)
        .containsEntry("reason", "Invalid")
        .containsEntry("status", "Failure");
    assertThat(status.get("message").toString())
        .startsWith(
            "HostedControlPlane.controlplane.cluster.x-k8s.io \"one\" is invalid:"
                + " [spec.version: Invalid value: \"banana\": ")
        .contains("spec.etcd.")
        .endsWith("]");
    var details = (Map<String, Object>) status.get("details");
    assertThat(details)
        .containsEntry("name", "one")
        .containsEntry("group", "controlplane.cluster.x-k8s.io")
        .containsEntry("kind", "HostedControlPlane");
    var causes = (List<Map<String, Object>>) details.get("causes");
    assertThat(causes)
        .hasSizeGreaterThanOrEqualTo(2)
        .allSatisfy(cause -> assertThat(cause).containsEntry("reason", "FieldValueInvalid"));
    assertThat(causes.getFirst()).containsEntry("field", "spec.version");
    assertThat(causes.getFirst().get("message").toString())
        .startsWith("Invalid value: \"banana\": ");
  }

  @Test
  @SuppressWarnings("unchecked")
  void singleErrorHasNoBrackets() throws Exception {
    var answer =
        webhook.answer(
            VALIDATE, review("CREATE", NONE, hostedControlPlane(Map.of("version", "banana"))));
    assertThat(((Map<String, Object>) answer.get("status")).get("message").toString())
        .contains("is invalid: spec.version: Invalid value: \"banana\"");
  }

  @Test
  void whatHasNoEffectIsAWarning() throws Exception {
    var object =
        hostedControlPlane(
            Map.of("etcd", Map.of("args", Map.of("auto-compaction-mode", "revision"))));
    warns(
        object,
        "spec.etcd.args[auto-compaction-mode]: is set by the controller to periodic and has no"
            + " effect");
  }

  @Test
  void versionMustNotDecrease() throws Exception {
    var old = hostedControlPlane(Map.of("version", "v1.36.1"));
    var updated = hostedControlPlane(Map.of("version", "v1.36.0"));
    var answer = webhook.answer(VALIDATE, review("UPDATE", old, updated));
    assertThat(answer).containsEntry("allowed", false);
    assertThat(answer.get("status").toString()).contains("v1.36.1", "v1.36.0");
  }

  @ParameterizedTest
  @ValueSource(strings = {MUTATE, VALIDATE})
  void objectBeingDeletedIsNeverHeldUp(String path) throws Exception {
    var old = hostedControlPlane(NONE);
    var updated = hostedControlPlane(Map.of("version", "banana"));
    updated.put("metadata", Map.of("name", "one", "deletionTimestamp", "2026-01-01T00:00:00Z"));
    assertThat(webhook.answer(path, review("UPDATE", old, updated)))
        .isEqualTo(Map.of("uid", "uid-1", "allowed", true));
  }

  @Test
  void deletionAndSubresourcesAreAllowed() throws Exception {
    var bad = hostedControlPlane(Map.of("version", "banana"));
    assertThat(webhook.answer(VALIDATE, review("DELETE", bad, NONE)))
        .containsEntry("allowed", true);
    var scale = Map.of("group", "autoscaling", "version", "v1", "kind", "Scale");
    for (var more :
        List.<Map<String, Object>>of(
            Map.of("subResource", "status"), Map.of("subResource", "scale", "kind", scale))) {
      assertThat(webhook.answer(VALIDATE, review("UPDATE", bad, bad, more)))
          .containsEntry("allowed", true);
    }
  }

  @Test
  void dryRunIsLikeAnyOther() throws Exception {
    var bad = hostedControlPlane(Map.of("version", "banana"));
    assertThat(webhook.answer(VALIDATE, review("CREATE", NONE, bad, Map.of("dryRun", true))))
        .containsEntry("allowed", false);
  }

  @Test
  void objectOfAnotherKindIsDenied() throws Exception {
    var answer =
        webhook.answer(
            VALIDATE,
            review(
                "CREATE",
                NONE,
                hostedControlPlane(NONE),
                Map.of("kind", Map.of("group", "apps", "version", "v1", "kind", "Deployment"))));
    assertThat(answer).containsEntry("allowed", false);
    assertThat(answer.get("status").toString())
        .contains("code=400", "HostedControlPlane", "Deployment of apps/v1");
  }

  @Test
  void unreadableValueIsAnErrorOfTheUserNotOurs() throws Exception {
    var object = hostedControlPlane(Map.of("replicas", "three"));
    var answer = webhook.answer(VALIDATE, review("CREATE", NONE, object));
    assertThat(answer).containsEntry("allowed", false);
    assertThat(answer.get("status").toString())
        .contains(
            "code=422",
            "spec.replicas: Invalid value: \"three\": must be a whole number of at most 32 bits");
  }

  @Test
  void unreadableStoredObjectCanBeRepaired() throws Exception {
    var old = hostedControlPlane(Map.of("replicas", "three"));
    assertThat(webhook.answer(VALIDATE, review("UPDATE", old, hostedControlPlane(NONE))))
        .containsEntry("allowed", true);
  }

  @Test
  void templatesAreJudgedToo() throws Exception {
    var gateway = Map.of("name", "public", "namespace", "gateways");
    var good = template(Map.of("gateway", gateway));
    var bad =
        template(
            Map.of("gateway", gateway, "etcd", Map.of("autoGrow", true, "volumeSize", "10Gi")));

    assertThat(webhook.answer(VALIDATE + "template", review("CREATE", NONE, good)))
        .containsEntry("allowed", true);
    var denied = webhook.answer(VALIDATE + "template", review("CREATE", NONE, bad));
    assertThat(denied).containsEntry("allowed", false);
    assertThat(denied.get("status").toString())
        .contains("HostedControlPlaneTemplate.controlplane", "spec.template.spec.etcd");
    assertThat(webhook.answer(MUTATE + "template", review("CREATE", NONE, good)))
        .isEqualTo(Map.of("uid", "uid-1", "allowed", true));
  }

  @Test
  void answersAreCounted() throws Exception {
    webhook.answer(VALIDATE, review("CREATE", NONE, hostedControlPlane(NONE)));
    assertThat(webhook.metrics())
        .containsPattern(
            "hcp_admission_requests_total\\{allowed=\"true\",kind=\"HostedControlPlane\","
                + "operation=\"CREATE\",stage=\"validating\"\\} [1-9]")
        .contains("hcp_admission_duration_seconds_bucket{")
        .contains("hcp_tls_certificate_expiry_timestamp_seconds");
  }

  @Test
  void whatIsMissingAroundItIsAWarning() throws Exception {
    var object =
        hostedControlPlane(Map.of("gateway", Map.of("name", "missing", "namespace", "gateways")));
    warns(
        object,
        "spec.gateway: Gateway gateways/missing does not exist yet; until then nobody reaches the"
            + " API server");
  }

  @Test
  void whatCannotWorkAmongOthersIsDenied() throws Exception {
    var object = hostedControlPlane(NONE);
    object.put(
        "metadata",
        Map.of(
            "name",
            "one",
            "namespace",
            "team-a",
            "labels",
            Map.of("cluster.x-k8s.io/cluster-name", "taken")));
    var answer = webhook.answer(VALIDATE, review("CREATE", NONE, object));
    assertThat(answer).containsEntry("allowed", false);
    assertThat(answer.get("status").toString())
        .contains("code=422", "HostedControlPlane first", "FieldValueDuplicate");
  }

  @Test
  void nobodyLooksAroundForWhatIsWrongOrUnchanged() throws Exception {
    int before = LOOKS.get();
    webhook.answer(
        VALIDATE, review("CREATE", NONE, hostedControlPlane(Map.of("version", "banana"))));
    var finalized = hostedControlPlane(NONE);
    finalized.put(
        "metadata", Map.of("name", "one", "namespace", "team-a", "finalizers", List.of("a.b/c")));
    finalized.put("status", Map.of("ready", true));
    webhook.answer(VALIDATE, review("UPDATE", hostedControlPlane(NONE), finalized));
    webhook.answer(MUTATE, review("CREATE", NONE, hostedControlPlane(NONE)));
    assertThat(LOOKS).hasValue(before);
    webhook.answer(VALIDATE, review("CREATE", NONE, hostedControlPlane(NONE)));
    assertThat(LOOKS).hasValue(before + 1);
  }

  @Test
  void isReadyAfterStart() throws Exception {
    assertThat(webhook.readiness()).isEqualTo("ok\n");
  }

  /** A cluster without Gateway "missing", where Cluster "taken" has control plane "first". */
  private static Surroundings look(Questions questions) {
    LOOKS.incrementAndGet();
    var first = new HostedControlPlane();
    first.getMetadata().setName("first");
    first.getMetadata().setLabels(Map.of("cluster.x-k8s.io/cluster-name", "taken"));
    return new Surroundings(
        questions.gateway().filter(gateway -> gateway.name().equals("missing")).isPresent()
            ? new Sight.Missing<>()
            : new Sight.Unknown<>(),
        new Sight.Unknown<>(),
        Map.of(),
        Map.of(),
        new Sight.Missing<>(),
        new Sight.Seen<>(List.of(first)),
        List.of());
  }

  private static Map<String, Object> template(Map<String, Object> spec) {
    var object = new LinkedHashMap<String, Object>();
    object.put("apiVersion", "controlplane.cluster.x-k8s.io/v1alpha1");
    object.put("kind", "HostedControlPlaneTemplate");
    object.put("metadata", Map.of("name", "one", "namespace", "team-a"));
    object.put("spec", Map.of("template", Map.of("spec", spec)));
    return object;
  }

  @SuppressWarnings("unchecked")
  private static Map<String, Object> spec(Map<String, Object> object) {
    return (Map<String, Object>) object.get("spec");
  }

  private static List<Object> patch(Map<String, Object> answer) {
    assertThat(answer).containsEntry("patchType", "JSONPatch");
    var json =
        new String(
            Base64.getDecoder().decode(answer.get("patch").toString()), StandardCharsets.UTF_8);
    return List.copyOf((List<?>) RunningWebhook.json("{\"patch\":" + json + "}").get("patch"));
  }

  private void warns(Map<String, Object> object, String warning) throws Exception {
    assertThat(webhook.answer(VALIDATE, review("CREATE", NONE, object)))
        .isEqualTo(Map.of("uid", "uid-1", "allowed", true, "warnings", List.of(warning)));
  }
}
