package dev.hcp.e2e;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.hcp.e2e.cluster.Provider;
import dev.hcp.e2e.hosted.HostedCluster;
import dev.hcp.e2e.hosted.LiveObject;
import dev.hcp.naming.Labels;
import io.fabric8.kubernetes.client.KubernetesClient;
import java.io.IOException;
import java.io.RandomAccessFile;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import org.awaitility.core.ConditionTimeoutException;
import org.junit.jupiter.api.Order;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

/**
 * A control plane that is as it should be causes no request of the controller.
 *
 * <p>Left out is only what the bed's audit policy leaves out: Leases, by which the leader shows
 * that it lives, and Events, which are compared by themselves. Watches are not requests for
 * anything: they are renewed after some minutes because API servers end them.
 */
@Order(30)
@ExtendWith({BedExtension.class, HostedClustersExtension.class})
final class IdleIT {
  private static final ObjectMapper JSON = new ObjectMapper();
  private static final Duration WINDOW = Duration.ofMinutes(3);
  private static final Duration QUIET = Duration.ofSeconds(20);
  private static final Duration SETTLING_DEADLINE = Duration.ofMinutes(3);
  private static final Duration MARGIN = Duration.ofSeconds(30);
  private static final String CONTROLLER =
      "system:serviceaccount:%s:capi-hosted-control-plane-manager".formatted(Provider.NAMESPACE);

  private final Bed bed;
  private final KubernetesClient management;
  private final HostedCluster demo;

  IdleIT(Bed bed, KubernetesClient management, HostedCluster demo) {
    this.bed = bed;
    this.management = management;
    this.demo = demo;
  }

  @Test
  void anIdleControlPlaneCausesNoWriteAndNoReadForThreeMinutes() {
    assertThat(requestsSince(0)).as("the log shows the controller's requests").isNotEmpty();
    await("the controller has nothing left to do")
        .atMost(SETTLING_DEADLINE)
        .until(this::isQuietForAWhile);

    long start = endOfLog();
    var objects = resourceVersions();
    var events = events();
    await("three minutes pass without a request")
        .during(WINDOW)
        .atMost(WINDOW.plus(MARGIN))
        .pollInterval(Duration.ofSeconds(5))
        .failFast(() -> assertThat(requestsSince(start)).isEmpty())
        .until(() -> true);

    assertThat(requestsSince(start)).isEmpty();
    assertThat(resourceVersions()).isEqualTo(objects);
    assertThat(events()).isEqualTo(events);
  }

  private boolean isQuietForAWhile() {
    long start = endOfLog();
    try {
      await().during(QUIET).atMost(QUIET.plus(MARGIN)).until(() -> requestsSince(start).isEmpty());
      return true;
    } catch (ConditionTimeoutException _) {
      return false;
    }
  }

  /** All objects of the cluster but pods, whose status kubelets write. */
  private Map<String, String> resourceVersions() {
    return demo.objects().stream()
        .filter(object -> !object.kind().equals("Pod"))
        .collect(Collectors.toMap(LiveObject::toString, LiveObject::resourceVersion));
  }

  private List<String> events() {
    return management
        .events()
        .v1()
        .events()
        .inNamespace(demo.namespace())
        .list()
        .getItems()
        .stream()
        .filter(event -> Labels.MANAGER.equals(event.getReportingController()))
        .map(
            event -> event.getMetadata().getName() + "@" + event.getMetadata().getResourceVersion())
        .sorted()
        .toList();
  }

  private long endOfLog() {
    return bed.auditLog().toFile().length();
  }

  /** The controller's requests in the audit log from a position on, other than watches. */
  private List<String> requestsSince(long position) {
    try (var log = new RandomAccessFile(bed.auditLog().toFile(), "r")) {
      log.seek(position);
      var rest = new byte[Math.toIntExact(log.length() - position)];
      log.readFully(rest);
      var text = new String(rest, StandardCharsets.UTF_8);
      var requests = new ArrayList<String>();
      // The last line may not be written completely yet.
      for (var line : text.substring(0, text.lastIndexOf('\n') + 1).lines().toList()) {
        var entry = JSON.readTree(line);
        if (isOurs(entry) && !entry.path("verb").asText().equals("watch")) {
          requests.add(
              "%s %s %s"
                  .formatted(
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
