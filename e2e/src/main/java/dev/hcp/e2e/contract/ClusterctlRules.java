package dev.hcp.e2e.contract;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.function.BiFunction;
import java.util.function.Function;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/** Rules about releases, and about what moves from one management cluster to another. */
final class ClusterctlRules {
  static final String CLUSTERCTL_LABEL = "clusterctl.cluster.x-k8s.io";
  static final String MOVE_LABEL = "clusterctl.cluster.x-k8s.io/move";
  static final String HIERARCHY_LABEL = "clusterctl.cluster.x-k8s.io/move-hierarchy";
  static final String BLOCK_MOVE = "clusterctl.cluster.x-k8s.io/block-move";
  private static final String PROVIDER_LABEL = "cluster.x-k8s.io/provider";
  private static final String CERT_MANAGER_NOTE = "cert-manager.io/certificate-name";

  /** Secrets that clusterctl takes for those of a Cluster by their names. */
  private static final List<String> KNOWN_SECRETS =
      List.of("kubeconfig", "ca", "etcd", "sa", "proxy", "apiserver-etcd-client");

  private static final Pattern VARIABLE =
      Pattern.compile("\\$\\{[A-Za-z_][A-Za-z0-9_]*(:=[^}]*)?}");

  private ClusterctlRules() {}

  static List<ReadRule> all() {
    return List.of(
        ReadRule.of(
            "OWN-1",
            Level.CONDITIONAL,
            "The control plane is owned by its Cluster, and has its label",
            ClusterctlRules::owner),
        ReadRule.of(
            "OWN-2",
            Level.CONDITIONAL,
            "Secrets and ConfigMaps of the cluster lead to the Cluster by their owners",
            ClusterctlRules::owners),
        ReadRule.of(
            "MOV-1",
            Level.CONDITIONAL,
            "clusterctl move looks at all kinds: their definitions have label " + CLUSTERCTL_LABEL,
            snapshot -> {
              var look = new Look();
              snapshot
                  .definitions()
                  .forEach(definition ->
                      look.at(
                          definition.at("/metadata/labels").has(CLUSTERCTL_LABEL),
                          "labels of %s are %s"
                              .formatted(
                                  Snapshot.name(definition),
                                  ResourceRules.names(definition.at("/metadata/labels"))),
                          CLUSTERCTL_LABEL + " among them"));
              return look.verdict();
            }),
        ReadRule.of(
            "MOV-2",
            Level.OPTIONAL,
            "Nothing stands in the way of clusterctl move while nothing is going on",
            snapshot -> {
              var note = snapshot.controlPlane().at("/metadata/annotations").path(BLOCK_MOVE);
              return new Look()
                  .at(
                      note.isMissingNode(),
                      "annotation %s is %s".formatted(BLOCK_MOVE, Look.shown(note)),
                      "none")
                  .verdict();
            }),
        ReadRule.of(
            "CTL-1",
            Level.CONDITIONAL,
            "metadata.yaml lists release series of contract v1beta2",
            published((snapshot, release) -> metadata(release))),
        ReadRule.of(
            "CTL-2",
            Level.CONDITIONAL,
            "Components have exactly one Namespace, and all that is namespaced is in it",
            published((snapshot, release) -> namespace(release))),
        ReadRule.of(
            "CTL-3",
            Level.CONDITIONAL,
            "Controllers are Deployments with a container called manager",
            published((snapshot, release) -> managers(release))),
        ReadRule.of(
            "CTL-4",
            Level.CONDITIONAL,
            "All components have label %s: control-plane-<name>".formatted(PROVIDER_LABEL),
            published((snapshot, release) -> labels(release))),
        ReadRule.of(
            "CTL-5",
            Level.CONDITIONAL,
            "Components have no ${ but in variables, ${NAME} or ${NAME:=default}",
            published((snapshot, release) -> variables(release))),
        ReadRule.of(
            "CTL-6",
            Level.CONDITIONAL,
            "Images of components are named with registry and tag or digest",
            published((snapshot, release) -> images(release))),
        ReadRule.of(
            "CTL-7",
            Level.CONDITIONAL,
            "Components define the kinds with the labels that are installed",
            published(ClusterctlRules::definitions)));
  }

