package dev.hcp.webhook.admission;

import static org.assertj.core.api.Assertions.assertThat;

import dev.hcp.defaulting.Default;
import io.fabric8.kubernetes.client.utils.KubernetesSerialization;
import java.nio.charset.StandardCharsets;
import java.util.Base64;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

class ReviewCodecTest {
  private final KubernetesSerialization serialization = new KubernetesSerialization();
  private final ReviewCodec codec = new ReviewCodec(serialization);

  @Test
  void allowedWithPatchAndWarnings() {
    var patch = List.of(new Default("/spec/replicas", 2));
    var response = response(new Verdict.Allowed(patch, List.of("mind the gap")));

    assertThat(response)
        .containsEntry("uid", "u")
        .containsEntry("allowed", true)
        .containsEntry("patchType", "JSONPatch")
        .containsEntry("warnings", List.of("mind the gap"));
    var json = Base64.getDecoder().decode(response.get("patch").toString());
    assertThat(new String(json, StandardCharsets.UTF_8))
        .contains("\"op\":\"add\"", "\"path\":\"/spec/replicas\"", "\"value\":2");
  }

  @Test
  void nothingToSayIsLeftOut() {
    assertThat(response(Verdict.ALLOWED)).isEqualTo(Map.of("uid", "u", "allowed", true));
    assertThat(response(new Verdict.Denied(400, "BadRequest", "no", Map.of())))
        .isEqualTo(
            Map.of(
                "uid",
                "u",
                "allowed",
                false,
                "status",
                Map.of(
                    "status", "Failure",
                    "message", "no",
                    "reason", "BadRequest",
                    "code", 400)));
  }

  @Test
  void fieldsThatNobodyKnowsReachTheRules() throws MalformedReviewException {
    var body =
        """
        {"apiVersion": "admission.k8s.io/v1", "kind": "AdmissionReview", "future": 1, "request": {
          "uid": "u", "operation": "CREATE", "dryRun": true, "future": {"a": []},
          "kind": {"group": "g", "version": "v1", "kind": "K"},
          "object": {"spec": {"future": [1, null, {"deep": "\\u00e9"}]}}}}
        """;
    var request = codec.decode(body.getBytes(StandardCharsets.UTF_8));

    assertThat(request.apiVersion()).isEqualTo("g/v1");
    assertThat(request.dryRun()).isTrue();
    assertThat(serialization.asJson(request.object()))
        .isEqualTo("{\"spec\":{\"future\":[1,null,{\"deep\":\"é\"}]}}");
  }

  @SuppressWarnings("unchecked")
  private Map<String, Object> response(Verdict verdict) {
    Map<String, Object> review = serialization.unmarshal(codec.encode("u", verdict), Map.class);
    return (Map<String, Object>) review.get("response");
  }
}
