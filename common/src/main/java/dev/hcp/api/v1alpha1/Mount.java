package dev.hcp.api.v1alpha1;

import com.fasterxml.jackson.annotation.JsonIgnoreProperties;
import com.fasterxml.jackson.annotation.JsonInclude;
import io.fabric8.generator.annotation.Required;
import io.fabric8.generator.annotation.ValidationRule;
import io.fabric8.kubernetes.api.model.ConfigMapVolumeSource;
import io.fabric8.kubernetes.api.model.SecretVolumeSource;
import org.jspecify.annotations.Nullable;

/**
 * Files of one Secret or ConfigMap of the same namespace, mounted read-only into the API server
 * container. Exactly one of `configMap` and `secret` is set.
 *
 * @param path Absolute path in the container at which the files appear.
 * @param configMap ConfigMap whose keys are mounted as files.
 * @param secret Secret whose keys are mounted as files.
 */
@JsonInclude(JsonInclude.Include.NON_NULL)
@JsonIgnoreProperties(ignoreUnknown = true)
@ValidationRule(
    value = "has(self.configMap) != has(self.secret)",
    messageExpression =
        "'must have exactly one of configMap and secret, but has '"
            + " + (has(self.configMap) ? 'both' : 'neither')")
public record Mount(
    @Required String path,
    @Nullable ConfigMapVolumeSource configMap,
    @Nullable SecretVolumeSource secret) {}
