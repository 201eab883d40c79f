package dev.hcp.validation;

import dev.hcp.api.v1alpha1.Mount;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/** Volumes that the user adds to the API server. */
final class MountRules {
  private static final Pattern ABSOLUTE = Pattern.compile("/[^:\\p{Cntrl}]*");

  /** Directories whose files the controller decides. */
  private static final List<String> OWNED =
      List.of(
          "/etc/kubernetes/audit",
          "/etc/kubernetes/authentication",
          "/etc/kubernetes/egress",
          "/etc/kubernetes/pki",
          "/run/konnectivity");

  /** Volumes that the pods of API servers have anyway. */
  private static final Set<String> OWNED_VOLUMES =
      Set.of(
          "api-server-certificates",
          "audit-config",
          "audit-webhook-config",
          "authentication-config",
          "konnectivity-certificates",
          "konnectivity-config",
          "konnectivity-kubeconfig",
          "konnectivity-uds");

  private MountRules() {}

  static void check(Field field, Map<String, Mount> mounts) {
    var names = new HashMap<String, String>();
    new TreeMap<>(mounts)
        .forEach((name, mount) -> {
          var entry = field.key(name);
          DnsNames.label(entry, name);
          entry.require(
              !OWNED_VOLUMES.contains(name),
              name,
              "must have another name: the controller has a volume of that name");
          checkSource(entry, mount);
          checkPath(entry.at("path"), mount.path());
          var other = names.putIfAbsent(normal(mount.path()), name);
          if (other != null) {
            entry
                .at("path")
                .reject(mount.path(), "must differ from the path of mount %s".formatted(other));
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
      DnsNames.subdomain(field.at("configMap").at("name"), orEmpty(mount.configMap().getName()));
    }
    if (mount.secret() != null) {
      DnsNames.subdomain(
          field.at("secret").at("secretName"), orEmpty(mount.secret().getSecretName()));
    }
  }

  private static void checkPath(Field field, String path) {
    if (!ABSOLUTE.matcher(path).matches() || List.of(path.split("/", -1)).contains("..")) {
      field.reject(
          path, "must be an absolute path without '..' and ':', for example /etc/kubernetes/extra");
      return;
    }
    for (var directory : OWNED) {
      field.require(
          !isWithin(path, directory) && !isWithin(directory, path),
          path,
          "must neither be in nor contain %s, which the controller fills".formatted(directory));
    }
  }

  private static boolean isWithin(String path, String directory) {
    return withSlash(path).startsWith(withSlash(directory));
  }

  private static String withSlash(String path) {
    var normal = normal(path);
    return normal.endsWith("/") ? normal : normal + "/";
  }

  private static String normal(String path) {
    return path.replaceAll("/+", "/").replaceAll("(?<=.)/$", "");
  }

  private static String orEmpty(@Nullable String text) {
    return text == null ? "" : text;
  }
}
