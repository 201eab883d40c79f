package dev.hcp.e2e.store;

import dev.hcp.e2e.BedException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;

/**
 * Where one bed keeps its files.
 *
 * @param root the folder that belongs to it alone
 */
public record BedFolder(Path root) {

  /** The folder of the machine called {@code name}. */
  public Path machine(String name) {
    return machines().resolve(name);
  }

  /** The names of all machines that have a folder, running or not. */
  public List<String> machineNames() {
    if (!Files.isDirectory(machines())) {
      return List.of();
    }
    try (var folders = Files.list(machines())) {
      return folders.map(folder -> folder.getFileName().toString()).sorted().toList();
    } catch (IOException e) {
      throw new BedException("cannot list %s: %s".formatted(machines(), e.getMessage()), e);
    }
  }

  private Path machines() {
    return root.resolve("machines");
  }

  /** Links to the programs that people call on a machine. */
  public Path programs() {
    return root.resolve("bin");
  }

  /** Where machines look for programs: first those of the bed. */
  public String searchPath() {
    return programs() + ":/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin";
  }

  /** The log of one step. */
  public Path log(String step) {
    return root.resolve("logs").resolve(step + ".log");
  }

  /** Where clusterctl and helm keep what they keep between calls. */
  public Path xdg() {
    return root.resolve("xdg");
  }

  /** clusterctl's local repository. */
  public Path repository() {
    return root.resolve("repository");
  }

  /** The process that stands in for the cloud. */
  public Path supervisor() {
    return root.resolve("supervisor");
  }

  /** The kubeconfig files of hosted clusters. */
  public Path kubeconfigs() {
    return root.resolve("kubeconfigs");
  }

  /** Whether the step {@code name} was completed. */
  public boolean isDone(String name) {
    return Files.exists(marker(name));
  }

  /** What {@link #done} has noted with the step, empty if the step was not completed. */
  public String note(String name) {
    try {
      return isDone(name) ? Files.readString(marker(name)).strip() : "";
    } catch (IOException e) {
      throw new BedException("cannot read %s: %s".formatted(marker(name), e.getMessage()), e);
    }
  }

  /** Remembers that the step {@code name} was completed, with a note on what it was done with. */
  public void done(String name, String note) {
    write(marker(name), note + "\n");
  }

  /** Writes a file, with the folders on the way to it. */
  public void write(Path file, String content) {
    try {
      var parent = file.getParent();
      if (parent != null) {
        Files.createDirectories(parent);
      }
      Files.writeString(file, content);
    } catch (IOException e) {
      throw new BedException("cannot write %s: %s".formatted(file, e.getMessage()), e);
    }
  }

  private Path marker(String name) {
    return root.resolve("done").resolve(name);
  }
}
