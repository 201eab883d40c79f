package dev.hcp.api.v1alpha1;

import com.fasterxml.jackson.annotation.JsonIgnoreProperties;
import com.fasterxml.jackson.annotation.JsonInclude;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * API resources of one group that an audit rule matches.
 *
 * @param group API group; an empty string is the core group.
 * @param resources Resource names, with subresources as `pods/log`; empty for all of the group.
 * @param resourceNames Object names; needs `resources`.
 */
@JsonInclude(JsonInclude.Include.NON_NULL)
@JsonIgnoreProperties(ignoreUnknown = true)
public record AuditGroupResources(
    @Nullable String group,
    @Nullable List<String> resources,
    @Nullable List<String> resourceNames) {}
