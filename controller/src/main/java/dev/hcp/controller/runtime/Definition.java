package dev.hcp.controller.runtime;

import java.util.Optional;
import java.util.Set;

/**
 * A kind that somebody else defines.
 *
 * @param versions those that can be used
 * @param kind what is watched while one of them is served; empty: the framework watches it
 * @param installer what brings the kind; empty if passes can be made without it
 */
record Definition(
    CrdWatch watch, Set<String> versions, Optional<KindWatch<?>> kind, Optional<String> installer) {

  /** Whether a version that can be used is served. */
  boolean isServed() {
    return watch.versions().stream().anyMatch(versions::contains);
  }

  /** What keeps passes from being made; empty if nothing. */
  Optional<String> problem() {
    if (!watch.isSynced()) {
      return Optional.of("CustomResourceDefinition %s cannot be read yet".formatted(watch.name()));
    }
    return installer
        .filter(_ -> !isServed())
        .map(needed ->
            "CustomResourceDefinition %s with version %s is not served: install %s"
                .formatted(watch.name(), String.join(" or ", versions), needed));
  }
}
