package dev.hcp.validation;

import dev.hcp.api.v1alpha1.ContainerSettings;
import dev.hcp.flags.FlagTable;
import dev.hcp.flags.Program;
import dev.hcp.flags.Ruling;
import dev.hcp.flags.Rulings;
import dev.hcp.version.VersionTable;
import java.util.HashMap;
import java.util.List;
import java.util.Optional;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * The flags that users add: those of the controller are not theirs to set, and a program that is
 * given one that it does not know ends at once.
 */
final class ArgumentRules {
  private final Optional<VersionTable.Components> components;
  private final Field errors = Field.root("");
  private final Field warnings = Field.root("");

  private ArgumentRules(Optional<VersionTable.Components> components) {
    this.components = components;
  }

  /**
   * Rules for the programs beside one Kubernetes version.
   *
   * @param components that version's row; without it a flag needs to be known to any version
   */
  static ArgumentRules beside(Optional<VersionTable.Components> components) {
    return new ArgumentRules(components);
  }

  /** What is wrong. */
  List<FieldError> errors() {
    return List.copyOf(errors.errors());
  }

  /** What the user should know. */
  List<FieldError> warnings() {
    return List.copyOf(warnings.errors());
  }

  void check(String path, SharedSpec spec) {
    var deployment = spec.deployment();
    if (deployment != null) {
      var apiServer = deployment.apiServer();
      check(path + ".deployment.apiServer", Program.KUBE_APISERVER, apiServer);
      check(
          path + ".deployment.apiServer.konnectivity",
          Program.KONNECTIVITY_SERVER,
          apiServer == null ? null : apiServer.konnectivity());
      check(
          path + ".deployment.controllerManager",
          Program.KUBE_CONTROLLER_MANAGER,
          deployment.controllerManager());
      check(path + ".deployment.scheduler", Program.KUBE_SCHEDULER, deployment.scheduler());
    }
    check(path + ".konnectivityClient", Program.KONNECTIVITY_AGENT, spec.konnectivityClient());
    check(path + ".kubeProxy", Program.KUBE_PROXY, spec.kubeProxy());
    check(path + ".coredns", Program.COREDNS, spec.coredns());
    check(path + ".etcd", Program.ETCD, spec.etcd());
  }

  private void check(String path, Program program, @Nullable ContainerSettings settings) {
    if (settings == null || settings.args() == null) {
      return;
    }
    var spellings = new HashMap<String, String>();
    new TreeMap<>(settings.args())
        .forEach((flag, value) -> {
          // Other names are refused anyway.
          if (PodRules.isFlagName(flag)) {
            var flagPath = "%s.args[%s]".formatted(path, flag);
            var other = spellings.putIfAbsent(program.canonical(flag), flag);
            if (other == null) {
              checkFlag(flagPath, program, flag, value, hasOtherImage(settings));
            } else {
              at(errors, flagPath)
                  .reject(flag, "must be left out: %s is the same flag".formatted(other));
            }
          }
        });
  }

  private void checkFlag(
      String path, Program program, String flag, String value, boolean otherImage) {
    var canonical = program.canonical(flag);
    switch (Rulings.of(program, canonical).orElse(null)) {
      case Ruling.Ignored(var set) -> warnOfNoEffect(path, set);
      case Ruling.Refused(var why) -> refuse(path, why);
      case Ruling.Kept(var why) -> refuse(path, why);
      case Ruling.Fixed(var set, _) when set.equals(value) -> warnOfNoEffect(path, set);
      case Ruling.Fixed(var set, var why) ->
          at(errors, path).reject(value, "must be %s: %s".formatted(set, why));
      case Ruling.Excluding list when list.isIn(value) ->
          at(errors, path)
              .reject(value, "must not contain %s: %s".formatted(list.entry(), list.why()));
      case Ruling.Excluding _, Ruling.Including _ ->
          checkKnown(path, program, flag, value, otherImage);
      case null -> checkKnown(path, program, flag, value, otherImage);
    }
  }

  private void refuse(String path, String why) {
    at(errors, path).reject(null, "must not be set: %s".formatted(why));
  }

  private void warnOfNoEffect(String path, @Nullable String set) {
    at(warnings, path)
        .reject(
            null,
            "is set by the controller%s and has no effect"
                .formatted(set == null ? "" : " to " + set));
  }

  private void checkKnown(
      String path, Program program, String flag, String value, boolean otherImage) {
    var table = FlagTable.of(program);
    var releases =
        components.map(List::of).orElseGet(VersionTable::rows).stream()
            .map(program::release)
            .distinct()
            .toList();
    if (!table.releases().containsAll(releases)) {
      // Nobody has read which flags one of them has.
      return;
    }
    var canonical = program.canonical(flag);
    var types =
        releases.stream()
            .flatMap(release -> table.type(canonical, release).stream())
            .distinct()
            .toList();
    // Another image may be another version, or know more.
    var findings = at(otherImage ? warnings : errors, path);
    if (types.isEmpty()) {
      findings.reject(
          flag,
          "must be a flag of %s %s%s"
              .formatted(program.title(), describe(releases), hint(table, canonical, releases)));
    } else if (types.stream().noneMatch(type -> FlagValues.fits(type, value))) {
      findings.reject(value, FlagValues.accepted(types.getFirst()));
    }
  }

  private static String hint(FlagTable table, String flag, List<String> releases) {
    var others = table.releasesWith(flag);
    if (!others.isEmpty()) {
      int here = table.releases().indexOf(releases.getFirst());
      return table.releases().indexOf(others.getLast()) < here
          ? ": %s was the last to have it".formatted(others.getLast())
          : ": %s is the first to have it".formatted(others.getFirst());
    }
    return Similarity.nearest(flag, table.names(releases))
        .map("; did you mean %s?"::formatted)
        .orElse("");
  }

  private static String describe(List<String> releases) {
    return releases.size() == 1
        ? releases.getFirst()
        : "%s to %s".formatted(releases.getFirst(), releases.getLast());
  }

  /** An image from a mirror is the same one. */
  private static boolean hasOtherImage(ContainerSettings settings) {
    var image = settings.image();
    return image != null && (image.repository() != null || image.tag() != null);
  }

  private static Field at(Field root, String path) {
    return new Field(path, root.errors());
  }
}
