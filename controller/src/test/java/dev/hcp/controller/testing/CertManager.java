package dev.hcp.controller.testing;

import io.fabric8.kubernetes.api.model.apiextensions.v1.CustomResourceDefinition;
import io.fabric8.kubernetes.client.Config;
import io.fabric8.kubernetes.client.KubernetesClient;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import java.util.Objects;
import java.util.concurrent.TimeUnit;

/**
 * cert-manager's controller, as a process. It finds the API server only where a pod would, so it
 * gets a file system of its own for that, which takes root.
 */
public final class CertManager implements AutoCloseable {
  private static final long STOP_SECONDS = 10;

  /** Kinds of cert-manager that only it uses. */
  private static final List<String> KINDS = List.of("CertificateRequest", "ClusterIssuer");

  /** Mounts what a pod has of its service account, where nobody else sees it. */
  private static final String MOUNT =
      """
      set -e
      mount -t tmpfs none "$(readlink -f /var/run)"
      mkdir -p /var/run/secrets/kubernetes.io
      cp -r "$1" /var/run/secrets/kubernetes.io/serviceaccount
      exec "$2"
      """;

  private final Process process;

  private CertManager(Process process) {
    this.process = process;
  }

  /** Whether this user may run it. */
  public static boolean isPossible() {
    return "root".equals(System.getProperty("user.name"));
  }

  /**
   * Installs its kinds and starts it.
   *
   * @param directory for its files and its log
   */
  public static CertManager start(KubernetesClient client, Config config, Path directory) {
    Crds.CERTIFICATES.install(client);
    Crds.ISSUERS.install(client);
    KINDS.forEach(kind -> install(client, kind));
    try {
      var account = Files.createDirectories(directory.resolve("serviceaccount"));
      var _ =
          Files.writeString(
              account.resolve("token"), Objects.requireNonNull(config.getOauthToken()));
      var _ =
          Files.copy(
              Path.of(Objects.requireNonNull(config.getCaCertFile())), account.resolve("ca.crt"));
      var builder =
          new ProcessBuilder(
                  "unshare",
                  "--mount",
                  "sh",
                  "-c",
                  MOUNT,
                  "sh",
                  account.toString(),
                  Binaries.CERT_MANAGER.path().toString())
              .redirectErrorStream(true)
              .redirectOutput(directory.resolve("cert-manager.log").toFile());
      var address = URI.create(config.getMasterUrl());
      builder.environment().put("KUBERNETES_SERVICE_HOST", address.getHost());
      builder.environment().put("KUBERNETES_SERVICE_PORT", String.valueOf(address.getPort()));
      return new CertManager(builder.start());
    } catch (IOException e) {
      throw new UncheckedIOException("cannot start cert-manager", e);
    }
  }

  private static void install(KubernetesClient client, String kind) {
    var singular = kind.toLowerCase(Locale.ROOT);
    var definition =
        client
            .getKubernetesSerialization()
            .unmarshal(
                """
                apiVersion: apiextensions.k8s.io/v1
                kind: CustomResourceDefinition
                metadata: {name: %2$ss.cert-manager.io}
                spec:
                  group: cert-manager.io
                  names: {kind: %1$s, listKind: %1$sList, plural: %2$ss, singular: %2$s}
                  scope: %3$s
                  versions:
                    - name: v1
                      served: true
                      storage: true
                      subresources: {status: {}}
                      schema:
                        openAPIV3Schema:
                          {type: object, x-kubernetes-preserve-unknown-fields: true}
                """
                    .formatted(
                        kind, singular, kind.startsWith("Cluster") ? "Cluster" : "Namespaced"),
                CustomResourceDefinition.class);
    var _ = client.resource(definition).create();
    var _ =
        client.resource(definition).waitUntilCondition(Crds::isEstablished, 60, TimeUnit.SECONDS);
  }

  @Override
  public void close() {
    process.destroy();
    try {
      if (!process.waitFor(STOP_SECONDS, TimeUnit.SECONDS)) {
        process.destroyForcibly();
      }
    } catch (InterruptedException e) {
      process.destroyForcibly();
      Thread.currentThread().interrupt();
    }
  }
}
