package dev.hcp.validation;

import dev.hcp.api.v1alpha1.OidcProvider;
import java.io.ByteArrayInputStream;
import java.nio.charset.StandardCharsets;
import java.security.cert.CertificateException;
import java.security.cert.CertificateFactory;
import java.util.HashSet;
import java.util.Set;

/** Token issuers. An entry that kube-apiserver would refuse keeps it from starting. */
final class OidcRules {
  /** Issuer of the hosted cluster's own tokens, and of those of the management cluster. */
  private static final Set<String> RESERVED =
      Set.of("https://kubernetes.default.svc", "https://kubernetes.default.svc.cluster.local");

  private OidcRules() {}

  static void check(Field field, String issuer, OidcProvider provider) {
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
    field
        .at("claimMappings")
        .at("username")
        .require(
            !provider.claimMappings().username().isBlank(),
            provider.claimMappings().username(),
            "must be a CEL expression, for example claims.email");
    var rules = provider.claimValidationRules();
    for (int i = 0; rules != null && i < rules.size(); i++) {
      field
          .at("claimValidationRules")
          .index(i)
          .at("expression")
          .require(
              !rules.get(i).expression().isBlank(),
              rules.get(i).expression(),
              "must be a CEL expression, for example claims.email_verified");
    }
    if (provider.certificateAuthority() != null) {
      // The value is no secret, but far too long to repeat.
      field
          .at("certificateAuthority")
          .require(
              holdsCertificates(provider.certificateAuthority()),
              null,
              "must be one or more certificates in PEM form");
    }
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

  private static boolean holdsCertificates(String pem) {
    try {
      var bytes = new ByteArrayInputStream(pem.getBytes(StandardCharsets.US_ASCII));
      return pem.contains("-----BEGIN CERTIFICATE-----")
          && !CertificateFactory.getInstance("X.509").generateCertificates(bytes).isEmpty();
    } catch (CertificateException e) {
      return false;
    }
  }
}
