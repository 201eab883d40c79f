package dev.hcp.e2e.contract;

import com.fasterxml.jackson.core.JsonPointer;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.MissingNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.hcp.e2e.contract.Management.Reply;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;

/**
 * A provider that keeps the contract in memory, and a management cluster around it. Its manifests
 * can be changed, and it can be given bad habits.
 */
final class FooProvider implements Management {
  static final Subject SUBJECT =
      new Subject(
          "controlplane.foo.example", "v1", "FooControlPlane", "clusters", "foo", Optional.empty());

  /** What a provider should not do. */
  enum Habit {
    FORGETS_LABELS,
    FORGETS_OWNERS,
    FORGETS_FINALIZERS,
    DIES_WITHOUT_OWNER,
    WRITES_WHILE_PAUSED,
    HIDES_PAUSE,
    SLEEPS_ON,
    IS_RESTLESS,
    TAKES_ANY_VERSION,
    LETS_TEMPLATES_CHANGE,
    KNOWS_NO_TOPOLOGY,
    DEFAULTS_ANEW,
    IGNORES_SCALE,
    DOES_NOT_ANSWER
  }

  private final ObjectNode manifests;
  private final Set<Habit> habits = EnumSet.noneOf(Habit.class);
  private final Map<Address, ObjectNode> live = new LinkedHashMap<>();
  private final Set<String> pausedOnce = new HashSet<>();
  private ObjectNode wanted;
  private int version = 1;
  private int pods = 3;

  FooProvider() {
    this.manifests = (ObjectNode) Documents.parse(resource("foo.yaml")).getFirst();
    this.wanted = manifests.deepCopy();
  }

