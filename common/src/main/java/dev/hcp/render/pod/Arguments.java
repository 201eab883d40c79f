package dev.hcp.render.pod;

import dev.hcp.api.v1alpha1.ContainerSettings;
import dev.hcp.flags.Program;
import dev.hcp.flags.Ruling;
import dev.hcp.flags.Rulings;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * Command-line flags. A flag of the user's that is not his to set is dropped, however it is
 * spelled: Kubernetes takes {@code tls_cert_file} for {@code tls-cert-file}.
 */
public final class Arguments {
  private Arguments() {}

  /**
   * The flags of a program, sorted by name.
   *
   * @param settings the user's flags
   * @param owned the flags that the controller decides, name without dashes to value
   */
  public static List<String> of(
      Program program, @Nullable ContainerSettings settings, Map<String, String> owned) {
    return of(Rulings.of(program), settings, owned);
  }

  /**
   * The flags of a program of our own, sorted by name.
   *
   * @param settings the user's flags
   * @param owned the flags that the controller decides, name without dashes to value
   */
  public static List<String> of(@Nullable ContainerSettings settings, Map<String, String> owned) {
    return of(Map.of(), settings, owned);
  }

  private static List<String> of(
      Map<String, Ruling> rulings,
      @Nullable ContainerSettings settings,
      Map<String, String> owned) {
    var all = new TreeMap<>(owned);
    if (settings != null && settings.args() != null) {
      new TreeMap<>(settings.args())
          .forEach((flag, value) -> {
            var canonical = flag.replace('_', '-');
            var ruling = rulings.get(canonical);
            if (ruling instanceof Ruling.Names names) {
              var list = names.complete(all.getOrDefault(canonical, "") + "," + value);
              if (!list.isEmpty()) {
                all.put(canonical, list);
              }
            } else if (ruling instanceof Ruling.Gates gates && owned.containsKey(canonical)) {
              all.put(canonical, gates.complete(all.getOrDefault(canonical, ""), value));
            } else if (!owned.containsKey(canonical)) {
              remains(ruling, value).ifPresent(rest -> all.put(flag, rest));
            }
          });
    }
    return all.entrySet().stream()
        .map(flag -> "--%s=%s".formatted(flag.getKey(), flag.getValue()))
        .toList();
  }

  /** What remains of the user's value; empty if the flag is dropped. */
  private static Optional<String> remains(@Nullable Ruling ruling, String value) {
    return switch (ruling) {
      case null -> Optional.of(value);
      case Ruling.Kept _, Ruling.Names _ -> Optional.of(value);
      case Ruling.Gates gates -> Optional.of(gates.purge(value)).filter(rest -> !rest.isEmpty());
      case Ruling.Ignored _, Ruling.Fixed _, Ruling.Refused _ -> Optional.empty();
    };
  }
}
