package dev.hcp.e2e.contract;

import com.fasterxml.jackson.databind.JsonNode;
import java.time.DateTimeException;
import java.time.OffsetDateTime;
import java.util.List;
import java.util.Set;
import java.util.stream.Collectors;

/** Rules about Machines, initialization, conditions and failures. */
final class StatusRules {
  private static final Set<String> STATUSES = Set.of("True", "False", "Unknown");
  private static final List<String> CONDITION_FIELDS =
      List.of("lastTransitionTime", "message", "reason", "status", "type");

  private StatusRules() {}

  static List<ReadRule> all() {
    return List.of(
        ReadRule.of(
            "MAC-1",
            Level.CONDITIONAL,
            "Without Machines of its own, status.externalManagedControlPlane is true",
            snapshot ->
                snapshot.hasMachines()
                    ? Verdict.notApplicable("the control plane has Machines")
                    : new Look()
                        .equal(snapshot.controlPlane(), "/status/externalManagedControlPlane", true)
                        .verdict()),
        ReadRule.of(
            "MAC-2",
            Level.CONDITIONAL,
            "With Machines, spec.machineTemplate says by which infrastructure they are made",
            snapshot ->
                snapshot.hasMachines()
                    ? new Look()
                        .at(
                            !snapshot
                                .schema("spec.machineTemplate.spec.infrastructureRef")
                                .isMissingNode(),
                            "spec.machineTemplate has "
                                + ResourceRules.names(
                                    snapshot.schema("spec.machineTemplate").path("properties")),
                            "spec.infrastructureRef in it")
                        .verdict()
                    : Verdict.notApplicable("the control plane has no Machines")),
        ReadRule.of(
            "INI-1",
            Level.MANDATORY,
            "status.initialization.controlPlaneInitialized is a boolean",
            snapshot ->
                new Look()
                    .equal(
                        snapshot.schema("status.initialization.controlPlaneInitialized"),
                        "/type",
                        "boolean")
                    .verdict()),
        ReadRule.of(
            "INI-2",
            Level.MANDATORY,
            "The control plane says that it is initialized, and so does the Cluster",
            snapshot ->
                new Look()
                    .equal(
                        snapshot.controlPlane(),
                        "/status/initialization/controlPlaneInitialized",
                        true)
                    .equal(
                        snapshot.cluster(), "/status/initialization/controlPlaneInitialized", true)
                    .verdict()),
        ReadRule.of(
            "INI-3",
            Level.MANDATORY,
            "An initialized API server answers the holder of the kubeconfig",
            snapshot ->
                new Look()
                    .at(snapshot.answer().served(), snapshot.answer().detail(), "an answer")
                    .verdict()),
        ReadRule.of(
            "CON-1",
            Level.OPTIONAL,
            "status.conditions is a list by type of the fields of metav1.Condition",
            StatusRules::conditionSchema),
        ReadRule.of(
            "CON-2",
            Level.OPTIONAL,
            "Condition Available is there, and the Cluster shows it as ControlPlaneAvailable",
            StatusRules::available),
        ReadRule.of(
            "CON-3",
            Level.OPTIONAL,
            "Conditions RollingOut, ScalingUp and ScalingDown are there",
            snapshot -> {
              var look = new Look();
              List.of("RollingOut", "ScalingUp", "ScalingDown")
                  .forEach(type ->
                      look.at(
                          STATUSES.contains(status(snapshot.controlPlane(), type)),
                          "%s is %s".formatted(type, shownStatus(snapshot.controlPlane(), type)),
                          "True or False"));
              return look.verdict();
            }),
        ReadRule.of(
            "CON-4",
            Level.OPTIONAL,
            "Condition Paused is there",
            snapshot ->
                new Look()
                    .at(
                        STATUSES.contains(status(snapshot.controlPlane(), "Paused")),
                        "Paused is " + shownStatus(snapshot.controlPlane(), "Paused"),
                        "True or False")
                    .verdict()),
        ReadRule.of(
            "CON-5",
            Level.OPTIONAL,
            "Conditions are whole, and speak of no generation to come",
            StatusRules::wellFormed),
        ReadRule.of(
            "FAI-1",
            Level.OPTIONAL,
            "There are no terminal failures: status.failureReason and failureMessage are not set",
            snapshot -> {
              var status = snapshot.controlPlane().path("status");
              return new Look()
                  .at(
                      !status.has("failureReason") && !status.has("failureMessage"),
                      "failureReason is %s, failureMessage is %s"
                          .formatted(
                              Look.shown(status.path("failureReason")),
                              Look.shown(status.path("failureMessage"))),
                      "conditions instead")
                  .verdict();
            }));
  }

  private static String status(JsonNode object, String condition) {
    return Snapshot.condition(object, condition).path("status").asText();
  }

  private static String shownStatus(JsonNode object, String condition) {
    return Look.shown(Snapshot.condition(object, condition).path("status"));
  }

  private static Verdict conditionSchema(Snapshot snapshot) {
    var conditions = snapshot.schema("status.conditions");
    var required = conditions.at("/items/required");
    return new Look()
        .equal(conditions, "/x-kubernetes-list-type", "map")
        .equal(conditions, "/x-kubernetes-list-map-keys", "[\"type\"]")
        .equal(conditions, "/items/properties/observedGeneration/format", "int64")
        .at(
            CONDITION_FIELDS.stream().allMatch(field -> ResourceRules.has(required, field)),
            "required are " + Look.shown(required),
            CONDITION_FIELDS.toString())
        .verdict();
  }

  private static Verdict available(Snapshot snapshot) {
    var own = status(snapshot.controlPlane(), "Available");
    return new Look()
        .at(STATUSES.contains(own), "Available is '%s'".formatted(own), "True or False")
        .at(
            status(snapshot.cluster(), "ControlPlaneAvailable").equals(own),
            "ControlPlaneAvailable of the Cluster is "
                + shownStatus(snapshot.cluster(), "ControlPlaneAvailable"),
            own)
        .verdict();
  }

  private static Verdict wellFormed(Snapshot snapshot) {
    long generation = snapshot.controlPlane().at("/metadata/generation").asLong();
    var conditions = Snapshot.each(snapshot.controlPlane().at("/status/conditions")).toList();
    var broken =
        conditions.stream()
            .filter(condition ->
                !STATUSES.contains(condition.path("status").asText())
                    || condition.path("reason").asText().isEmpty()
                    || !isTime(condition.path("lastTransitionTime").asText())
                    || condition.path("observedGeneration").asLong() > generation)
            .map(condition -> condition.path("type").asText())
            .collect(Collectors.joining(", "));
    return new Look()
        .at(
            !conditions.isEmpty() && broken.isEmpty(),
            "%d conditions, generation %d%s"
                .formatted(
                    conditions.size(), generation, broken.isEmpty() ? "" : ", broken: " + broken),
            "status, reason, time, and no later generation, of each")
        .verdict();
  }

  private static boolean isTime(String text) {
    try {
      var _ = OffsetDateTime.parse(text);
      return true;
    } catch (DateTimeException _) {
      return false;
    }
  }
}
