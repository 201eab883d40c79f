package dev.hcp.validation;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.params.provider.Arguments.arguments;

import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.FieldSource;
import org.junit.jupiter.params.provider.MethodSource;

/** What users may set for pods: where they run, what they are called, where images come from. */
class PodSettingsTest {
  private static final String DIGEST = "sha256:" + "0123456789abcdef".repeat(4);
  private static final String KEY = LabelRules.KEY_FORM;
  private static final String VALUE =
      "must be empty, or at most 63 letters, digits, '-', '_' or '.', with a letter or digit at"
          + " both ends";
  private static final String OTHER_KEY =
      "must be another key: this one is the controller's or Kubernetes'";
  private static final String REGISTRY =
      "must be a host with optional port and path and without scheme, for example"
          + " registry.example.com:5000/mirror";
  private static final String VARIABLE =
      "must be letters, digits, '_', '-' or '.', with no digit in front, for example GOMAXPROCS";

  /** Settings of the scheduler's pods, and what is wrong with them. */
  static Stream<Arguments> mistakes() {
    return Stream.of(
        // Labels of nodes and pods, annotations
        wrong(
            "nodeSelector: {'': a, role: '-'}",
            "nodeSelector[]: Invalid value: \"\": " + KEY,
            "nodeSelector[role]: Invalid value: \"-\": " + VALUE),
        wrong(
            "podLabels: {a/b/c: x, Example.com/a: x, team: 'a b'}",
            "podLabels[a/b/c]: Invalid value: \"a/b/c\": " + KEY,
            "podLabels[Example.com/a]: Invalid value: \"Example.com/a\": " + KEY,
            "podLabels[team]: Invalid value: \"a b\": " + VALUE),
        wrong(
            "podLabels: {app.kubernetes.io/component: etcd, pod-template-hash: x}",
            "podLabels[app.kubernetes.io/component]: Invalid value:"
                + " \"app.kubernetes.io/component\": "
                + OTHER_KEY,
            "podLabels[pod-template-hash]: Invalid value: \"pod-template-hash\": " + OTHER_KEY),
        wrong(
            "podAnnotations: {controlplane.cluster.x-k8s.io/version: v1, 'a b': ''}",
            "podAnnotations[a b]: Invalid value: \"a b\": " + KEY,
            "podAnnotations[controlplane.cluster.x-k8s.io/version]: Invalid value:"
                + " \"controlplane.cluster.x-k8s.io/version\": "
                + OTHER_KEY),
        wrong(
            "podAnnotations: {kubernetes.io/config.mirror: a}",
            "podAnnotations[kubernetes.io/config.mirror]: Invalid value:"
                + " \"kubernetes.io/config.mirror\": "
                + OTHER_KEY),
        wrong(
            "podAnnotations: {a: '%s'}".formatted("x".repeat(256 << 10)),
            "podAnnotations: Invalid value: 262145: must be at most 262144 bytes, keys and values"
                + " together"),

        // Tolerations
        wrong(
            "tolerations: [{key: a, operator: Gt}, {effect: Sometimes, operator: Exists}]",
            "tolerations[0].operator: Invalid value: \"Gt\": must be Equal or Exists",
            "tolerations[1].effect: Invalid value: \"Sometimes\": must be NoSchedule,"
                + " PreferNoSchedule or NoExecute, or left out for all of them"),
        wrong(
            "tolerations: [{value: a}]",
            "tolerations[0].operator: Invalid value: \"\": must be Exists without a key, for all"
                + " taints"),
        wrong(
            "tolerations: [{key: a, operator: Exists, value: b}, {key: '-', value: '-'}]",
            "tolerations[0].value: Invalid value: \"b\": must be left out with operator Exists",
            "tolerations[1].key: Invalid value: \"-\": " + KEY,
            "tolerations[1].value: Invalid value: \"-\": " + VALUE),
        wrong(
            "tolerations: [{key: a, tolerationSeconds: 5, effect: NoSchedule}]",
            "tolerations[0].tolerationSeconds: Invalid value: 5: must come with effect NoExecute"),

        // Affinity to nodes
        nodes("{nodeSelectorTerms: []}", "nodeSelectorTerms: must have at least one term"),
        nodes(
            "{nodeSelectorTerms: [{matchExpressions: [{key: a, operator: In}, {key: '',"
                + " operator: Exists, values: [b]}, {key: a, operator: Gt, values: [x]}, {key: a,"
                + " operator: Is}, {key: a, operator: NotIn, values: ['-']}]}]}",
            "nodeSelectorTerms[0].matchExpressions[0].values: must have at least one value with"
                + " operator In or NotIn",
            "nodeSelectorTerms[0].matchExpressions[1].key: Invalid value: \"\": " + KEY,
            "nodeSelectorTerms[0].matchExpressions[1].values: Invalid value: \"b\": must be left"
                + " out with operator Exists or DoesNotExist",
            "nodeSelectorTerms[0].matchExpressions[2].values: Invalid value: \"x\": must be one"
                + " integer with operator Gt or Lt",
            "nodeSelectorTerms[0].matchExpressions[3].operator: Invalid value: \"Is\": must be In,"
                + " NotIn, Exists, DoesNotExist, Gt or Lt",
            "nodeSelectorTerms[0].matchExpressions[4].values[0]: Invalid value: \"-\": " + VALUE),
        nodes(
            "{nodeSelectorTerms: [{matchFields: [{key: spec.x, operator: Exists, values: [a,"
                + " b]}]}]}",
            "nodeSelectorTerms[0].matchFields[0].key: Invalid value: \"spec.x\": must be"
                + " metadata.name",
            "nodeSelectorTerms[0].matchFields[0].operator: Invalid value: \"Exists\": must be In or"
                + " NotIn",
            "nodeSelectorTerms[0].matchFields[0].values: Invalid value: \"a,b\": must be the name"
                + " of one node"),
        wrong(
            "affinity: {nodeAffinity: {preferredDuringSchedulingIgnoredDuringExecution: [{weight:"
                + " 0, preference: {}}, {weight: 1}]}}",
            "affinity.nodeAffinity.preferredDuringSchedulingIgnoredDuringExecution[0].weight:"
                + " Invalid value: 0: must be 1 to 100",
            "affinity.nodeAffinity.preferredDuringSchedulingIgnoredDuringExecution[1].preference:"
                + " must be set"),

        // Affinity to pods
        wrong(
            "affinity: {podAffinity: {preferredDuringSchedulingIgnoredDuringExecution: [{weight:"
                + " 101, podAffinityTerm: {topologyKey: zone}}, {weight: 1}]}}",
            "affinity.podAffinity.preferredDuringSchedulingIgnoredDuringExecution[0].weight:"
                + " Invalid value: 101: must be 1 to 100",
            "affinity.podAffinity.preferredDuringSchedulingIgnoredDuringExecution[1].podAffinityTerm:"
                + " must be set"),
        apart("{labelSelector: {}}", "topologyKey: " + KEY),
        apart(
            "{topologyKey: zone, namespaces: [A], labelSelector: {matchLabels: {a: '-'},"
                + " matchExpressions: [{key: b, operator: Gt, values: ['1']}]}}",
            "namespaces[0]: Invalid value: \"A\": must be 1 to 63 lower-case letters, digits or"
                + " '-', with a letter or digit at both ends",
            "labelSelector.matchLabels[a]: Invalid value: \"-\": " + VALUE,
            "labelSelector.matchExpressions[0].operator: Invalid value: \"Gt\": must be In, NotIn,"
                + " Exists or DoesNotExist"),
        apart(
            "{topologyKey: zone, labelSelector: {matchLabels: {a: b}}, matchLabelKeys: [a, c, c],"
                + " mismatchLabelKeys: [c]}",
            "matchLabelKeys[0]: Invalid value: \"a\": must be a label that labelSelector does not"
                + " use",
            "matchLabelKeys[2]: Invalid value: \"c\": must differ from the other keys",
            "mismatchLabelKeys[0]: Invalid value: \"c\": must not be in matchLabelKeys too"),
        apart(
            "{topologyKey: zone, matchLabelKeys: [a]}",
            "matchLabelKeys: Invalid value: \"a\": must come with labelSelector"),

        // Spread
        wrong(
            "topologySpreadConstraints: [{maxSkew: 0, topologyKey: '', whenUnsatisfiable: Never}]",
            "topologySpreadConstraints[0].maxSkew: Invalid value: 0: must be at least 1",
            "topologySpreadConstraints[0].topologyKey: Invalid value: \"\": " + KEY,
            "topologySpreadConstraints[0].whenUnsatisfiable: Invalid value: \"Never\": must be"
                + " DoNotSchedule or ScheduleAnyway"),
        wrong(
            "topologySpreadConstraints: [{maxSkew: 1, topologyKey: a, whenUnsatisfiable:"
                + " ScheduleAnyway, minDomains: 2, nodeTaintsPolicy: Maybe, nodeAffinityPolicy:"
                + " Honour, labelSelector: {matchExpressions: [{key: a, operator: Exists}]},"
                + " matchLabelKeys: [a]}, {maxSkew: 2, topologyKey: a, whenUnsatisfiable:"
                + " ScheduleAnyway}]",
            "topologySpreadConstraints[0].minDomains: Invalid value: 2: must be at least 1, and"
                + " come with whenUnsatisfiable: DoNotSchedule",
            "topologySpreadConstraints[0].nodeTaintsPolicy: Invalid value: \"Maybe\": must be Honor"
                + " or Ignore",
            "topologySpreadConstraints[0].nodeAffinityPolicy: Invalid value: \"Honour\": must be"
                + " Honor or Ignore",
            "topologySpreadConstraints[0].matchLabelKeys[0]: Invalid value: \"a\": must be a label"
                + " that labelSelector does not use",
            "topologySpreadConstraints[1]: Invalid value: \"a\": must differ from the other"
                + " constraints in topologyKey or whenUnsatisfiable"),
        wrong(
            "topologySpreadConstraints: [{maxSkew: 1, topologyKey: a, whenUnsatisfiable:"
                + " DoNotSchedule, matchLabelKeys: [app.kubernetes.io/component]}]",
            "topologySpreadConstraints[0].matchLabelKeys[0]: Invalid value:"
                + " \"app.kubernetes.io/component\": must be another label: pods of the component"
                + " are selected by this one"),

        // Images
        wrong(
            "image: {digest: 'sha256:abc'}",
            "image.digest: Invalid value: \"sha256:abc\": must be sha256: and 64 lower-case"
                + " hexadecimal digits"),
        wrong(
            "image: {registry: 'https://a', repository: A//b, tag: 'a b'}",
            "image.registry: Invalid value: \"https://a\": " + REGISTRY + ", or empty",
            "image.repository: Invalid value: \"A//b\": must be a lower-case path without"
                + " registry and tag, for example kubernetes/kube-apiserver",
            "image.tag: Invalid value: \"a b\": must be 1 to 128 letters, digits, '_', '.' or '-',"
                + " not beginning with '.' or '-'"),
        wrong(
            "imagePullSecrets: [{name: a}, {name: a}, {name: A_b}]",
            "imagePullSecrets[1].name: Invalid value: \"a\": must differ from the names of the"
                + " other Secrets",
            "imagePullSecrets[2].name: Invalid value: \"A_b\": must be 1 to 253 lower-case letters,"
                + " digits, '-' or '.', with a letter or digit at the ends of each part"),

        // Variables
        wrong(
            "env: [{name: 1a}, {name: ''}, {name: a=b}, {name: ..a}, {name: a}, {name: a}]",
            "env[0].name: Invalid value: \"1a\": " + VARIABLE,
            "env[1].name: Invalid value: \"\": " + VARIABLE,
            "env[2].name: Invalid value: \"a=b\": " + VARIABLE,
            "env[3].name: Invalid value: \"..a\": " + VARIABLE,
            "env[5].name: Invalid value: \"a\": must differ from the names of the other variables"),
        wrong(
            "env: [{name: a, value: b, valueFrom: {}}]",
            "env[0].value: Invalid value: \"b\": must be left out with valueFrom",
            "env[0].valueFrom: Invalid value: 0: must have exactly one of configMapKeyRef,"
                + " fieldRef, resourceFieldRef and secretKeyRef"),
        source(
            "{secretKeyRef: {name: A, key: a/b}}",
            "secretKeyRef.name: Invalid value: \"A\": must be 1 to 253 lower-case letters, digits,"
                + " '-' or '.', with a letter or digit at the ends of each part",
            "secretKeyRef.key: Invalid value: \"a/b\": must be 1 to 253 letters, digits, '-', '_'"
                + " or '.'"),
        source(
            "{fieldRef: {apiVersion: v2, fieldPath: spec.nodename}}",
            "fieldRef.apiVersion: Invalid value: \"v2\": must be v1",
            "fieldRef.fieldPath: Invalid value: \"spec.nodename\": must be a field such as"
                + " metadata.name, spec.nodeName, status.podIP or metadata.labels['key']"),
        source(
            "{resourceFieldRef: {resource: limits.gpu, divisor: 3, containerName: A}}",
            "resourceFieldRef.resource: Invalid value: \"limits.gpu\": must be limits or requests,"
                + " '.', and cpu, memory or ephemeral-storage",
            "resourceFieldRef.containerName: Invalid value: \"A\": must be 1 to 63 lower-case"
                + " letters, digits or '-', with a letter or digit at both ends",
            "resourceFieldRef.divisor: Invalid value: \"3\": must be 1 or 1m for cpu, else 1 or as"
                + " 1k, 1Mi, 1Gi"));
  }

