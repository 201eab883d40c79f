package dev.hcp.api.v1alpha1;

import com.fasterxml.jackson.annotation.JsonIgnoreProperties;
import com.fasterxml.jackson.annotation.JsonInclude;
import org.jspecify.annotations.Nullable;

/**
 * What becomes of etcd when a majority of its members has lost its data.
 *
 * @param policy Never: nothing is done until a person has decided. FromSurvivor: the cluster goes
 *     on with the data of the member that has the most of them, and writes that only the others had
 *     are lost. Default: Never.
 */
@JsonInclude(JsonInclude.Include.NON_NULL)
@JsonIgnoreProperties(ignoreUnknown = true)
public record EtcdQuorumLoss(@Nullable QuorumLossPolicy policy) {}
