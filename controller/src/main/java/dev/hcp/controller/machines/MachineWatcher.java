package dev.hcp.controller.machines;

import dev.hcp.controller.kube.Failures;
import dev.hcp.controller.kube.Kube;
import dev.hcp.controller.plan.Action;
import dev.hcp.controller.plan.Machines;
import dev.hcp.controller.plan.Trigger;
import dev.hcp.controller.retry.Backoff;
import dev.hcp.controller.retry.PerControlPlane;
import dev.hcp.controller.retry.Recurring;
import dev.hcp.controller.telemetry.Spans;
import io.fabric8.kubernetes.client.KubernetesClientException;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.Semaphore;
import java.util.random.RandomGenerator;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Looks again and again, on threads of its own: machines are replaced within minutes, seldom, and
 * only few Clusters at a time, so watching all of all Clusters would be a waste.
 */
public final class MachineWatcher implements MachineLooks, AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(MachineWatcher.class);
  private static final int MOST_AT_ONCE = 4;

  /**
   * When to look again.
   *
   * @param interval after a look
   * @param longest after several that have failed
   */
  public record Timing(Duration interval, Duration longest) {
    /** What suits machines that take minutes to come up. */
    public static final Timing DEFAULT = new Timing(Duration.ofSeconds(15), Duration.ofMinutes(2));
  }

  /** What all Clusters share. */
  private record Shared(
      Kube kube,
      Trigger trigger,
      Timing timing,
      RandomGenerator random,
      Recurring.Pool pool,
      Semaphore looks) {}

  private final Shared shared;
  private final PerControlPlane<Kept> clusters = new PerControlPlane<>();

  /**
   * Looks at nothing yet.
   *
   * @param kube requests to the management cluster
   * @param trigger is told when what is known changes
   */
  public MachineWatcher(Kube kube, Trigger trigger, Timing timing, RandomGenerator random) {
    this.shared =
        new Shared(
            kube,
            trigger,
            timing,
            random,
            Recurring.Pool.named("machines"),
            new Semaphore(MOST_AT_ONCE));
  }

  @Override
  public Optional<Machines> last(String namespace, String name) {
    return clusters.find(namespace, name).flatMap(Kept::last);
  }

  @Override
  public void keepUp(String namespace, String name, Action.LookAtMachines wanted) {
    clusters.get(namespace, name, () -> new Kept(namespace, name, wanted, shared)).begin();
  }

  @Override
  public void forget(String namespace, String name) {
    clusters.remove(namespace, name).ifPresent(Kept::stop);
  }

  @Override
  public void close() {
    clusters.all().forEach(Kept::stop);
    shared.pool().close();
  }

  /** The machines of one Cluster. */
  private static final class Kept {
    private final String namespace;
    private final String name;
    private final Action.LookAtMachines wanted;
    private final Shared shared;
    private final Recurring looks;
    private @Nullable Machines last;
    private boolean begun;

    /** Only the one look that is under way uses it. */
    private int failures;

    Kept(String namespace, String name, Action.LookAtMachines wanted, Shared shared) {
      this.namespace = namespace;
      this.name = name;
      this.wanted = wanted;
      this.shared = shared;
      this.looks =
          new Recurring(
              shared.pool(),
              shared.timing().longest(),
              () -> Spans.trace("Look at machines", namespace, name, this::lookInTurn),
              () -> {});
    }

    synchronized Optional<Machines> last() {
      return Optional.ofNullable(last);
    }

    synchronized void begin() {
      if (!begun) {
        begun = true;
        looks.wake(Duration.ZERO);
      }
    }

    void stop() {
      looks.stop();
    }

    private Duration lookInTurn() throws InterruptedException {
      shared.looks().acquire();
      try {
        return look();
      } finally {
        shared.looks().release();
      }
    }

    private Duration look() {
      try {
        publish(shared.kube().machines(namespace, wanted.cluster()));
        failures = 0;
        return Backoff.spread(shared.timing().interval(), shared.random());
      } catch (KubernetesClientException e) {
        LOG.atWarn()
            .addKeyValue("namespace", namespace)
            .addKeyValue("name", name)
            .log("Machines cannot be looked at, it is tried again: {}", e.getMessage());
        var known = last().orElseGet(() -> new Machines(Optional.empty(), List.of(), Map.of()));
        publish(new Machines(Optional.of(Failures.reason(e)), known.deployments(), known.nodes()));
        return new Backoff(shared.timing().interval(), shared.timing().longest(), shared.random())
            .after(failures++);
      }
    }

    private void publish(Machines found) {
      boolean changed;
      synchronized (this) {
        changed = !looks.isStopped() && !found.equals(last);
        last = found;
      }
      if (changed) {
        shared.trigger().reconcile(namespace, name);
      }
    }
  }
}