  @ParameterizedTest(name = "{0}")
  @MethodSource("mistakes")
  void namesFieldValueAndWhatIsAccepted(String settings, List<String> errors) {
    var spec = "deployment: {scheduler: {%s}}".formatted(settings);
    var expected = errors.stream().map(error -> "spec.deployment.scheduler." + error).toList();
    assertThat(Validator.create(Specs.controlPlane(spec)))
        .extracting(FieldError::toString)
        .containsExactlyInAnyOrderElementsOf(expected);
    assertThat(Validator.create(Specs.template("", spec)))
        .extracting(FieldError::toString)
        .containsExactlyInAnyOrderElementsOf(
            expected.stream().map(e -> e.replaceFirst("^spec", "spec.template.spec")).toList());
  }

  /** Settings of pods that Kubernetes takes. */
  static final List<String> ACCEPTED =
      List.of(
          "nodeSelector: {example.com/role: control-plane, empty: ''}",
          "podLabels: {team: a, app.kubernetes.io/name: x}",
          "podAnnotations: {Example.com/A: 'anything, really'}",
          "tolerations: []",
          "tolerations: [{operator: Exists}, {key: a, value: b, operator: ''}, {key: a, effect:"
              + " NoExecute, operator: Exists, tolerationSeconds: 0}]",
          "affinity: {}",
          "affinity: {nodeAffinity: {}, podAffinity: {}, podAntiAffinity: {}}",
          "affinity: {nodeAffinity: {requiredDuringSchedulingIgnoredDuringExecution:"
              + " {nodeSelectorTerms: [{}, {matchFields: [{key: metadata.name, operator: In,"
              + " values: [a.b]}]}, {matchExpressions: [{key: a, operator: Lt, values: ['-5']},"
              + " {key: a, operator: In, values: ['']}]}]}}}",
          "affinity: {podAntiAffinity: {requiredDuringSchedulingIgnoredDuringExecution:"
              + " [{topologyKey: zone, namespaceSelector: {}, labelSelector: {matchLabels: {a: b}},"
              + " matchLabelKeys: [pod-template-hash]}]}}",
          "topologySpreadConstraints: []",
          "topologySpreadConstraints: [{maxSkew: 1, topologyKey: a, whenUnsatisfiable:"
              + " DoNotSchedule, minDomains: 2}, {maxSkew: 5, topologyKey: a, whenUnsatisfiable:"
              + " ScheduleAnyway, matchLabelKeys: [a]}]",
          "image: {digest: '%s'}".formatted(DIGEST),
          "image: {registry: '', repository: 'example.com:5000/a/b__c', tag: v1, digest: '%s'}"
              .formatted(DIGEST),
          "image: {registry: '[fd00::1]:5000/a', repository: a/b-c.d, tag: _1}",
          "imagePullSecrets: [{name: a}, {name: b.c}]",
          "env: [{name: GOMAXPROCS, value: '2'}, {name: http_proxy}, {name: a.b-c}]",
          "env: [{name: A, valueFrom: {secretKeyRef: {name: a, key: b, optional: true}}}, {name: B,"
              + " valueFrom: {configMapKeyRef: {name: a, key: b}}}, {name: C, valueFrom: {fieldRef:"
              + " {fieldPath: \"metadata.labels['a/b']\"}}}, {name: D, valueFrom:"
              + " {resourceFieldRef: {resource: limits.cpu, divisor: 1m}}}]",
          "env: [{name: ETCD_NAME, value: a}, {name: POD_NAME, value: a}]");

