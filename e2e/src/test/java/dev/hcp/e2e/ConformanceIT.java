package dev.hcp.e2e;

import static org.assertj.core.api.Assertions.assertThat;

import dev.hcp.e2e.conformance.ConformanceTests;
import dev.hcp.e2e.conformance.Report.Result;
import dev.hcp.e2e.conformance.Selection;
import dev.hcp.e2e.store.Cache;
import dev.hcp.e2e.store.SourceTree;
import java.nio.file.Path;
import org.junit.jupiter.api.Order;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

/**
 * A hosted cluster behaves as Kubernetes says: a few of its conformance tests out of each group;
 * {@code make conformance} runs them all.
 */
@Order(45)
@ExtendWith({BedExtension.class, ClusterWithNodesExtension.class})
final class ConformanceIT {
  private static final Path RESULTS = Path.of("target", "conformance").toAbsolutePath();

  private final Bed bed;
  private final ClusterWithNodes cluster;

  ConformanceIT(Bed bed, ClusterWithNodes cluster) {
    this.bed = bed;
    this.cluster = cluster;
  }

  @Test
  void aFewTestsOfEachGroupPass() {
    var tests =
        ConformanceTests.prepare(
            bed,
            SourceTree.locate(System.getenv()),
            Cache.locate(System.getenv()),
            Progress.onStandardError());
    var selection = Selection.quick();
    var report = tests.run(cluster.kubeconfig(), selection, RESULTS);
    assertThat(report.with(Result.FAILED)).isEmpty();
    assertThat(report.with(Result.PASSED)).hasSameSizeAs(selection.names());
  }
}
