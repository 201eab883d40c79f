package dev.hcp.api.v1alpha1;

import com.fasterxml.jackson.annotation.JsonIgnoreProperties;
import com.fasterxml.jackson.annotation.JsonInclude;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * etcd as its members describe it.
 *
 * @param clusterID Identity of the etcd cluster, hexadecimal.
 * @param leader Name of the member that leads.
 * @param members The members that there shall be.
 */
@JsonInclude(JsonInclude.Include.NON_NULL)
@JsonIgnoreProperties(ignoreUnknown = true)
public record EtcdStatus(
    @Nullable String clusterID,
    @Nullable String leader,
    @Nullable List<EtcdMemberStatus> members) {}
