package dev.hcp.e2e.tools;

import dev.hcp.e2e.BedException;
import dev.hcp.e2e.process.Command;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.regex.Pattern;

/**
 * A folder with a {@code go.mod}: the one place where the version of a tool is written down.
 *
 * @param folder where it is
 */
public record GoModule(Path folder) {

  /** The version of the dependency {@code path}, as pinned. */
  public String versionOf(String path) {
    try {
      return versionOf(path, Files.readString(folder.resolve("go.mod")));
    } catch (IOException e) {
      throw new BedException("cannot read %s/go.mod: %s".formatted(folder, e.getMessage()), e);
    }
  }

  String versionOf(String path, String goMod) {
    // A replacement wins: it is what gets compiled.
    for (var prefix : new String[] {"=> " + path, path}) {
      var line =
          Pattern.compile("(?m)^\\s*(?:\\S+ )?" + Pattern.quote(prefix) + " (v\\S+)")
              .matcher(goMod);
      if (line.find()) {
        return line.group(1);
      }
    }
    throw new BedException("%s/go.mod does not require %s".formatted(folder, path));
  }

  /**
   * The folder with the downloaded source of the dependency {@code path}; its files are read-only.
   */
  public Path sourceOf(String path) {
    var dir =
        Command.of("go", "mod", "download", "-json", "%s@%s".formatted(path, versionOf(path)))
            .in(folder)
            .within(Duration.ofMinutes(5))
            .output();
    var match = Pattern.compile("\"Dir\": \"([^\"]+)\"").matcher(dir);
    if (!match.find()) {
      throw new BedException("go does not say where the source of %s is: %s".formatted(path, dir));
    }
    return Path.of(match.group(1));
  }
}
