package dev.hcp.e2e.contract;

import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;

/** Rules about the endpoint, the number of replicas, the version and rollouts. */
final class SpecRules {
  private static final List<String> COUNTS =
      List.of("replicas", "readyReplicas", "availableReplicas", "upToDateReplicas");
  private static final int LONGEST_HOST = 512;
  private static final int LONGEST_VERSION = 256;
  private static final int HIGHEST_PORT = 65_535;

  private SpecRules() {}

  static List<ReadRule> all() {
    return List.of(
        ReadRule.of(
            "END-1",
            Level.CONDITIONAL,
            "spec.controlPlaneEndpoint has host (1 to 512 characters) and port (1 to 65535)",
            SpecRules::endpointSchema),
        ReadRule.of(
            "END-2",
            Level.OPTIONAL,
            "spec.controlPlaneEndpoint is not accepted without a field",
            snapshot ->
                providesEndpoint(snapshot)
                    ? new Look()
                        .equal(snapshot.schema("spec.controlPlaneEndpoint"), "/minProperties", 1)
                        .verdict()
                    : noEndpoint()),
        ReadRule.of(
            "END-3",
            Level.CONDITIONAL,
            "The endpoint is published, and the Cluster has the same",
            SpecRules::endpoint),
        ReadRule.of(
            "REP-1",
            Level.CONDITIONAL,
            "spec.replicas is an optional int32",
            snapshot ->
                hasReplicas(snapshot)
                    ? new Look()
                        .equal(snapshot.schema("spec.replicas"), "/format", "int32")
                        .at(
                            !ResourceRules.has(
                                snapshot.schema("spec").path("required"), "replicas"),
                            "required in spec are "
                                + Look.shown(snapshot.schema("spec").path("required")),
                            "replicas not among them")
                        .verdict()
                    : noReplicas()),
        ReadRule.of(
            "REP-2",
            Level.CONDITIONAL,
            "status has selector, replicas, readyReplicas, availableReplicas, upToDateReplicas",
            SpecRules::countsSchema),
        ReadRule.of(
            "REP-3",
            Level.CONDITIONAL,
            "Subresource scale reads spec.replicas, status.replicas and status.selector",
            SpecRules::scale),
        ReadRule.of(
            "REP-4",
            Level.CONDITIONAL,
            "The counts are true: those that can be, and as many as the selector selects",
            SpecRules::counts),
        ReadRule.of(
            "VER-1",
            Level.CONDITIONAL,
            "spec.version is required, a string of 1 to 256 characters",
            SpecRules::versionSchema),
        ReadRule.of(
            "VER-2",
            Level.CONDITIONAL,
            "status.versions is a list by version, with replicas; or there is status.version",
            SpecRules::versionsSchema),
        ReadRule.of(
            "VER-3",
            Level.OPTIONAL,
            "status.versions takes 1 to 100 entries, and status.version is kept for older readers",
            SpecRules::versionsLimits),
        ReadRule.of(
            "VER-4",
            Level.CONDITIONAL,
            "spec.version is semantic and begins with v",
            snapshot -> {
              var version = snapshot.controlPlane().at("/spec/version").asText();
              return hasVersion(snapshot)
                  ? new Look()
                      .at(
                          version.startsWith("v") && SemanticVersion.tryParse(version).isPresent(),
                          "spec.version is '%s'".formatted(version),
                          "a semantic version with a v before it")
                      .verdict()
                  : noVersion();
            }),
        ReadRule.of(
            "VER-5",
            Level.CONDITIONAL,
            "The versions that serve are reported, oldest first",
            SpecRules::versions),
        ReadRule.of(
            "ROL-1",
            Level.OPTIONAL,
            "spec.rollout.after is a time",
            snapshot -> {
              var after = snapshot.schema("spec.rollout.after");
              var format = after.path("format").asText();
              var rule = after.at("/x-kubernetes-validations/0/message").asText();
              return new Look()
                  .at(
                      format.equals("date-time") || !rule.isEmpty(),
                      rule.isEmpty() ? "format is '%s'".formatted(format) : rule,
                      "format date-time, or a rule that says what a time is")
                  .verdict();
            }));
  }

  private static boolean providesEndpoint(Snapshot snapshot) {
    return !snapshot.schema("spec.controlPlaneEndpoint").isMissingNode();
  }

  private static Verdict noEndpoint() {
    return Verdict.notApplicable("the kind has no spec.controlPlaneEndpoint: others provide it");
  }

  static boolean hasReplicas(Snapshot snapshot) {
    return !snapshot.schema("spec.replicas").isMissingNode();
  }

  static Verdict noReplicas() {
    return Verdict.notApplicable("the kind has no spec.replicas");
  }

  private static boolean hasVersion(Snapshot snapshot) {
    return !snapshot.schema("spec.version").isMissingNode();
  }

  private static Verdict noVersion() {
    return Verdict.notApplicable("the kind has no spec.version");
  }

  private static Verdict endpointSchema(Snapshot snapshot) {
    if (!providesEndpoint(snapshot)) {
      return noEndpoint();
    }
    var host = snapshot.schema("spec.controlPlaneEndpoint.host");
    var port = snapshot.schema("spec.controlPlaneEndpoint.port");
    return new Look()
        .equal(host, "/type", "string")
        .equal(host, "/minLength", 1)
        .equal(host, "/maxLength", LONGEST_HOST)
        .equal(port, "/type", "integer")
        .equal(port, "/minimum", 1)
        .equal(port, "/maximum", HIGHEST_PORT)
        .verdict();
  }

