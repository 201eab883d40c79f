package dev.hcp.e2e.machine;

import dev.hcp.e2e.BedException;
import java.nio.file.Path;

/**
 * What a machine is made of. All machines of a bed are made of the same, also those that are added
 * after the cache has got newer parts.
 *
 * @param imageStore the unpacked images it starts with
 * @param pauseImage the image that holds a pod's namespaces
 * @param cniPlugins the folder of the plugins that connect its pods
 * @param kubelet its kubelet
 */
public record MachineParts(Path imageStore, String pauseImage, Path cniPlugins, Path kubelet) {

  /** Reads what {@link #note} has written. */
  public static MachineParts parse(String note) {
    var lines = note.lines().toList();
    if (lines.size() != 4) {
      throw new BedException(
          "the note on what machines are made of is damaged, take the bed down: " + note);
    }
    return new MachineParts(
        Path.of(lines.get(0)), lines.get(1), Path.of(lines.get(2)), Path.of(lines.get(3)));
  }

  /** The same with plugins from {@code folder}. */
  public MachineParts withCniPlugins(Path folder) {
    return new MachineParts(imageStore, pauseImage, folder, kubelet);
  }

  /** A text to remember it by. */
  public String note() {
    return "%s\n%s\n%s\n%s".formatted(imageStore, pauseImage, cniPlugins, kubelet);
  }
}
