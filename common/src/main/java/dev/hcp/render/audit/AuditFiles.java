package dev.hcp.render.audit;

import dev.hcp.api.v1alpha1.AuditGroupResources;
import dev.hcp.api.v1alpha1.AuditPolicy;
import dev.hcp.api.v1alpha1.AuditPolicyRule;
import dev.hcp.render.Yaml;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** The files that an API server reads. */
final class AuditFiles {
  private AuditFiles() {}

  static String policy(AuditPolicy policy) {
    var document = new LinkedHashMap<String, Object>();
    document.put("apiVersion", "audit.k8s.io/v1");
    document.put("kind", "Policy");
    put(document, "omitStages", policy.omitStages());
    put(document, "omitManagedFields", policy.omitManagedFields());
    document.put("rules", policy.rules().stream().map(AuditFiles::rule).toList());
    return Yaml.write(document);
  }

  /**
   * Where events are sent.
   *
   * @param authority base64 of PEM
   * @param tokenFile read anew by the API server every minute
   */
  static String kubeconfig(String server, Optional<String> authority, Optional<String> tokenFile) {
    var cluster = new LinkedHashMap<String, Object>();
    cluster.put("server", server);
    authority.ifPresent(data -> cluster.put("certificate-authority-data", data));
    var document = new LinkedHashMap<String, Object>();
    document.put("apiVersion", "v1");
    document.put("kind", "Config");
    document.put("clusters", List.of(named("webhook", "cluster", cluster)));
    document.put(
        "users",
        List.of(
            named(
                "kube-apiserver",
                "user",
                tokenFile
                    .<Map<String, Object>>map(file -> Map.of("tokenFile", file))
                    .orElse(Map.of()))));
    var context = new LinkedHashMap<String, Object>();
    context.put("cluster", "webhook");
    context.put("user", "kube-apiserver");
    document.put("contexts", List.of(named("webhook", "context", context)));
    document.put("current-context", "webhook");
    return Yaml.write(document);
  }

  private static Map<String, Object> named(String name, String kind, Map<String, Object> value) {
    var entry = new LinkedHashMap<String, Object>();
    entry.put("name", name);
    entry.put(kind, value);
    return entry;
  }

  private static Map<String, Object> rule(AuditPolicyRule rule) {
    var fields = new LinkedHashMap<String, Object>();
    fields.put("level", rule.level().value());
    put(fields, "users", rule.users());
    put(fields, "userGroups", rule.userGroups());
    put(fields, "verbs", rule.verbs());
    put(
        fields,
        "resources",
        rule.resources() == null
            ? null
            : rule.resources().stream().map(AuditFiles::resources).toList());
    put(fields, "namespaces", rule.namespaces());
    put(fields, "nonResourceURLs", rule.nonResourceURLs());
    put(fields, "omitStages", rule.omitStages());
    put(fields, "omitManagedFields", rule.omitManagedFields());
    return fields;
  }

  private static Map<String, Object> resources(AuditGroupResources resources) {
    var fields = new LinkedHashMap<String, Object>();
    put(fields, "group", resources.group());
    put(fields, "resources", resources.resources());
    put(fields, "resourceNames", resources.resourceNames());
    return fields;
  }

  private static void put(Map<String, Object> fields, String name, @Nullable Object value) {
    if (value != null) {
      fields.put(name, value);
    }
  }
}
