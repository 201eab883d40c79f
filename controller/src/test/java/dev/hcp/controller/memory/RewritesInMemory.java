package dev.hcp.controller.memory;

import dev.hcp.controller.migration.Rewrites;
import dev.hcp.controller.plan.Action;
import dev.hcp.controller.plan.Rewriting;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** Hosted clusters whose objects are all written again at once, or not at all. */
public final class RewritesInMemory implements Rewrites {
  private static final Instant BEGINNING = Instant.parse("2026-01-01T00:04:00Z");

  private final Map<String, Rewriting> clusters = new HashMap<>();
  private final List<String> runs = new ArrayList<>();
  private boolean held;

  /** No hosted clusters yet. */
  public RewritesInMemory() {}

  /** The process starts again and knows nothing. */
  public void restart() {
    clusters.clear();
  }

  /** From now on nothing is written. */
  public void hold() {
    held = true;
  }

  /** From now on all is written. */
  public void release() {
    held = false;
    clusters.replaceAll((_, rewriting) -> rewriting.done() ? rewriting : done(rewriting.run()));
  }

  /** What was written again so far. */
  public List<String> runs() {
    return List.copyOf(runs);
  }

  @Override
  public Optional<Rewriting> last(String namespace, String name) {
    return Optional.ofNullable(clusters.get(namespace + "/" + name));
  }

  @Override
  public void keepUp(String namespace, String name, Action.Rewrite wanted) {
    clusters.compute(
        namespace + "/" + name,
        (_, before) -> {
          if (before != null && before.run().equals(wanted.run())) {
            return before;
          }
          return held ? Rewriting.from(wanted.run(), BEGINNING) : done(wanted.run());
        });
  }

  @Override
  public void forget(String namespace, String name) {
    clusters.remove(namespace + "/" + name);
  }

  private Rewriting done(String run) {
    runs.add(run);
    return new Rewriting(run, BEGINNING, 3, true, Optional.empty());
  }
}
