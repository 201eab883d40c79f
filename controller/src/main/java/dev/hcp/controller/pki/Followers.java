package dev.hcp.controller.pki;

import dev.hcp.controller.plan.Planning;
import dev.hcp.controller.plan.Readers;
import dev.hcp.naming.Component;
import dev.hcp.render.pki.Root;
import dev.hcp.render.pki.Trust;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Collectors;

/**
 * The pods of a component that follow the rotation of a CA.
 *
 * @param component the component
 * @param readers how many of them have what they are given now
 * @param others names of those that do not
 */
record Followers(Component component, Readers readers, List<String> others) {
  /** Copies the list. */
  Followers {
    others = List.copyOf(others);
  }

  /** Those of all components that have to do with a CA. */
  static List<Followers> of(Planning planning, Root root, Trust trust) {
    var names = planning.controlPlane().names();
    var all = new ArrayList<Followers>();
    for (var component : root.trusting()) {
      var workload =
          switch (component) {
            case API_SERVER -> names.apiServer();
            case CONTROLLER_MANAGER -> names.controllerManager();
            case SCHEDULER -> names.scheduler();
            case ETCD -> names.etcd();
            default -> throw new IllegalStateException(component + " does not follow " + root);
          };
      var annotations = root.annotations(component, trust);
      all.add(
          new Followers(
              component,
              Readers.of(planning.objects(), component, workload, annotations),
              Readers.others(planning.objects(), component, annotations)));
    }
    return List.copyOf(all);
  }

  /** Whether all pods of all of them do. */
  static boolean areComplete(List<Followers> all) {
    return all.stream().allMatch(followers -> followers.readers.complete());
  }

  /** How many do of each that has not come to its end, in words. */
  static String describe(List<Followers> all) {
    return all.stream()
        .filter(followers -> !followers.readers.complete())
        .map(Followers::describe)
        .collect(Collectors.joining(", "));
  }

  private String describe() {
    return "%d of %d of %s%s"
        .formatted(
            readers.informed(),
            readers.total(),
            component.label(),
            others.isEmpty() ? "" : " (not %s)".formatted(String.join(", ", others)));
  }
}
