package dev.hcp.api.v1alpha1;

import com.fasterxml.jackson.annotation.JsonIgnoreProperties;
import com.fasterxml.jackson.annotation.JsonInclude;
import io.fabric8.generator.annotation.Required;
import org.jspecify.annotations.Nullable;

/**
 * Where the bearer token for an audit receiver is kept.
 *
 * @param secretName Name of the Secret.
 * @param secretNamespace Namespace of the Secret. Default: that of the HostedControlPlane. In any
 *     other a ReferenceGrant of the Gateway API has to allow it.
 * @param tokenKey Key of the Secret that holds the token. Default: `token`.
 */
@JsonInclude(JsonInclude.Include.NON_NULL)
@JsonIgnoreProperties(ignoreUnknown = true)
public record AuditWebhookAuthentication(
    @Required String secretName, @Nullable String secretNamespace, @Nullable String tokenKey) {

  /** Key of the Secret that holds the token, by default too. */
  public String keyOfToken() {
    return tokenKey == null ? "token" : tokenKey;
  }
}
