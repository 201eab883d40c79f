package dev.hcp.e2e.conformance;

import static org.assertj.core.api.Assertions.assertThat;

import dev.hcp.e2e.conformance.Report.Result;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

final class RunsTest {
  @TempDir private Path folder;

  @Test
  void laterRunsAddToWhatIsKnown() throws Exception {
    var runs = new Runs(folder.resolve("conformance"));
    assertThat(runs.report().tests()).isEmpty();
    write(runs.next(), "failed", "passed");
    write(runs.next(), "passed", "skipped");
    Files.createDirectories(runs.next());
    assertThat(runs.next()).endsWithRaw(Path.of("run-4"));
    assertThat(runs.report().with(Result.PASSED)).hasSize(2);
    runs.forget();
    assertThat(runs.next()).endsWithRaw(Path.of("run-1"));
  }

  private static void write(Path run, String one, String other) throws IOException {
    Files.createDirectories(run);
    Files.writeString(
        run.resolve(Report.FILE),
        """
        [{"SpecReports": [
          {"LeafNodeType": "It", "LeafNodeText": "one [Conformance]", "State": "%s"},
          {"LeafNodeType": "It", "LeafNodeText": "other [Conformance]", "State": "%s"}]}]
        """
            .formatted(one, other));
  }
}
