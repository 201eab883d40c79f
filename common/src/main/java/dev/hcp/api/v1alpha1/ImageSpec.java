package dev.hcp.api.v1alpha1;

import com.fasterxml.jackson.annotation.JsonIgnoreProperties;
import com.fasterxml.jackson.annotation.JsonInclude;
import io.fabric8.generator.annotation.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * Parts of an image reference `registry/repository:tag@digest`; a part that is not set keeps its
 * default.
 *
 * @param registry Registry host with optional port and path. An empty string drops the registry
 *     from the reference.
 * @param repository Repository below the registry.
 * @param tag Tag of the image. Beside a digest it only tells people the version.
 * @param digest Digest of the image, `sha256:` and 64 hexadecimal digits, which decides what runs.
 *     The image then stays the same when the version of the cluster changes.
 */
@JsonInclude(JsonInclude.Include.NON_NULL)
@JsonIgnoreProperties(ignoreUnknown = true)
public record ImageSpec(
    @Nullable String registry,
    @Nullable String repository,
    @Nullable String tag,
    @Pattern(ImageSpec.DIGEST) @Nullable String digest) {

  /** The notation of digests. */
  public static final String DIGEST = "^sha256:[a-f0-9]{64}$";
}
