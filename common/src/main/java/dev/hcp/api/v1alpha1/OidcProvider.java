package dev.hcp.api.v1alpha1;

import com.fasterxml.jackson.annotation.JsonIgnoreProperties;
import com.fasterxml.jackson.annotation.JsonInclude;
import io.fabric8.generator.annotation.Required;
import io.fabric8.generator.annotation.Size;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * One issuer of JSON Web Tokens that the hosted API server trusts.
 *
 * @param certificateAuthority PEM bundle of the authorities that the issuer's TLS certificate is
 *     verified against. Default: those of the operating system.
 * @param audiences Accepted values of the claim `aud`; one of them must be in the token. At least
 *     one.
 * @param claimValidationRules CEL expressions that all must hold for a token to be accepted.
 * @param claimMappings How claims become a Kubernetes user.
 */
@JsonInclude(JsonInclude.Include.NON_NULL)
@JsonIgnoreProperties(ignoreUnknown = true)
public record OidcProvider(
    @Nullable String certificateAuthority,
    @Required @Size(min = 1) List<String> audiences,
    @Nullable List<OidcClaimValidationRule> claimValidationRules,
    @Required OidcClaimMappings claimMappings) {

  private static final String IS_ISSUER =
      "issuer.startsWith('https://') && !(issuer in ['https://kubernetes.default.svc',"
          + " 'https://kubernetes.default.svc.cluster.local'])";

  /** CEL rule for the keys of a map of providers. */
  static final String ISSUERS = "self.all(issuer, " + IS_ISSUER + ")";

  /** CEL expression for what is wrong with them. */
  static final String ISSUERS_MESSAGE =
      "'\"' + self.filter(issuer, !("
          + IS_ISSUER
          + "))[0] + '\": must be an https URL, and not the issuer of the clusters themselves; for"
          + " example https://login.example.com/realm'";
}
