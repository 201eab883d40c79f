package dev.hcp.api.v1alpha1;

import com.fasterxml.jackson.annotation.JsonIgnoreProperties;
import com.fasterxml.jackson.annotation.JsonInclude;
import io.fabric8.generator.annotation.Required;
import io.fabric8.kubernetes.api.model.Quantity;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * A member of etcd.
 *
 * @param name Name of the member, and of its pod.
 * @param id Identity of the member, hexadecimal.
 * @param healthy Whether the member answers, belongs to the cluster with a vote, has the data of
 *     the others and no alarm.
 * @param learner Whether the member has no vote yet.
 * @param version Version of etcd that the member runs.
 * @param dbSize Size of its database, rounded up to a power of two; metrics have the exact size.
 * @param alarms Alarms that etcd raises about the member: `NOSPACE`, `CORRUPT`.
 */
@JsonInclude(JsonInclude.Include.NON_NULL)
@JsonIgnoreProperties(ignoreUnknown = true)
public record EtcdMemberStatus(
    @Required String name,
    @Nullable String id,
    @Nullable Boolean healthy,
    @Nullable Boolean learner,
    @Nullable String version,
    @Nullable Quantity dbSize,
    @Nullable List<String> alarms) {}
