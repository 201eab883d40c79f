package dev.hcp.controller.reconcile;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assertions.fail;

import dev.hcp.controller.plan.Action;
import dev.hcp.controller.plan.MemberChanges;
import dev.hcp.controller.plan.ObjectReference;
import dev.hcp.controller.plan.Part;
import dev.hcp.controller.plan.Step;
import dev.hcp.controller.scenario.Manifests;
import dev.hcp.controller.scenario.Scenario;
import io.fabric8.kubernetes.api.model.HasMetadata;
import io.fabric8.kubernetes.api.model.Secret;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Base64;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * What is wanted in whole situations, as files: each folder holds the input of a pass, and all that
 * the pass wants. A change of the product shows as a change of these files.
 */
final class GoldenTest {
  private static final Instant NOW = Instant.parse("2026-01-01T00:00:00Z");
  private static final Set<String> INPUT =
      Set.of(Scenario.INPUT, Scenario.HOSTED_CLUSTER, Scenario.RESTORE_DRILL);
  private static final String HOW_TO_RENEW =
      """

      If that is meant, renew the files and review them:
        mvn test -pl controller -am -Dtest=GoldenTest -Dsurefire.failIfNoSpecifiedTests=false \
      -Dgolden.write=true
      """;

  static List<String> scenarios() throws IOException {
    try (var folders = Files.list(Scenario.FOLDER)) {
      return folders.map(folder -> folder.getFileName().toString()).sorted().toList();
    }
  }

  @ParameterizedTest
  @MethodSource("scenarios")
  void wantsExactlyWhatIsWrittenDown(String scenario) throws IOException {
    var actual = files(Plan.of(Scenario.named(scenario).observation()));
    var folder = Scenario.FOLDER.resolve(scenario);
    if (Boolean.getBoolean("golden.write")) {
      assertThat(System.getenv("CI")).as("CI never writes golden files").isNull();
      write(folder, actual);
      return;
    }
    var difference = difference(read(folder), actual);
    if (!difference.isEmpty()) {
      fail("%s differs from what is wanted:%n%s%s".formatted(folder, difference, HOW_TO_RENEW));
    }
  }

  private static Map<String, String> files(Plan plan) {
    var files = new TreeMap<String, String>();
    for (var step : plan.steps()) {
      for (var object : step.desired()) {
        var old = files.put(fileName(object), Manifests.write(readable(object)));
        assertThat(old).as("%s is wanted by two steps", fileName(object)).isNull();
      }
    }
    plan.steps().stream()
        .flatMap(step -> step.actions().stream())
        .filter(Action.Create.class::isInstance)
        .map(Action.Create.class::cast)
        .forEach(action -> files.put(fileName(action.object()), Manifests.write(action.object())));
    for (var part : hostedParts(plan)) {
      for (var object : part.desired()) {
        var old = files.put(hostedFileName(object), Manifests.write(object));
        assertThat(old).as("%s is wanted by two parts", hostedFileName(object)).isNull();
      }
    }
    files.put("plan.yaml", summary(plan));
    return files;
  }

  /** All that a pass does besides applying objects, in order, and what it says. */
  private static String summary(Plan plan) {
    var outcomes = plan.steps().stream().map(s -> new Outcome(s, Optional.empty())).toList();
    var actions = new ArrayList<Object>();
    for (var action : plan.steps().stream().flatMap(s -> s.actions().stream()).toList()) {
      var fields =
          switch (action) {
            case Action.SyncWorkload wanted -> hosted(wanted);
            case Action.KeepEtcd wanted -> etcd(wanted);
            case Action.Create(var object) ->
                new LinkedHashMap<String, Object>(
                    Map.of(object.getKind(), object.getMetadata().getName()));
            case Action.KeepDrills wanted -> drills(wanted);
            case Action.ReportRestore(var restore, var progress) -> {
              var said = new LinkedHashMap<String, Object>();
              said.put("restore", restore.getMetadata().getName());
              said.put("phase", progress.phase());
              said.put("reason", progress.reason());
              said.put("message", progress.message());
              yield said;
            }
            case Action.CreateServiceAccountKeys(var request) -> request(request);
            case Action.CreateEncryptionKey(var request) -> request(request);
            default -> new LinkedHashMap<String, Object>(Manifests.toMap(action));
          };
      fields.put("do", action.getClass().getSimpleName());
      actions.add(fields);
    }
    var summary = new TreeMap<String, Object>();
    summary.put("1-apply", names(plan.steps().stream().map(Step::desired).toList()));
    summary.put("2-delete", names(plan.steps().stream().map(Step::obsolete).toList()));
    summary.put("3-do", actions);
    summary.put("4-report", Report.of(plan, outcomes, NOW));
    if (!plan.followed().isEmpty()) {
      summary.put("5-follow", plan.followed().stream().map(ObjectReference::describe).toList());
    }
    return Manifests.write(summary);
  }

