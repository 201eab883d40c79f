package dev.hcp.controller.pki;

import dev.hcp.api.v1alpha1.MachineRollout;
import dev.hcp.api.v1alpha1.Rotation;
import dev.hcp.controller.plan.Action;
import dev.hcp.controller.plan.Machines;
import dev.hcp.controller.plan.Planning;
import dev.hcp.naming.Labels;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.TreeMap;

/**
 * How machines are replaced whose nodes have joined too early: those of one MachineDeployment after
 * the other. How many of one at a time, that says itself.
 *
 * @param description what happens, or has to, in words
 * @param actions what to do now
 */
record MachineReplacement(String description, List<Action> actions) {
  private static final int MOST_PARTS = 4;

  /** Copies the list. */
  MachineReplacement {
    actions = List.copyOf(actions);
  }

  /**
   * What comes next.
   *
   * @param older names of the nodes
   * @param after when nodes have to have joined
   * @param request the request that is being met
   */
  static MachineReplacement of(
      Planning planning, List<String> older, Instant after, String request) {
    var rotation = Optional.ofNullable(planning.controlPlane().spec().rotation());
    if (rotation
        .map(Rotation::machineRolloutOrDefault)
        .equals(Optional.of(MachineRollout.MANUAL))) {
      return new MachineReplacement(
          "replace their machines, for example by spec.rollout.after: %s of their MachineDeployments"
              .formatted(after),
          List.of());
    }
    var look = new Action.LookAtMachines(planning.controlPlane().names().cluster());
    var machines = planning.observed().machines();
    if (machines.isEmpty()) {
      return new MachineReplacement("their machines are being looked at", List.of(look));
    }
    var problem = machines.get().problem();
    return problem.isPresent()
        ? new MachineReplacement(
            "their machines cannot be looked at: %s".formatted(problem.get()), List.of(look))
        : of(machines.get(), older, after, request, planning.observed().at(), look);
  }

  private static MachineReplacement of(
      Machines machines,
      List<String> older,
      Instant after,
      String request,
      Instant now,
      Action look) {
    var waiting = new TreeMap<String, Integer>();
    var others = new ArrayList<String>();
    for (var node : older) {
      var deployment = machines.nodes().get(node);
      if (deployment == null
          || machines.deployments().stream().noneMatch(known -> known.name().equals(deployment))) {
        others.add(node);
      } else {
        waiting.merge(deployment, 1, Integer::sum);
      }
    }
    var said = new ArrayList<String>();
    var next = Optional.<Machines.Deployment>empty();
    boolean busy = false;
    for (var deployment : machines.deployments()) {
      boolean waits = waiting.containsKey(deployment.name());
      var name = "MachineDeployment %s".formatted(deployment.name());
      var set = deployment.after().filter(time -> !time.isBefore(after));
      if (set.filter(now::isBefore).isPresent()) {
        if (waits) {
          said.add("%s replaces its machines at %s".formatted(name, set.get()));
        }
      } else if (set.isPresent()) {
        if (deployment.standstill().isPresent()) {
          if (waits) {
            said.add("%s replaces no machines: %s".formatted(name, deployment.standstill().get()));
          }
        } else if (waits || !deployment.settled()) {
          busy = true;
          said.add("%s is replacing its machines".formatted(name));
        }
      } else if (waits && obstacle(deployment).isPresent()) {
        said.add("%s is not told to: %s".formatted(name, obstacle(deployment).get()));
      } else if (waits && next.isEmpty()) {
        next = Optional.of(deployment);
      }
    }
    if (!others.isEmpty()) {
      said.add(
          "nodes of no MachineDeployment (%s): replace them, or annotate them with %s: %s once they have what they need"
              .formatted(Outsiders.some(others), Labels.NODE_AUTHORITY_ANNOTATION, request));
    }
    var actions = new ArrayList<Action>();
    actions.add(look);
    if (!busy && next.isPresent()) {
      said.addFirst(
          "MachineDeployment %s is told to replace its machines".formatted(next.get().name()));
      actions.add(new Action.RollOut(next.get(), after));
    }
    return new MachineReplacement(bounded(said), actions);
  }

  private static Optional<String> obstacle(Machines.Deployment deployment) {
    return deployment.standstill().or(deployment::obstacle);
  }

  private static String bounded(List<String> said) {
    var first = String.join("; ", said.stream().limit(MOST_PARTS).toList());
    return said.size() <= MOST_PARTS ? first : "%s; and so on".formatted(first);
  }
}
