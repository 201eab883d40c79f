package dev.hcp.api.v1alpha1;

import com.fasterxml.jackson.annotation.JsonIgnoreProperties;
import com.fasterxml.jackson.annotation.JsonInclude;
import io.fabric8.generator.annotation.Required;
import io.fabric8.generator.annotation.Size;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Audit policy: which requests are recorded and how much of them; kind `Policy` of group
 * `audit.k8s.io/v1`.
 *
 * @param apiVersion Always `audit.k8s.io/v1`; may be left out.
 * @param kind Always `Policy`; may be left out.
 * @param rules Rules in order; the first that matches a request decides. A request that no rule
 *     matches is not recorded.
 * @param omitStages Stages of a request for which no event is made, for all rules.
 * @param omitManagedFields Whether managed fields are left out of recorded bodies, for all rules
 *     that do not say otherwise.
 */
@JsonInclude(JsonInclude.Include.NON_NULL)
@JsonIgnoreProperties(ignoreUnknown = true)
public record AuditPolicy(
    @Nullable String apiVersion,
    @Nullable String kind,
    @Required @Size(min = 1) List<AuditPolicyRule> rules,
    @Nullable List<String> omitStages,
    @Nullable Boolean omitManagedFields) {}
