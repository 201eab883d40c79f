package dev.hcp.e2e;

import java.util.Locale;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/** What connects the pods of the management cluster. */
public enum Cni {
  /** The reference plugins: one bridge. Needs nothing, and knows no network policies. */
  BRIDGE,
  /** Cilium: several nodes, and network policies of both kinds are enforced. */
  CILIUM;

  /** The one called {@code word}. */
  public static Cni of(String word) {
    return Stream.of(values())
        .filter(cni -> cni.word().equals(word))
        .findFirst()
        .orElseThrow(() ->
            new BedException(
                "there is no pod network '%s'; there are %s"
                    .formatted(
                        word,
                        Stream.of(values()).map(Cni::word).collect(Collectors.joining(", ")))));
  }

  /** What it is called on the command line. */
  public String word() {
    return name().toLowerCase(Locale.ROOT);
  }
}