  @ParameterizedTest
  @FieldSource("ACCEPTED")
  void acceptsWhatKubernetesTakes(String settings) {
    assertThat(
            Validator.create(
                Specs.controlPlane("deployment: {scheduler: {%s}}".formatted(settings))))
        .isEmpty();
  }

  /** Every place where pods or containers have settings. */
  @Test
  void allPodsAndContainersAreChecked() {
    var spec =
        """
        deployment:
          apiServer:
            env: [{name: =}]
            podLabels: {k8s-app: a}
            konnectivity: {env: [{name: =}]}
            audit:
              policy: {rules: [{level: None}]}
              webhook: {env: [{name: =}], targets: [{server: 'http://a'}]}
          controllerManager: {env: [{name: =}], podLabels: {k8s-app: a}}
          scheduler: {env: [{name: =}], podLabels: {k8s-app: a}}
        etcd: {env: [{name: =}], podLabels: {k8s-app: a}}
        coredns: {env: [{name: =}], podLabels: {k8s-app: a}}
        konnectivityClient: {env: [{name: =}], podLabels: {k8s-app: a}}
        kubeProxy:
          env: [{name: =}]
          podLabels: {k8s-app: a}
          affinity: {nodeAffinity: {preferredDuringSchedulingIgnoredDuringExecution: [{weight: 1}]}}
        images: {registry: 'a/', pullSecrets: [{name: =}]}
        """;
    assertThat(Validator.create(Specs.controlPlane(spec)))
        .extracting(FieldError::path)
        .containsExactlyInAnyOrder(
            "spec.deployment.apiServer.env[0].name",
            "spec.deployment.apiServer.podLabels[k8s-app]",
            "spec.deployment.apiServer.konnectivity.env[0].name",
            "spec.deployment.apiServer.audit.webhook.env[0].name",
            "spec.deployment.controllerManager.env[0].name",
            "spec.deployment.controllerManager.podLabels[k8s-app]",
            "spec.deployment.scheduler.env[0].name",
            "spec.deployment.scheduler.podLabels[k8s-app]",
            "spec.etcd.env[0].name",
            "spec.etcd.podLabels[k8s-app]",
            "spec.coredns.env[0].name",
            "spec.coredns.podLabels[k8s-app]",
            "spec.konnectivityClient.env[0].name",
            "spec.konnectivityClient.podLabels[k8s-app]",
            "spec.kubeProxy.env[0].name",
            "spec.kubeProxy.podLabels[k8s-app]",
            "spec.kubeProxy.affinity.nodeAffinity.preferredDuringSchedulingIgnoredDuringExecution[0].preference",
            "spec.images.registry",
            "spec.images.pullSecrets[0].name");
  }

