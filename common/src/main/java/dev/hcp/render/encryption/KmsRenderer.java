package dev.hcp.render.encryption;

import dev.hcp.api.v1alpha1.EncryptionKms;
import dev.hcp.api.v1alpha1.KmsPlugin;
import dev.hcp.api.v1alpha1.KmsPluginProbe;
import dev.hcp.api.v1alpha1.Mount;
import dev.hcp.model.Lists;
import dev.hcp.render.pod.Images;
import dev.hcp.render.pod.Pods;
import dev.hcp.render.pod.Probes;
import io.fabric8.kubernetes.api.model.Container;
import io.fabric8.kubernetes.api.model.ContainerBuilder;
import io.fabric8.kubernetes.api.model.ContainerPortBuilder;
import io.fabric8.kubernetes.api.model.Volume;
import io.fabric8.kubernetes.api.model.VolumeBuilder;
import io.fabric8.kubernetes.api.model.VolumeMount;
import io.fabric8.kubernetes.api.model.VolumeMountBuilder;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.SortedMap;
import java.util.TreeMap;

/**
 * The plugins by which API servers reach key management services. They start before the API server,
 * which takes one that is not there yet for one that does not answer.
 */
public final class KmsRenderer {
  /** Where API servers have the sockets of all plugins. */
  public static final String DIRECTORY = "/run/hcp-kms";

  /** What the names of all volumes of plugins begin with. */
  public static final String VOLUME = "encryption-kms-";

  private static final String CONTAINER = "kms-plugin-";
  private static final String HEALTH_PORT = "kms-health";

  private KmsRenderer() {}

  /** Whether a container is a plugin. */
  public static boolean isPlugin(String container) {
    return container.startsWith(CONTAINER);
  }

  /** Name of the container with the plugin of a service. */
  public static String container(int number) {
    return CONTAINER + number;
  }

  /** The containers, which go on as long as the pod does. */
  public static List<Container> containers(KeyRing ring) {
    return ring.services().entrySet().stream()
        .map(entry -> container(entry.getKey(), entry.getValue().settings().plugin()))
        .toList();
  }

  /** All volumes: those with the sockets, and what the user mounts. */
  public static List<Volume> volumes(KeyRing ring) {
    var volumes = new ArrayList<Volume>();
    ring.services()
        .forEach((number, service) -> {
          volumes.add(
              new VolumeBuilder()
                  .withName(VOLUME + number)
                  .withNewEmptyDir()
                  .withMedium("Memory")
                  .withNewSizeLimit("1Mi")
                  .endEmptyDir()
                  .build());
          mounts(service.settings().plugin())
              .forEach((name, mount) ->
                  volumes.add(
                      new VolumeBuilder()
                          .withName(volume(number, name))
                          .withConfigMap(mount.configMap())
                          .withSecret(mount.secret())
                          .build()));
        });
    return volumes;
  }

  /** Mounts of the API server: the sockets. */
  public static List<VolumeMount> mounts(KeyRing ring) {
    return ring.services().keySet().stream()
        .map(number -> socketMount(number, "%s/%d".formatted(DIRECTORY, number)))
        .toList();
  }

  /**
   * The provider in the configuration of API servers, for one resource. A service may occur in it
   * only once by the same name, so each resource has a name of its own; data in etcd begin with it.
   */
  static Map<String, Object> provider(int number, EncryptionKms settings, String resource) {
    var socket = settings.plugin().socket();
    var kms = new LinkedHashMap<String, Object>();
    kms.put("apiVersion", "v2");
    kms.put("name", "%s.%s".formatted(settings.name(), resource));
    kms.put(
        "endpoint",
        "unix://%s/%d/%s"
            .formatted(DIRECTORY, number, socket.substring(socket.lastIndexOf('/') + 1)));
    kms.put(
        "timeout", settings.timeout() == null ? EncryptionKms.DEFAULT_TIMEOUT : settings.timeout());
    return Map.of("kms", kms);
  }

  private static Container container(int number, KmsPlugin plugin) {
    var mounts = new ArrayList<VolumeMount>();
    mounts.add(socketMount(number, directory(plugin.socket())));
    mounts(plugin)
        .forEach((name, mount) -> mounts.add(Pods.readOnly(volume(number, name), mount.path())));
    var settings = plugin.container();
    var container =
        new ContainerBuilder()
            .withName(container(number))
            .withImage(Images.reference(settings, "localhost/kms:none"))
            .withImagePullPolicy(Images.pullPolicy(settings))
            .withCommand(Lists.orEmpty(plugin.command()))
            .withArgs(Lists.orEmpty(plugin.args()))
            .withEnv(Pods.env(settings))
            .withRestartPolicy("Always")
            .withResources(Pods.resources(settings, "10m", "64Mi"))
            .withSecurityContext(Pods.restricted())
            .withVolumeMounts(mounts);
    var probe = plugin.livenessProbe();
    if (probe != null) {
      container
          .withPorts(
              new ContainerPortBuilder()
                  .withName(HEALTH_PORT)
                  .withContainerPort(probe.port())
                  .withProtocol("TCP")
                  .build())
          .withLivenessProbe(
              Probes.liveness(
                  "HTTP",
                  HEALTH_PORT,
                  probe.path() == null ? KmsPluginProbe.DEFAULT_PATH : probe.path()));
    }
    return container.build();
  }

  private static SortedMap<String, Mount> mounts(KmsPlugin plugin) {
    return plugin.mounts() == null ? new TreeMap<>() : new TreeMap<>(plugin.mounts());
  }

  private static VolumeMount socketMount(int number, String path) {
    return new VolumeMountBuilder().withName(VOLUME + number).withMountPath(path).build();
  }

  private static String volume(int number, String mount) {
    return "%s%d-%s".formatted(VOLUME, number, mount);
  }

  private static String directory(String socket) {
    return socket.substring(0, socket.lastIndexOf('/'));
  }
}
