package dev.hcp.e2e.store;

import dev.hcp.e2e.BedException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * The folder outside the source tree that holds everything which is expensive to make, and the beds
 * themselves.
 *
 * @param root where it is
 */
public record Cache(Path root) {
  private static final List<Path> HIDDEN_ON_MACHINES =
      List.of(Path.of("/etc"), Path.of("/run"), Path.of("/var"));

  /** The cache that {@code environment} asks for; it is created if it does not exist. */
  public static Cache locate(Map<String, String> environment) {
    var root = rootFrom(environment).toAbsolutePath().normalize();
    for (var hidden : HIDDEN_ON_MACHINES) {
      if (root.startsWith(hidden)) {
        throw new BedException(
            "the cache cannot be %s: machines have a %s of their own; set HCP_CACHE to another folder"
                .formatted(root, hidden));
      }
    }
    try {
      Files.createDirectories(root);
    } catch (IOException e) {
      throw new BedException(
          "cannot create the cache %s: %s; set HCP_CACHE to a folder that can be written"
              .formatted(root, e.getMessage()),
          e);
    }
    return new Cache(root);
  }

  static Path rootFrom(Map<String, String> environment) {
    return value(environment, "HCP_CACHE")
        .map(Path::of)
        .or(() -> value(environment, "XDG_CACHE_HOME").map(x -> Path.of(x, "hosted-control-plane")))
        .or(() -> value(environment, "HOME").map(h -> Path.of(h, ".cache", "hosted-control-plane")))
        .orElseThrow(() -> new BedException("none of HCP_CACHE, XDG_CACHE_HOME and HOME is set"));
  }

  private static Optional<String> value(Map<String, String> environment, String name) {
    return Optional.ofNullable(environment.get(name)).filter(v -> !v.isBlank());
  }

  /** The folder of kind {@code kind} whose content belongs to {@code key}. */
  public Path entry(String kind, String key) {
    return root.resolve(kind).resolve(key);
  }

  /** Where the bed called {@code name} lives. */
  public Path bed(String name) {
    return beds().resolve(name);
  }

  /** Where all beds live. */
  public Path beds() {
    return root.resolve("beds");
  }

  /** Where the logs of what is done for all beds together are. */
  public Path logs() {
    return root.resolve("logs");
  }

  /**
   * Returns the folder or file {@code target}, made by {@code maker} if it does not exist. It
   * appears under its name only when it is complete, and of several processes that want it one
   * makes it and the others wait.
   */
  public Path once(Path target, Maker maker) {
    if (Files.exists(target)) {
      return target;
    }
    var name = target.getFileName().toString();
    try (var _ = Mutex.lock(root.resolve("locks").resolve(name + ".lock"))) {
      if (Files.exists(target)) {
        return target;
      }
      var partial = target.resolveSibling(name + ".partial");
      FileTrees.delete(partial);
      Files.createDirectories(target.getParent());
      maker.make(partial);
      Files.move(partial, target);
      return target;
    } catch (IOException e) {
      throw new BedException("cannot make %s: %s".formatted(target, e.getMessage()), e);
    }
  }

  /** Makes one entry of the cache at a temporary place. */
  @FunctionalInterface
  public interface Maker {
    /** Writes the file or folder {@code partial}, which does not exist yet. */
    void make(Path partial) throws IOException;
  }
}