  private static Function<Snapshot, Verdict> published(
      BiFunction<Snapshot, Release, Verdict> rule) {
    return snapshot ->
        snapshot
            .release()
            .map(release -> rule.apply(snapshot, release))
            .orElseGet(() -> Verdict.notApplicable("no components YAML was given"));
  }

  private static Verdict owner(Snapshot snapshot) {
    var uid = snapshot.cluster().at("/metadata/uid").asText();
    var owners = snapshot.controlPlane().at("/metadata/ownerReferences");
    var label = snapshot.controlPlane().at("/metadata/labels").path(SecretRules.CLUSTER_LABEL);
    return new Look()
        .at(
            !uid.isEmpty()
                && Snapshot.each(owners).anyMatch(o -> o.path("uid").asText().equals(uid)),
            "owners are " + described(owners),
            "Cluster " + snapshot.subject().cluster())
        .at(
            label.asText().equals(snapshot.subject().cluster()),
            "label %s is %s".formatted(SecretRules.CLUSTER_LABEL, Look.shown(label)),
            snapshot.subject().cluster())
        .verdict();
  }

  private static Verdict owners(Snapshot snapshot) {
    var led = new HashSet<String>();
    led.add(snapshot.cluster().at("/metadata/uid").asText());
    var known = new HashMap<String, JsonNode>();
    Stream.of(
            Stream.of(snapshot.controlPlane()),
            snapshot.machines().stream(),
            snapshot.owners().stream(),
            snapshot.secrets().stream(),
            snapshot.configMaps().stream())
        .flatMap(stream -> stream)
        .forEach(object -> known.put(object.at("/metadata/uid").asText(), object));
    var objects =
        Stream.concat(snapshot.secrets().stream(), snapshot.configMaps().stream())
            .filter(object ->
                object
                    .at("/metadata/labels")
                    .path(SecretRules.CLUSTER_LABEL)
                    .asText()
                    .equals(snapshot.subject().cluster()))
            .toList();
    var astray = new TreeSet<String>();
    int issued = 0;
    for (var object : objects) {
      if (leads(object, led, known, new HashSet<>()) || isKnownByName(snapshot, object)) {
        continue;
      }
      if (object.at("/metadata/annotations").has(CERT_MANAGER_NOTE)) {
        issued++;
      } else {
        astray.add(Snapshot.name(object));
      }
    }
    return new Look()
        .at(
            !objects.isEmpty() && astray.isEmpty(),
            "of %d Secrets and ConfigMaps %d are issued by cert-manager, which does so again, and %s do not lead there"
                .formatted(objects.size(), issued, astray.isEmpty() ? "0" : astray),
            "none of the latter, of some")
        .verdict();
  }

  private static boolean leads(
      JsonNode object, Set<String> led, Map<String, JsonNode> known, Set<String> visited) {
    return Snapshot.each(object.at("/metadata/ownerReferences"))
        .map(owner -> owner.path("uid").asText())
        .anyMatch(uid ->
            led.contains(uid)
                || (visited.add(uid)
                    && Optional.ofNullable(known.get(uid))
                        .filter(owner -> leads(owner, led, known, visited))
                        .isPresent()));
  }

  private static boolean isKnownByName(Snapshot snapshot, JsonNode object) {
    return object.at("/metadata/ownerReferences").isEmpty()
        && KNOWN_SECRETS.stream()
            .anyMatch(purpose ->
                Snapshot.name(object).equals(snapshot.subject().cluster() + "-" + purpose));
  }

  private static String described(JsonNode owners) {
    return Snapshot.each(owners)
        .map(owner -> owner.path("kind").asText() + " " + owner.path("name").asText())
        .collect(Collectors.joining(", ", "[", "]"));
  }

  private static Verdict metadata(Release release) {
    var metadata = release.metadata();
    var contracts =
        Snapshot.each(metadata.path("releaseSeries"))
            .map(series -> series.path("contract").asText())
            .toList();
    return new Look()
        .equal(metadata, "/apiVersion", "clusterctl.cluster.x-k8s.io/v1alpha3")
        .equal(metadata, "/kind", "Metadata")
        .at(
            contracts.contains("v1beta2"),
            "contracts of release series are " + contracts,
            "v1beta2 among them")
        .verdict();
  }

