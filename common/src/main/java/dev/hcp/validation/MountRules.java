package dev.hcp.validation;

import dev.hcp.api.v1alpha1.Mount;
import dev.hcp.render.encryption.KmsRenderer;
import io.fabric8.kubernetes.api.model.KeyToPath;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/** Volumes that the user adds to the API server. */
final class MountRules {
  private static final Pattern ABSOLUTE = Pattern.compile("/[^:\\p{Cntrl}]*");
  private static final int MOST_MODE = 0777;

  /** Each is held against all others. */
  private static final int MOST_MOUNTS = 200;

  private static final int LONGEST_PATH = 1024;

  /** Directories whose files the controller decides. */
  private static final List<String> OWNED =
      List.of(
          "/etc/kubernetes/audit",
          "/etc/kubernetes/authentication",
          "/etc/kubernetes/egress",
          "/etc/kubernetes/encryption",
          "/etc/kubernetes/pki",
          KmsRenderer.DIRECTORY,
          "/run/konnectivity");

  /** What the image, the kubelet and the container runtime put into a container. */
  private static final List<String> OF_THE_CONTAINER =
      List.of(
          "/bin",
          "/dev",
          "/etc/hostname",
          "/etc/hosts",
          "/etc/resolv.conf",
          "/go-runner",
          "/lib",
          "/lib64",
          "/proc",
          "/run/secrets",
          "/sbin",
          "/sys",
          "/usr/bin",
          "/usr/lib",
          "/usr/local/bin",
          "/usr/sbin");

  /** Volumes that the pods of API servers have anyway. */
  private static final Set<String> OWNED_VOLUMES =
      Set.of(
          "api-server-certificates",
          "audit-config",
          "audit-webhook-config",
          "authentication-config",
          "encryption-config",
          "konnectivity-certificates",
          "konnectivity-config",
          "konnectivity-kubeconfig",
          "konnectivity-uds");

  /** Leaves room for what the names of volumes of plugins begin with. */
  private static final int LONGEST_NAME_OF_PLUGIN = 32;

  private MountRules() {}

  /** Those of the API server. */
  static void check(Field field, Map<String, Mount> mounts) {
    mounts
        .keySet()
        .forEach(name ->
            field
                .key(name)
                .require(
                    !OWNED_VOLUMES.contains(name) && !name.startsWith(KmsRenderer.VOLUME),
                    name,
                    "must have another name: the controller has a volume of that name"));
    check(field, mounts, OWNED);
  }

  /** Those of a KMS plugin. */
  static void checkPlugin(Field field, Map<String, Mount> mounts, String socketDirectory) {
    mounts
        .keySet()
        .forEach(name ->
            field
                .key(name)
                .require(
                    name.length() <= LONGEST_NAME_OF_PLUGIN,
                    name,
                    "must be at most %d characters".formatted(LONGEST_NAME_OF_PLUGIN)));
    check(field, mounts, List.of(socketDirectory));
  }

  /** Whether a volume can be at a path, as far as the container needs it otherwise. */
  static boolean isFree(String path) {
    return OF_THE_CONTAINER.stream().allMatch(directory -> areApart(path, directory));
  }

  private static void check(Field field, Map<String, Mount> mounts, List<String> owned) {
    if (mounts.size() > MOST_MOUNTS) {
      field.reject(mounts.size(), "must be at most %d mounts".formatted(MOST_MOUNTS));
      return;
    }
    var before = new TreeMap<String, String>();
    new TreeMap<>(mounts)
        .forEach((name, mount) -> {
          var entry = field.key(name);
          DnsNames.label(entry, name);
          checkSource(entry, mount);
          checkPath(entry.at("path"), mount.path(), owned);
          if (mount.path().length() <= LONGEST_PATH) {
            before.forEach(
                (other, path) -> checkApart(entry.at("path"), mount.path(), other, path));
            before.put(name, mount.path());
          }
        });
  }

