package dev.hcp.controller.kube;

import dev.hcp.controller.telemetry.ControllerMetrics;
import dev.hcp.controller.telemetry.ControllerMetrics.Api;
import io.fabric8.kubernetes.client.http.AsyncBody;
import io.fabric8.kubernetes.client.http.HttpRequest;
import io.fabric8.kubernetes.client.http.HttpResponse;
import io.fabric8.kubernetes.client.http.Interceptor;
import java.net.URI;
import java.nio.ByteBuffer;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Counts the requests of a client by what they are about and how they were answered. The client
 * tells of those without an answer only if it were to try again, which ours leave to their callers.
 */
final class RequestMeter implements Interceptor {
  /** Under which a client knows it. */
  static final String NAME = "request-meter";

  private static final String NONE = "none";
  private static final String NAMESPACES = "namespaces";

  /** Subresources of namespaces, which else would be taken for resources in them. */
  private static final Set<String> OF_NAMESPACES = Set.of("status", "finalize");

  private final Api api;
  private final ControllerMetrics metrics;

  RequestMeter(Api api, ControllerMetrics metrics) {
    this.api = api;
    this.metrics = metrics;
  }

  @Override
  public void after(
      HttpRequest request,
      HttpResponse<?> response,
      AsyncBody.@Nullable Consumer<List<ByteBuffer>> consumer) {
    var subject = Subject.of(request.method(), request.uri());
    metrics.request(api, subject.verb(), subject.resource(), Integer.toString(response.code()));
  }

  /**
   * What a request is about, told by its path as the API server does.
   *
   * @param verb as rules of RBAC name it
   * @param resource plural, group and subresource; {@code none} if it is about no resource
   */
  record Subject(String verb, String resource) {
    static Subject of(String method, URI uri) {
      var parts =
          Arrays.stream(uri.getPath().split("/", -1)).filter(part -> !part.isEmpty()).toList();
      var group = group(parts);
      var rest = rest(parts);
      if (rest.isEmpty()) {
        return new Subject(method.toLowerCase(Locale.ROOT), NONE);
      }
      if (rest.getFirst().equals(NAMESPACES)
          && rest.size() > 2
          && !OF_NAMESPACES.contains(rest.get(2))) {
        rest = rest.subList(2, rest.size());
      }
      var resource =
          rest.getFirst()
              + (group.isEmpty() ? "" : "." + group)
              + (rest.size() > 2 ? "/" + rest.get(2) : "");
      return new Subject(verb(method, rest.size() > 1, uri.getRawQuery()), resource);
    }

    private static String group(List<String> parts) {
      return parts.size() > 1 && parts.getFirst().equals("apis") ? parts.get(1) : "";
    }

    /** What follows group and version. */
    private static List<String> rest(List<String> parts) {
      int before =
          switch (parts.isEmpty() ? "" : parts.getFirst()) {
            case "api" -> 2;
            case "apis" -> 3;
            default -> parts.size();
          };
      return parts.subList(Math.min(before, parts.size()), parts.size());
    }

    private static String verb(String method, boolean isNamed, @Nullable String query) {
      return switch (method) {
        case "GET" -> watches(query) ? "watch" : isNamed ? "get" : "list";
        case "POST" -> "create";
        case "PUT" -> "update";
        case "DELETE" -> isNamed ? "delete" : "deletecollection";
        default -> method.toLowerCase(Locale.ROOT);
      };
    }

    private static boolean watches(@Nullable String query) {
      return query != null && ("&" + query + "&").contains("&watch=true&");
    }
  }
}
