package dev.hcp.validation;

import dev.hcp.flags.FlagTable;
import dev.hcp.flags.Gate;
import dev.hcp.flags.GateSetting;
import dev.hcp.flags.Program;
import dev.hcp.flags.Ruling;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/**
 * What the lists consist of that some flags take: admission plug-ins and feature gates. A program
 * ends at once if it does not know one.
 *
 * @param program whose flag it is
 * @param releases of the program, one of which needs to know an entry
 * @param flag name of the flag
 * @param emulating whether the program is told to be like an older version, in which gates can be
 *     set that are not to be set any more
 */
record EntryRules(Program program, List<String> releases, String flag, boolean emulating) {
  /** The type of a flag with feature gates that takes a component in front of each. */
  private static final String BY_COMPONENT = "colonSeparatedMultimapStringString";

  /** The component that is meant if none is named. */
  private static final String KUBE = "kube";

  /** The type of an entry that has no value. */
  private static final String NAME = "name";

  /** Of more than that, it is no help to name all. */
  private static final int FEW = 60;

  void check(Field field, String value) {
    if (takesAnything()) {
      return;
    }
    var known = table().entries(flag, releases);
    if (known.stream().allMatch(this::isName)) {
      checkNames(field, known, Ruling.Names.in(value));
    } else {
      checkGates(field, known, GateSetting.in(value));
    }
  }

  private void checkNames(Field field, Set<String> known, List<String> names) {
    var before = new HashSet<String>();
    for (var name : names) {
      if (FlagValues.hasVariable(name)) {
        continue;
      }
      if (!before.add(name)) {
        field.duplicate(name, "must be named once");
      } else if (!known.contains(name)) {
        field.reject(name, unknown("an admission plug-in", known, name));
      }
    }
  }

  private void checkGates(Field field, Set<String> known, List<GateSetting> gates) {
    int before = field.errors().size();
    var settings = new LinkedHashMap<String, GateSetting>();
    var components = gates.stream().map(GateSetting::component).collect(Collectors.toSet());
    for (var gate : gates) {
      if (FlagValues.hasVariable(gate.text())) {
        continue;
      }
      var name = gate.name();
      if (!takes(gate.component())) {
        field.reject(gate.text(), "must begin with the name of a feature gate");
      } else if (!gate.component().isEmpty() && components.contains("")) {
        field.reject(
            gate.text(),
            "must begin with the name of a feature gate, as others do: %s: is in front of all or none"
                .formatted(KUBE));
      } else if (!known.contains(name)) {
        field.reject(gate.text(), unknown("a feature gate", known, name));
      } else if (settings.putIfAbsent(name, gate) != null) {
        field.duplicate(gate.text(), "must be left out: %s is set already".formatted(name));
      } else if (!FlagValues.fits("bool", gate.value())) {
        field.reject(gate.text(), "must be %s=true or %s=false".formatted(name, name));
      } else if (isLocked(name, gate.isOn())) {
        field.reject(
            gate.text(),
            "must be %s=%s, or be left out: it cannot be changed in %s %s"
                .formatted(name, !gate.isOn(), program.title(), Releases.describe(releases)));
      }
    }
    boolean complete = gates.stream().map(GateSetting::text).noneMatch(FlagValues::hasVariable);
    if (complete && !emulating && releases.size() == 1 && field.errors().size() == before) {
      checkDependencies(field, known, settings);
    }
  }

  /** A gate cannot be on without those that it needs. */
  private void checkDependencies(
      Field field, Set<String> known, Map<String, GateSetting> settings) {
    for (var name : known) {
      for (var other : gate(name).needs()) {
        if (!known.contains(other) || !isOn(name, settings) || isOn(other, settings)) {
          continue;
        }
        var dependent = settings.get(name);
        if (dependent != null) {
          field.reject(
              dependent.text(),
              "must have %s=true beside it: %s needs that".formatted(other, name));
        } else {
          field.reject(
              Stream.of(other, GateSetting.ALL_BETA, GateSetting.ALL_ALPHA)
                  .flatMap(cause -> Stream.ofNullable(settings.get(cause)))
                  .map(GateSetting::text)
                  .findFirst()
                  .orElse(other),
              "must have %s=false or %s=true beside it: %s needs %s"
                  .formatted(name, other, name, other));
        }
      }
    }
  }

  private boolean isOn(String name, Map<String, GateSetting> settings) {
    var gate = gate(name);
    var all =
        switch (gate.stage()) {
          case "alpha" -> settings.get(GateSetting.ALL_ALPHA);
          case "beta" -> settings.get(GateSetting.ALL_BETA);
          default -> null;
        };
    var setting = settings.getOrDefault(name, all);
    return setting == null ? gate.on() : setting.isOn();
  }

  private Gate gate(String name) {
    return table().gate(flag, name, releases.getFirst()).orElseThrow();
  }

  private String unknown(String what, Set<String> known, String name) {
    return "must be %s of %s %s%s"
        .formatted(
            what,
            program.title(),
            Releases.describe(releases),
            Releases.others(table(), FlagTable.entry(flag, name), releases)
                .or(() -> Similarity.nearest(name, known).map("; did you mean %s?"::formatted))
                .orElseGet(() -> known.size() > FEW ? "" : ": " + String.join(", ", known)));
  }

  private boolean takes(String component) {
    return component.isEmpty()
        || (component.equals(KUBE)
            && releases.stream()
                .anyMatch(release ->
                    table().type(flag, release).filter(BY_COMPONENT::equals).isPresent()));
  }

  private boolean isLocked(String gate, boolean on) {
    return !emulating
        && releases.stream()
            .flatMap(release -> table().gate(flag, gate, release).stream())
            .allMatch(known -> known.locked() && known.on() != on);
  }

  /** Whether one of the releases does not say what the flag takes. */
  private boolean takesAnything() {
    return table().releasesWith(flag).stream()
        .filter(releases::contains)
        .anyMatch(release -> table().entries(flag, List.of(release)).isEmpty());
  }

  private boolean isName(String entry) {
    return releases.stream()
        .flatMap(release -> table().type(FlagTable.entry(flag, entry), release).stream())
        .allMatch(NAME::equals);
  }

  private FlagTable table() {
    return FlagTable.of(program);
  }
}
