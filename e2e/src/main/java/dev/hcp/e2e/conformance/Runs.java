package dev.hcp.e2e.conformance;

import dev.hcp.e2e.store.FileTrees;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;

/**
 * What is kept of the runs against one cluster, so that some of the tests can run again without
 * those that need not.
 *
 * @param folder holds a folder for each
 */
public record Runs(Path folder) {
  private static final String NAME = "run-%d";

  /** Where the next run leaves what comes out of it. */
  public Path next() {
    return folder.resolve(NAME.formatted(existing().size() + 1));
  }

  /** Forgets those that there are. */
  public void forget() {
    FileTrees.delete(folder);
  }

  /** What came out of all of them, each test as it ended last. */
  public Report report() {
    return existing().stream()
        .map(run -> run.resolve(Report.FILE))
        .filter(Files::exists)
        .map(Report::read)
        .reduce(new Report(List.of()), Report::after);
  }

  private List<Path> existing() {
    return Stream.iterate(1, number -> number + 1)
        .map(number -> folder.resolve(NAME.formatted(number)))
        .takeWhile(Files::exists)
        .toList();
  }
}
