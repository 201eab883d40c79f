package dev.hcp.webhook.admission;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.type.TypeReference;
import dev.hcp.defaulting.Default;
import io.fabric8.kubernetes.client.utils.KubernetesSerialization;
import java.io.ByteArrayInputStream;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.Base64;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * AdmissionReview of {@code admission.k8s.io/v1} from and to JSON. Typed models are avoided on
 * purpose: they would drop the fields that they do not know from the object under review.
 */
final class ReviewCodec {
  private static final String API_VERSION = "admission.k8s.io/v1";
  private static final String KIND = "AdmissionReview";
  private static final TypeReference<Map<String, Object>> OBJECT = new TypeReference<>() {};

  private final KubernetesSerialization serialization;

  ReviewCodec(KubernetesSerialization serialization) {
    this.serialization = serialization;
  }

  /**
   * Reads a review.
   *
   * @throws MalformedReviewException if it is none
   */
  AdmissionRequest decode(byte[] body) throws MalformedReviewException {
    JsonShape.check(body);
    var review = parse(body);
    if (!API_VERSION.equals(review.get("apiVersion")) || !KIND.equals(review.get("kind"))) {
      throw new MalformedReviewException(
          "the body is %s %s, expected %s %s"
              .formatted(
                  abbreviate(review.get("apiVersion")),
                  abbreviate(review.get("kind")),
                  API_VERSION,
                  KIND));
    }
    return request(object(review, "request", "request"));
  }

  /** Writes a review with the answer to a request. */
  String encode(String uid, Verdict verdict) {
    var response = new LinkedHashMap<String, Object>();
    response.put("uid", uid);
    switch (verdict) {
      case Verdict.Allowed(var patch, var warnings) -> {
        response.put("allowed", true);
        if (!patch.isEmpty()) {
          var json = serialization.asJson(patch.stream().map(ReviewCodec::operation).toList());
          response.put("patchType", "JSONPatch");
          response.put(
              "patch", Base64.getEncoder().encodeToString(json.getBytes(StandardCharsets.UTF_8)));
        }
        if (!warnings.isEmpty()) {
          response.put("warnings", warnings);
        }
      }
      case Verdict.Denied(var code, var reason, var message, var details) -> {
        response.put("allowed", false);
        var status = new LinkedHashMap<String, Object>();
        status.put("status", "Failure");
        status.put("message", message);
        status.put("reason", reason);
        if (!details.isEmpty()) {
          status.put("details", details);
        }
        status.put("code", code);
        response.put("status", status);
      }
    }
    return serialization.asJson(
        Map.of("apiVersion", API_VERSION, "kind", KIND, "response", response));
  }

  /**
   * Reads an object as our types have it.
   *
   * @throws UnreadableObjectException if it does not fit them
   */
  <T> T typed(Map<String, Object> object, Class<T> type) throws UnreadableObjectException {
    try {
      return serialization.convertValue(object, type);
    } catch (RuntimeException e) {
      throw new UnreadableObjectException(reason(e), e);
    }
  }

  private Map<String, Object> parse(byte[] body) throws MalformedReviewException {
    try {
      Map<String, Object> parsed = serialization.unmarshal(new ByteArrayInputStream(body), OBJECT);
      return parsed;
    } catch (RuntimeException e) {
      throw new MalformedReviewException("the body is not JSON: " + reason(e));
    }
  }

  /** Jackson's own words, without its excerpt of the source. */
  private static String reason(Throwable error) {
    for (Throwable e = error; e != null; e = e.getCause()) {
      if (e instanceof JsonProcessingException json) {
        return json.getOriginalMessage();
      }
    }
    return error.getClass().getSimpleName();
  }

  private static AdmissionRequest request(Map<String, Object> request)
      throws MalformedReviewException {
    var kind = object(request, "kind", "request.kind");
    var group = optionalText(kind, "group", "request.kind.group");
    var version = text(kind, "version", "request.kind.version");
    var operation = operation(text(request, "operation", "request.operation"));
    return new AdmissionRequest(
        text(request, "uid", "request.uid"),
        group.isEmpty() ? version : group + "/" + version,
        text(kind, "kind", "request.kind.kind"),
        operation,
        optionalText(request, "subResource", "request.subResource"),
        optionalText(request, "namespace", "request.namespace"),
        optionalText(request, "name", "request.name"),
        Boolean.TRUE.equals(request.get("dryRun")),
        switch (operation) {
          case CREATE, UPDATE -> object(request, "object", "request.object");
          case DELETE, CONNECT -> Map.of();
        },
        operation == Operation.UPDATE
            ? object(request, "oldObject", "request.oldObject")
            : Map.of());
  }

  private static Map<String, Object> operation(Default value) {
    return Map.of("op", "add", "path", value.pointer(), "value", value.value());
  }

  private static Operation operation(String name) throws MalformedReviewException {
    for (var operation : Operation.values()) {
      if (operation.name().equals(name)) {
        return operation;
      }
    }
    throw new MalformedReviewException(
        "request.operation is %s, expected one of %s"
            .formatted(
                abbreviate(name),
                Arrays.stream(Operation.values())
                    .map(Operation::name)
                    .collect(Collectors.joining(", "))));
  }

  private static Map<String, Object> object(Map<String, Object> parent, String name, String path)
      throws MalformedReviewException {
    if (parent.get(name) instanceof Map<?, ?> map) {
      var object = new LinkedHashMap<String, Object>();
      map.forEach((key, value) -> object.put(String.valueOf(key), value));
      return object;
    }
    throw new MalformedReviewException("%s is missing or not an object".formatted(path));
  }

  private static String text(Map<String, Object> parent, String name, String path)
      throws MalformedReviewException {
    if (parent.get(name) instanceof String text && !text.isEmpty()) {
      return text;
    }
    throw new MalformedReviewException("%s is missing or not a string".formatted(path));
  }

  private static String optionalText(Map<String, Object> parent, String name, String path)
      throws MalformedReviewException {
    return switch (parent.get(name)) {
      case null -> "";
      case String text -> text;
      default -> throw new MalformedReviewException("%s is not a string".formatted(path));
    };
  }

  /** Whatever a stranger sent, kept short enough to be repeated in an answer. */
  private static String abbreviate(@Nullable Object value) {
    return switch (value) {
      case null -> "(missing)";
      case String text when text.length() <= 64 -> "\"%s\"".formatted(text);
      case String text -> "\"%s…\"".formatted(text.substring(0, 64));
      case List<?> _ -> "(a list)";
      case Map<?, ?> _ -> "(an object)";
      default -> value.getClass().getSimpleName();
    };
  }
}
