package dev.hcp.validation;

import dev.hcp.api.v1alpha1.OidcClaimValidationRule;
import dev.hcp.api.v1alpha1.OidcProvider;
import dev.hcp.validation.cel.ClaimsExpression;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.stream.Stream;

/** Token issuers. An entry that kube-apiserver would refuse keeps it from starting. */
final class OidcRules {
  /** Issuer of the hosted cluster's own tokens, and of those of the management cluster. */
  private static final Set<String> RESERVED =
      Set.of("https://kubernetes.default.svc", "https://kubernetes.default.svc.cluster.local");

  private static final String GROUPS = "claims.groups";

  /** kube-apiserver takes 64, and one is that of the management cluster. */
  private static final int MOST_ISSUERS = 63;

  private OidcRules() {}

  static void check(Field field, Map<String, OidcProvider> providers) {
    field.require(
        providers.size() <= MOST_ISSUERS,
        providers.size(),
        "must be at most %d issuers".formatted(MOST_ISSUERS));
    new TreeMap<>(providers)
        .forEach((issuer, provider) -> check(field.key(issuer), issuer, provider));
  }

  private static void check(Field field, String issuer, OidcProvider provider) {
    if (RESERVED.contains(issuer)) {
      field.reject(issuer, "must be another issuer: this one stands for the clusters' own tokens");
    } else {
      field.require(
          Urls.isIssuer(issuer),
          issuer,
          "must be an https URL without user, query and fragment, for example"
              + " https://login.example.com/realm");
    }
    checkAudiences(field.at("audiences"), provider);
    checkExpressions(field, provider);
    if (provider.certificateAuthority() != null) {
      field
          .at("certificateAuthority")
          .require(
              PemRules.holdsCertificates(provider.certificateAuthority()),
              PemRules.outline(provider.certificateAuthority()),
              PemRules.ACCEPTED);
    }
  }

  private static void checkExpressions(Field field, OidcProvider provider) {
    var mappings = provider.claimMappings();
    var username = field.at("claimMappings").at("username");
    checkExpression(username, mappings.username(), false, "claims.sub");
    if (mappings.groups() != null) {
      checkExpression(field.at("claimMappings").at("groups"), mappings.groups(), false, GROUPS);
    }
    var rules =
        provider.claimValidationRules() == null
            ? List.<OidcClaimValidationRule>of()
            : provider.claimValidationRules();
    var seen = new HashSet<String>();
    for (int i = 0; i < rules.size(); i++) {
      var rule = field.at("claimValidationRules").index(i).at("expression");
      var expression = rules.get(i).expression();
      checkExpression(rule, expression, true, "claims.email_verified == true");
      rule.require(seen.add(expression), expression, "must differ from the other expressions");
    }
    username.require(
        !ClaimsExpression.reads(mappings.username(), "email")
            || Stream.concat(Stream.of(mappings.username()), seen.stream())
                .anyMatch(expression -> ClaimsExpression.reads(expression, "email_verified")),
        mappings.username(),
        "must come with a claim validation rule that uses claims.email_verified, since it uses"
            + " claims.email; for example claims.email_verified == true");
  }

  private static void checkExpression(
      Field field, String expression, boolean truth, String example) {
    ClaimsExpression.problem(expression, truth)
        .ifPresent(problem ->
            field.reject(
                expression,
                "must be a CEL expression, for example %s: %s".formatted(example, problem)));
  }

  private static void checkAudiences(Field field, OidcProvider provider) {
    field.require(!provider.audiences().isEmpty(), null, "must have at least one audience");
    var seen = new HashSet<String>();
    for (int i = 0; i < provider.audiences().size(); i++) {
      var audience = provider.audiences().get(i);
      field
          .index(i)
          .require(
              !audience.isEmpty() && seen.add(audience),
              audience,
              "must not be empty, and differ from the other audiences");
    }
  }
}