  private static Verdict namespace(Release release) {
    var namespaces =
        release.objects().stream()
            .filter(object -> object.path("kind").asText().equals("Namespace"))
            .map(Snapshot::name)
            .toList();
    var outside =
        release.objects().stream()
            .filter(object -> object.at("/metadata").has("namespace"))
            .filter(object -> !namespaces.contains(object.at("/metadata/namespace").asText()))
            .map(ClusterctlRules::called)
            .toList();
    return new Look()
        .at(namespaces.size() == 1, "Namespaces are " + namespaces, "one")
        .at(outside.isEmpty(), "outside of it are " + outside, "none")
        .verdict();
  }

  private static Stream<JsonNode> deployments(Release release) {
    return release.objects().stream()
        .filter(object -> object.path("kind").asText().equals("Deployment"));
  }

  private static Verdict managers(Release release) {
    var look = new Look();
    var deployments = deployments(release).toList();
    look.at(!deployments.isEmpty(), deployments.size() + " Deployments", "one at least");
    deployments.forEach(deployment -> {
      var names = new ArrayList<String>();
      Snapshot.each(deployment.at("/spec/template/spec/containers"))
          .forEach(container -> names.add(container.path("name").asText()));
      look.at(
          names.contains("manager"),
          "containers of %s are %s".formatted(Snapshot.name(deployment), names),
          "manager among them");
    });
    return look.verdict();
  }

  private static Verdict labels(Release release) {
    var without =
        release.objects().stream()
            .filter(object ->
                !object
                    .at("/metadata/labels")
                    .path(PROVIDER_LABEL)
                    .asText()
                    .startsWith("control-plane-"))
            .map(ClusterctlRules::called)
            .toList();
    return new Look()
        .at(
            !release.objects().isEmpty() && without.isEmpty(),
            "%d objects, without it: %s".formatted(release.objects().size(), without),
            "none")
        .verdict();
  }

  private static Verdict variables(Release release) {
    var variables = new TreeSet<String>();
    var match = VARIABLE.matcher(release.text());
    while (match.find()) {
      variables.add(match.group());
    }
    var rest = VARIABLE.matcher(release.text()).replaceAll("").replace("$$", "");
    var left = rest.lines().filter(line -> line.contains("${")).map(String::strip).toList();
    return new Look()
        .at(
            left.isEmpty(),
            "variables are %s, lines with another ${ are %s".formatted(variables, left),
            "none of the latter")
        .verdict();
  }

  private static Verdict images(Release release) {
    var images =
        deployments(release)
            .flatMap(deployment -> Snapshot.each(deployment.at("/spec/template/spec/containers")))
            .map(container -> container.path("image").asText())
            .distinct()
            .sorted()
            .toList();
    return new Look()
        .at(
            !images.isEmpty()
                && images.stream()
                    .allMatch(image -> image.matches("[^/]+[.:][^/]*/.+(:[^/]+|@sha256:.+)")),
            "images are " + images,
            "registry/repository:tag")
        .verdict();
  }

  private static Verdict definitions(Snapshot snapshot, Release release) {
    var look = new Look();
    snapshot
        .definitions()
        .forEach(installed -> {
          var name = Snapshot.name(installed);
          var published =
              release.objects().stream()
                  .filter(object -> object.path("kind").asText().equals("CustomResourceDefinition"))
                  .filter(object -> Snapshot.name(object).equals(name))
                  .map(object ->
                      object
                          .at("/metadata/labels")
                          .path(ResourceRules.CONTRACT_LABEL)
                          .asText("without label"))
                  .findFirst()
                  .orElse("not there");
          look.at(
              published.equals(
                  installed.at("/metadata/labels").path(ResourceRules.CONTRACT_LABEL).asText()),
              "%s of %s is %s".formatted(ResourceRules.CONTRACT_LABEL, name, published),
              "as installed");
        });
    return look.verdict();
  }

  private static String called(JsonNode object) {
    return object.path("kind").asText() + " " + Snapshot.name(object);
  }
}
