package dev.hcp.e2e.contract;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import com.fasterxml.jackson.databind.node.TextNode;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.function.BooleanSupplier;
import java.util.function.Supplier;

/**
 * Rules that can only be tried by doing something to a control plane. What is changed is changed
 * back, also when a rule is broken.
 */
final class Trials {
  private static final ObjectMapper JSON = new ObjectMapper();
  static final String PAUSED_ANNOTATION = "cluster.x-k8s.io/paused";
  static final String DRY_RUN_ANNOTATION = "topology.cluster.x-k8s.io/dry-run";
  private static final String TEMPLATE_NAME = "contract-check";

  /** What control planes write, without what the cluster itself keeps writing to. */
  private static final List<String> WRITTEN = List.of("Secret", "ConfigMap", "Service");

  private final Snapshot snapshot;
  private final Subject subject;
  private final Management management;
  private final Patience patience;
  private final OptionalInt otherReplicas;
  private final Address controlPlane;
  private final Address kubeconfig;

  /**
   * Tries nothing yet.
   *
   * @param otherReplicas to how many replicas the control plane can be scaled for a while
   */
  Trials(Snapshot snapshot, Management management, Patience patience, OptionalInt otherReplicas) {
    this.snapshot = snapshot;
    this.subject = snapshot.subject();
    this.management = management;
    this.patience = patience;
    this.otherReplicas = otherReplicas;
    this.controlPlane = Reading.controlPlane(subject, snapshot.cluster());
    this.kubeconfig = Address.secret(subject.namespace(), subject.cluster() + "-kubeconfig");
  }

  /** All rules that trials decide. */
  static List<Rule> rules() {
    return List.of(
        rule("VER-6", Level.CONDITIONAL, "A version without v gets one (by dry run)"),
        rule("TPL-5", Level.CONDITIONAL, "spec.template.spec of a template cannot be changed"),
        rule(
            "TPL-6",
            Level.CONDITIONAL,
            "The topology controller may try out a change of it: dry run with annotation "
                + DRY_RUN_ANNOTATION),
        rule(
            "TPL-7",
            Level.CONDITIONAL,
            "What is applied again as it is stays as it is: the topology controller sees no"
                + " difference"),
        rule("IDL-1", Level.CONDITIONAL, "Nothing is written while nothing happens"),
        rule(
            "PAU-1",
            Level.OPTIONAL,
            "Annotation " + PAUSED_ANNOTATION + " shows as condition Paused"),
        rule("PAU-2", Level.OPTIONAL, "Nothing is written while the control plane is paused"),
        rule("PAU-3", Level.OPTIONAL, "It is worked on again afterwards"),
        rule(
            "BAC-1",
            Level.CONDITIONAL,
            "Labels of the kubeconfig Secret come back, or cannot be removed"),
        rule(
            "BAC-2",
            Level.CONDITIONAL,
            "Owners of the kubeconfig Secret come back, or cannot be removed"),
        rule("BAC-3", Level.CONDITIONAL, "Finalizers of the control plane come back"),
        rule("BAC-4", Level.CONDITIONAL, "The control plane lives through the loss of its owner"),
        rule(
            "REP-5",
            Level.CONDITIONAL,
            "Subresource scale changes the number of replicas, there and back"));
  }

  private static Rule rule(String id, Level level, String text) {
    return new Rule(id, level, text);
  }

  /** Tries all of them, one after the other. */
  List<Finding> run() {
    var trials = new HashMap<String, Supplier<Verdict>>();
    trials.put("VER-6", this::version);
    trials.put("IDL-1", this::idle);
    trials.put("BAC-1", this::labels);
    trials.put("BAC-2", this::owners);
    trials.put("BAC-3", this::finalizers);
    trials.put("BAC-4", this::ownerOfTheControlPlane);
    trials.put("REP-5", this::scaling);
    trials.put("TPL-7", this::appliedAgain);
    var together = new HashMap<String, Verdict>();
    var findings = new ArrayList<Finding>();
    for (var rule : rules()) {
      if (rule.id().equals("TPL-5")) {
        together.putAll(template());
      } else if (rule.id().equals("PAU-1")) {
        together.putAll(pause());
      }
      var trial = trials.get(rule.id());
      findings.add(
          new Finding(
              rule,
              trial == null
                  ? together.getOrDefault(rule.id(), Verdict.fail("it could not be tried"))
                  : trial.get()));
    }
    return findings;
  }

