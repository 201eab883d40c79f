package dev.hcp.controller.telemetry;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.sun.management.ThreadMXBean;
import java.lang.management.ManagementFactory;
import java.util.Optional;
import org.junit.jupiter.api.Test;

final class SpansTest {
  private static final int TIMES = 20_000;

  /** Without an agent: of thirty spans of a pass nobody must notice anything. */
  @Test
  void aSpanThatNobodyCollectsCostsNextToNothing() {
    var threads = (ThreadMXBean) ManagementFactory.getThreadMXBean();
    steps();
    long before = threads.getCurrentThreadAllocatedBytes();
    steps();
    long each = (threads.getCurrentThreadAllocatedBytes() - before) / TIMES;
    System.out.println(each + " bytes for a span");
    assertThat(each).isLessThan(512);
  }

  private static void steps() {
    for (int i = 0; i < TIMES; i++) {
      var _ = Spans.step("EtcdClusterReady", () -> Boolean.TRUE, _ -> Optional.empty());
    }
  }

  @Test
  void whatIsDoneIsDoneAndFailsAsItDoes() {
    assertThat(Spans.<String, RuntimeException>trace("Look", "clusters", "demo", () -> "seen"))
        .isEqualTo("seen");
    assertThatThrownBy(() ->
            Spans.part(
                "Plan",
                () -> {
                  throw new IllegalArgumentException("no plan");
                }))
        .hasMessage("no plan");
    assertThat(Spans.traceId()).isEmpty();
  }
}
