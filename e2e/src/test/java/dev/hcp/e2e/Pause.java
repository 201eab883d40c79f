package dev.hcp.e2e;

import static org.awaitility.Awaitility.await;

import dev.hcp.conditions.ConditionType;
import dev.hcp.e2e.hosted.HostedCluster;
import java.time.Duration;
import java.util.Optional;

/**
 * A Cluster is paused by its spec, as a user does it.
 *
 * @param bed where it is
 * @param cluster what is paused
 */
record Pause(Bed bed, HostedCluster cluster) {
  private static final Duration DEADLINE = Duration.ofMinutes(4);

  /** Returns when the control plane says that it is paused. */
  void begin() {
    set(true);
    awaitSaid();
  }

  void end() {
    set(false);
  }

  /** Returns when the control plane says so of its present spec: that is all it writes. */
  void awaitSaid() {
    await(cluster + " says that it is paused")
        .atMost(DEADLINE)
        .until(() ->
            cluster
                .condition(ConditionType.PAUSED)
                .filter(condition -> condition.status().equals("True"))
                .filter(condition ->
                    Optional.ofNullable(condition.observedGeneration())
                        .equals(
                            cluster
                                .controlPlane()
                                .map(object -> object.getMetadata().getGeneration())))
                .isPresent());
  }

  private void set(boolean paused) {
    bed.kubectl("patch", "cluster", cluster.name(), "--namespace", cluster.namespace())
        .with("--type=merge", "--patch", "{\"spec\":{\"paused\":%s}}".formatted(paused))
        .check();
  }
}