  static String resource(String name) {
    try (InputStream stream =
        Objects.requireNonNull(FooProvider.class.getResourceAsStream(name), name)) {
      return new String(stream.readAllBytes(), StandardCharsets.UTF_8);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** Sets a field of a manifest to a value in YAML. */
  FooProvider set(String pointer, String yaml) {
    var path = JsonPointer.compile(pointer);
    var parent = manifests.at(path.head());
    var value = Documents.parse("value: " + yaml).getFirst().path("value");
    switch (parent) {
      case ObjectNode object -> object.set(path.last().getMatchingProperty(), value);
      case ArrayNode array -> array.set(path.last().getMatchingIndex(), value);
      default -> throw new IllegalArgumentException("nothing at " + pointer);
    }
    return this;
  }

  /** Removes a field of a manifest. */
  FooProvider remove(String pointer) {
    var path = JsonPointer.compile(pointer);
    var parent = (ObjectNode) manifests.at(path.head());
    if (parent.remove(path.last().getMatchingProperty()) == null) {
      throw new IllegalArgumentException("nothing at " + pointer);
    }
    return this;
  }

  /** Replaces text in the components. */
  FooProvider components(String text, String replacement) {
    var components = manifests.path("components").asText();
    if (!components.contains(text)) {
      throw new IllegalArgumentException("no such text: " + text);
    }
    manifests.put("components", components.replace(text, replacement));
    return this;
  }

  /** Gives the Secret another one of the kubeconfigs. */
  FooProvider useKubeconfig(String name) {
    ((ObjectNode) manifests.at("/kubeconfig/data")).set("value", manifests.at("/other/" + name));
    return this;
  }

  FooProvider with(Habit habit) {
    habits.add(habit);
    return this;
  }

  FooProvider withPods(int number) {
    pods = number;
    return this;
  }

  /** Everything is there; what is set from now on has no effect. */
  FooProvider start() {
    wanted = manifests.deepCopy();
    for (var part :
        List.of(
            "definition",
            "templateDefinition",
            "role",
            "cluster",
            "controlPlane",
            "kubeconfig",
            "authority",
            "configMap",
            "machine")) {
      if (wanted.has(part)) {
        var object = (ObjectNode) wanted.path(part).deepCopy();
        live.put(Address.of(object), object);
      }
    }
    return this;
  }

  /** What the rules read, with what is published. */
  Snapshot snapshot() {
    var read = new Reading(SUBJECT, this).read();
    return new Snapshot(
        read.subject(),
        read.definition(),
        read.templateDefinition(),
        read.roles(),
        read.cluster(),
        read.controlPlane(),
        read.secrets(),
        read.configMaps(),
        read.owners(),
        read.machines(),
        read.pods(),
        read.answer(),
        Optional.of(
            new Release(
                wanted.path("components").asText(),
                Documents.parse(wanted.path("components").asText()),
                wanted.path("metadata"))));
  }

  @Override
  public JsonNode get(Address address) {
    reconcile();
    var found = live.get(address);
    return found == null ? MissingNode.getInstance() : found.deepCopy();
  }

  @Override
  public List<JsonNode> list(String apiVersion, String kind, String namespace, String selector) {
    reconcile();
    var found = new ArrayList<JsonNode>();
    if (kind.equals("Pod")) {
      for (int i = 0; i < pods; i++) {
        found.add(MissingNode.getInstance());
      }
    }
    for (var object : live.values()) {
      var address = Address.of(object);
      if (address.apiVersion().equals(apiVersion)
          && address.kind().equals(kind)
          && address.namespace().equals(namespace)
          && selects(selector, object)) {
        found.add(object.deepCopy());
      }
    }
    return found;
  }

  private static boolean selects(String selector, JsonNode object) {
    if (selector.isEmpty()) {
      return true;
    }
    var parts = selector.split("=", 2);
    return object.at("/metadata/labels").path(parts[0]).asText().equals(parts[1]);
  }

  @Override
  public Reply patch(Address address, JsonNode patch, boolean dryRun) {
    var object = live.get(address);
    if (object == null) {
      return refused(404, "not found");
    }
    var next = object.deepCopy();
    merge(next, patch);
    if (address.kind().endsWith("Template")
        && !next.path("spec").equals(object.path("spec"))
        && !mayChange(next, dryRun)) {
      return refused(422, "spec.template.spec: cannot be changed");
    }
    var version = next.at("/spec/version").asText("v");
    if (!version.startsWith("v") && !habits.contains(Habit.TAKES_ANY_VERSION)) {
      ((ObjectNode) next.path("spec")).put("version", "v" + version);
    }
    if (!dryRun) {
      store(address, next);
    }
    return new Reply(200, next, "");
  }

  private boolean mayChange(JsonNode next, boolean dryRun) {
    if (habits.contains(Habit.LETS_TEMPLATES_CHANGE)) {
      return true;
    }
    return dryRun
        && !habits.contains(Habit.KNOWS_NO_TOPOLOGY)
        && next.at("/metadata/annotations").has(Trials.DRY_RUN_ANNOTATION);
  }

  private static void merge(ObjectNode into, JsonNode patch) {
    for (var field : patch.properties()) {
      var value = field.getValue();
      if (value.isNull()) {
        into.remove(field.getKey());
      } else if (value.isObject()) {
        merge(
            into.path(field.getKey()) instanceof ObjectNode inner
                ? inner
                : into.putObject(field.getKey()),
            value);
      } else {
        into.set(field.getKey(), value);
      }
    }
  }

  @Override
  public JsonNode scale(Address address) {
    var object = get(address);
    var scale = object.isMissingNode() ? null : ((ObjectNode) object).objectNode();
    if (scale == null) {
      return MissingNode.getInstance();
    }
    scale.putObject("spec").set("replicas", object.at("/spec/replicas"));
    var status = scale.putObject("status");
    status.set("replicas", object.at("/status/replicas"));
    status.set("selector", object.at("/status/selector"));
    return scale;
  }

  @Override
  public Reply scale(Address address, int replicas) {
    var next = Objects.requireNonNull(live.get(address)).deepCopy();
    ((ObjectNode) next.path("spec")).put("replicas", replicas);
    if (!habits.contains(Habit.IGNORES_SCALE)) {
      List.of("replicas", "readyReplicas", "availableReplicas", "upToDateReplicas")
          .forEach(count -> ((ObjectNode) next.path("status")).put(count, replicas));
    }
    store(address, next);
    return new Reply(200, next, "");
  }

  @Override
  public Reply dryApply(Address address, JsonNode object) {
    var next = Objects.requireNonNull(live.get(address)).deepCopy();
    merge(next, object);
    if (habits.contains(Habit.DEFAULTS_ANEW)) {
      ((ObjectNode) next.path("spec")).put("chosen", ++version);
    }
    return new Reply(200, next, "");
  }

  @Override
  public Reply create(JsonNode object) {
    store(Address.of(object), object.deepCopy());
    return new Reply(201, object, "");
  }

  @Override
  public void delete(Address address) {
    live.remove(address);
  }

  @Override
  public Snapshot.Answer ask(String kubeconfig) {
    return new Snapshot.Answer(!habits.contains(Habit.DOES_NOT_ANSWER), "as it is");
  }

  private static Reply refused(int code, String message) {
    return new Reply(code, MissingNode.getInstance(), message);
  }

  private void store(Address address, ObjectNode next) {
    if (!next.equals(live.get(address))) {
      ((ObjectNode) next.path("metadata")).put("resourceVersion", String.valueOf(++version));
      live.put(address, next);
    }
  }

  /** What the controllers of the cluster do. */
  private void reconcile() {
    var address = Address.of(wanted.path("controlPlane"));
    var now = live.get(address);
    if (now == null) {
      return;
    }
    boolean paused = now.at("/metadata/annotations").has(Trials.PAUSED_ANNOTATION);
    if (paused) {
      pausedOnce.add(address.name());
    }
    var next = now.deepCopy();
    if (!habits.contains(Habit.HIDES_PAUSE) && now.at("/status/conditions").isArray()) {
      for (var condition : next.at("/status/conditions")) {
        if (condition.path("type").asText().equals("Paused")) {
          ((ObjectNode) condition).put("status", paused ? "True" : "False");
        }
      }
    }
    if (habits.contains(Habit.IS_RESTLESS)) {
      ((ObjectNode) next.path("status")).put("heartbeat", version);
    }
    boolean asleep =
        paused
            ? !habits.contains(Habit.WRITES_WHILE_PAUSED)
            : habits.contains(Habit.SLEEPS_ON) && pausedOnce.contains(address.name());
    if (!asleep) {
      restore("controlPlane", next, "finalizers", Habit.FORGETS_FINALIZERS);
      restore("controlPlane", next, "ownerReferences", Habit.DIES_WITHOUT_OWNER);
      var kubeconfig = Address.of(wanted.path("kubeconfig"));
      if (live.containsKey(kubeconfig)) {
        var secret = live.get(kubeconfig).deepCopy();
        restore("kubeconfig", secret, "labels", Habit.FORGETS_LABELS);
        restore("kubeconfig", secret, "ownerReferences", Habit.FORGETS_OWNERS);
        store(kubeconfig, secret);
      }
    }
    store(address, next);
  }

  private void restore(String part, ObjectNode object, String field, Habit unless) {
    var before = wanted.path(part).path("metadata").path(field);
    if (!habits.contains(unless) && !before.isMissingNode()) {
      ((ObjectNode) object.path("metadata")).set(field, before.deepCopy());
    }
  }
}