  private static Verdict endpoint(Snapshot snapshot) {
    if (!providesEndpoint(snapshot)) {
      return noEndpoint();
    }
    var own = snapshot.controlPlane().at("/spec/controlPlaneEndpoint");
    return new Look()
        .present(snapshot.controlPlane(), "/spec/controlPlaneEndpoint/host")
        .present(snapshot.controlPlane(), "/spec/controlPlaneEndpoint/port")
        .at(
            own.equals(snapshot.cluster().at("/spec/controlPlaneEndpoint")),
            "that of the Cluster is "
                + Look.shown(snapshot.cluster().at("/spec/controlPlaneEndpoint")),
            Look.shown(own))
        .verdict();
  }

  private static Verdict countsSchema(Snapshot snapshot) {
    if (!hasReplicas(snapshot)) {
      return noReplicas();
    }
    var look = new Look().equal(snapshot.schema("status.selector"), "/type", "string");
    COUNTS.forEach(count -> {
      var schema = snapshot.schema("status." + count);
      look.at(
          schema.path("format").asText().equals("int32"),
          "status.%s is %s".formatted(count, Look.shown(schema.path("format"))),
          "int32");
    });
    return look.verdict();
  }

  private static Verdict scale(Snapshot snapshot) {
    if (!hasReplicas(snapshot)) {
      return noReplicas();
    }
    var scale = ResourceRules.version(snapshot).at("/subresources/scale");
    return new Look()
        .equal(scale, "/specReplicasPath", ".spec.replicas")
        .equal(scale, "/statusReplicasPath", ".status.replicas")
        .equal(scale, "/labelSelectorPath", ".status.selector")
        .verdict();
  }

  private static Verdict counts(Snapshot snapshot) {
    if (!hasReplicas(snapshot)) {
      return noReplicas();
    }
    var status = snapshot.controlPlane().path("status");
    var look = new Look().present(status, "/selector");
    COUNTS.forEach(count -> look.present(status, "/" + count));
    int replicas = status.path("replicas").asInt();
    int ready = status.path("readyReplicas").asInt();
    long machines = snapshot.machines().size();
    look.at(
        status.path("availableReplicas").asInt() <= ready
            && ready <= replicas
            && status.path("upToDateReplicas").asInt() <= replicas,
        "%d replicas, %d of them ready".formatted(replicas, ready),
        "available ones among the ready, and these and those that are up to date among all");
    snapshot
        .pods()
        .ifPresent(pods ->
            look.at(
                replicas == pods || (snapshot.hasMachines() && machines >= replicas),
                "the selector selects %d pods".formatted(pods),
                "%d, or Machines".formatted(replicas)));
    return look.verdict();
  }

  private static Verdict versionSchema(Snapshot snapshot) {
    if (!hasVersion(snapshot)) {
      return noVersion();
    }
    var schema = snapshot.schema("spec.version");
    return new Look()
        .equal(schema, "/type", "string")
        .equal(schema, "/minLength", 1)
        .equal(schema, "/maxLength", LONGEST_VERSION)
        .at(
            ResourceRules.has(snapshot.schema("spec").path("required"), "version"),
            "required in spec are " + Look.shown(snapshot.schema("spec").path("required")),
            "version among them")
        .verdict();
  }

  private static Verdict versionsSchema(Snapshot snapshot) {
    if (!hasVersion(snapshot)) {
      return noVersion();
    }
    var versions = snapshot.schema("status.versions");
    if (versions.isMissingNode()) {
      return new Look().equal(snapshot.schema("status.version"), "/type", "string").verdict();
    }
    var look =
        new Look()
            .equal(versions, "/x-kubernetes-list-type", "map")
            .equal(versions, "/x-kubernetes-list-map-keys", "[\"version\"]")
            .equal(versions, "/items/properties/version/type", "string");
    return (hasReplicas(snapshot)
            ? look.equal(versions, "/items/properties/replicas/format", "int32")
            : look)
        .verdict();
  }

  private static Verdict versionsLimits(Snapshot snapshot) {
    var versions = snapshot.schema("status.versions");
    return hasVersion(snapshot)
        ? new Look()
            .equal(versions, "/minItems", 1)
            .equal(versions, "/maxItems", 100)
            .equal(snapshot.schema("status.version"), "/type", "string")
            .verdict()
        : noVersion();
  }

  private static Verdict versions(Snapshot snapshot) {
    if (!hasVersion(snapshot)) {
      return noVersion();
    }
    var status = snapshot.controlPlane().path("status");
    if (!status.has("versions")) {
      return new Look().present(status, "/version").verdict();
    }
    var entries = Snapshot.each(status.path("versions")).toList();
    var parsed =
        entries.stream()
            .map(entry -> SemanticVersion.tryParse(entry.path("version").asText()))
            .flatMap(Optional::stream)
            .toList();
    var look =
        new Look()
            .at(
                !entries.isEmpty()
                    && parsed.size() == entries.size()
                    && parsed.equals(parsed.stream().sorted().toList()),
                "status.versions is " + Look.shown(status.path("versions")),
                "semantic versions, oldest first");
    if (hasReplicas(snapshot)) {
      look.at(
          entries.stream().allMatch(entry -> entry.path("replicas").asInt() > 0),
          "replicas of each are " + entries.stream().map(e -> e.path("replicas")).toList(),
          "how many serve it");
    }
    return (status.has("version")
            ? look.at(
                Stream.ofNullable(status.path("version").asText())
                    .flatMap(text -> SemanticVersion.tryParse(text).stream())
                    .anyMatch(lowest -> !parsed.isEmpty() && lowest.equals(parsed.getFirst())),
                "status.version is " + status.path("version").asText(),
                "the oldest of them")
            : look)
        .verdict();
  }
}
