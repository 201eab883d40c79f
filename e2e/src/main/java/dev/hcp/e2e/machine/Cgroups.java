package dev.hcp.e2e.machine;

import dev.hcp.e2e.BedException;
import dev.hcp.e2e.process.Wait;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Comparator;
import java.util.List;
import java.util.stream.Stream;

/**
 * The control group of one machine. Two kubelets under one root would remove each other's pods, so
 * each gets a root of its own, in every hierarchy where the host still has several (cgroup v1).
 */
final class Cgroups {
  private static final Path MOUNT = Path.of("/sys/fs/cgroup");
  private static final List<String> CONTROLLERS = List.of("cpu", "cpuset", "io", "memory", "pids");

  /**
   * All pods of a machine together compete for processors with each single process of the host: by
   * default as if they were one process too, so that a build or two starve them. This makes them
   * worth about sixteen.
   */
  private static final String CPU_SHARES = "16384";

  /** The same on a scale whose default is 100. */
  private static final String CPU_WEIGHT = "1600";

  private final String name;

  Cgroups(String name) {
    this.name = name;
  }

  void create() {
    try {
      for (var group : places()) {
        Files.createDirectories(group);
      }
      if (isUnified()) {
        delegate(MOUNT);
        delegate(MOUNT.resolve(name));
        Files.writeString(MOUNT.resolve(name).resolve("cpu.weight"), CPU_WEIGHT);
      } else {
        Files.writeString(MOUNT.resolve("cpu").resolve(name).resolve("cpu.shares"), CPU_SHARES);
        // A new group of this hierarchy is unusable until it has processors and memory nodes.
        var cpuset = MOUNT.resolve("cpuset");
        for (var file : List.of("cpuset.cpus", "cpuset.mems")) {
          Files.writeString(
              cpuset.resolve(name).resolve(file), Files.readString(cpuset.resolve(file)));
        }
      }
    } catch (IOException e) {
      throw new BedException(
          "cannot create the control group %s: %s".formatted(name, e.getMessage()), e);
    }
  }

  /** Removes what the machine's pods have left. The processes in it must have been killed. */
  void remove() {
    Wait.until(
        "the control group %s is empty".formatted(name),
        Duration.ofSeconds(20),
        () -> {
          places().forEach(Cgroups::removeTree);
          return places().stream().noneMatch(Files::exists);
        });
  }

  private List<Path> places() {
    if (isUnified()) {
      return List.of(MOUNT.resolve(name));
    }
    try (var hierarchies = Files.list(MOUNT)) {
      return hierarchies
          .filter(Files::isDirectory)
          .filter(folder -> !Files.isSymbolicLink(folder))
          .map(folder -> folder.resolve(name))
          .toList();
    } catch (IOException e) {
      throw new BedException("cannot list %s: %s".formatted(MOUNT, e.getMessage()), e);
    }
  }

  static Path unifiedMount() {
    return isUnified() ? MOUNT : MOUNT.resolve("unified");
  }

  private static boolean isUnified() {
    return Files.exists(MOUNT.resolve("cgroup.controllers"));
  }

  private static void delegate(Path group) throws IOException {
    var available = Files.readString(group.resolve("cgroup.controllers"));
    for (var controller : CONTROLLERS) {
      if (available.contains(controller)) {
        Files.writeString(group.resolve("cgroup.subtree_control"), "+" + controller);
      }
    }
  }

  private static void removeTree(Path group) {
    if (!Files.exists(group)) {
      return;
    }
    try (Stream<Path> tree = Files.walk(group)) {
      for (var folder :
          tree.filter(Files::isDirectory).sorted(Comparator.reverseOrder()).toList()) {
        Files.deleteIfExists(folder);
      }
    } catch (IOException | UncheckedIOException _) {
      // A group whose processes are still ending cannot be removed yet; the caller tries again
      // until its deadline.
    }
  }
}
