package dev.hcp.render.kubeconfig;

import dev.hcp.api.v1alpha1.ControlPlaneEndpoint;
import dev.hcp.api.v1alpha1.Kubeconfig;
import dev.hcp.model.ControlPlane;
import dev.hcp.model.SecretText;
import dev.hcp.naming.Component;
import dev.hcp.naming.Labels;
import dev.hcp.render.Metadata;
import dev.hcp.render.pki.PkiRenderer;
import io.fabric8.kubernetes.api.model.Secret;
import io.fabric8.kubernetes.api.model.SecretBuilder;
import java.util.List;
import java.util.Map;

/**
 * Kubeconfigs. Those of the control plane's own pods name certificate files, which the pods mount
 * and reload, so that a renewed certificate changes neither the kubeconfig nor the pod; those for
 * use elsewhere carry their credentials.
 */
public final class KubeconfigRenderer {
  /** Key of the Secret under which the kubeconfig stands; defined by Cluster API. */
  public static final String KEY = "value";

  private KubeconfigRenderer() {}

  /** Where the credentials of a kubeconfig come from: lines of YAML without indentation. */
  private record Credentials(String authority, String certificate, String key) {
    static Credentials files(String authority, String certificate, String key) {
      return new Credentials(
          "certificate-authority: " + authority,
          "client-certificate: " + certificate,
          "client-key: " + key);
    }

    static Credentials inline(String authority, String certificate, String key) {
      return new Credentials(
          "certificate-authority-data: " + authority,
          "client-certificate-data: " + certificate,
          "client-key-data: " + key);
    }
  }

  /**
   * The kubeconfigs of the control plane's own pods: controller-manager, scheduler, konnectivity
   * server.
   */
  public static List<Secret> internal(ControlPlane controlPlane) {
    var names = controlPlane.names();
    var service = internalUrl(controlPlane);
    return List.of(
        byFile(
            controlPlane,
            names.controllerManagerKubeconfig(),
            "kube-controller-manager",
            service,
            Paths.PKI + "/bundle.crt",
            Paths.PKI + "/client"),
        byFile(
            controlPlane,
            names.schedulerKubeconfig(),
            "kube-scheduler",
            service,
            Paths.PKI + "/bundle.crt",
            Paths.PKI + "/client"),
        byFile(
            controlPlane,
            names.konnectivityKubeconfig(),
            "konnectivity-client",
            "https://localhost:" + ControlPlane.API_SERVER_PORT,
            Paths.PKI + "/bundle.crt",
            Paths.PKI + "/client"));
  }

  /**
   * The administrator's kubeconfig, which Cluster API uses too.
   *
   * @param authority trusted certificates, base64 of PEM
   * @param certificate client certificate and key: data of its Secret
   */
  public static Secret admin(
      ControlPlane controlPlane,
      ControlPlaneEndpoint endpoint,
      String authority,
      Map<String, String> certificate) {
    return withData(
        controlPlane,
        controlPlane.names().adminKubeconfig(),
        "admin",
        url(endpoint),
        authority,
        certificate);
  }

  /**
   * The kubeconfig by which this project's controller reaches the API server from inside the
   * management cluster.
   */
  public static Secret controlPlaneController(
      ControlPlane controlPlane, String authority, Map<String, String> certificate) {
    return withData(
        controlPlane,
        controlPlane.names().controlPlaneControllerKubeconfig(),
        "control-plane-controller",
        internalUrl(controlPlane),
        authority,
        certificate);
  }

  /**
   * The kubeconfig of a user.
   *
   * @param entry what the spec says of it
   * @param server URL of the API server
   */
  public static Secret user(
      ControlPlane controlPlane,
      Kubeconfig entry,
      String server,
      String authority,
      Map<String, String> certificate) {
    return withData(
        controlPlane,
        controlPlane.names().kubeconfig(entry.name()),
        // Not the user's own name, which no label can have.
        entry.name(),
        server,
        authority,
        certificate);
  }

  /** URL under which the API server is reached from inside the management cluster. */
  public static String internalUrl(ControlPlane controlPlane) {
    return "https://%s:443".formatted(controlPlane.internalHost());
  }

  /** URL of an endpoint. */
  public static String url(ControlPlaneEndpoint endpoint) {
    return "https://" + address(endpoint);
  }

  /** Host and port of an endpoint. */
  public static String address(ControlPlaneEndpoint endpoint) {
    var host = String.valueOf(endpoint.host());
    return "%s:%d".formatted(host.contains(":") ? "[" + host + "]" : host, endpoint.port());
  }

  private static Secret byFile(
      ControlPlane controlPlane,
      String name,
      String user,
      String server,
      String authority,
      String keyPair) {
    return secret(
        controlPlane,
        name,
        user,
        server,
        Credentials.files(authority, keyPair + ".crt", keyPair + ".key"));
  }

  private static Secret withData(
      ControlPlane controlPlane,
      String name,
      String user,
      String server,
      String authority,
      Map<String, String> certificate) {
    return secret(
        controlPlane,
        name,
        user,
        server,
        Credentials.inline(
            authority,
            String.valueOf(certificate.get("tls.crt")),
            String.valueOf(certificate.get("tls.key"))));
  }

  private static Secret secret(
      ControlPlane controlPlane, String name, String user, String server, Credentials credentials) {
    var cluster = controlPlane.names().cluster();
    var labels = Labels.of(cluster, Component.KUBECONFIG);
    labels.put(Labels.KUBECONFIG, "true");
    labels.put(Labels.KUBECONFIG_USERNAME, user);
    var document =
        """
        apiVersion: v1
        kind: Config
        clusters:
        - name: %1$s
          cluster:
            server: %3$s
            %4$s
        users:
        - name: %2$s
          user:
            %5$s
            %6$s
        contexts:
        - name: %2$s@%1$s
          context:
            cluster: %1$s
            user: %2$s
        current-context: %2$s@%1$s
        """
            .formatted(
                cluster,
                user,
                server,
                credentials.authority(),
                credentials.certificate(),
                credentials.key());
    return new SecretBuilder()
        .withMetadata(Metadata.of(controlPlane, name, labels))
        .withType(PkiRenderer.CLUSTER_SECRET_TYPE)
        .withData(Map.of(KEY, SecretText.encoded(document)))
        .build();
  }
}