  private static List<Part> hostedParts(Plan plan) {
    return plan.steps().stream()
        .flatMap(step -> step.actions().stream())
        .filter(Action.SyncWorkload.class::isInstance)
        .map(Action.SyncWorkload.class::cast)
        .flatMap(wanted -> wanted.parts().stream())
        .toList();
  }

  private static Map<String, Object> hosted(Action.SyncWorkload wanted) {
    var parts = new LinkedHashMap<String, Object>();
    for (var part : wanted.parts()) {
      parts.put(
          part.condition().value(),
          Map.of("apply", names(List.of(part.desired())), "delete", names(List.of(part.absent()))));
    }
    var fields = new LinkedHashMap<String, Object>();
    fields.put("parts", parts);
    fields.put("enoughNodes", wanted.enoughNodes());
    fields.put("reserved", wanted.reserved().stream().sorted().toList());
    return fields;
  }

  private static Map<String, Object> request(Optional<String> request) {
    var fields = new LinkedHashMap<String, Object>();
    request.ifPresent(text -> fields.put("request", text));
    return fields;
  }

  private static Map<String, Object> drills(Action.KeepDrills wanted) {
    var fields = new LinkedHashMap<String, Object>();
    fields.put("store", wanted.order().store().place());
    wanted.order().newest().ifPresent(time -> fields.put("newest", time.toString()));
    wanted.pod().ifPresent(pod -> fields.put("pod", pod.target().backup()));
    return fields;
  }

  private static Map<String, Object> etcd(Action.KeepEtcd wanted) {
    var fields = new LinkedHashMap<String, Object>();
    fields.put(
        "members", wanted.access().members().stream().map(m -> m.host() + ":" + m.port()).toList());
    fields.put("readyPods", wanted.pods().names().stream().sorted().toList());
    wanted
        .recorded()
        .ifPresent(identity ->
            fields.put("recorded", "%s %s".formatted(identity.cluster(), identity.mark())));
    fields.put("mark", wanted.mark());
    fields.put("maintained", wanted.maintained());
    fields.put("quota", wanted.quota());
    wanted.capacity().ifPresent(capacity -> fields.put("capacity", capacity));
    wanted.defragmented().ifPresent(time -> fields.put("defragmented", time.toString()));
    wanted.defragmentationTried().ifPresent(time -> fields.put("tried", time.toString()));
    if (!wanted.changes().equals(MemberChanges.NONE)) {
      fields.put("changes", wanted.changes().toString());
    }
    return fields;
  }

  private static String hostedFileName(HasMetadata object) {
    var namespace = object.getMetadata().getNamespace();
    return "hosted-%s%s"
        .formatted(namespace == null ? "" : namespace + "-", fileName(object).replace(':', '_'));
  }

  private static List<String> names(List<? extends List<? extends HasMetadata>> objects) {
    return objects.stream()
        .flatMap(List::stream)
        .map(o -> "%s %s".formatted(o.getKind(), o.getMetadata().getName()))
        .toList();
  }

  private static String fileName(HasMetadata object) {
    return "%s-%s.yaml"
        .formatted(object.getKind().toLowerCase(Locale.ROOT), object.getMetadata().getName());
  }

  /** Secrets as people write them, so that a review can read them. */
  private static HasMetadata readable(HasMetadata object) {
    if (!(object instanceof Secret secret)) {
      return object;
    }
    var copy = Manifests.copy(secret);
    var text = new TreeMap<String, String>();
    secret
        .getData()
        .forEach((key, value) ->
            text.put(key, new String(Base64.getDecoder().decode(value), StandardCharsets.UTF_8)));
    copy.setStringData(text);
    copy.setData(null);
    return copy;
  }

  private static Map<String, String> read(Path folder) throws IOException {
    var files = new TreeMap<String, String>();
    try (var paths = Files.list(folder)) {
      for (var path : paths.toList()) {
        var name = path.getFileName().toString();
        if (!INPUT.contains(name)) {
          files.put(name, Files.readString(path));
        }
      }
    }
    return files;
  }

  private static void write(Path folder, Map<String, String> files) throws IOException {
    for (var name : read(folder).keySet()) {
      if (!files.containsKey(name)) {
        Files.delete(folder.resolve(name));
      }
    }
    for (var file : files.entrySet()) {
      Files.writeString(folder.resolve(file.getKey()), file.getValue());
    }
  }

  private static String difference(Map<String, String> wanted, Map<String, String> actual) {
    var names = new TreeSet<>(wanted.keySet());
    names.addAll(actual.keySet());
    var text = new StringBuilder();
    for (var name : names) {
      if (!actual.containsKey(name)) {
        text.append("%s is no longer wanted%n".formatted(name));
      } else if (!wanted.containsKey(name)) {
        text.append("%s is new:%n%s".formatted(name, actual.get(name).indent(2)));
      } else if (!wanted.get(name).equals(actual.get(name))) {
        text.append("%s:%n%s".formatted(name, Difference.of(wanted.get(name), actual.get(name))));
      }
    }
    return text.toString();
  }
}