  private Verdict version() {
    var version = live().at("/spec/version").asText();
    if (!version.startsWith("v")) {
      return Verdict.notApplicable("spec.version is '%s'".formatted(version));
    }
    var patch = JSON.createObjectNode();
    patch.putObject("spec").put("version", version.substring(1));
    var reply = management.patch(controlPlane, patch, true);
    return new Look()
        .at(
            reply.object().at("/spec/version").asText().equals(version),
            "%s without v is %s; it is %s then"
                .formatted(version, reply.words(), Look.shown(reply.object().at("/spec/version"))),
            version)
        .verdict();
  }

  private Map<String, Verdict> template() {
    if (snapshot.templateDefinition().isMissingNode()) {
      var none = Verdict.notApplicable("there is no " + subject.templateKind());
      return Map.of("TPL-5", none, "TPL-6", none);
    }
    var template = templateOfTheControlPlane();
    var address = Address.of(template);
    var created = management.create(template);
    try {
      if (!created.isAccepted()) {
        var why = Verdict.fail("a template like the control plane is " + created.words());
        return Map.of("TPL-5", why, "TPL-6", why);
      }
      return changed(template.at("/spec/template/spec"))
          .map(change -> tried(address, change))
          .orElseGet(() -> {
            var none = Verdict.notApplicable("spec of the control plane has no text to change");
            return Map.of("TPL-5", none, "TPL-6", none);
          });
    } finally {
      management.delete(address);
    }
  }

  private Map<String, Verdict> tried(Address address, JsonNode change) {
    var patch = JSON.createObjectNode();
    patch.putObject("spec").putObject("template").set("spec", change);
    var plain = management.patch(address, patch, true);
    patch.putObject("metadata").putObject("annotations").put(DRY_RUN_ANNOTATION, "");
    var tried = management.patch(address, patch, true);
    return Map.of(
        "TPL-5",
        new Look()
            .at(!plain.isAccepted(), "change %s is %s".formatted(change, plain.words()), "refused")
            .verdict(),
        "TPL-6",
        new Look()
            .at(tried.isAccepted(), "change %s is %s".formatted(change, tried.words()), "accepted")
            .verdict());
  }

  /** What a template can have of the spec of the control plane. */
  private JsonNode templateOfTheControlPlane() {
    var known = snapshot.templateSchema("spec.template.spec").path("properties");
    var template = JSON.createObjectNode();
    template.put("apiVersion", subject.apiVersion());
    template.put("kind", subject.templateKind());
    var metadata = template.putObject("metadata");
    metadata.put("name", TEMPLATE_NAME);
    metadata.put("namespace", subject.namespace());
    var spec = template.putObject("spec").putObject("template").putObject("spec");
    for (var field : live().path("spec").properties()) {
      if (known.has(field.getKey())) {
        spec.set(field.getKey(), field.getValue());
      }
    }
    return template;
  }

  /** A change of the first text that is free: another name. */
  private static Optional<JsonNode> changed(JsonNode spec) {
    for (var field : spec.properties()) {
      var value = field.getValue();
      Optional<JsonNode> inner =
          field.getKey().equals("name") && value.isTextual()
              ? Optional.of(TextNode.valueOf(value.asText() + "-other"))
              : value.isObject() ? changed(value) : Optional.empty();
      if (inner.isPresent()) {
        var change = JSON.createObjectNode();
        change.set(field.getKey(), inner.get());
        return Optional.of(change);
      }
    }
    return Optional.empty();
  }

  private Verdict appliedAgain() {
    var live = live();
    var object = JSON.createObjectNode();
    object.put("apiVersion", subject.apiVersion());
    object.put("kind", subject.kind());
    var metadata = object.putObject("metadata");
    metadata.put("name", controlPlane.name());
    metadata.put("namespace", controlPlane.namespace());
    object.set("spec", live.path("spec"));
    var reply = management.dryApply(controlPlane, object);
    return new Look()
        .at(
            reply.object().path("spec").equals(live.path("spec"))
                && reply
                    .object()
                    .at("/metadata/generation")
                    .equals(live.at("/metadata/generation")),
            "the same spec is %s%s"
                .formatted(
                    reply.words(),
                    reply.object().path("spec").equals(live.path("spec"))
                        ? ", and is the same then"
                        : ", and is another then: " + Look.shown(reply.object().path("spec"))),
            "the same spec and generation")
        .verdict();
  }

