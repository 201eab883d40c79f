package dev.hcp.validation;

import dev.hcp.api.v1alpha1.Audit;
import dev.hcp.api.v1alpha1.AuditPolicy;
import dev.hcp.api.v1alpha1.AuditPolicyRule;
import dev.hcp.api.v1alpha1.AuditWebhook;
import dev.hcp.api.v1alpha1.AuditWebhookTarget;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/** Auditing. A policy that kube-apiserver would refuse keeps it from starting. */
final class AuditRules {
  private static final Set<String> STAGES =
      Set.of("RequestReceived", "ResponseStarted", "ResponseComplete", "Panic");
  private static final String STAGE_NAMES =
      "must be RequestReceived, ResponseStarted, ResponseComplete or Panic";

  /** {@code *} alone, or a path in which it may stand at the end. */
  private static final Pattern NON_RESOURCE_URL = Pattern.compile("\\*|/[^*]*\\*?");

  private static final Map<String, Pattern> FORWARDER_FLAGS =
      Map.of(
          "buffer", Pattern.compile("1[2-9]|[2-9][0-9]|[1-9][0-9]{2}"),
          "log-level", Pattern.compile("debug|info|warn|error"),
          "timeout", Pattern.compile("[1-9]|1[0-9]|2[0-5]"));
  private static final Map<String, String> FORWARDER_VALUES =
      Map.of(
          "buffer", "a number of mebibytes from 12 to 999",
          "log-level", "debug, info, warn or error",
          "timeout", "a number of seconds from 1 to 25");

  private AuditRules() {}

  static void check(Field field, Audit audit) {
    checkPolicy(field.at("policy"), audit.policy());
    if (audit.webhook() != null) {
      checkWebhook(field.at("webhook"), audit.webhook());
    }
  }

  private static void checkPolicy(Field field, AuditPolicy policy) {
    field
        .at("apiVersion")
        .require(
            policy.apiVersion() == null || policy.apiVersion().equals("audit.k8s.io/v1"),
            policy.apiVersion(),
            "must be audit.k8s.io/v1");
    field
        .at("kind")
        .require(
            policy.kind() == null || policy.kind().equals("Policy"),
            policy.kind(),
            "must be Policy");
    if (policy.rules().isEmpty()) {
      field.at("rules").missing("must have at least one rule");
    }
    checkStages(field.at("omitStages"), policy.omitStages());
    for (int i = 0; i < policy.rules().size(); i++) {
      checkRule(field.at("rules").index(i), policy.rules().get(i));
    }
  }

  private static void checkRule(Field field, AuditPolicyRule rule) {
    checkStages(field.at("omitStages"), rule.omitStages());
    var urls = orEmpty(rule.nonResourceURLs());
    boolean selectsResources =
        !orEmpty(rule.resources()).isEmpty() || !orEmpty(rule.namespaces()).isEmpty();
    field
        .at("nonResourceURLs")
        .require(
            urls.isEmpty() || !selectsResources,
            String.join(",", urls),
            "must be in a rule of their own, without resources and namespaces");
    for (int i = 0; i < urls.size(); i++) {
      field
          .at("nonResourceURLs")
          .index(i)
          .require(
              NON_RESOURCE_URL.matcher(urls.get(i)).matches(),
              urls.get(i),
              "must be *, or begin with / and have * at the end only");
    }
    var resources = orEmpty(rule.resources());
    for (int i = 0; i < resources.size(); i++) {
      var selection = resources.get(i);
      var group = selection.group();
      field
          .at("resources")
          .index(i)
          .at("group")
          .require(
              group == null || group.isEmpty() || DnsNames.isSubdomain(group),
              group,
              "must be an API group without version, for example apps, or empty for the core"
                  + " group");
      field
          .at("resources")
          .index(i)
          .at("resourceNames")
          .require(
              orEmpty(selection.resourceNames()).isEmpty()
                  || !orEmpty(selection.resources()).isEmpty(),
              String.join(",", orEmpty(selection.resourceNames())),
              "must come with resources");
    }
  }

  private static void checkStages(Field field, @Nullable List<String> stages) {
    var all = orEmpty(stages);
    for (int i = 0; i < all.size(); i++) {
      field.index(i).require(STAGES.contains(all.get(i)), all.get(i), STAGE_NAMES);
    }
  }

  private static void checkWebhook(Field field, AuditWebhook webhook) {
    PodRules.check(field, webhook);
    if (webhook.args() != null) {
      webhook
          .args()
          .forEach((flag, value) -> {
            var pattern = FORWARDER_FLAGS.get(flag);
            if (pattern == null) {
              field
                  .at("args")
                  .key(flag)
                  .reject(flag, "must be a flag of the forwarder: buffer, log-level or timeout");
            } else {
              field
                  .at("args")
                  .key(flag)
                  .require(
                      pattern.matcher(value).matches(),
                      value,
                      "must be %s".formatted(FORWARDER_VALUES.get(flag)));
            }
          });
    }
    if (webhook.targets().isEmpty()) {
      field.at("targets").missing("must have at least one receiver");
    }
    for (int i = 0; i < webhook.targets().size(); i++) {
      checkTarget(field.at("targets").index(i), webhook.targets().get(i));
    }
  }

  private static void checkTarget(Field field, AuditWebhookTarget target) {
    field
        .at("server")
        .require(
            Urls.isHttp(target.server()),
            target.server(),
            "must be an http or https URL without user and fragment, for example"
                + " https://audit.example.com/events");
    if (target.certificateAuthority() != null) {
      field
          .at("certificateAuthority")
          .require(
              PemRules.holdsCertificates(target.certificateAuthority()),
              PemRules.outline(target.certificateAuthority()),
              PemRules.ACCEPTED);
      field
          .at("server")
          .require(
              target.server().startsWith("https:"),
              target.server(),
              "must be an https URL, since certificateAuthority is set");
    }
    var authentication = target.authentication();
    if (authentication == null) {
      return;
    }
    var secret = field.at("authentication");
    DnsNames.subdomain(secret.at("secretName"), authentication.secretName());
    if (authentication.secretNamespace() != null) {
      DnsNames.label(secret.at("secretNamespace"), authentication.secretNamespace());
    }
    if (authentication.tokenKey() != null) {
      DnsNames.key(secret.at("tokenKey"), authentication.tokenKey());
    }
  }

  private static <T> List<T> orEmpty(@Nullable List<T> list) {
    return list == null ? List.of() : list;
  }
}
