package dev.hcp.webhook.admission;

import dev.hcp.api.v1alpha1.HostedControlPlane;
import dev.hcp.defaulting.Defaults;
import dev.hcp.validation.FieldError;
import io.fabric8.kubernetes.api.model.HasMetadata;
import io.fabric8.kubernetes.client.utils.KubernetesSerialization;
import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.Tags;
import io.micrometer.core.instrument.Timer;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Answers the reviews of one kind at one stage. Only creations and updates of the object itself are
 * judged, and never those of an object that is being deleted: rules that came later must not keep
 * it alive. Nothing is remembered between requests, so a dry run is like any other.
 *
 * <p>What is wrong by itself is refused without a look at anything else.
 */
public final class Reviewer {
  private static final Logger LOG = LoggerFactory.getLogger(Reviewer.class);
  private static final String API_VERSION =
      HostedControlPlane.GROUP + "/" + HostedControlPlane.VERSION;

  /** The budget is 10 ms; the API server gives up after 10 s. */
  private static final Duration[] BUCKETS = {
    Duration.ofMillis(1),
    Duration.ofMillis(2),
    Duration.ofMillis(5),
    Duration.ofMillis(10),
    Duration.ofMillis(25),
    Duration.ofMillis(50),
    Duration.ofMillis(100),
    Duration.ofMillis(500),
    Duration.ofSeconds(2),
    Duration.ofSeconds(10)
  };

  /** More are not read by anybody, and an answer must stay a small one. */
  private static final int MOST_ERRORS = 100;

  private final Stage stage;
  private final Rules<?> rules;
  private final ReviewCodec codec;
  private final Lookup lookup;
  private final MeterRegistry registry;

  /**
   * A reviewer.
   *
   * @param lookup asked about other objects where the answer depends on them
   * @param registry where answers are counted
   */
  public Reviewer(
      Stage stage,
      Rules<?> rules,
      KubernetesSerialization serialization,
      Lookup lookup,
      MeterRegistry registry) {
    this.stage = stage;
    this.rules = rules;
    this.codec = new ReviewCodec(serialization);
    this.lookup = lookup;
    this.registry = registry;
  }

  /** Path that the webhook configuration names, in the style of controller-runtime. */
  public String path() {
    return "/%s-%s-%s-%s"
        .formatted(
            stage.verb(),
            HostedControlPlane.GROUP.replace('.', '-'),
            HostedControlPlane.VERSION,
            rules.kind().toLowerCase(Locale.ROOT));
  }

  /**
   * Answers a review.
   *
   * @param body an AdmissionReview as JSON
   * @return an AdmissionReview as JSON
   * @throws MalformedReviewException if there is nothing that could be answered
   */
  public String review(byte[] body) throws MalformedReviewException {
    var start = Timer.start(registry);
    var request = codec.decode(body);
    var verdict = judge(request);
    var answer = codec.encode(request.uid(), verdict);
    count(request, verdict, start);
    return answer;
  }

  /** Answers an example, so that the first user does not wait for classes to be loaded. */
  public void warmUp() {
    // Has the fields of both kinds: what a kind does not know is ignored.
    var object =
        """
        {"apiVersion": "%s", "kind": "%s", "metadata": {"name": "warm-up", "namespace": "default"},
         "spec": {"version": "1.36.0", "gateway": {"name": "warm-up", "namespace": "default"},
          "template": {"spec": {"gateway": {"name": "warm-up", "namespace": "default"}}}}}
        """
            .formatted(API_VERSION, rules.kind());
    var body =
        """
        {"apiVersion": "admission.k8s.io/v1", "kind": "AdmissionReview", "request": {
          "uid": "warm-up", "operation": "UPDATE", "namespace": "default", "name": "warm-up",
          "kind": {"group": "%s", "version": "%s", "kind": "%s"}, "object": %s, "oldObject": %s}}
        """
            .formatted(
                HostedControlPlane.GROUP, HostedControlPlane.VERSION, rules.kind(), object, object);
    try {
      var request = codec.decode(body.getBytes(StandardCharsets.UTF_8));
      codec.encode(request.uid(), judge(request));
    } catch (MalformedReviewException e) {
      throw new IllegalStateException("the example is no review", e);
    }
  }

  private Verdict judge(AdmissionRequest request) {
    if (!request.subresource().isEmpty() || request.isBeingDeleted()) {
      return Verdict.ALLOWED;
    }
    return switch (request.operation()) {
      case DELETE, CONNECT -> Verdict.ALLOWED;
      case CREATE, UPDATE -> judgeObject(request);
    };
  }

  private Verdict judgeObject(AdmissionRequest request) {
    if (!request.kind().equals(rules.kind()) || !request.apiVersion().equals(API_VERSION)) {
      return new Verdict.Denied(
          400,
          "BadRequest",
          "%s judges %s of %s, not %s of %s: correct the rules of the webhook configuration"
              .formatted(path(), rules.kind(), API_VERSION, request.kind(), request.apiVersion()),
          Map.of());
    }
    return switch (stage) {
      case MUTATING -> defaulted(request);
      case VALIDATING -> validated(request, rules);
    };
  }

  private Verdict defaulted(AdmissionRequest request) {
    // Only these paths are touched: the object is never written anew from our types, so that fields
    // of a newer version survive.
    return new Verdict.Allowed(Defaults.of(rules.kind(), request.object()), List.of());
  }

