package dev.hcp.api.v1alpha1;

import com.fasterxml.jackson.annotation.JsonIgnoreProperties;
import com.fasterxml.jackson.annotation.JsonInclude;
import io.fabric8.generator.annotation.Required;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * One rule of an audit policy. An empty list matches everything.
 *
 * @param level How much is recorded: None, Metadata, Request or RequestResponse.
 * @param users User names that the rule matches.
 * @param userGroups Groups that the rule matches; one of the user's groups suffices.
 * @param verbs Verbs that the rule matches.
 * @param resources API resources that the rule matches.
 * @param namespaces Namespaces that the rule matches; an empty string stands for resources without
 *     a namespace.
 * @param nonResourceURLs URL paths that the rule matches; a trailing `*` matches any suffix.
 * @param omitStages Stages for which no event is made.
 * @param omitManagedFields Whether managed fields are left out of recorded bodies.
 */
@JsonInclude(JsonInclude.Include.NON_NULL)
@JsonIgnoreProperties(ignoreUnknown = true)
public record AuditPolicyRule(
    @Required AuditLevel level,
    @Nullable List<String> users,
    @Nullable List<String> userGroups,
    @Nullable List<String> verbs,
    @Nullable List<AuditGroupResources> resources,
    @Nullable List<String> namespaces,
    @Nullable List<String> nonResourceURLs,
    @Nullable List<String> omitStages,
    @Nullable Boolean omitManagedFields) {}