  /** What happened before may still have its consequences for a while. */
  private Verdict idle() {
    var restless = new TreeSet<String>();
    boolean quiet =
        patience.until(() -> {
          var before = versions();
          restless.clear();
          return patience.throughout(() -> {
            restless.addAll(changes(before, versions()));
            return restless.isEmpty();
          });
        });
    return new Look()
        .at(
            quiet,
            "%d objects watched for %d s, changed: %s"
                .formatted(versions().size(), patience.window().toSeconds(), restless),
            "none")
        .verdict();
  }

  private Map<String, Verdict> pause() {
    var verdicts = new HashMap<String, Verdict>();
    var label = SecretRules.CLUSTER_LABEL;
    annotate(PAUSED_ANNOTATION, TextNode.valueOf("true"));
    Management.Reply removal;
    try {
      boolean shown = patience.until(() -> paused().equals("True"));
      verdicts.put(
          "PAU-1", new Look().at(shown, "Paused is '%s'".formatted(paused()), "True").verdict());
      var before = versions();
      removal = removeLabel(label);
      if (removal.isAccepted()) {
        before.put(
            "Secret " + kubeconfig.name(),
            removal.object().at("/metadata/resourceVersion").asText());
      }
      boolean quiet = patience.throughout(() -> versions().equals(before));
      verdicts.put(
          "PAU-2",
          new Look()
              .at(
                  quiet,
                  "a label of Secret %s was taken away (%s), and for %d s changed: %s"
                      .formatted(
                          kubeconfig.name(),
                          removal.words(),
                          patience.window().toSeconds(),
                          changes(before, versions())),
                  "none")
              .verdict());
    } finally {
      annotate(PAUSED_ANNOTATION, JSON.nullNode());
    }
    boolean back = patience.until(() -> hasLabel(label) && !paused().equals("True"));
    verdicts.put(
        "PAU-3",
        new Look()
            .at(
                back,
                "the label is %s, Paused is '%s'"
                    .formatted(hasLabel(label) ? "back" : "not back", paused()),
                "the label is back, Paused is not True")
            .verdict());
    return verdicts;
  }

  private Verdict labels() {
    var before = snapshot.secret(kubeconfig.name()).at("/metadata/labels");
    var reply = removeLabel(SecretRules.CLUSTER_LABEL);
    return back(
        reply,
        () -> management.get(kubeconfig).at("/metadata/labels").equals(before),
        () -> "labels are " + management.get(kubeconfig).at("/metadata/labels"));
  }

  private Verdict owners() {
    var before = management.get(kubeconfig).at("/metadata/ownerReferences");
    if (before.isMissingNode() || before.isEmpty()) {
      return Verdict.notApplicable("the Secret has no owner");
    }
    var patch = JSON.createObjectNode();
    patch.putObject("metadata").putNull("ownerReferences");
    return back(
        management.patch(kubeconfig, patch, false),
        () -> uids(management.get(kubeconfig).at("/metadata/ownerReferences")).equals(uids(before)),
        () -> "owners are " + management.get(kubeconfig).at("/metadata/ownerReferences"));
  }

  private Verdict finalizers() {
    var before = live().at("/metadata/finalizers");
    if (before.isMissingNode() || before.isEmpty()) {
      return Verdict.notApplicable("the control plane has no finalizer");
    }
    var patch = JSON.createObjectNode();
    patch.putObject("metadata").putNull("finalizers");
    return back(
        management.patch(controlPlane, patch, false),
        () -> live().at("/metadata/finalizers").equals(before),
        () -> "finalizers are " + live().at("/metadata/finalizers"));
  }

  private Verdict ownerOfTheControlPlane() {
    var before = live().at("/metadata/ownerReferences");
    var patch = JSON.createObjectNode();
    patch.putObject("metadata").putNull("ownerReferences");
    return back(
        management.patch(controlPlane, patch, false),
        () ->
            uids(live().at("/metadata/ownerReferences")).equals(uids(before))
                && Snapshot.condition(live(), "Available")
                    .path("status")
                    .equals(
                        Snapshot.condition(snapshot.controlPlane(), "Available").path("status")),
        () ->
            "owners are %s, Available is %s"
                .formatted(
                    live().at("/metadata/ownerReferences"),
                    Look.shown(Snapshot.condition(live(), "Available").path("status"))));
  }

