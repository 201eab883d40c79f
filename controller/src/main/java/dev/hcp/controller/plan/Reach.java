package dev.hcp.controller.plan;

import dev.hcp.api.v1alpha1.ControlPlaneEndpoint;
import org.jspecify.annotations.Nullable;

/**
 * How the API server is reached, as far as that is known.
 *
 * @param endpoint public address
 * @param listener name of the Gateway's listener that leads there; null if there is none now
 * @param address IP address of the API server's Service
 */
public record Reach(
    @Nullable ControlPlaneEndpoint endpoint, @Nullable String listener, @Nullable String address) {}