  private static void checkSource(Field field, Mount mount) {
    boolean both = mount.configMap() != null && mount.secret() != null;
    boolean neither = mount.configMap() == null && mount.secret() == null;
    if (both || neither) {
      field.reject(
          null,
          "must have exactly one of configMap and secret, but has " + (both ? "both" : "neither"));
    }
    if (mount.configMap() != null) {
      var configMap = field.at("configMap");
      DnsNames.subdomain(configMap.at("name"), orEmpty(mount.configMap().getName()));
      checkFiles(configMap, mount.configMap().getDefaultMode(), mount.configMap().getItems());
    }
    if (mount.secret() != null) {
      var secret = field.at("secret");
      DnsNames.subdomain(secret.at("secretName"), orEmpty(mount.secret().getSecretName()));
      checkFiles(secret, mount.secret().getDefaultMode(), mount.secret().getItems());
    }
  }

  private static void checkFiles(
      Field field, @Nullable Integer defaultMode, @Nullable List<KeyToPath> items) {
    checkMode(field.at("defaultMode"), defaultMode);
    var all = items == null ? List.<KeyToPath>of() : items;
    var paths = new HashSet<String>();
    for (int i = 0; i < all.size(); i++) {
      var item = field.at("items").index(i);
      DnsNames.key(item.at("key"), orEmpty(all.get(i).getKey()));
      checkMode(item.at("mode"), all.get(i).getMode());
      var path = orEmpty(all.get(i).getPath());
      item.at("path")
          .require(
              isBelow(path),
              path,
              "must be a path relative to that of the mount, without '..', for example"
                  + " tls/ca.crt");
      item.at("path")
          .require(
              path.length() <= LONGEST_PATH && !ControlCharacters.isIn(path),
              path,
              "must be at most %d characters, and no control characters".formatted(LONGEST_PATH));
      item.at("path").require(paths.add(path), path, "must differ from the other paths");
    }
  }

  private static boolean isBelow(String path) {
    return !path.isEmpty()
        && !path.startsWith("/")
        // The kubelet keeps names that begin so for itself.
        && !path.startsWith("..")
        && !List.of(path.split("/", -1)).contains("..");
  }

  private static void checkMode(Field field, @Nullable Integer mode) {
    field.require(
        mode == null || (mode >= 0 && mode <= MOST_MODE),
        mode,
        "must be 0 to 511 (octal 0777), for example 288 (octal 0440)");
  }

  private static void checkPath(Field field, String path, List<String> owned) {
    if (path.length() > LONGEST_PATH) {
      field.reject(path, "must be at most %d characters".formatted(LONGEST_PATH));
      return;
    }
    if (!ABSOLUTE.matcher(path).matches() || List.of(path.split("/", -1)).contains("..")) {
      field.reject(
          path, "must be an absolute path without '..' and ':', for example /etc/kubernetes/extra");
      return;
    }
    if (owned.stream().allMatch(directory -> areApart(path, directory))) {
      OF_THE_CONTAINER.stream()
          .filter(directory -> !areApart(path, directory))
          .findFirst()
          .ifPresent(directory ->
              field.reject(
                  path,
                  "must neither be in nor contain %s, which the container needs"
                      .formatted(directory)));
    }
    for (var directory : owned) {
      field.require(
          areApart(path, directory),
          path,
          "must neither be in nor contain %s, which the controller fills".formatted(directory));
    }
  }

  private static void checkApart(Field field, String path, String other, String otherPath) {
    if (normal(path).equals(normal(otherPath))) {
      field.reject(path, "must differ from the path of mount %s".formatted(other));
    } else if (!areApart(path, otherPath)) {
      field.reject(
          path,
          "must neither be in nor contain %s, the path of mount %s: volumes are read-only"
              .formatted(otherPath, other));
    }
  }

  private static boolean areApart(String path, String other) {
    return !withSlash(path).startsWith(withSlash(other))
        && !withSlash(other).startsWith(withSlash(path));
  }

  private static String withSlash(String path) {
    var normal = normal(path);
    return normal.endsWith("/") ? normal : normal + "/";
  }

  /** In the image {@code /var/run} is a link to {@code /run}. */
  private static String normal(String path) {
    return path.replaceAll("/(\\./|/)*", "/")
        .replaceAll("/\\.$", "/")
        .replaceAll("(?<=.)/$", "")
        .replaceAll("^/var/run(?=/|$)", "/run");
  }

  private static String orEmpty(@Nullable String text) {
    return text == null ? "" : text;
  }
}
