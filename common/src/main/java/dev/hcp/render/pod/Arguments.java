package dev.hcp.render.pod;

import dev.hcp.api.v1alpha1.ContainerSettings;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/** Command-line flags. */
public final class Arguments {
  private Arguments() {}

  /**
   * The flags of a process, sorted by name.
   *
   * @param settings the user's flags; where both name a flag, the user's is dropped, however it is
   *     spelled: Kubernetes takes {@code tls_cert_file} for {@code tls-cert-file}
   * @param owned the flags that the controller decides, name without dashes to value
   */
  public static List<String> of(@Nullable ContainerSettings settings, Map<String, String> owned) {
    return of(settings, owned, Set.of());
  }

  /**
   * The flags of a process, sorted by name.
   *
   * @param reserved flags that the user cannot set, even where the controller does not
   */
  public static List<String> of(
      @Nullable ContainerSettings settings, Map<String, String> owned, Set<String> reserved) {
    var all = new TreeMap<String, String>();
    if (settings != null && settings.args() != null) {
      settings.args().entrySet().stream()
          .filter(flag -> !owned.containsKey(flag.getKey().replace('_', '-')))
          .filter(flag -> !reserved.contains(flag.getKey().replace('_', '-')))
          .forEach(flag -> all.put(flag.getKey(), flag.getValue()));
    }
    all.putAll(owned);
    return all.entrySet().stream()
        .map(flag -> "--%s=%s".formatted(flag.getKey(), flag.getValue()))
        .toList();
  }
}
