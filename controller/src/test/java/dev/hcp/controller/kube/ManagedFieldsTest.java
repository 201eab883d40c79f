package dev.hcp.controller.kube;

import static org.assertj.core.api.Assertions.assertThat;

import io.fabric8.kubernetes.client.utils.KubernetesSerialization;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** The live objects are as a kube-apiserver 1.36 writes them, cut to what a case is about. */
class ManagedFieldsTest {
  private static final String SERVICE =
      """
      metadata:
        name: s
        uid: 0ccd7a3f-3a4d-4f4e-9d3a-6a8cf8a15d6e
        labels: {ours: a, theirs: b}
        ownerReferences:
          - {apiVersion: v1, kind: Owner, name: o, uid: 123, controller: true}
        managedFields:
          - manager: other
            operation: Update
            fieldsV1: {"f:metadata": {"f:labels": {"f:theirs": {}}}}
          - manager: us
            operation: Apply
            fieldsV1:
              "f:metadata":
                "f:labels": {"f:ours": {}}
                "f:ownerReferences": {'k:{"uid":"123"}': {}}
              "f:spec":
                "f:ports":
                  'k:{"port":443,"protocol":"TCP"}': {".": {}, "f:port": {}, "f:targetPort": {}}
                "f:selector": {}
          - manager: us
            operation: Update
            subresource: status
            fieldsV1: {"f:status": {"f:loadBalancer": {}}}
      spec:
        clusterIP: 10.0.0.1
        selector: {app: s}
        ports: [{port: 443, protocol: TCP, targetPort: api, nodePort: 30001}]
      """;
  private static final String SERVICE_WANTED =
      """
      metadata:
        name: s
        labels: {ours: a}
        ownerReferences:
          - {apiVersion: v1, kind: Owner, name: o, uid: "123", controller: true}
      spec:
        selector: {app: s}
        ports: [{port: 443, targetPort: api}]
      """;

  private final KubernetesSerialization serialization = new KubernetesSerialization();
  private final ManagedFields fields = new ManagedFields(serialization);

  @Test
  void serverDefaultsAndForeignFieldsAreNoDifference() {
    assertThat(difference(SERVICE_WANTED, live())).isEmpty();
  }

