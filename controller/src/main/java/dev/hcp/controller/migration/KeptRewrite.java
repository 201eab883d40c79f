package dev.hcp.controller.migration;

import dev.hcp.controller.kube.HostedKube;
import dev.hcp.controller.kube.HostedKube.Rewritten;
import dev.hcp.controller.plan.Action;
import dev.hcp.controller.plan.Rewriting;
import dev.hcp.controller.retry.Backoff;
import dev.hcp.controller.retry.DueWork;
import dev.hcp.controller.telemetry.Spans;
import io.fabric8.kubernetes.client.KubernetesClientException;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.Base64;
import java.util.HashSet;
import java.util.Optional;
import java.util.Set;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * One hosted cluster whose objects are written again. An attempt that was broken off is made anew
 * from the beginning of the resource at which it was: an object that is encrypted by the right key
 * is left as it is by the API server.
 */
final class KeptRewrite {
  private static final Logger LOG = LoggerFactory.getLogger(KeptRewrite.class);

  private final String namespace;
  private final String name;
  private final Rewriter.Shared shared;
  private final DueWork work;
  private final Backoff backoff;

  private Action.Rewrite wanted;
  private Rewriting last;
  private Instant next;

  /** Only the one attempt that is under way uses what follows. */
  private final Set<String> finished = new HashSet<>();

  /** Objects of those. */
  private long counted;

  /** The same, and those of the resource that is under way. */
  private long objects;

  private int failures;
  private long reportedAt;

  /** Begins after the time in which API servers settle. */
  KeptRewrite(String namespace, String name, Action.Rewrite wanted, Rewriter.Shared shared) {
    this.namespace = namespace;
    this.name = name;
    this.wanted = wanted;
    this.shared = shared;
    this.backoff =
        new Backoff(shared.timing().first(), shared.timing().longestRetry(), shared.random());
    this.next = shared.clock().instant().plus(shared.timing().settle());
    this.last = Rewriting.from(wanted.run(), next.truncatedTo(ChronoUnit.SECONDS));
    this.work =
        new DueWork(
            this,
            shared.pool(),
            shared.slots(),
            shared.clock(),
            this::due,
            () -> Spans.traceRun("Rewrite", namespace, name, this::attempt));
    work.consider();
  }

  synchronized Rewriting last() {
    return last;
  }

  /** From now on uses this to reach the hosted cluster. */
  synchronized void want(Action.Rewrite now) {
    wanted = now;
  }

  /** Writes nothing more. */
  void stop() {
    work.stop();
  }

  private Optional<Instant> due() {
    return last.done() ? Optional.empty() : Optional.of(next);
  }

  private synchronized Action.Rewrite wanted() {
    return wanted;
  }

  private void attempt() {
    var now = wanted();
    var deadline = System.nanoTime() + shared.timing().longest().toNanos();
    try (var kube =
        shared
            .kubes()
            .open(
                new String(Base64.getDecoder().decode(now.kubeconfig()), StandardCharsets.UTF_8))) {
      for (var resource : now.resources()) {
        if (!finished.contains(resource)) {
          rewrite(kube, resource, deadline);
          finished.add(resource);
        }
      }
    } catch (BrokenOffException | KubernetesClientException | IllegalArgumentException e) {
      if (work.isStopped()) {
        return;
      }
      LOG.atWarn()
          .addKeyValue("namespace", namespace)
          .addKeyValue("name", name)
          .log("Not all objects are written again, it is tried again: {}", e.getMessage());
      tryAgain(String.valueOf(e.getMessage()));
      return;
    } catch (RuntimeException e) {
      LOG.atError()
          .addKeyValue("namespace", namespace)
          .addKeyValue("name", name)
          .setCause(e)
          .log("Writing objects again failed as it should not, it is tried again");
      tryAgain(String.valueOf(e));
      return;
    }
    LOG.atInfo()
        .addKeyValue("namespace", namespace)
        .addKeyValue("name", name)
        .addKeyValue("objects", objects)
        .log("All objects are written again: {}", String.join(", ", now.resources()));
    publish(true, Optional.empty());
  }

  private void tryAgain(String problem) {
    synchronized (this) {
      next = shared.clock().instant().plus(backoff.after(failures++));
    }
    publish(false, Optional.of(problem));
  }

  private void rewrite(HostedKube kube, String resource, long deadline) {
    var failed = new Failed();
    objects = counted;
    kube.rewrite(
        resource,
        (object, result, problem) -> {
          shared.metrics().rewritten(result);
          if (result == Rewritten.FAILED) {
            failed.add("%s: %s".formatted(object, problem));
          } else {
            objects++;
          }
          report();
          if (work.isStopped()) {
            throw new BrokenOffException("it is not wanted any more");
          }
          if (System.nanoTime() - deadline > 0) {
            throw new BrokenOffException(
                "%s: not finished within %s".formatted(resource, shared.timing().longest()));
          }
        });
    failed.check(resource);
    counted = objects;
  }

  private void report() {
    if (System.nanoTime() - reportedAt >= shared.timing().report().toNanos()) {
      reportedAt = System.nanoTime();
      publish(false, last().problem());
    }
  }

  private void publish(boolean done, Optional<String> problem) {
    boolean changed;
    synchronized (this) {
      var now = new Rewriting(last.run(), last.begins(), objects, done, problem);
      changed = !work.isStopped() && !now.equals(last);
      last = now;
    }
    if (changed) {
      shared.trigger().reconcile(namespace, name);
    }
  }

  /** Objects that could not be written. */
  private static final class Failed {
    private int number;
    private String first = "";

    void add(String problem) {
      if (number++ == 0) {
        first = problem;
      }
    }

    void check(String resource) {
      if (number > 0) {
        throw new BrokenOffException(
            "%d objects of %s cannot be written, the first is %s"
                .formatted(number, resource, first));
      }
    }
  }

  /** An attempt does not come to its end. */
  private static final class BrokenOffException extends RuntimeException {
    private static final long serialVersionUID = 1L;

    BrokenOffException(String message) {
      super(message);
    }
  }
}
