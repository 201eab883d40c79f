package dev.hcp.api.v1alpha1;

import com.fasterxml.jackson.annotation.JsonIgnoreProperties;
import com.fasterxml.jackson.annotation.JsonInclude;
import io.fabric8.generator.annotation.Required;
import io.fabric8.generator.annotation.Size;
import io.fabric8.kubernetes.api.model.EnvVar;
import io.fabric8.kubernetes.api.model.ResourceRequirements;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * A KMS plugin: a container beside each API server that listens on a Unix socket. It runs as user
 * 1000, without privileges, with a root file system that is read-only, and without a token of the
 * management cluster.
 *
 * @param image Image of the plugin: registry, repository, and tag or digest.
 * @param imagePullPolicy When the kubelet pulls the image: Always, IfNotPresent or Never. Default:
 *     IfNotPresent.
 * @param command Command of the container. Default: that of the image.
 * @param args Arguments of the command, each as one text, as in any pod.
 * @param resources Compute resources of the container, as in any pod. A resource of which neither
 *     request nor limit is set keeps its default.
 * @param env Environment variables of the container, also from Secrets and ConfigMaps of the
 *     namespace.
 * @param socket Absolute path of the Unix socket on which the plugin listens, for example
 *     `/run/kmsplugin/socket.sock`. Its directory is an empty volume that the API server sees too.
 * @param mounts Secrets and ConfigMaps of the namespace that are mounted into the container, volume
 *     name to source and path; for credentials, for example.
 * @param livenessProbe By what the kubelet knows that the container has to be restarted. What it
 *     asks must not depend on whether the service answers. Default: none.
 * @param servers URLs of all servers that the plugin calls, so that network policies let it, for
 *     example `https://kms.eu-central-1.amazonaws.com`. Default: none.
 */
@JsonInclude(JsonInclude.Include.NON_NULL)
@JsonIgnoreProperties(ignoreUnknown = true)
public record KmsPlugin(
    @Required ImageSpec image,
    @Nullable PullPolicy imagePullPolicy,
    @Nullable List<String> command,
    @Nullable List<String> args,
    @Nullable ResourceRequirements resources,
    @Nullable List<EnvVar> env,
    @Required @Size(min = 1, max = 100) String socket,
    @Nullable Map<String, Mount> mounts,
    @Nullable KmsPluginProbe livenessProbe,
    @Nullable List<String> servers) {

  /** What it has in common with any container. Its arguments are not only flags. */
  public Container container() {
    return new Container(image, imagePullPolicy, null, resources, env, null);
  }
}