  private <T extends HasMetadata> Verdict validated(AdmissionRequest request, Rules<T> rules) {
    var misfits = StructuralSchema.of(rules.kind()).check(request.object());
    if (!misfits.isEmpty()) {
      return invalid(request, misfits);
    }
    try {
      var object = codec.typed(request.object(), rules.type());
      var old = stored(request, rules);
      var errors =
          old.map(before -> rules.update().check(before, object, request.dryRun()))
              .orElseGet(() -> rules.creation().apply(object));
      if (!errors.isEmpty()) {
        return invalid(request, errors);
      }
      var findings = amongOthers(old, object);
      return findings.errors().isEmpty()
          ? new Verdict.Allowed(
              List.of(),
              Stream.concat(rules.warnings().apply(object).stream(), findings.warnings().stream())
                  .toList())
          : invalid(request, findings.errors());
    } catch (UnreadableObjectException e) {
      return invalid(
          request,
          List.of(new FieldError("spec", null, "cannot be read: %s".formatted(e.getMessage()))));
    }
  }

  /** The object as it is; empty for a new one. */
  private <T extends HasMetadata> Optional<T> stored(AdmissionRequest request, Rules<T> rules) {
    if (request.operation() == Operation.CREATE) {
      return Optional.empty();
    }
    var misfits = StructuralSchema.of(rules.kind()).check(request.oldObject());
    if (!misfits.isEmpty()) {
      return unreadable(request, misfits.getFirst().toString());
    }
    try {
      return Optional.of(codec.typed(request.oldObject(), rules.type()));
    } catch (UnreadableObjectException e) {
      return unreadable(request, String.valueOf(e.getMessage()));
    }
  }

  /** There is nothing to compare with, and refusing would forbid to repair it. */
  private static <T> Optional<T> unreadable(AdmissionRequest request, String why) {
    LOG.warn(
        "The stored {} {}/{} cannot be read: {}",
        request.kind(),
        request.namespace(),
        request.name(),
        why);
    return Optional.empty();
  }

  /** Looks around only where something that others have to fit has changed. */
  private Findings amongOthers(Optional<? extends HasMetadata> old, HasMetadata object) {
    if (!(object instanceof HostedControlPlane updated) || updated.getSpec() == null) {
      return Findings.NONE;
    }
    var before = old.map(HostedControlPlane.class::cast).filter(stored -> stored.getSpec() != null);
    var neighbours = new Neighbours(before, updated);
    var questions = neighbours.questions();
    return questions.isEmpty() ? Findings.NONE : neighbours.judge(lookup.look(questions));
  }

  /** The same answer that the API server gives for what its own validation finds. */
  private Verdict.Denied invalid(AdmissionRequest request, List<FieldError> all) {
    var errors = all.stream().limit(MOST_ERRORS).toList();
    var message =
        "%s.%s \"%s\" is invalid: %s%s"
            .formatted(
                request.kind(),
                HostedControlPlane.GROUP,
                request.name(),
                errors.size() == 1
                    ? errors.getFirst()
                    : errors.stream()
                        .map(FieldError::toString)
                        .collect(Collectors.joining(", ", "[", "]")),
                all.size() > errors.size()
                    ? " and %d more".formatted(all.size() - errors.size())
                    : "");
    var details = new LinkedHashMap<String, Object>();
    details.put("name", request.name());
    details.put("group", HostedControlPlane.GROUP);
    details.put("kind", request.kind());
    details.put("causes", errors.stream().map(Reviewer::cause).toList());
    countRefusal(errors);
    return new Verdict.Denied(422, "Invalid", message, details);
  }

  private static Map<String, Object> cause(FieldError error) {
    return Map.of(
        "reason", error.reason().text(),
        // A cause names its field apart from the message.
        "message", error.toString().substring(error.path().length() + ": ".length()),
        "field", error.path());
  }

  /** Tells by which rules objects are refused, as far as fields of the spec tell them apart. */
  private void countRefusal(List<FieldError> errors) {
    errors.stream()
        .map(error -> Tags.of("field", field(error.path()), "reason", error.reason().text()))
        .distinct()
        .forEach(tags ->
            Counter.builder("hcp.admission.refusals")
                .description("Mistakes for which objects were refused")
                .tag("kind", rules.kind())
                .tags(tags)
                .register(registry)
                .increment());
  }

  /** What is deeper in the spec may be the user's own names. */
  private static String field(String path) {
    var parts = path.replaceFirst("^spec\\.template\\.", "").split("[.\\[]", 3);
    return parts.length == 1 ? parts[0] : parts[0] + "." + parts[1];
  }

  private void count(AdmissionRequest request, Verdict verdict, Timer.Sample start) {
    var allowed = Boolean.toString(verdict instanceof Verdict.Allowed);
    // Of what a request names, only the operation is a label: the rest is the sender's to choose.
    var operation = request.operation().name();
    Counter.builder("hcp.admission.requests")
        .description("Admission reviews answered")
        .tags("stage", stage.label(), "kind", rules.kind())
        .tags("operation", operation, "allowed", allowed)
        .register(registry)
        .increment();
    start.stop(
        Timer.builder("hcp.admission.duration")
            .description("Time to answer an admission review, without the network")
            .serviceLevelObjectives(BUCKETS)
            .tags("stage", stage.label(), "kind", rules.kind())
            .register(registry));
    if (verdict instanceof Verdict.Denied denied) {
      LOG.atInfo()
          .addKeyValue("kind", request.kind())
          .addKeyValue("namespace", request.namespace())
          .addKeyValue("name", request.name())
          .addKeyValue("operation", operation)
          .log("Denied: {}", denied.message());
    }
  }
}
