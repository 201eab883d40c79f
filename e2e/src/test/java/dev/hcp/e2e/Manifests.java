package dev.hcp.e2e;

import dev.hcp.e2e.store.SourceTree;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.time.Duration;
import java.util.List;
import java.util.stream.Collectors;
import org.awaitility.Awaitility;

/** What the tests apply. */
final class Manifests {
  /** The namespace of the samples' cluster. */
  static final String SAMPLE_NAMESPACE = "clusters";

  /** The samples' cluster. */
  static final String SAMPLE_NAME = "demo";

  /**
   * For kubectl: as whom generated objects may be deleted, which are protected from administrators.
   */
  static final String AS_THE_CLUSTER_ITSELF =
      "--as=system:serviceaccount:kube-system:generic-garbage-collector";

  private static final Duration WEBHOOK_DEADLINE = Duration.ofSeconds(60);

  private Manifests() {}

  /**
   * A pod of a hosted cluster that asks all the time who it is, by its in-cluster configuration,
   * with a new connection each time. Its log has {@code answered}, or {@code failed} and why.
   */
  static final String ASKING_POD =
      """
      apiVersion: v1
      kind: Pod
      metadata: {name: asking, namespace: default}
      spec:
        terminationGracePeriodSeconds: 0
        containers:
          - name: asking
            image: docker.io/library/toolbox:1
            command:
              - sh
              - -c
              - |
                while sleep 0.3; do
                  if why=$(busybox timeout 3 kubectl auth whoami 2>&1); then
                    echo answered
                  else
                    echo "failed at $(date +%T): $why"
                  fi
                done
      """;

  /** The samples' Cluster and HostedControlPlane, word for word. */
  static String sample() {
    try {
      return Files.readString(SourceTree.locate(System.getenv()).samples().resolve("cluster.yaml"));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** A small cluster called as its namespace, whose ranges are 10.n.0.0/16 and 10.n+1.0.0/16. */
  static String small(String name, int range) {
    return small(name, range, 1);
  }

  /** The same with that many API servers. */
  static String small(String name, int range, int apiServers) {
    return """
    apiVersion: cluster.x-k8s.io/v1beta2
    kind: Cluster
    metadata: {name: ${NAME}, namespace: ${NAME}}
    spec:
      clusterNetwork:
        services: {cidrBlocks: [10.${SERVICES}.0.0/16]}
        pods: {cidrBlocks: [10.${PODS}.0.0/16]}
      controlPlaneRef:
        apiGroup: controlplane.cluster.x-k8s.io
        kind: HostedControlPlane
        name: ${NAME}
    ---
    apiVersion: controlplane.cluster.x-k8s.io/v1alpha1
    kind: HostedControlPlane
    metadata: {name: ${NAME}, namespace: ${NAME}}
    spec:
      version: v1.36.3
      replicas: ${REPLICAS}
      etcd: {replicas: 1}
      gateway: {name: capi, namespace: gateways}
    """
        .replace("${NAME}", name)
        .replace("${REPLICAS}", Integer.toString(apiServers))
        .replace("${SERVICES}", Integer.toString(range))
        .replace("${PODS}", Integer.toString(range + 1));
  }

  /** The same with further ranges of IPv6, fd00:n::/108 and fd00:n+1::/48. */
  static String dualStack(String name, int range) {
    return small(name, range)
        .replace(
            "10.%d.0.0/16".formatted(range), "10.%1$d.0.0/16, 'fd00:%1$d::/108'".formatted(range))
        .replace(
            "10.%d.0.0/16".formatted(range + 1),
            "10.%1$d.0.0/16, 'fd00:%1$d::/48'".formatted(range + 1));
  }

  /**
   * The field {@code spec.deployment} that has the creation of ConfigMaps in namespace default
   * audited by receivers that all of them must have the event before the request is answered; their
   * token is in a Secret {@code audit-token}. Each program is given a flag.
   */
  static String audited(List<String> receivers) {
    var targets =
        receivers.stream()
            .map("{server: '%s', authentication: {secretName: audit-token}}"::formatted)
            .collect(Collectors.joining(", "));
    return """
    deployment:
      controllerManager:
        args: {concurrent-deployment-syncs: '6'}
      scheduler:
        args: {kube-api-qps: '51'}
      apiServer:
        args: {max-requests-inflight: '401'}
        audit:
          mode: blocking
          policy:
            omitStages: [RequestReceived]
            rules:
              - level: Metadata
                verbs: [create]
                namespaces: [default]
                resources: [{group: '', resources: [configmaps]}]
              - level: None
          webhook:
            targets: [%s]
    """
        .formatted(targets)
        .indent(2);
  }

  /** Makes a namespace that takes only pods of the restricted Pod Security level. */
  static void createRestrictedNamespace(Bed bed, String name) {
    bed.kubectl("apply", "--server-side", "--field-manager=tests", "--filename=-")
        .input(
            """
            apiVersion: v1
            kind: Namespace
            metadata:
              name: %s
              labels: {pod-security.kubernetes.io/enforce: restricted}
            """
                .formatted(name))
        .check();
  }

  /** Applies {@code manifest} as users do; right after the start the webhook may need a moment. */
  static void apply(Bed bed, String manifest) {
    var apply = bed.kubectl("apply", "--filename=-").input(manifest);
    Awaitility.await("the manifest is accepted")
        .atMost(WEBHOOK_DEADLINE)
        .ignoreExceptions()
        .untilAsserted(apply::check);
  }
}