  @Test
  void variablesOfTheControllerCannotBeSet() {
    var spec =
        """
        etcd: {env: [{name: ETCD_NAME}, {name: ETCDCTL_KEY}, {name: POD_NAME}, {name: NODE_NAME}]}
        konnectivityClient: {env: [{name: POD_NAME}, {name: NODE_NAME}]}
        kubeProxy: {env: [{name: POD_NAME}, {name: NODE_NAME}]}
        """;
    assertThat(Validator.create(Specs.controlPlane(spec)))
        .extracting(FieldError::toString)
        .containsExactlyInAnyOrder(
            "spec.etcd.env[0].name: Invalid value: \"ETCD_NAME\": must be another name: give flags"
                + " of etcd in args",
            "spec.etcd.env[1].name: Invalid value: \"ETCDCTL_KEY\": must be another name: the"
                + " controller sets this variable",
            "spec.etcd.env[2].name: Invalid value: \"POD_NAME\": must be another name: the"
                + " controller sets this variable",
            "spec.konnectivityClient.env[0].name: Invalid value: \"POD_NAME\": must be another"
                + " name: the controller sets this variable",
            "spec.kubeProxy.env[1].name: Invalid value: \"NODE_NAME\": must be another name: the"
                + " controller sets this variable");
  }

  @Test
  void addOnsRunOnLinux() {
    assertThat(
            Validator.create(
                Specs.controlPlane("coredns: {nodeSelector: {kubernetes.io/os: windows}}")))
        .extracting(FieldError::toString)
        .containsExactly(
            "spec.coredns.nodeSelector[kubernetes.io/os]: Invalid value: \"windows\": must be"
                + " linux, or left out");
    assertThat(
            Validator.create(
                Specs.controlPlane("kubeProxy: {nodeSelector: {kubernetes.io/os: linux, a: b}}")))
        .isEmpty();
  }

