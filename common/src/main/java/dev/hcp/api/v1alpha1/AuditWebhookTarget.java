package dev.hcp.api.v1alpha1;

import com.fasterxml.jackson.annotation.JsonIgnoreProperties;
import com.fasterxml.jackson.annotation.JsonInclude;
import io.fabric8.generator.annotation.Required;
import org.jspecify.annotations.Nullable;

/**
 * One receiver of audit events.
 *
 * @param server URL to which events are posted, for example `https://audit.example.com/events`.
 * @param certificateAuthority PEM bundle of the authorities that the receiver's TLS certificate is
 *     verified against. Default: those of the operating system.
 * @param authentication Bearer token that is sent along.
 */
@JsonInclude(JsonInclude.Include.NON_NULL)
@JsonIgnoreProperties(ignoreUnknown = true)
public record AuditWebhookTarget(
    @Required String server,
    @Nullable String certificateAuthority,
    @Nullable AuditWebhookAuthentication authentication) {}
