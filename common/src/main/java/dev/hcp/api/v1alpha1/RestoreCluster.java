package dev.hcp.api.v1alpha1;

import com.fasterxml.jackson.annotation.JsonIgnoreProperties;
import com.fasterxml.jackson.annotation.JsonInclude;
import io.fabric8.generator.annotation.Required;
import io.fabric8.generator.annotation.Size;
import org.jspecify.annotations.Nullable;

/**
 * The Cluster of which a backup was made. It need not exist any more.
 *
 * @param name Name of the Cluster.
 * @param namespace Its namespace. Default: that of the HostedControlPlane.
 */
@JsonInclude(JsonInclude.Include.NON_NULL)
@JsonIgnoreProperties(ignoreUnknown = true)
public record RestoreCluster(
    @Required @Size(min = 1, max = 253) String name,
    @Nullable @Size(min = 1, max = 63) String namespace) {}
