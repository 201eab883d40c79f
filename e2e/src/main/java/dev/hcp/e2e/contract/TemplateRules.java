package dev.hcp.e2e.contract;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.List;
import java.util.function.Function;

/** Rules about templates, of which ClusterClasses are made. */
final class TemplateRules {
  private TemplateRules() {}

  static List<ReadRule> all() {
    return List.of(
        ReadRule.of(
            "TPL-1",
            Level.CONDITIONAL,
            "Templates have spec.template.spec, which is required",
            where(snapshot ->
                new Look()
                    .at(
                        !snapshot.templateSchema("spec.template.spec").isMissingNode(),
                        "spec.template has " + fields(snapshot, "spec.template"),
                        "spec")
                    .at(
                        ResourceRules.has(
                            snapshot.templateSchema("spec").path("required"), "template"),
                        "required in spec are "
                            + Look.shown(snapshot.templateSchema("spec").path("required")),
                        "template")
                    .verdict())),
        ReadRule.of(
            "TPL-2",
            Level.OPTIONAL,
            "Templates hand on labels and annotations of spec.template.metadata",
            where(snapshot -> {
              var metadata = snapshot.templateSchema("spec.template.metadata").path("properties");
              return new Look()
                  .at(
                      metadata.has("labels") && metadata.has("annotations"),
                      "spec.template.metadata has " + ResourceRules.names(metadata),
                      "labels and annotations")
                  .verdict();
            })),
        ReadRule.of(
            "TPL-3",
            Level.OPTIONAL,
            "Templates leave out what belongs to one cluster: endpoint, version and replicas",
            where(snapshot -> {
              var spec = snapshot.templateSchema("spec.template.spec").path("properties");
              return new Look()
                  .at(
                      !spec.isMissingNode()
                          && !spec.has("controlPlaneEndpoint")
                          && !spec.has("version")
                          && !spec.has("replicas"),
                      "spec.template.spec has " + ResourceRules.names(spec),
                      "none of controlPlaneEndpoint, version and replicas")
                  .verdict();
            })),
        ReadRule.of(
            "TPL-4",
            Level.CONDITIONAL,
            "What templates and control planes have in common is the same in both",
            where(TemplateRules::sameFields)));
  }

  private static Function<Snapshot, Verdict> where(Function<Snapshot, Verdict> rule) {
    return snapshot ->
        snapshot.templateDefinition().isMissingNode()
            ? Verdict.notApplicable(
                "there is no %s, so no support for ClusterClasses"
                    .formatted(snapshot.subject().templateKind()))
            : rule.apply(snapshot);
  }

  private static String fields(Snapshot snapshot, String path) {
    return ResourceRules.names(snapshot.templateSchema(path).path("properties"));
  }

  /** The topology controller copies them by name. */
  private static Verdict sameFields(Snapshot snapshot) {
    var look = new Look();
    var template = snapshot.templateSchema("spec.template.spec").path("properties");
    var own = snapshot.schema("spec").path("properties");
    template
        .fieldNames()
        .forEachRemaining(field ->
            look.at(
                own.path(field).path("type").equals(template.path(field).path("type")),
                "%s is %s".formatted(field, type(own.path(field))),
                type(template.path(field))));
    return look.verdict();
  }

  private static String type(JsonNode schema) {
    return schema.isMissingNode() ? "not known" : schema.path("type").asText("of any type");
  }
}
