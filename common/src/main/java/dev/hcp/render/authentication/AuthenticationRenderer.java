package dev.hcp.render.authentication;

import dev.hcp.api.v1alpha1.OidcClaimMappings;
import dev.hcp.api.v1alpha1.OidcProvider;
import dev.hcp.model.ControlPlane;
import dev.hcp.model.ManagementIssuer;
import dev.hcp.naming.Component;
import dev.hcp.render.Metadata;
import dev.hcp.render.Yaml;
import dev.hcp.render.pod.Pods;
import dev.hcp.version.VersionTable;
import io.fabric8.kubernetes.api.model.ConfigMap;
import io.fabric8.kubernetes.api.model.ConfigMapBuilder;
import io.fabric8.kubernetes.api.model.Volume;
import io.fabric8.kubernetes.api.model.VolumeBuilder;
import io.fabric8.kubernetes.api.model.VolumeMount;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;

/**
 * Which tokens the API servers accept besides those of the hosted cluster. API servers follow the
 * file, so a change of it restarts none.
 */
public final class AuthenticationRenderer {
  /** Issuer of the hosted cluster's own tokens, which none of the others may be. */
  public static final String OWN_ISSUER = "https://kubernetes.default.svc";

  /**
   * Paths that may be asked without credentials, of all that roles allow to everybody: those of
   * probes, what {@code kubeadm join} trusts a cluster by, and the keys of service-account tokens,
   * for who has bound the role for that.
   */
  private static final List<String> ANONYMOUS_PATHS =
      List.of(
          "/healthz",
          "/livez",
          "/readyz",
          "/api/v1/namespaces/kube-public/configmaps/cluster-info",
          "/.well-known/openid-configuration",
          "/openid/v1/jwks");

  /** The first version in which paths can be named: with v1beta1, not every release takes them. */
  private static final String WITH_ANONYMOUS_PATHS = "v1";

  private static final String GROUP = "apiserver.config.k8s.io/";
  private static final String DIRECTORY = "/etc/kubernetes/authentication";
  private static final String VOLUME = "authentication-config";

  private AuthenticationRenderer() {}

  /**
   * The ConfigMap, with a file for each version of the configuration: while API servers are being
   * replaced, the old ones may read another version than the new ones.
   *
   * @param management issuer of the management cluster's tokens, if they are accepted; goes before
   *     one of the same URL in the spec
   */
  public static ConfigMap configuration(
      ControlPlane controlPlane, Optional<ManagementIssuer> management) {
    var issuers = issuers(controlPlane, management);
    var files = new TreeMap<String, String>();
    VersionTable.authenticationConfigurations()
        .forEach(version -> files.put(file(version), configuration(version, issuers)));
    return new ConfigMapBuilder()
        .withMetadata(
            Metadata.of(
                controlPlane, controlPlane.names().authentication(), Component.AUTHENTICATION))
        .withData(files)
        .build();
  }

  /** Where an API server of this version finds its configuration. */
  public static String path(ControlPlane controlPlane) {
    return DIRECTORY + "/" + file(controlPlane.components().authenticationConfiguration());
  }

  /** The volume of the API server. */
  public static Volume volume(ControlPlane controlPlane) {
    return new VolumeBuilder()
        .withName(VOLUME)
        .withNewConfigMap()
        .withName(controlPlane.names().authentication())
        .endConfigMap()
        .build();
  }

  /** The mount of the API server. */
  public static VolumeMount mount() {
    return Pods.readOnly(VOLUME, DIRECTORY);
  }

  /** The only audience that tokens of the management cluster may have. */
  public static String managementAudience(ControlPlane controlPlane) {
    return "workload-cluster:%s/%s"
        .formatted(controlPlane.namespace(), controlPlane.names().cluster());
  }

  private static String file(String version) {
    return version + ".yaml";
  }

  private static String configuration(String version, List<Map<String, Object>> issuers) {
    var document = new LinkedHashMap<String, Object>();
    document.put("apiVersion", GROUP + version);
    document.put("kind", "AuthenticationConfiguration");
    if (version.equals(WITH_ANONYMOUS_PATHS)) {
      var paths = ANONYMOUS_PATHS.stream().map(path -> Map.of("path", path)).toList();
      var anonymous = new LinkedHashMap<String, Object>();
      anonymous.put("enabled", true);
      anonymous.put("conditions", paths);
      document.put("anonymous", anonymous);
    }
    document.put("jwt", issuers);
    return Yaml.write(document);
  }

  private static List<Map<String, Object>> issuers(
      ControlPlane controlPlane, Optional<ManagementIssuer> management) {
    var byUrl = new TreeMap<String, Map<String, Object>>();
    if (controlPlane.spec().oidcProviders() != null) {
      controlPlane
          .spec()
          .oidcProviders()
          .forEach((url, provider) -> byUrl.put(url, issuer(url, provider)));
    }
    management.ifPresent(issuer ->
        byUrl.put(
            issuer.url(),
            issuer(
                issuer.url(),
                new OidcProvider(
                    issuer.certificateAuthority().orElse(null),
                    List.of(managementAudience(controlPlane)),
                    null,
                    new OidcClaimMappings("\"management-cluster:\" + claims.sub", null)))));
    return List.copyOf(byUrl.values());
  }

  private static Map<String, Object> issuer(String url, OidcProvider provider) {
    var issuer = new LinkedHashMap<String, Object>();
    issuer.put("url", url);
    if (provider.certificateAuthority() != null) {
      issuer.put("certificateAuthority", provider.certificateAuthority());
    }
    issuer.put("audiences", provider.audiences());
    issuer.put("audienceMatchPolicy", "MatchAny");
    var entry = new LinkedHashMap<String, Object>();
    entry.put("issuer", issuer);
    var rules = provider.claimValidationRules();
    if (rules != null && !rules.isEmpty()) {
      var all = new ArrayList<Map<String, Object>>();
      for (var rule : rules) {
        var fields = new LinkedHashMap<String, Object>();
        fields.put("expression", rule.expression());
        if (rule.message() != null) {
          fields.put("message", rule.message());
        }
        all.add(fields);
      }
      entry.put("claimValidationRules", all);
    }
    var mappings = new LinkedHashMap<String, Object>();
    mappings.put("username", Map.of("expression", provider.claimMappings().username()));
    if (provider.claimMappings().groups() != null) {
      mappings.put("groups", Map.of("expression", provider.claimMappings().groups()));
    }
    entry.put("claimMappings", mappings);
    return entry;
  }
}