  @Test
  void nothingAppliedYetIsADifference() {
    assertThat(fields.difference(tree(SERVICE_WANTED), tree(live()), "them"))
        .hasValue("nothing was applied by them yet");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        // wanted, ours, but with another value
        "ours: a => ours: b",
        "targetPort: api => targetPort: 8443",
        "{app: s} => {app: t}",
        "controller: true => controller: false",
        // wanted and not ours yet
        "ours: a => ours: a, more: c",
        "{app: s} => {app: s, more: c}",
        "port: 443, => port: 444,",
        "targetPort: api => targetPort: api, protocol: UDP",
        "targetPort: api => targetPort: api, name: https",
        // ours and not wanted any more
        ", targetPort: api => ",
        "selector: {app: s} => type: ClusterIP",
        "[{port: 443, targetPort: api}] => []",
        "labels: {ours: a} => labels: {}",
      })
  void everyChangeOfWhatIsWantedIsFound(String change) {
    var parts = (change + " ").split(" => ", 2);
    assertThat(difference(SERVICE_WANTED.replace(parts[0], parts[1].strip()), live())).isPresent();
  }

  @Test
  void aFieldThatAnotherManagerTookIsADifference() {
    var taken = live().replace("\"f:selector\": {}", "\"f:type\": {}");
    assertThat(difference(SERVICE_WANTED, taken)).isPresent();
  }

  @Test
  void theDifferenceTellsWhereAndNoValue() {
    assertThat(difference(SERVICE_WANTED.replace("{app: s}", "{app: secret}"), live()))
        .hasValue("spec.selector.app has another value");
  }

  @Test
  void sourcesOfVariablesHaveDefaults() {
    var wanted =
        """
        spec:
          env:
          - {name: A, valueFrom: {resourceFieldRef: {resource: limits.cpu}}}
          - {name: B, valueFrom: {fieldRef: {fieldPath: status.podIP}}}
        """;
    var live =
        """
        metadata:
          managedFields:
            - manager: us
              operation: Apply
              fieldsV1:
                "f:spec":
                  "f:env":
                    'k:{"name":"A"}': {".": {}, "f:name": {}, "f:valueFrom": {"f:resourceFieldRef": {}}}
                    'k:{"name":"B"}': {".": {}, "f:name": {}, "f:valueFrom": {"f:fieldRef": {}}}
        spec:
          env:
          - {name: A, valueFrom: {resourceFieldRef: {resource: limits.cpu, divisor: "0"}}}
          - {name: B, valueFrom: {fieldRef: {apiVersion: v1, fieldPath: status.podIP}}}
        """;
    assertThat(difference(wanted, live)).isEmpty();
    assertThat(difference(wanted, live.replace("divisor: \"0\"", "divisor: 1m"))).isPresent();
  }

  @Test
  void anOwnedListMayHoldDefaultsOfTheServerAndNothingElse() {
    var wanted = "spec: {parentRefs: [{name: gateway}], rules: [{backendRefs: [{name: s}]}]}";
    var live =
        """
        metadata:
          managedFields:
            - {manager: us, operation: Apply, fieldsV1: {"f:spec": {"f:parentRefs": {}, "f:rules": {}}}}
        spec:
          parentRefs: [{group: gateway.networking.k8s.io, kind: Gateway, name: gateway}]
          rules: [{backendRefs: [{group: "", kind: Service, name: s, weight: 1}]}]
        """;
    assertThat(difference(wanted, live)).isEmpty();
    assertThat(difference(wanted, live.replace("weight: 1", "weight: 2")))
        .hasValue("spec.rules.[].backendRefs.[].weight is not wanted");
    assertThat(difference(wanted, live.replace("kind: Gateway", "kind: Service"))).isPresent();
    assertThat(difference(wanted.replace("{name: s}", "{name: s}, {name: t}"), live)).isPresent();
  }

  @Test
  void quantitiesAreNumbersOnlyWhereQuantitiesAreExpected() {
    var live =
        """
        metadata:
          annotations: {limit: "1"}
          managedFields:
            - manager: us
              operation: Apply
              fieldsV1:
                "f:metadata": {"f:annotations": {"f:limit": {}}}
                "f:spec": {"f:resources": {"f:limits": {"f:cpu": {}, "f:memory": {}}}}
        spec: {resources: {limits: {cpu: "1", memory: 1Gi}}}
        """;
    var wanted =
        """
        metadata: {annotations: {limit: "1"}}
        spec: {resources: {limits: {cpu: 1000m, memory: 1024Mi}}}
        """;
    assertThat(difference(wanted, live)).isEmpty();
    assertThat(difference(wanted.replace("limit: \"1\"", "limit: 1000m"), live)).isPresent();
    assertThat(difference(wanted.replace("1024Mi", "1025Mi"), live)).isPresent();
    assertThat(difference(wanted.replace("1000m", "much"), live)).isPresent();
  }

  @Test
  void setsAreComparedByMembership() {
    var live =
        """
        metadata:
          finalizers: [theirs, b, a]
          managedFields:
            - manager: us
              operation: Apply
              fieldsV1: {"f:metadata": {"f:finalizers": {'v:"a"': {}, 'v:"b"': {}}}}
        """;
    assertThat(difference("metadata: {finalizers: [a, b]}", live)).isEmpty();
    assertThat(difference("metadata: {finalizers: [a]}", live)).isPresent();
    assertThat(difference("metadata: {finalizers: [a, b, c]}", live)).isPresent();
  }

  @Test
  void elementsOfKeyedListsHaveAnOrder() {
    var live =
        """
        metadata:
          managedFields:
            - manager: us
              operation: Apply
              fieldsV1:
                "f:spec":
                  "f:env":
                    'k:{"name":"A"}': {".": {}, "f:name": {}, "f:value": {}}
                    'k:{"name":"B"}': {".": {}, "f:name": {}, "f:value": {}}
        spec: {env: [{name: A, value: 1}, {name: X, value: 0}, {name: B, value: 2}]}
        """;
    assertThat(difference("spec: {env: [{name: A, value: 1}, {name: B, value: 2}]}", live))
        .isEmpty();
    assertThat(difference("spec: {env: [{name: B, value: 2}, {name: A, value: 1}]}", live))
        .hasValue("spec.env has its elements in another order");
  }

  @Test
  void emptyAndAbsentAreTheSameAsLongAsNothingIsOwned() {
    var live =
        """
        metadata:
          managedFields:
            - manager: us
              operation: Apply
              fieldsV1: {"f:spec": {"f:emptyDir": {}}}
        spec: {emptyDir: {}}
        """;
    assertThat(difference("spec: {emptyDir: {}, args: []}", live)).isEmpty();
    assertThat(difference("spec: {emptyDir: {medium: Memory}}", live)).isPresent();
  }

  @Test
  void statusIsComparedByItsOwnRecord() {
    var live =
        """
        metadata:
          managedFields:
            - manager: us
              operation: Apply
              fieldsV1: {"f:metadata": {"f:labels": {"f:a": {}}}}
            - manager: us
              operation: Apply
              subresource: status
              fieldsV1:
                "f:status":
                  "f:conditions":
                    'k:{"type":"Ready"}': {".": {}, "f:type": {}, "f:status": {}}
                  "f:replicas": {}
        status:
          conditions: [{type: Theirs, status: "True"}, {type: Ready, status: "True"}]
          replicas: 3
        """;
    var wanted = "status: {conditions: [{type: Ready, status: 'True'}], replicas: 3}";
    assertThat(statusDifference(wanted, live)).isEmpty();
    assertThat(statusDifference(wanted.replace("'True'", "'False'"), live)).isPresent();
    assertThat(statusDifference(wanted.replace(", replicas: 3", ""), live)).isPresent();
    assertThat(statusDifference("status: {replicas: 3}", live)).isPresent();
  }

  private static String live() {
    return SERVICE.replace("uid: 123", "uid: \"123\"");
  }

  private Optional<String> difference(String desired, String live) {
    return fields.difference(tree(desired), tree(live), "us");
  }

  private Optional<String> statusDifference(String desired, String live) {
    return fields.differenceOfStatus(tree(desired), tree(live), "us");
  }

  private Map<?, ?> tree(String yaml) {
    return serialization.unmarshal(yaml, Map.class);
  }
}