  private Verdict scaling() {
    if (!SpecRules.hasReplicas(snapshot)) {
      return SpecRules.noReplicas();
    }
    var scale = management.scale(controlPlane);
    int before = scale.at("/spec/replicas").asInt();
    if (otherReplicas.isEmpty()) {
      return Verdict.notApplicable("no other number of replicas was given");
    }
    int other = otherReplicas.getAsInt();
    var look =
        new Look()
            .at(
                before > 0
                    && !scale.at("/status/selector").asText().isEmpty()
                    && scale.at("/status/replicas").asInt() == before,
                "subresource scale is %s, status %s"
                    .formatted(scale.path("spec"), scale.path("status")),
                "replicas, the same in status, and a selector");
    try {
      var reply = management.scale(controlPlane, other);
      boolean reached = reply.isAccepted() && patience.until(() -> counts(other));
      look.at(
          reached,
          "%d instead of %d is %s, status.replicas is %s"
              .formatted(other, before, reply.words(), live().at("/status/replicas")),
          String.valueOf(other));
    } finally {
      var _ = management.scale(controlPlane, before);
    }
    boolean back = patience.until(() -> counts(before));
    return look.at(
            back,
            "and back: status.replicas is %s".formatted(live().at("/status/replicas")),
            String.valueOf(before))
        .verdict();
  }

  private boolean counts(int wanted) {
    var status = live().path("status");
    return List.of("replicas", "readyReplicas", "availableReplicas", "upToDateReplicas").stream()
        .allMatch(count -> status.path(count).asInt() == wanted);
  }

  /** A refusal protects as well as a repair does. */
  private Verdict back(Management.Reply removal, BooleanSupplier isBack, Supplier<String> seen) {
    if (!removal.isAccepted()) {
      return Verdict.pass("removal is " + removal.words());
    }
    boolean back = patience.until(isBack);
    return new Look().at(back, seen.get(), "what there was before").verdict();
  }

  private JsonNode live() {
    return management.get(controlPlane);
  }

  private String paused() {
    return Snapshot.condition(live(), "Paused").path("status").asText();
  }

  private boolean hasLabel(String label) {
    return management
        .get(kubeconfig)
        .at("/metadata/labels")
        .path(label)
        .asText()
        .equals(subject.cluster());
  }

  private Management.Reply removeLabel(String label) {
    var patch = JSON.createObjectNode();
    patch.putObject("metadata").putObject("labels").putNull(label);
    return management.patch(kubeconfig, patch, false);
  }

  private void annotate(String key, JsonNode value) {
    ObjectNode patch = JSON.createObjectNode();
    patch.putObject("metadata").putObject("annotations").set(key, value);
    var reply = management.patch(controlPlane, patch, false);
    if (!reply.isAccepted()) {
      throw new IllegalStateException(
          "annotation %s of the control plane is %s".formatted(key, reply.words()));
    }
  }

  private static Set<String> uids(JsonNode owners) {
    var uids = new TreeSet<String>();
    owners.forEach(owner -> uids.add(owner.path("uid").asText()));
    return uids;
  }

  /** Resource versions of all that the provider writes. */
  private Map<String, String> versions() {
    var versions = new TreeMap<String, String>();
    var live = live();
    versions.put(
        subject.kind() + " " + Snapshot.name(live), live.at("/metadata/resourceVersion").asText());
    var known = new HashSet<String>();
    snapshot.secrets().forEach(secret -> known.add(Snapshot.name(secret)));
    for (var kind : WRITTEN) {
      for (var object : management.list("v1", kind, subject.namespace(), "")) {
        if (object.at("/metadata/labels").has(SecretRules.CLUSTER_LABEL)
            ? object
                .at("/metadata/labels")
                .path(SecretRules.CLUSTER_LABEL)
                .asText()
                .equals(subject.cluster())
            : known.contains(Snapshot.name(object))) {
          versions.put(
              kind + " " + Snapshot.name(object), object.at("/metadata/resourceVersion").asText());
        }
      }
    }
    return versions;
  }

  private static List<String> changes(Map<String, String> before, Map<String, String> after) {
    var names = new TreeSet<String>(before.keySet());
    names.addAll(after.keySet());
    names.removeIf(name -> before.getOrDefault(name, "").equals(after.getOrDefault(name, "")));
    return List.copyOf(names);
  }
}
