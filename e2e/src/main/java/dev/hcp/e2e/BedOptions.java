package dev.hcp.e2e;

import dev.hcp.e2e.image.ImageSet;
import dev.hcp.e2e.store.SourceTree;
import java.nio.file.Path;
import java.util.EnumSet;
import java.util.Optional;
import java.util.Set;
import java.util.regex.Pattern;

/**
 * Which bed, and what is to be on it.
 *
 * @param name what the bed is called; beds of different names do not know of each other
 * @param release the folder with the provider's components and metadata, empty for a bed without
 *     the provider
 * @param cni what connects the management cluster's pods
 * @param nodes how many nodes the management cluster has
 * @param furtherImages images that are not needed by the bed itself
 */
public record BedOptions(
    String name, Optional<Path> release, Cni cni, int nodes, Set<ImageSet> furtherImages) {
  /** The name of the bed when nobody gives one. */
  public static final String DEFAULT_NAME = "demo";

  private static final Pattern NAME = Pattern.compile("[a-z]([a-z0-9-]{0,18}[a-z0-9])?");

  private static final int MOST_NODES = 9;

  /** Checks the name: it becomes part of names that the kernel and Kubernetes have rules for. */
  public BedOptions {
    requireValid(name);
    furtherImages = Set.copyOf(furtherImages);
    if (nodes < 1 || nodes > MOST_NODES) {
      throw new BedException(
          "a management cluster has 1 to %d nodes here, not %d".formatted(MOST_NODES, nodes));
    }
    if (nodes > 1 && cni == Cni.BRIDGE) {
      throw new BedException(
          "on the bridge, pods reach nobody on another node: for %d nodes take --cni cilium"
              .formatted(nodes));
    }
  }

  /** A bed with the provider that the build of {@code source} has made. */
  public static BedOptions withProvider(String name, SourceTree source) {
    return new BedOptions(name, Optional.of(source.release()), Cni.BRIDGE, 1, Set.of());
  }

  /** A bed with everything but the provider. */
  public static BedOptions withoutProvider(String name) {
    return new BedOptions(name, Optional.empty(), Cni.BRIDGE, 1, Set.of());
  }

  /** The same with Cilium, and with that many nodes. */
  public BedOptions withCilium(int nodes) {
    return new BedOptions(name, release, Cni.CILIUM, nodes, furtherImages);
  }

  /** The same with the images that tests run in hosted clusters. */
  public BedOptions withTestImages() {
    return with(ImageSet.TESTS);
  }

  /** The same with the minor versions of Kubernetes next to its own, for hosted clusters. */
  public BedOptions withMinors() {
    return with(ImageSet.MINORS);
  }

  private BedOptions with(ImageSet images) {
    var all = EnumSet.of(images);
    all.addAll(furtherImages);
    return new BedOptions(name, release, cni, nodes, all);
  }

  /** The images it needs beyond those that every bed needs. */
  public Set<ImageSet> imageSets() {
    var sets = EnumSet.noneOf(ImageSet.class);
    sets.addAll(furtherImages);
    if (cni == Cni.CILIUM) {
      sets.add(ImageSet.CILIUM);
    }
    return sets;
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
