package dev.hcp.controller.testing;

import dev.hcp.controller.scenario.Manifests;
import io.fabric8.kubernetes.api.model.HasMetadata;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.List;

/** What the forerunner has in the management cluster for a Cluster {@code demo}. */
public final class Forerunner {
  private static final String FILE = "/dev/hcp/controller/adoption/forerunner.yaml";

  private Forerunner() {}

  /**
   * Its objects.
   *
   * @param namespace namespace of the Cluster
   * @param uid identity of the HostedControlPlane
   * @param trusted what everybody trusts, base64 of PEM
   */
  public static List<HasMetadata> objects(String namespace, String uid, String trusted) {
    try (InputStream file = Forerunner.class.getResourceAsStream(FILE)) {
      return Manifests.read(
          new String(file.readAllBytes(), StandardCharsets.UTF_8)
              .replace("clusters", namespace)
              .replace(" UID\n", " " + uid + "\n")
              .replace("BUNDLE", trusted));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
