package dev.hcp.api.v1alpha1;

import com.fasterxml.jackson.annotation.JsonIgnoreProperties;
import com.fasterxml.jackson.annotation.JsonInclude;
import org.jspecify.annotations.Nullable;

/**
 * Parts of an image reference `registry/repository:tag`; a part that is not set keeps its default.
 *
 * @param registry Registry host with optional port and path. An empty string drops the registry
 *     from the reference.
 * @param repository Repository below the registry.
 * @param tag Tag of the image.
 */
@JsonInclude(JsonInclude.Include.NON_NULL)
@JsonIgnoreProperties(ignoreUnknown = true)
public record ImageSpec(
    @Nullable String registry, @Nullable String repository, @Nullable String tag) {}
