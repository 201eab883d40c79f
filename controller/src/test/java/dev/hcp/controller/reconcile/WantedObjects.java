package dev.hcp.controller.reconcile;

import dev.hcp.controller.plan.Action;
import dev.hcp.controller.plan.Part;
import dev.hcp.controller.plan.Step;
import dev.hcp.controller.scenario.Scenario;
import io.fabric8.kubernetes.api.model.HasMetadata;
import java.util.List;
import java.util.stream.Stream;

/** What a pass wants there to be. */
final class WantedObjects {
  private WantedObjects() {}

  /** All objects of the management cluster and of the hosted cluster. */
  static List<HasMetadata> of(Scenario scenario) {
    var plan = Plan.of(scenario.observation());
    var hosted =
        plan.steps().stream()
            .flatMap(step -> step.actions().stream())
            .filter(Action.SyncWorkload.class::isInstance)
            .map(Action.SyncWorkload.class::cast)
            .flatMap(wanted -> wanted.parts().stream())
            .map(Part::desired);
    return Stream.concat(plan.steps().stream().map(Step::desired), hosted)
        .<HasMetadata>flatMap(List::stream)
        .toList();
  }
}
