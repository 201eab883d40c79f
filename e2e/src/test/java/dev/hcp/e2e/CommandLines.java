package dev.hcp.e2e;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.stream.Stream;

/** Command lines of all processes of the machine, which are those of all nodes of a bed. */
final class CommandLines {
  private CommandLines() {}

  /** The words of each. */
  static List<List<String>> all() {
    try (Stream<Path> files = Files.list(Path.of("/proc"))) {
      return files
          .filter(file -> file.getFileName().toString().matches("[0-9]+"))
          .map(CommandLines::of)
          .filter(words -> !words.isEmpty())
          .toList();
    } catch (IOException e) {
      throw new UncheckedIOException("cannot list processes", e);
    }
  }

  /** Empty for a process that has ended meanwhile, and for threads of the kernel. */
  private static List<String> of(Path process) {
    try {
      var text = Files.readString(process.resolve("cmdline"), StandardCharsets.ISO_8859_1);
      return Arrays.stream(text.split("\0", -1)).filter(word -> !word.isEmpty()).toList();
    } catch (IOException e) {
      if (Files.exists(process)) {
        throw new UncheckedIOException("cannot read what runs as " + process, e);
      }
      return List.of();
    }
  }
}
