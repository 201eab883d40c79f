package dev.hcp.e2e.conformance;

import dev.hcp.e2e.Bed;
import dev.hcp.e2e.BedException;
import dev.hcp.e2e.Progress;
import dev.hcp.e2e.process.Command;
import dev.hcp.e2e.store.Cache;
import dev.hcp.e2e.store.FileTrees;
import dev.hcp.e2e.store.SourceTree;
import dev.hcp.e2e.tools.Toolbox;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;

/**
 * Kubernetes' own test program, run from the management node, from where the API servers and the
 * nodes of all hosted clusters can be reached.
 */
public final class ConformanceTests {
  private static final Duration MARGIN = Duration.ofMinutes(3);
  private static final String OUTPUT = "output.log";

  private final Bed bed;
  private final Path program;
  private final Path runner;

  private ConformanceTests(Bed bed, Path program, Path runner) {
    this.bed = bed;
    this.program = program;
    this.runner = runner;
  }

  /** Builds the program if needed, in the version of the management cluster. */
  public static ConformanceTests prepare(
      Bed bed, SourceTree source, Cache cache, Progress progress) {
    return new ConformanceTests(
        bed,
        Toolbox.command("e2e.test", source, cache, progress),
        Toolbox.command("ginkgo", source, cache, progress));
  }

  /**
   * Runs {@code selection} against the cluster of {@code kubeconfig}; what the tests print goes to
   * {@code output.log} in {@code folder}, which is emptied before, and what came out of them to
   * {@link Report#FILE}.
   */
  public Report run(Path kubeconfig, Selection selection, Path folder) {
    FileTrees.delete(folder);
    try {
      Files.createDirectories(folder);
    } catch (IOException e) {
      throw new BedException("cannot create %s: %s".formatted(folder, e.getMessage()), e);
    }
    var output = folder.resolve(OUTPUT);
    // Its exit code says no more than the results.
    var _ = command(kubeconfig, selection, folder, output).run();
    if (!Files.exists(folder.resolve(Report.FILE))) {
      throw new BedException("the conformance tests have not come to an end, see " + output);
    }
    return Report.read(folder.resolve(Report.FILE));
  }

  private Command command(Path kubeconfig, Selection selection, Path folder, Path output) {
    var ginkgo =
        // Written while it runs, which can take hours.
        bed.command("sh", "-c", "exec \"$@\" >> \"$0\" 2>&1", output.toString())
            .with(runner.toString(), "--no-color", "--procs=" + selection.processes())
            .with("--timeout=%ds".formatted(selection.deadline().toSeconds()))
            .with("--output-dir=" + folder, "--json-report=" + Report.FILE)
            .with("--focus=" + selection.focus());
    if (!selection.skip().isEmpty()) {
      ginkgo = ginkgo.with("--skip=" + selection.skip());
    }
    return ginkgo
        .with(program.toString(), "--")
        .with("--kubeconfig=" + kubeconfig, "--provider=skeleton")
        .with("--kubectl-path=" + bed.folder().programs().resolve("kubectl"))
        .in(folder)
        .within(selection.deadline().plus(MARGIN));
  }
}
