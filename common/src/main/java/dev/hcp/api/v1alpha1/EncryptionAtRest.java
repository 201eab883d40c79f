package dev.hcp.api.v1alpha1;

import com.fasterxml.jackson.annotation.JsonIgnoreProperties;
import com.fasterxml.jackson.annotation.JsonInclude;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Encryption of what API servers store in etcd, by a key that the controller makes and keeps.
 * Secrets are encrypted unless this is disabled.
 *
 * @param disabled Whether nothing is encrypted any more that is written from now on. What was
 *     encrypted before can still be read. Default: false.
 * @param resources Resources that are encrypted besides `secrets`: `configmaps`, or with the API
 *     group `widgets.example.com`. Default: none.
 */
@JsonInclude(JsonInclude.Include.NON_NULL)
@JsonIgnoreProperties(ignoreUnknown = true)
public record EncryptionAtRest(@Nullable Boolean disabled, @Nullable List<String> resources) {}
