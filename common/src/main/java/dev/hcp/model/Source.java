package dev.hcp.model;

import dev.hcp.api.v1alpha1.ApiServerPod;
import dev.hcp.api.v1alpha1.ContainerSettings;
import dev.hcp.api.v1alpha1.HostedControlPlaneSpec;
import dev.hcp.api.v1alpha1.KmsPlugin;
import dev.hcp.api.v1alpha1.Mount;
import dev.hcp.naming.Component;
import io.fabric8.kubernetes.api.model.EnvVarSource;
import io.fabric8.kubernetes.api.model.KeyToPath;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * A Secret or ConfigMap of the control plane's namespace that a spec gives to pods of the control
 * plane. Variables of add-ons come from the hosted cluster, so they are none.
 *
 * @param component whose pods get it
 * @param field field that names it
 * @param use how they get it
 * @param kind which of both it is
 * @param name its name
 * @param optional whether pods do without it
 * @param keys keys that pods do not start without, each once
 */
public record Source(
    Component component,
    String field,
    Use use,
    Kind kind,
    String name,
    boolean optional,
    List<String> keys) {
  private static final String API_SERVER = "spec.deployment.apiServer";

  /** How pods get what an object holds. */
  public enum Use {
    /** As files. */
    MOUNT,
    /** As an environment variable. */
    VARIABLE
  }

  /** Kinds of objects with keys. */
  public enum Kind {
    /** A ConfigMap. */
    CONFIG_MAP,
    /** A Secret. */
    SECRET
  }

  /** Sorts the keys. */
  public Source {
    keys = keys.stream().filter(Objects::nonNull).distinct().sorted().toList();
  }

  /** All that a spec names, in an order that does not depend on that of maps. */
  public static List<Source> of(HostedControlPlaneSpec spec) {
    var found = new Finder();
    var deployment = spec.deployment();
    if (deployment != null) {
      if (deployment.apiServer() != null) {
        found.apiServer(deployment.apiServer());
      }
      found.variables(
          Component.CONTROLLER_MANAGER,
          "spec.deployment.controllerManager",
          deployment.controllerManager());
      found.variables(Component.SCHEDULER, "spec.deployment.scheduler", deployment.scheduler());
    }
    found.variables(Component.ETCD, "spec.etcd", spec.etcd());
    var kms = spec.encryptionAtRest() == null ? null : spec.encryptionAtRest().wantedKms();
    if (kms != null) {
      found.plugin("spec.encryptionAtRest.kms.plugin", kms.plugin());
    }
    return List.copyOf(found.sources);
  }

  /**
   * All that a KMS plugin is given.
   *
   * @param field where that stands
   */
  public static List<Source> of(String field, KmsPlugin plugin) {
    var found = new Finder();
    found.plugin(field, plugin);
    return List.copyOf(found.sources);
  }

  private static final class Finder {
    private final List<Source> sources = new ArrayList<>();

    void apiServer(ApiServerPod pod) {
      mounts(API_SERVER, pod.mounts());
      variables(Component.API_SERVER, API_SERVER, pod);
      variables(Component.API_SERVER, API_SERVER + ".konnectivity", pod.konnectivity());
      var audit = pod.audit();
      // The settings of a single receiver's webhook are nobody's.
      if (audit != null && audit.webhook() != null && audit.webhook().needsForwarder()) {
        variables(Component.API_SERVER, API_SERVER + ".audit.webhook", audit.webhook());
      }
    }

    void plugin(String field, KmsPlugin plugin) {
      mounts(field, plugin.mounts());
      variables(Component.API_SERVER, field, plugin.container());
    }

    private void mounts(String field, @Nullable Map<String, Mount> mounts) {
      new TreeMap<>(Objects.requireNonNullElse(mounts, Map.<String, Mount>of()))
          .forEach((name, mount) -> mount("%s.mounts[%s]".formatted(field, name), mount));
    }

    private void mount(String field, Mount mount) {
      var secret = mount.secret();
      if (secret != null) {
        add(
            new Entry(Component.API_SERVER, field + ".secret", Use.MOUNT),
            Kind.SECRET,
            secret.getSecretName(),
            secret.getOptional(),
            keys(secret.getItems()));
      }
      var configMap = mount.configMap();
      if (configMap != null) {
        add(
            new Entry(Component.API_SERVER, field + ".configMap", Use.MOUNT),
            Kind.CONFIG_MAP,
            configMap.getName(),
            configMap.getOptional(),
            keys(configMap.getItems()));
      }
    }

    void variables(Component component, String field, @Nullable ContainerSettings settings) {
      var variables = Lists.orEmpty(settings == null ? null : settings.env());
      for (int i = 0; i < variables.size(); i++) {
        var from = variables.get(i).getValueFrom();
        if (from != null) {
          variable(component, "%s.env[%d].valueFrom".formatted(field, i), from);
        }
      }
    }

    private void variable(Component component, String field, EnvVarSource from) {
      var secret = from.getSecretKeyRef();
      if (secret != null) {
        add(
            new Entry(component, field + ".secretKeyRef", Use.VARIABLE),
            Kind.SECRET,
            secret.getName(),
            secret.getOptional(),
            key(secret.getKey()));
      }
      var configMap = from.getConfigMapKeyRef();
      if (configMap != null) {
        add(
            new Entry(component, field + ".configMapKeyRef", Use.VARIABLE),
            Kind.CONFIG_MAP,
            configMap.getName(),
            configMap.getOptional(),
            key(configMap.getKey()));
      }
    }

    /** Where a name stands. */
    private record Entry(Component component, String field, Use use) {}

    /** Admission accepts nothing without a name, and no object has none. */
    private void add(
        Entry entry,
        Kind kind,
        @Nullable String name,
        @Nullable Boolean optional,
        List<String> keys) {
      if (name != null && !name.isEmpty()) {
        sources.add(
            new Source(
                entry.component(),
                entry.field(),
                entry.use(),
                kind,
                name,
                Boolean.TRUE.equals(optional),
                keys));
      }
    }

    private static List<String> keys(@Nullable List<KeyToPath> items) {
      return Lists.orEmpty(items).stream().map(KeyToPath::getKey).toList();
    }

    private static List<String> key(@Nullable String key) {
      return key == null ? List.of() : List.of(key);
    }
  }
}
