package dev.hcp.schema;

import ch.qos.logback.classic.Level;
import ch.qos.logback.classic.Logger;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.slf4j.LoggerFactory;

/**
 * Writes the CustomResourceDefinitions and their documentation, or checks that the written files
 * are those that the types yield.
 *
 * <p>The CustomResourceDefinitions can be applied as they are. They also pass unchanged through the
 * variable substitution that clusterctl does on {@code control-plane-components.yaml}: that touches
 * <code>
 * ${</code> and <code>$$</code> only, and neither occurs in them.
 */
public final class CrdMain {
  private static final int LINES_OF_A_HINT = 12;

  private CrdMain() {}

  /**
   * Entry point.
   *
   * @param args {@code check} or {@code write}, the top directory of the repository, and the
   *     directory of the sources of the API types
   */
  public static void main(String[] args) throws IOException {
    if (args.length != 3 || !List.of("check", "write").contains(args[0])) {
      System.err.println("usage: CrdMain check|write <repository> <source directory>");
      System.exit(2);
    }
    silenceGenerator();
    var directory = Path.of(args[1]).normalize();
    var files = CrdFiles.generate(Path.of(args[2]));
    if (args[0].equals("write")) {
      write(directory, files);
      return;
    }
    var problems = check(directory, files);
    if (!problems.isEmpty()) {
      problems.forEach(System.err::println);
      System.err.println("Generated files do not match the Java types. Run \"make generate\".");
      System.exit(1);
    }
  }

  private static void write(Path directory, Map<String, String> files) throws IOException {
    for (var file : files.entrySet()) {
      var path = directory.resolve(file.getKey());
      Files.createDirectories(path.getParent());
      Files.writeString(path, file.getValue());
    }
  }

  /** What is wrong with the files in a directory, one text for each. */
  private static List<String> check(Path directory, Map<String, String> files) throws IOException {
    var problems = new ArrayList<String>();
    for (var file : files.entrySet()) {
      var path = directory.resolve(file.getKey());
      if (!Files.exists(path)) {
        problems.add(path + ": missing");
        continue;
      }
      var present = Files.readString(path);
      if (!present.equals(file.getValue())) {
        problems.add(path + ": differs\n" + hint(present, file.getValue()));
      }
    }
    return problems;
  }

  /**
   * Lines that differ, as a diff has them: line by line if none was added or removed, else from the
   * first difference on.
   */
  static String hint(String present, String wanted) {
    var before = present.lines().toList();
    var after = wanted.lines().toList();
    if (before.size() == after.size()) {
      var differing =
          IntStream.range(0, before.size()).filter(i -> !before.get(i).equals(after.get(i)));
      return differing
          .limit(LINES_OF_A_HINT)
          .mapToObj(i -> "@@ line %d @@\n-%s\n+%s".formatted(i + 1, before.get(i), after.get(i)))
          .collect(Collectors.joining("\n"));
    }
    int shorter = Math.min(before.size(), after.size());
    int start = 0;
    while (start < shorter && before.get(start).equals(after.get(start))) {
      start++;
    }
    int end = 0;
    while (end < shorter - start
        && before.get(before.size() - 1 - end).equals(after.get(after.size() - 1 - end))) {
      end++;
    }
    var hint = new StringBuilder("@@ line %d @@".formatted(start + 1));
    append(hint, "-", before.subList(start, before.size() - end));
    append(hint, "+", after.subList(start, after.size() - end));
    return hint.toString();
  }

  private static void append(StringBuilder hint, String sign, List<String> lines) {
    lines.stream()
        .limit(LINES_OF_A_HINT)
        .forEach(line -> hint.append('\n').append(sign).append(line));
    if (lines.size() > LINES_OF_A_HINT) {
      hint.append("\n%s… %d more".formatted(sign, lines.size() - LINES_OF_A_HINT));
    }
  }

  /** The generator announces every type; a build in which nothing is wrong has nothing to say. */
  private static void silenceGenerator() {
    if (LoggerFactory.getLogger("io.fabric8.crdv2") instanceof Logger logger) {
      logger.setLevel(Level.ERROR);
    }
  }
}
