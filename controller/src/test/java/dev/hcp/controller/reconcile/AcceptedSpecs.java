package dev.hcp.controller.reconcile;

import dev.hcp.api.v1alpha1.HostedControlPlane;
import dev.hcp.api.v1alpha1.HostedControlPlaneSpec;
import dev.hcp.controller.scenario.Manifests;
import dev.hcp.controller.scenario.Scenario;
import dev.hcp.fuzz.SpecGenerator;
import dev.hcp.webhook.admission.Lookup;
import dev.hcp.webhook.admission.MalformedReviewException;
import dev.hcp.webhook.admission.Reviewer;
import dev.hcp.webhook.admission.Rules;
import dev.hcp.webhook.admission.Stage;
import io.fabric8.kubernetes.api.model.HasMetadata;
import io.fabric8.kubernetes.api.model.gatewayapi.v1.Gateway;
import io.fabric8.kubernetes.client.utils.KubernetesSerialization;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import java.nio.charset.StandardCharsets;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;

/** Specs made at random, of which admission says whether they are accepted. */
final class AcceptedSpecs {
  private static final KubernetesSerialization JSON = new KubernetesSerialization();

  private final SpecGenerator generator = SpecGenerator.of(HostedControlPlane.KIND);
  private final Reviewer reviewer =
      new Reviewer(
          Stage.VALIDATING,
          Rules.all().stream()
              .filter(rules -> rules.kind().equals(HostedControlPlane.KIND))
              .findFirst()
              .orElseThrow(),
          JSON,
          Lookup.NONE,
          new SimpleMeterRegistry());

  /** The object of a seed. */
  Map<String, Object> object(long seed) {
    return generator.object(seed);
  }

  /** Whether the webhook accepts an object. */
  boolean isAccepted(Map<String, Object> object) {
    return answer(object) instanceof Map<?, ?> response
        && Boolean.TRUE.equals(response.get("allowed"));
  }

  /** What the webhook answers of an object. */
  Object answer(Map<String, Object> object) {
    var request = new LinkedHashMap<String, Object>();
    request.put("uid", "uid-1");
    request.put("operation", "CREATE");
    request.put(
        "kind",
        Map.of(
            "group", HostedControlPlane.GROUP,
            "version", HostedControlPlane.VERSION,
            "kind", HostedControlPlane.KIND));
    request.put("object", object);
    var review =
        Map.of("apiVersion", "admission.k8s.io/v1", "kind", "AdmissionReview", "request", request);
    try {
      var answer = reviewer.review(JSON.asJson(review).getBytes(StandardCharsets.UTF_8));
      return Objects.requireNonNull(Manifests.map(answer).get("response"));
    } catch (MalformedReviewException e) {
      throw new AssertionError("not a review", e);
    }
  }

  /** All objects of the management cluster and of the hosted cluster that are wanted for a spec. */
  static List<HasMetadata> rendered(Map<String, Object> object) {
    var spec = Manifests.fromMap(object, HostedControlPlane.class).getSpec();
    return WantedObjects.of(scenario(spec));
  }

  /** A cluster that has all it waits for, and a listener for whatever endpoint is asked for. */
  private static Scenario scenario(HostedControlPlaneSpec spec) {
    var scenario = Scenario.named("hosted-cluster-customised");
    scenario.edit(HostedControlPlane.class, "demo", object -> object.setSpec(spec));
    var endpoint = spec.controlPlaneEndpoint();
    var host = endpoint == null || endpoint.host() == null ? "" : endpoint.host();
    int dot = host.indexOf('.');
    if (dot > 0 && !host.contains(":")) {
      scenario.edit(
          Gateway.class,
          "capi",
          gateway ->
              gateway.getSpec().getListeners().getFirst().setHostname("*" + host.substring(dot)));
    }
    return scenario;
  }
}
