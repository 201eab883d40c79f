package dev.hcp.api.v1alpha1;

import com.fasterxml.jackson.annotation.JsonIgnoreProperties;
import com.fasterxml.jackson.annotation.JsonInclude;
import io.fabric8.generator.annotation.Required;
import org.jspecify.annotations.Nullable;

/**
 * How far the rotation of a key or CA is.
 *
 * @param credential `EncryptionKey`, `ServiceAccountKey`, `KubernetesCA`, `EtcdCA` or
 *     `FrontProxyCA`.
 * @param phase `Prepare`: the new one is being made known, the old one is used. `Switch`: the new
 *     one is being used, the old one is still needed. `Retire`: the old one goes. `Completed`.
 * @param request The request that is being met, or that was met last.
 * @param waitingFor What has to happen next.
 * @param startedAt When it was begun; not once it is completed.
 */
@JsonInclude(JsonInclude.Include.NON_NULL)
@JsonIgnoreProperties(ignoreUnknown = true)
public record RotationStatus(
    @Required String credential,
    @Required String phase,
    @Nullable String request,
    @Nullable String waitingFor,
    @Nullable String startedAt) {}
