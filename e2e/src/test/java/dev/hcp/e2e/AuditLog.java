package dev.hcp.e2e;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.hcp.e2e.cluster.Provider;
import dev.hcp.naming.Labels;
import java.io.IOException;
import java.io.RandomAccessFile;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;

/**
 * What the provider's controller asked the management cluster for.
 *
 * @param file the audit log of the bed, to which one line is added for each request
 */
record AuditLog(Path file) {
  private static final ObjectMapper JSON = new ObjectMapper();
  private static final Set<String> READS = Set.of("get", "list", "watch");
  private static final String CONTROLLER =
      "system:serviceaccount:%s:capi-hosted-control-plane-manager".formatted(Provider.NAMESPACE);

  /**
   * A request of the controller.
   *
   * @param time when it was received
   * @param verb of Kubernetes
   * @param uri path and query
   */
  record Request(String time, String verb, String uri) {
    boolean isWrite() {
      return !READS.contains(verb);
    }

    /** Whether it is about objects in a namespace. */
    boolean isIn(String namespace) {
      return uri.contains("/namespaces/%s/".formatted(namespace));
    }

    @Override
    public String toString() {
      return "%s %s %s".formatted(time, verb, uri);
    }
  }

  /** Where the next line will begin. */
  long end() {
    return file.toFile().length();
  }

  /** The controller's requests from a position on. */
  List<Request> since(long position) {
    try (var log = new RandomAccessFile(file.toFile(), "r")) {
      log.seek(position);
      var rest = new byte[Math.toIntExact(log.length() - position)];
      log.readFully(rest);
      var text = new String(rest, StandardCharsets.UTF_8);
      var requests = new ArrayList<Request>();
      // The last line may not be written completely yet.
      for (var line : text.substring(0, text.lastIndexOf('\n') + 1).lines().toList()) {
        var entry = JSON.readTree(line);
        if (isOurs(entry)) {
          requests.add(
              new Request(
                  entry.path("requestReceivedTimestamp").asText(),
                  entry.path("verb").asText(),
                  entry.path("requestURI").asText()));
        }
      }
      return requests;
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static boolean isOurs(JsonNode entry) {
    return entry.at("/user/username").asText().equals(CONTROLLER)
        || entry.path("requestURI").asText().contains("fieldManager=" + Labels.MANAGER);
  }
}
