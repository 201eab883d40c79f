package dev.hcp.controller.kube;

import static org.assertj.core.api.Assertions.assertThat;

import dev.hcp.controller.kube.HostedKube.DeprecatedApi;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What is read of an API server's metrics. */
final class DeprecatedApisTest {
  private static final String METRICS =
      """
      # HELP apiserver_requested_deprecated_apis [STABLE] Gauge of deprecated APIs
      # TYPE apiserver_requested_deprecated_apis gauge
      apiserver_requested_deprecated_apis{group="",removed_release="",resource="componentstatuses",subresource="",version="v1"} 1
      apiserver_requested_deprecated_apis{group="a.example",removed_release="1.36",resource="things",subresource="status",version="v1beta1"} 1
      apiserver_requested_deprecated_apis{group="b.example",removed_release="1.36",resource="others",subresource="",version="v1"} 0
      apiserver_requested_deprecated_apis_total{group="c.example",removed_release="1.36",resource="x",subresource="",version="v1"} 1
      process_start_time_seconds 1.7e+09
      """;

  private static Set<DeprecatedApi> read(String text, int piece) {
    var reader = new DeprecatedApis();
    var bytes = text.getBytes(StandardCharsets.UTF_8);
    for (int from = 0; from < bytes.length; from += piece) {
      reader.read(ByteBuffer.wrap(bytes, from, Math.min(piece, bytes.length - from)));
    }
    return reader.found();
  }

  @ParameterizedTest
  @ValueSource(ints = {1, 7, 100, 100_000})
  void linesAreFoundHoweverTheyArrive(int piece) {
    assertThat(read(METRICS, piece))
        .containsExactlyInAnyOrder(
            new DeprecatedApi("", "v1", "componentstatuses", "", ""),
            new DeprecatedApi("a.example", "v1beta1", "things", "status", "1.36"));
  }

  @Test
  void otherLinesMayBeOfAnyLength() {
    assertThat(read("other{le=\"%s\"} 1%n%s".formatted("x".repeat(100_000), METRICS), 4096))
        .hasSize(2);
  }

  @Test
  void aLineWithoutAnEndDoesNotCount() {
    assertThat(read(METRICS.substring(0, METRICS.indexOf("\"v1beta1\"")), 1000)).hasSize(1);
  }
}
