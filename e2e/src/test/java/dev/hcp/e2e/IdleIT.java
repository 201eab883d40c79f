package dev.hcp.e2e;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.time.Duration;
import org.junit.jupiter.api.Order;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

/**
 * A control plane that is as it should be causes no request of the controller, whatever becomes of
 * others meanwhile: the window begins before {@link TwoClustersIT}.
 */
@Order(58)
@ExtendWith({BedExtension.class, HostedClustersExtension.class, IdleWindowExtension.class})
final class IdleIT {
  private static final Duration LENGTH = Duration.ofMinutes(3);
  private static final Duration MARGIN = Duration.ofSeconds(30);

  private final IdleWindow window;

  IdleIT(IdleWindow window) {
    this.window = window;
  }

  @Test
  void anIdleControlPlaneCausesNoWriteAndNoReadForThreeMinutes() {
    await("three minutes have passed")
        .atMost(LENGTH.plus(MARGIN))
        .until(() -> window.length().compareTo(LENGTH) >= 0);
    assertThat(window.requests()).isEmpty();
    assertThat(window.changes()).isEmpty();
    assertThat(window.newEvents()).isEmpty();
  }
}
