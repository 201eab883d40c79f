package dev.hcp.controller.runtime;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.hcp.controller.testing.ManagementApiServer;
import dev.hcp.controller.testing.WithManagementApiServer;
import io.fabric8.kubernetes.api.model.coordination.v1.Lease;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.dsl.Resource;
import java.time.Duration;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** One replica works, and another soon after it has gone. */
@WithManagementApiServer
class LeadershipIT {
  private static final Duration START = Duration.ofSeconds(60);
  private static final Duration HAND_OVER = Duration.ofSeconds(10);
  private static final Duration LEASE = Duration.ofSeconds(15);

  private final KubernetesClient client;
  private final KubernetesClient one;
  private final KubernetesClient two;
  private final AtomicInteger elected = new AtomicInteger();
  private final AtomicInteger lost = new AtomicInteger();

  LeadershipIT(ManagementApiServer server) {
    client = server.client();
    one = server.controllerClient();
    two = server.controllerClient();
  }

  @AfterEach
  void close() {
    var _ = lease().delete();
    two.close();
    one.close();
    client.close();
  }

  @Test
  void aLeaderThatEndsHandsOver() {
    var first = join(one, "first");
    await().atMost(START).until(first::isLeading);
    try (var second = join(two, "second")) {
      // Long enough for the second to have tried.
      await().during(Duration.ofSeconds(4)).atMost(START).until(() -> !second.isLeading());
      first.close();
      await().atMost(HAND_OVER).until(second::isLeading);
      assertThat(first.isLeading()).isFalse();
      await().atMost(HAND_OVER).until(() -> elected.get() == 2);
      assertThat(lost).as("an orderly end is no loss").hasValue(0);
    }
  }

  @Test
  void aLeaderThatIsReplacedHearsOfIt() {
    try (var leadership = join(one, "first")) {
      await().atMost(START).until(leadership::isLeading);
      var _ =
          lease()
              .edit(lease -> {
                lease.getSpec().setHolderIdentity("somebody");
                return lease;
              });
      await().atMost(HAND_OVER).until(() -> lost.get() == 1);
      assertThat(leadership.isLeading()).isFalse();
    }
  }

  @Test
  void aLeaderThatCannotRenewGivesUpBeforeAnotherMayLead() {
    var doomed = ManagementApiServer.start();
    try (var client = doomed.controllerClient();
        var leadership = join(client, "first")) {
      await().atMost(START).until(leadership::isLeading);
      doomed.close();
      await().atMost(LEASE).until(() -> lost.get() == 1);
      assertThat(leadership.isLeading()).isFalse();
    } finally {
      doomed.close();
    }
  }

  private Leadership join(KubernetesClient from, String identity) {
    return Leadership.join(
        from,
        ManagementApiServer.NAMESPACE,
        identity,
        elected::incrementAndGet,
        lost::incrementAndGet);
  }

  private Resource<Lease> lease() {
    return client.leases().inNamespace(ManagementApiServer.NAMESPACE).withName(Leadership.LEASE);
  }
}
