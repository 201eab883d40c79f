package dev.hcp.controller.testing;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Pattern;

/** What the image of the controller starts the runtime with. */
public final class ImageFlags {
  private ImageFlags() {}

  /** The flags, as the build has them. */
  public static List<String> read() throws IOException {
    var heap = find("<image.heap>([^<]+)<", Path.of("pom.xml"));
    var flags = find("<jvmFlag>(-[^<$]+)<", Path.of("../pom.xml"));
    flags.removeIf(flag -> flag.contains("ErrorFile") || flag.contains("java.io.tmpdir"));
    flags.addAll(heap);
    if (heap.size() != 1 || !flags.contains("-XX:+UseSerialGC")) {
      throw new IllegalStateException("not the flags of an image: " + flags);
    }
    return flags;
  }

  private static List<String> find(String pattern, Path file) throws IOException {
    var found = new ArrayList<String>();
    Pattern.compile(pattern)
        .matcher(Files.readString(file))
        .results()
        .forEach(match -> found.add(match.group(1)));
    return found;
  }
}
