package dev.hcp.validation;

import dev.hcp.api.v1alpha1.ContainerSettings;
import dev.hcp.flags.FlagTable;
import dev.hcp.flags.GateSetting;
import dev.hcp.flags.Program;
import dev.hcp.flags.Ruling;
import dev.hcp.flags.Rulings;
import dev.hcp.version.VersionTable;
import java.util.Comparator;
import java.util.HashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * The flags that users add: those of the controller are not theirs to set, and a program that is
 * given one that it does not know ends at once.
 */
final class ArgumentRules {
  private static final String ENABLED_PLUGINS = "enable-admission-plugins";
  private static final String DISABLED_PLUGINS = "disable-admission-plugins";

  /** Has a program be like an older version. */
  private static final String EMULATED_VERSION = "emulated-version";

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
    var flags = new HashMap<String, Flag>();
    new TreeMap<>(settings.args())
        .forEach((name, value) -> {
          // Other names are refused anyway.
          if (PodRules.isFlagName(name)) {
            var flag = new Flag("%s.args[%s]".formatted(path, name), program, name, value);
            var other = flags.putIfAbsent(flag.canonical(), flag);
            if (other != null) {
              at(errors, flag)
                  .reject(name, "must be left out: %s is the same flag".formatted(other.name()));
            }
          }
        });
    var emulating = flags.containsKey(EMULATED_VERSION);
    flags.values().stream()
        .sorted(Comparator.comparing(Flag::name))
        .forEach(flag -> check(flag, hasOtherImage(settings), emulating));
    if (program == Program.KUBE_APISERVER) {
      checkContradiction(flags.get(ENABLED_PLUGINS), flags.get(DISABLED_PLUGINS));
    }
  }

  private void check(Flag flag, boolean otherImage, boolean emulating) {
    switch (Rulings.of(flag.program(), flag.canonical()).orElse(null)) {
      case Ruling.Ignored(var set) -> warnOfNoEffect(flag, set);
      case Ruling.Refused(var why) -> refuse(flag, why);
      case Ruling.Kept(var why) -> refuse(flag, why);
      case Ruling.Fixed(var set, _) when set.equals(flag.value()) -> warnOfNoEffect(flag, set);
      case Ruling.Fixed(var set, var why) ->
          at(errors, flag).reject(flag.value(), "must be %s: %s".formatted(set, why));
      case Ruling.Names(_, var never) -> {
        checkNever(flag, never);
        checkKnown(flag, otherImage, emulating);
      }
      case Ruling.Gates(var on) -> {
        checkOn(flag, on);
        checkKnown(flag, otherImage, emulating);
      }
      case null -> checkKnown(flag, otherImage, emulating);
    }
  }

  private void refuse(Flag flag, String why) {
    at(errors, flag).reject(null, "must not be set: %s".formatted(why));
  }

  private void warnOfNoEffect(Flag flag, @Nullable String set) {
    at(warnings, flag)
        .reject(
            null,
            "is set by the controller%s and has no effect"
                .formatted(set == null ? "" : " to " + set));
  }

  private void checkNever(Flag flag, Map<String, String> never) {
    for (var name : Ruling.Names.in(flag.value())) {
      var why = never.get(name);
      if (why != null) {
        at(errors, flag).reject(flag.value(), "must not contain %s: %s".formatted(name, why));
      }
    }
  }

  /** Of a gate that cannot be switched off any more, or is gone, the table tells. */
  private void checkOn(Flag flag, Map<String, String> on) {
    for (var gate : GateSetting.in(flag.value())) {
      var why = on.get(gate.name());
      if (why != null
          && !gate.isOn()
          && releases(flag.program()).stream()
              .anyMatch(release -> mayBeOff(flag, gate.name(), release))) {
        at(errors, flag).reject(gate.text(), "must be %s=true: %s".formatted(gate.name(), why));
      }
    }
  }

  private static boolean mayBeOff(Flag flag, String gate, String release) {
    return flag.table().entries(flag.canonical(), List.of(release)).isEmpty()
        || flag.table().gate(flag.canonical(), gate, release).filter(g -> !g.locked()).isPresent();
  }

  /** An API server that is to switch a plug-in both on and off ends at once. */
  private void checkContradiction(@Nullable Flag enabled, @Nullable Flag disabled) {
    if (enabled == null || disabled == null) {
      return;
    }
    var on = Ruling.Names.in(enabled.value());
    for (var name : new LinkedHashSet<>(Ruling.Names.in(disabled.value()))) {
      if (on.contains(name)) {
        at(errors, disabled)
            .reject(name, "must be left out: it is in %s too".formatted(enabled.name()));
      }
    }
  }

  private void checkKnown(Flag flag, boolean otherImage, boolean emulating) {
    var table = flag.table();
    var releases = releases(flag.program());
    if (!table.releases().containsAll(releases)) {
      // Nobody has read which flags one of them has.
      return;
    }
    var types =
        releases.stream()
            .flatMap(release -> table.type(flag.canonical(), release).stream())
            .distinct()
            .toList();
    // Another image may be another version, or know more.
    var findings = at(otherImage ? warnings : errors, flag);
    if (types.isEmpty()) {
      findings.reject(
          flag.name(),
          "must be a flag of %s %s%s"
              .formatted(
                  flag.program().title(),
                  Releases.describe(releases),
                  Releases.others(table, flag.canonical(), releases)
                      .or(() -> guess(flag, table.names(releases)))
                      .orElse("")));
    } else if (types.stream().noneMatch(type -> FlagValues.fits(type, flag.value()))) {
      findings.reject(flag.value(), FlagValues.accepted(types.getFirst()));
    } else {
      new EntryRules(flag.program(), releases, flag.canonical(), emulating)
          .check(findings, flag.value());
    }
  }

  private List<String> releases(Program program) {
    return components.map(List::of).orElseGet(VersionTable::rows).stream()
        .map(program::release)
        .distinct()
        .toList();
  }

  private static Optional<String> guess(Flag flag, Set<String> names) {
    return Similarity.nearest(flag.canonical(), names).map("; did you mean %s?"::formatted);
  }

  /** An image from a mirror is the same one. */
  private static boolean hasOtherImage(ContainerSettings settings) {
    var image = settings.image();
    return image != null
        && (image.repository() != null || image.tag() != null || image.digest() != null);
  }

  private static Field at(Field root, Flag flag) {
    return new Field(flag.path(), root.errors());
  }

  /**
   * A flag as it was given.
   *
   * @param path of its field
   * @param name in the user's spelling
   */
  private record Flag(String path, Program program, String name, String value) {
    String canonical() {
      return program.canonical(name);
    }

    FlagTable table() {
      return FlagTable.of(program);
    }
  }
}
