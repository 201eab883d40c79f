package dev.hcp.e2e;

import static org.awaitility.Awaitility.await;

import dev.hcp.e2e.image.BedImages;
import io.fabric8.kubernetes.client.KubernetesClient;
import java.time.Duration;
import java.util.Map;

/**
 * An admission webhook that a pod in a hosted cluster serves and that refuses everything: an API
 * server that gets its answer has reached the pod.
 */
final class AdmissionInPod {
  private static final Duration DEADLINE = Duration.ofMinutes(2);
  private static final String REFUSED = "refused";

  private AdmissionInPod() {}

  /** Installs it for ConfigMaps in {@code namespace} that have the label {@code refused}. */
  static void install(Bed bed, ClusterWithNodes cluster, String namespace) {
    try (var management = bed.client()) {
      var certificate = certificate(bed, management, namespace);
      cluster.apply(
          """
          apiVersion: v1
          kind: Secret
          metadata: {name: refusing, namespace: ${NAMESPACE}}
          type: kubernetes.io/tls
          data: {tls.crt: "${CERTIFICATE}", tls.key: "${KEY}"}
          ---
          apiVersion: apps/v1
          kind: DaemonSet
          metadata: {name: refusing, namespace: ${NAMESPACE}}
          spec:
            selector: {matchLabels: {app: refusing}}
            template:
              metadata: {labels: {app: refusing}}
              spec:
                terminationGracePeriodSeconds: 0
                containers:
                  - name: webhook
                    image: ${IMAGE}
                    args: [webhook, --port=8443, --tls-cert-file=/tls/tls.crt, --tls-private-key-file=/tls/tls.key]
                    readinessProbe:
                      httpGet: {path: /readyz, port: 8443, scheme: HTTPS}
                      periodSeconds: 1
                    volumeMounts: [{name: tls, mountPath: /tls}]
                volumes: [{name: tls, secret: {secretName: refusing}}]
          ---
          apiVersion: v1
          kind: Service
          metadata: {name: refusing, namespace: ${NAMESPACE}}
          spec:
            selector: {app: refusing}
            ports: [{port: 443, targetPort: 8443}]
          ---
          apiVersion: admissionregistration.k8s.io/v1
          kind: ValidatingWebhookConfiguration
          metadata: {name: refusing}
          webhooks:
            - name: refusing.example.test
              clientConfig:
                caBundle: "${CERTIFICATE}"
                service: {name: refusing, namespace: ${NAMESPACE}, path: /always-deny}
              rules:
                - {apiGroups: [""], apiVersions: [v1], resources: [configmaps], operations: [CREATE]}
              objectSelector: {matchLabels: {refused: "yes"}}
              failurePolicy: Fail
              sideEffects: None
              timeoutSeconds: 5
              admissionReviewVersions: [v1]
          """
              .replace("${NAMESPACE}", namespace)
              .replace("${IMAGE}", BedImages.AGNHOST)
              .replace("${CERTIFICATE}", certificate.get("tls.crt"))
              .replace("${KEY}", certificate.get("tls.key")));
    }
    await("the webhook is served")
        .atMost(DEADLINE)
        .until(() -> refusal(cluster, namespace).contains("denies"));
  }

  /** What the API server says to an object that the webhook refuses. */
  static String refusal(ClusterWithNodes cluster, String namespace) {
    return cluster
        .kubectl("create", "--dry-run=server", "--filename=-")
        .input(
            """
            apiVersion: v1
            kind: ConfigMap
            metadata: {name: %s, namespace: %s, labels: {refused: "yes"}}
            """
                .formatted(REFUSED, namespace))
        .run()
        .error();
  }

  /** A certificate that vouches for itself, made by the cert-manager of the management cluster. */
  private static Map<String, String> certificate(
      Bed bed, KubernetesClient management, String namespace) {
    bed.kubectl("apply", "--filename=-")
        .input(
            """
            apiVersion: cert-manager.io/v1
            kind: Issuer
            metadata: {name: itself, namespace: default}
            spec: {selfSigned: {}}
            ---
            apiVersion: cert-manager.io/v1
            kind: Certificate
            metadata: {name: refusing, namespace: default}
            spec:
              secretName: refusing
              dnsNames: [refusing.%s.svc]
              issuerRef: {name: itself}
            """
                .formatted(namespace))
        .check();
    var secret = management.secrets().inNamespace("default").withName("refusing");
    await("the webhook's certificate is issued").atMost(DEADLINE).until(() -> secret.get() != null);
    return secret.get().getData();
  }
}