  @Test
  void oneRegistryServesAllImages() {
    assertThat(
            Validator.create(
                Specs.controlPlane(
                    "images: {registry: 'mirror.example.com:5000/k8s', pullSecrets: [{name: a}]}")))
        .isEmpty();
    assertThat(Validator.create(Specs.controlPlane("images: {registry: ''}")))
        .extracting(FieldError::toString)
        .containsExactly("spec.images.registry: Invalid value: \"\": " + REGISTRY);
  }

  private static Arguments wrong(String settings, String... errors) {
    return arguments(settings, List.of(errors));
  }

  private static Arguments nodes(String required, String... errors) {
    return prefixed(
        "affinity: {nodeAffinity: {requiredDuringSchedulingIgnoredDuringExecution: %s}}"
            .formatted(required),
        "affinity.nodeAffinity.requiredDuringSchedulingIgnoredDuringExecution.",
        errors);
  }

  private static Arguments apart(String term, String... errors) {
    return prefixed(
        "affinity: {podAntiAffinity: {requiredDuringSchedulingIgnoredDuringExecution: [%s]}}"
            .formatted(term),
        "affinity.podAntiAffinity.requiredDuringSchedulingIgnoredDuringExecution[0].",
        errors);
  }

  private static Arguments source(String source, String... errors) {
    return prefixed(
        "env: [{name: a, valueFrom: %s}]".formatted(source), "env[0].valueFrom.", errors);
  }

  private static Arguments prefixed(String settings, String prefix, String... errors) {
    return wrong(settings, Stream.of(errors).map(prefix::concat).toArray(String[]::new));
  }
}
