package dev.hcp.webhook.admission;

import static org.assertj.core.api.Assertions.assertThat;

import dev.hcp.api.v1alpha1.HostedControlPlane;
import dev.hcp.api.v1alpha1.HostedControlPlaneTemplate;
import dev.hcp.validation.RefusedSpecs;
import dev.hcp.validation.RefusedSpecs.By;
import dev.hcp.validation.RefusedSpecs.Case;
import io.fabric8.kubernetes.client.utils.KubernetesSerialization;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import java.nio.charset.StandardCharsets;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

/** What the webhook answers to each row of the table of refused specs. */
class RefusedSpecsTest {
  private static final KubernetesSerialization JSON = new KubernetesSerialization();

  static List<Case> refusedByTheWebhook() {
    return RefusedSpecs.by(By.WEBHOOK);
  }

  static List<Case> refusedByCel() {
    return RefusedSpecs.by(By.CEL);
  }

  static Stream<Case> updates() {
    return RefusedSpecs.all().stream().filter(row -> row.stored() != null);
  }

  private static final List<Object> REASONS =
      List.of(
          "FieldValueInvalid", "FieldValueDuplicate", "FieldValueForbidden", "FieldValueRequired");

  @Test
  void theTableIsLong() {
    assertThat(RefusedSpecs.all()).hasSizeGreaterThan(150);
    assertThat(RefusedSpecs.all()).extracting(Case::title).doesNotHaveDuplicates();
    assertThat(RefusedSpecs.all()).allSatisfy(row -> assertThat(row.messages()).isNotEmpty());
  }

  @ParameterizedTest(name = "{0}")
  @MethodSource("refusedByTheWebhook")
  void allThatIsWrongIsSaid(Case row) {
    var causes =
        row.messages().stream()
            .map(message -> message.split(": ", 2))
            .map(parts -> Map.of("field", parts[0], "message", parts[1]))
            .toList();
    assertThat(withoutReasonsOfCauses(review(row.kind(), stored(row), row.object())))
        .isEqualTo(
            Map.of(
                "uid",
                "uid-1",
                "allowed",
                false,
                "status",
                Map.of(
                    "status",
                    "Failure",
                    "reason",
                    "Invalid",
                    "code",
                    422,
                    "message",
                    "%s.controlplane.cluster.x-k8s.io \"demo\" is invalid: %s"
                        .formatted(row.kind(), oneOrAll(row.messages())),
                    "details",
                    Map.of(
                        "name",
                        "demo",
                        "group",
                        "controlplane.cluster.x-k8s.io",
                        "kind",
                        row.kind(),
                        "causes",
                        causes))));
  }

  /** The reason of a cause is for programs; people are told the same without it. */
  private static Map<String, Object> withoutReasonsOfCauses(Map<String, Object> response) {
    for (var cause : causes(response)) {
      assertThat(cause.remove("reason")).isIn(REASONS);
    }
    return response;
  }

  private static List<Map<String, Object>> causes(Map<String, Object> response) {
    return Optional.ofNullable(response.get("status"))
        .map(status -> ((Map<?, ?>) status).get("details"))
        .map(details -> ((Map<?, ?>) details).get("causes"))
        .map(RefusedSpecsTest::maps)
        .orElse(List.of());
  }

  @SuppressWarnings("unchecked") // JSON objects
  private static List<Map<String, Object>> maps(Object list) {
    return (List<Map<String, Object>>) list;
  }

  /** Where the CRDs are older than the webhook, or were loosened, the webhook stands in. */
  @ParameterizedTest(name = "{0}")
  @MethodSource("refusedByCel")
  void whatCelRefusesIsRefusedHereToo(Case row) {
    assertThat(review(row.kind(), stored(row), row.object())).containsEntry("allowed", false);
  }

  @ParameterizedTest
  @ValueSource(strings = {HostedControlPlane.KIND, HostedControlPlaneTemplate.KIND})
  void nothingIsWrongWithTheObjectThatTheRowsStartFrom(String kind) {
    assertThat(review(kind, null, RefusedSpecs.valid(kind)))
        .isEqualTo(Map.of("uid", "uid-1", "allowed", true));
  }

  @ParameterizedTest(name = "{0}")
  @MethodSource("updates")
  void nothingIsWrongWithWhatIsStored(Case row) {
    var stored = stored(row);
    assertThat(review(row.kind(), null, stored)).containsEntry("allowed", true);
    assertThat(review(row.kind(), stored, stored)).containsEntry("allowed", true);
  }

  private static String oneOrAll(List<String> messages) {
    return messages.size() == 1
        ? messages.getFirst()
        : messages.stream().collect(Collectors.joining(", ", "[", "]"));
  }

  private static @Nullable Map<String, Object> stored(Case row) {
    return row.stored() == null ? null : withStatus(row.stored(), row.status());
  }

  private static Map<String, Object> withStatus(
      Map<String, Object> object, Map<String, Object> status) {
    var complete = new LinkedHashMap<>(object);
    if (!status.isEmpty()) {
      complete.put("status", status);
    }
    return complete;
  }

  /** The answer to an AdmissionReview; the status of an object is that of the stored one. */
  private static Map<String, Object> review(
      String kind, @Nullable Map<String, Object> stored, Map<String, Object> object) {
    var request = new LinkedHashMap<String, Object>();
    request.put("uid", "uid-1");
    request.put("operation", stored == null ? "CREATE" : "UPDATE");
    request.put("name", "demo");
    request.put("namespace", "default");
    request.put(
        "kind",
        Map.of("group", "controlplane.cluster.x-k8s.io", "version", "v1alpha1", "kind", kind));
    request.put("object", object);
    if (stored != null) {
      request.put("oldObject", stored);
      if (stored.containsKey("status")) {
        var complete = new LinkedHashMap<>(object);
        complete.put("status", stored.get("status"));
        request.put("object", complete);
      }
    }
    var review =
        JSON.asJson(
            Map.of(
                "apiVersion",
                "admission.k8s.io/v1",
                "kind",
                "AdmissionReview",
                "request",
                request));
    var rules = Rules.all().stream().filter(r -> r.kind().equals(kind)).findFirst().orElseThrow();
    try {
      var answer =
          new Reviewer(Stage.VALIDATING, rules, JSON, Lookup.NONE, new SimpleMeterRegistry())
              .review(review.getBytes(StandardCharsets.UTF_8));
      var response = new LinkedHashMap<String, Object>();
      ((Map<?, ?>) JSON.unmarshal(answer, Map.class).get("response"))
          .forEach((key, value) -> response.put(String.valueOf(key), value));
      return response;
    } catch (MalformedReviewException e) {
      throw new AssertionError("the row makes no review", e);
    }
  }
}
