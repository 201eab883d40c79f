package dev.hcp.e2e.contract;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;

/** Rules about the kinds themselves. */
final class ResourceRules {
  static final String CONTRACT_LABEL = "cluster.x-k8s.io/v1beta2";
  private static final Set<String> WRITING =
      Set.of("create", "delete", "get", "list", "patch", "update", "watch");
  private static final Set<String> CHANGING = Set.of("get", "list", "patch", "update", "watch");

  private ResourceRules() {}

  static List<ReadRule> all() {
    return List.of(
        ReadRule.of(
            "RES-1",
            Level.MANDATORY,
            "All kinds are namespaced",
            snapshot ->
                each(
                    snapshot,
                    (look, definition) -> look.equal(definition, "/spec/scope", "Namespaced"))),
        ReadRule.of(
            "RES-2",
            Level.MANDATORY,
            "All kinds have apiVersion, kind and metadata",
            ResourceRules::typeMeta),
        ReadRule.of(
            "RES-3",
            Level.MANDATORY,
            "The list of a kind is called <Kind>List",
            snapshot ->
                each(
                    snapshot,
                    (look, definition) ->
                        look.equal(
                            definition,
                            "/spec/names/listKind",
                            definition.at("/spec/names/kind").asText() + "List"))),
        ReadRule.of(
            "RES-4",
            Level.MANDATORY,
            "A definition is called as Cluster API works it out from its kind",
            snapshot ->
                each(
                    snapshot,
                    (look, definition) ->
                        look.equal(
                            definition,
                            "/metadata/name",
                            snapshot
                                .subject()
                                .definitionName(definition.at("/spec/names/kind").asText())))),
        ReadRule.of(
            "RES-5",
            Level.MANDATORY,
            "Label " + CONTRACT_LABEL + " of a definition names versions that it serves",
            snapshot -> each(snapshot, ResourceRules::contractLabel)),
        ReadRule.of(
            "RES-6",
            Level.CONDITIONAL,
            "Cluster API may work with kinds of another API group, by an aggregated ClusterRole",
            ResourceRules::aggregatedRole),
        ReadRule.of(
            "RES-7",
            Level.OPTIONAL,
            "Kinds are in category cluster-api and have a short name",
            snapshot ->
                each(
                    snapshot,
                    (look, definition) ->
                        look.at(
                                has(definition.at("/spec/names/categories"), "cluster-api"),
                                "spec.names.categories is "
                                    + Look.shown(definition.at("/spec/names/categories")),
                                "cluster-api among them")
                            .present(definition, "/spec/names/shortNames/0"))),
        ReadRule.of(
            "RES-8",
            Level.MANDATORY,
            "Status is a subresource of the control plane",
            snapshot ->
                new Look()
                    .at(
                        version(snapshot).at("/subresources").has("status"),
                        "subresources of version %s are %s"
                            .formatted(
                                snapshot.subject().version(),
                                Look.shown(version(snapshot).at("/subresources"))),
                        "status among them")
                    .verdict()));
  }

  private interface Checked {
    Look check(Look look, JsonNode definition);
  }

  private static Verdict each(Snapshot snapshot, Checked rule) {
    if (snapshot.definition().isMissingNode()) {
      return Verdict.fail(
          "there is no definition %s; wanted: one"
              .formatted(snapshot.subject().definitionName(snapshot.subject().kind())));
    }
    var look = new Look();
    snapshot.definitions().forEach(definition -> rule.check(look, definition));
    return look.verdict();
  }

  private static Verdict typeMeta(Snapshot snapshot) {
    return each(
        snapshot,
        (look, definition) -> {
          var version =
              Snapshot.version(definition, snapshot.subject().version())
                  .at("/schema/openAPIV3Schema/properties");
          var kind = definition.at("/spec/names/kind").asText();
          return look.at(
              version.has("apiVersion") && version.has("kind") && version.has("metadata"),
              "%s %s has fields %s".formatted(kind, snapshot.subject().version(), names(version)),
              "apiVersion, kind and metadata among them");
        });
  }

  private static Look contractLabel(Look look, JsonNode definition) {
    var label = definition.at("/metadata/labels").path(CONTRACT_LABEL).asText();
    var served = new TreeSet<String>();
    Snapshot.each(definition.at("/spec/versions"))
        .filter(version -> version.path("served").asBoolean())
        .forEach(version -> served.add(version.path("name").asText()));
    return look.at(
        !label.isEmpty() && served.containsAll(List.of(label.split("_", -1))),
        "%s: label is '%s', served are %s".formatted(Snapshot.name(definition), label, served),
        "served versions, with _ between them");
  }

  private static Verdict aggregatedRole(Snapshot snapshot) {
    var subject = snapshot.subject();
    if (subject.group().equals(Subject.USUAL_GROUP)) {
      return Verdict.notApplicable("the group is " + Subject.USUAL_GROUP);
    }
    var look = new Look();
    granted(look, snapshot, snapshot.definition(), WRITING);
    granted(look, snapshot, snapshot.templateDefinition(), CHANGING);
    return look.verdict();
  }

  private static void granted(
      Look look, Snapshot snapshot, JsonNode definition, Set<String> wanted) {
    if (definition.isMissingNode()) {
      return;
    }
    var plural = definition.at("/spec/names/plural").asText();
    var verbs = new TreeSet<String>();
    snapshot.roles().stream()
        .flatMap(role -> Snapshot.each(role.path("rules")))
        .filter(rule ->
            has(rule.path("apiGroups"), snapshot.subject().group())
                || has(rule.path("apiGroups"), "*"))
        .filter(rule -> has(rule.path("resources"), plural) || has(rule.path("resources"), "*"))
        .forEach(rule -> Snapshot.each(rule.path("verbs")).forEach(v -> verbs.add(v.asText())));
    look.at(
        verbs.contains("*") || verbs.containsAll(wanted),
        "aggregated ClusterRoles grant %s on %s".formatted(verbs, plural),
        new TreeSet<>(wanted).toString());
  }

  static JsonNode version(Snapshot snapshot) {
    return Snapshot.version(snapshot.definition(), snapshot.subject().version());
  }

  static boolean has(JsonNode list, String value) {
    return Snapshot.each(list).anyMatch(one -> one.asText().equals(value));
  }

  static String names(JsonNode object) {
    var names = new TreeSet<String>();
    object.fieldNames().forEachRemaining(names::add);
    return names.toString();
  }
}
