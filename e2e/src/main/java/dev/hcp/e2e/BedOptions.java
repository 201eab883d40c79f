package dev.hcp.e2e;

import dev.hcp.e2e.store.SourceTree;
import java.nio.file.Path;
import java.util.Optional;
import java.util.regex.Pattern;

/**
 * Which bed, and what is to be on it.
 *
 * @param name what the bed is called; beds of different names do not know of each other
 * @param release the folder with the provider's components and metadata, empty for a bed without
 *     the provider
 */
public record BedOptions(String name, Optional<Path> release) {
  /** The name of the bed when nobody gives one. */
  public static final String DEFAULT_NAME = "demo";

  private static final Pattern NAME = Pattern.compile("[a-z]([a-z0-9-]{0,18}[a-z0-9])?");

  /** Checks the name: it becomes part of names that the kernel and Kubernetes have rules for. */
  public BedOptions {
    requireValid(name);
  }

  /** A bed with the provider that the build of {@code source} has made. */
  public static BedOptions withProvider(String name, SourceTree source) {
    return new BedOptions(name, Optional.of(source.release()));
  }

  /** A bed with everything but the provider. */
  public static BedOptions withoutProvider(String name) {
    return new BedOptions(name, Optional.empty());
  }

  /** Returns {@code name} if a bed can be called that. */
  public static String requireValid(String name) {
    if (!NAME.matcher(name).matches()) {
      throw new BedException(
          "a bed cannot be called '%s': at most 20 lower-case letters, digits and dashes, a letter first"
              .formatted(name));
    }
    return name;
  }
}
