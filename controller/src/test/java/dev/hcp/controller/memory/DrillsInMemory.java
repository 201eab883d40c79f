package dev.hcp.controller.memory;

import dev.hcp.controller.backup.Drills;
import dev.hcp.controller.plan.Action;
import dev.hcp.controller.plan.DrillPod;
import dev.hcp.controller.plan.DrillState;
import dev.hcp.controller.plan.DrillTarget;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;

/** Restore drills that are due when tests say so, and end when their pods do. */
public final class DrillsInMemory implements Drills {
  private final Map<String, DrillState> states = new HashMap<>();

  /** Begins a drill. */
  public void begin(String namespace, String name, DrillTarget target) {
    states.computeIfPresent(namespace + "/" + name, (_, state) -> state.with(target));
  }

  /** The process starts again, and knows nothing. */
  public void restart() {
    states.clear();
  }

  @Override
  public Optional<DrillState> last(String namespace, String name) {
    return Optional.ofNullable(states.get(namespace + "/" + name));
  }

  @Override
  public void keepUp(String namespace, String name, Action.KeepDrills wanted) {
    states.computeIfAbsent(
        namespace + "/" + name,
        _ ->
            wanted
                .pod()
                .map(pod -> wanted.remembered().with(pod.target()))
                .orElse(wanted.remembered()));
    wanted.pod().ifPresent(pod -> end(namespace + "/" + name, pod));
  }

  private void end(String key, DrillPod pod) {
    states.computeIfPresent(
        key,
        (_, state) ->
            state.running().equals(Optional.of(pod.target())) && pod.end().isPresent()
                ? state.after(
                    new DrillState.Ended(
                        Optional.of(pod.target().backup()),
                        pod.target().begun(),
                        pod.target().request(),
                        pod.end().get()),
                    Optional.empty())
                : state);
  }

  @Override
  public void forget(String namespace, String name) {
    states.remove(namespace + "/" + name);
  }
}
