package dev.hcp.controller.kube;

import dev.hcp.model.ManagementIssuer;
import io.fabric8.kubernetes.api.model.discovery.v1.EndpointSlice;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.utils.KubernetesSerialization;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Base64;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Stream;

/** The management cluster's API servers, as far as others have to know them. */
public final class ManagementApi {
  /** Where an issuer says who it is, below its URL: OpenID Connect Discovery 1.0, section 4. */
  public static final String DISCOVERY = "/.well-known/openid-configuration";

  private static final String NAMESPACE = "default";
  private static final String SERVICE = "kubernetes";

  private final KubernetesClient client;

  /**
   * What an issuer of tokens says of itself.
   *
   * @param issuer its URL
   * @param keys URL of its keys
   */
  public record Document(String issuer, String keys) {}

  /** Uses a client, which its owner closes. */
  public ManagementApi(KubernetesClient client) {
    this.client = client;
  }

  /** Reads what an issuer says of itself. */
  public static Document read(String json) throws IOException {
    try {
      var fields = new KubernetesSerialization().unmarshal(json, Map.class);
      if (fields.get("issuer") instanceof String issuer
          && fields.get("jwks_uri") instanceof String keys) {
        return new Document(issuer, keys);
      }
    } catch (RuntimeException e) {
      throw new IOException("not a discovery document: " + e.getMessage(), e);
    }
    throw new IOException("not a discovery document: issuer or jwks_uri is missing");
  }

  /** What the management cluster says of the issuer of its service accounts' tokens. */
  public Document discoveryDocument() throws IOException {
    var json = client.raw(DISCOVERY);
    if (json == null) {
      throw new IOException(DISCOVERY + " is not found");
    }
    return read(json);
  }

  /** PEM of the authorities that the API servers' certificates are verified against. */
  public Optional<String> authority() throws IOException {
    var config = client.getConfiguration();
    if (config.getCaCertData() != null) {
      return Optional.of(
          new String(
              Base64.getMimeDecoder().decode(config.getCaCertData()), StandardCharsets.US_ASCII));
    }
    return config.getCaCertFile() == null
        ? Optional.empty()
        : Optional.of(Files.readString(Path.of(config.getCaCertFile())));
  }

  /** Where the API servers listen; none if they do not say so. */
  public List<ManagementIssuer.Address> apiServers() {
    var slice =
        client.resources(EndpointSlice.class).inNamespace(NAMESPACE).withName(SERVICE).get();
    return slice == null || slice.getPorts() == null ? List.of() : addresses(slice);
  }

  private static List<ManagementIssuer.Address> addresses(EndpointSlice slice) {
    return slice.getEndpoints().stream()
        .flatMap(endpoint -> endpoint.getAddresses().stream())
        .sorted()
        .flatMap(ip ->
            slice.getPorts().stream()
                .flatMap(port -> Stream.ofNullable(port.getPort()))
                .map(port -> new ManagementIssuer.Address(ip, port)))
        .toList();
  }
}
