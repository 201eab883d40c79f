package dev.hcp.e2e;

import static org.awaitility.Awaitility.await;

import dev.hcp.e2e.image.BedImages;
import java.time.Duration;

/**
 * metrics-server in a hosted cluster: an aggregated API, served from a node and reached through
 * konnectivity, which itself asks kubelets and trusts only what the cluster's authority has signed.
 */
final class MetricsServer {
  private static final Duration DEADLINE = Duration.ofMinutes(2);

  private MetricsServer() {}

  /** Installs it. */
  static void install(ClusterWithNodes cluster) {
    cluster.apply(
        """
        apiVersion: v1
        kind: ServiceAccount
        metadata: {name: metrics-server, namespace: kube-system}
        ---
        apiVersion: rbac.authorization.k8s.io/v1
        kind: ClusterRole
        metadata: {name: metrics-server}
        rules:
          - {apiGroups: [""], resources: [nodes/metrics], verbs: [get]}
          - {apiGroups: [""], resources: [pods, nodes], verbs: [get, list, watch]}
        ---
        apiVersion: rbac.authorization.k8s.io/v1
        kind: ClusterRoleBinding
        metadata: {name: metrics-server}
        roleRef: {apiGroup: rbac.authorization.k8s.io, kind: ClusterRole, name: metrics-server}
        subjects: [{kind: ServiceAccount, name: metrics-server, namespace: kube-system}]
        ---
        apiVersion: rbac.authorization.k8s.io/v1
        kind: ClusterRoleBinding
        metadata: {name: metrics-server-delegates}
        roleRef: {apiGroup: rbac.authorization.k8s.io, kind: ClusterRole, name: "system:auth-delegator"}
        subjects: [{kind: ServiceAccount, name: metrics-server, namespace: kube-system}]
        ---
        apiVersion: rbac.authorization.k8s.io/v1
        kind: RoleBinding
        metadata: {name: metrics-server-reads, namespace: kube-system}
        roleRef: {apiGroup: rbac.authorization.k8s.io, kind: Role, name: extension-apiserver-authentication-reader}
        subjects: [{kind: ServiceAccount, name: metrics-server, namespace: kube-system}]
        ---
        apiVersion: apps/v1
        kind: Deployment
        metadata: {name: metrics-server, namespace: kube-system}
        spec:
          selector: {matchLabels: {app: metrics-server}}
          template:
            metadata: {labels: {app: metrics-server}}
            spec:
              serviceAccountName: metrics-server
              terminationGracePeriodSeconds: 0
              containers:
                - name: metrics-server
                  image: ${IMAGE}
                  args:
                    - --secure-port=10250
                    - --cert-dir=/tmp
                    - --metric-resolution=10s
                    - --kubelet-request-timeout=5s
                    - --kubelet-certificate-authority=/var/run/secrets/kubernetes.io/serviceaccount/ca.crt
                    - --kubelet-preferred-address-types=InternalIP
                  volumeMounts: [{name: tmp, mountPath: /tmp}]
              volumes: [{name: tmp, emptyDir: {}}]
        ---
        apiVersion: v1
        kind: Service
        metadata: {name: metrics-server, namespace: kube-system}
        spec:
          selector: {app: metrics-server}
          ports: [{port: 443, targetPort: 10250}]
        ---
        apiVersion: apiregistration.k8s.io/v1
        kind: APIService
        metadata: {name: v1beta1.metrics.k8s.io}
        spec:
          group: metrics.k8s.io
          version: v1beta1
          groupPriorityMinimum: 100
          versionPriority: 100
          insecureSkipTLSVerify: true
          service: {name: metrics-server, namespace: kube-system}
        """
            .replace("${IMAGE}", BedImages.METRICS_SERVER));
  }

  /**
   * Removes it: whoever deletes a namespace waits for all aggregated APIs, also for one whose node
   * has gone.
   */
  static void remove(ClusterWithNodes cluster) {
    cluster.kubectl("delete", "apiservice", "v1beta1.metrics.k8s.io").check();
    cluster.kubectl("delete", "deployment", "metrics-server", "--namespace=kube-system").check();
  }

  /** What {@code kubectl top} says, once it knows something of every node. */
  static String top(ClusterWithNodes cluster, String... arguments) {
    var top = cluster.kubectl("top").with(arguments).with("--no-headers");
    return await("there are measurements")
        .atMost(DEADLINE)
        .until(top::run, result -> result.succeeded() && !result.output().contains("<unknown>"))
        .output();
  }
}
