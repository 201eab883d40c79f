package dev.hcp.process;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(20)
class ShutdownTest {
  private final List<String> closed = new CopyOnWriteArrayList<>();

  @Test
  void lastStartedIsClosedFirstAndOnlyOnce() {
    var shutdown = new Shutdown(Duration.ofSeconds(10));
    shutdown.add("first", () -> closed.add("first"));
    shutdown.add("second", () -> closed.add("second"));
    assertThat(shutdown.hasBegun()).isFalse();

    shutdown.run();
    shutdown.run();

    assertThat(shutdown.hasBegun()).isTrue();
    assertThat(closed).containsExactly("second", "first");
  }

  @Test
  void failingPartDoesNotStopTheOthers() {
    var shutdown = new Shutdown(Duration.ofSeconds(10));
    shutdown.add("good", () -> closed.add("good"));
    shutdown.add(
        "bad",
        () -> {
          throw new IllegalStateException("on purpose");
        });
    shutdown.run();
    assertThat(closed).containsExactly("good");
  }

  @Test
  void hangingPartIsLeftBehind() throws Exception {
    var never = new CountDownLatch(1);
    var reached = new CountDownLatch(1);
    var shutdown = new Shutdown(Duration.ofMillis(200));
    shutdown.add("good", reached::countDown);
    shutdown.add("hanging", never::await);
    shutdown.run();
    // Out of time, but still told to close.
    reached.await();
  }
}
