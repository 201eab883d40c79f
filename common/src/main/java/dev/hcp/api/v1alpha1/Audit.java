package dev.hcp.api.v1alpha1;

import com.fasterxml.jackson.annotation.JsonIgnoreProperties;
import com.fasterxml.jackson.annotation.JsonInclude;
import io.fabric8.generator.annotation.Required;
import org.jspecify.annotations.Nullable;

/**
 * Auditing of requests to the hosted API server.
 *
 * @param policy Audit policy, as in a file given to kube-apiserver by `--audit-policy-file`.
 * @param mode How events are delivered: batch (asynchronously), blocking (before the response is
 *     sent) or blocking-strict (a request whose event cannot be delivered fails). Default: batch.
 * @param webhook Receivers of the events. Without it events are written to standard output of the
 *     API server.
 */
@JsonInclude(JsonInclude.Include.NON_NULL)
@JsonIgnoreProperties(ignoreUnknown = true)
public record Audit(
    @Required AuditPolicy policy, @Nullable AuditMode mode, @Nullable AuditWebhook webhook) {}
