package dev.hcp.flags;

import java.util.Arrays;
import java.util.List;
import java.util.Set;

/**
 * An entry of the list that {@code feature-gates} takes: {@code AllAlpha=true}, or {@code
 * kube:AllAlpha=true}, as Kubernetes' {@code component-base/featuregate} reads it.
 *
 * @param text all of it
 * @param component what stands before a colon; empty if there is none
 * @param name of the gate
 * @param value behind the equals sign; empty if there is none
 */
public record GateSetting(String text, String component, String name, String value) {
  /** The gate that sets all of stage alpha which are not set themselves. */
  public static final String ALL_ALPHA = "AllAlpha";

  /** The gate that sets all of stage beta which are not set themselves. */
  public static final String ALL_BETA = "AllBeta";

  /** What Go's {@code strconv.ParseBool} takes for true. */
  private static final Set<String> ON = Set.of("1", "t", "T", "true", "True", "TRUE");

  /** The entries of a list. */
  public static List<GateSetting> in(String list) {
    return Arrays.stream(list.split(",", -1))
        .map(String::strip)
        .filter(text -> !text.isEmpty())
        .map(GateSetting::parse)
        .toList();
  }

  /** Whether it switches the gate on. */
  public boolean isOn() {
    return ON.contains(value);
  }

  private static GateSetting parse(String text) {
    int colon = text.indexOf(':');
    var rest = text.substring(colon + 1);
    int equals = rest.indexOf('=');
    return new GateSetting(
        text,
        colon < 0 ? "" : text.substring(0, colon).strip(),
        (equals < 0 ? rest : rest.substring(0, equals)).strip(),
        equals < 0 ? "" : rest.substring(equals + 1).strip());
  }
}
