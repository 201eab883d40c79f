package dev.hcp.e2e.conformance;

import static org.assertj.core.api.Assertions.assertThat;

import dev.hcp.e2e.conformance.Report.Result;
import java.util.List;
import org.junit.jupiter.api.Test;

final class ReportTest {
  private static final String JSON =
      """
      [{"SpecReports": [
        {"LeafNodeType": "SynchronizedBeforeSuite", "State": "passed"},
        {"LeafNodeType": "It", "ContainerHierarchyTexts": ["[sig-node] Pods"],
         "LeafNodeText": "should run [Conformance]", "State": "passed", "RunTime": 2000000000},
        {"LeafNodeType": "It", "ContainerHierarchyTexts": ["[sig-node] Pods", "slow ones"],
         "LeafNodeText": "should end [Conformance]", "State": "timedout",
         "Failure": {"Message": "too\\n   late"}},
        {"LeafNodeType": "It", "ContainerHierarchyTexts": ["[sig-apps] Job"],
         "LeafNodeText": "should work [Conformance]", "State": "skipped"},
        {"LeafNodeType": "It", "ContainerHierarchyTexts": ["[sig-apps] Job"],
         "LeafNodeText": "should find 9 nodes [Conformance]", "State": "skipped",
         "Failure": {"Message": "only 2 nodes"}},
        {"LeafNodeType": "It", "ContainerHierarchyTexts": ["[sig-apps] Job"],
         "LeafNodeText": "is no conformance test", "State": "skipped"}
      ]}]
      """;

  @Test
  void whatDidNotRunIsNotTakenForWhatSkippedItself() throws Exception {
    var report = Report.parse(JSON);
    assertThat(report.tests()).hasSize(4);
    assertThat(report.with(Result.PASSED)).extracting(Report.Test::group).containsExactly("node");
    assertThat(report.with(Result.FAILED))
        .extracting(Report.Test::name)
        .containsExactly("[sig-node] Pods slow ones should end [Conformance]");
    assertThat(report.with(Result.NOT_RUN)).hasSize(1);
    assertThat(report.with(Result.SKIPPED)).hasSize(1);
  }

  @Test
  void theTableCountsByGroupAndReasonsAreGiven() throws Exception {
    var leftOut = List.of(new Selection.LeftOut("Job should work", "no work here"));
    assertThat(Report.parse(JSON).markdown(leftOut))
        .contains("| apps | 0 | 0 | 1 | 1 |")
        .contains("| node | 1 | 1 | 0 | 0 |")
        .contains("| **all** | 1 | 1 | 1 | 1 |")
        .contains("should end [Conformance]: too late")
        .contains("should work [Conformance]: no work here")
        .containsPattern("## Passed\\s+\\* \\[sig-node] Pods should run");
  }

  @Test
  void aFailedPreparationIsAFailure() throws Exception {
    var report =
        Report.parse(
            """
            [{"SpecReports": [{"LeafNodeType": "SynchronizedBeforeSuite", "State": "failed",
              "Failure": {"Message": "no nodes"}}]}]
            """);
    assertThat(report.with(Result.FAILED))
        .extracting(Report.Test::name)
        .containsExactly("SynchronizedBeforeSuite");
  }

  @Test
  void aTestCountsAsItEndedLast() throws Exception {
    var again =
        Report.parse(
            """
            [{"SpecReports": [
              {"LeafNodeType": "It", "ContainerHierarchyTexts": ["[sig-node] Pods"],
               "LeafNodeText": "should run [Conformance]", "State": "skipped"},
              {"LeafNodeType": "It", "ContainerHierarchyTexts": ["[sig-node] Pods", "slow ones"],
               "LeafNodeText": "should end [Conformance]", "State": "passed"}]}]
            """);
    assertThat(Report.parse(JSON).after(again).with(Result.PASSED))
        .extracting(Report.Test::name)
        .containsExactly(
            "[sig-node] Pods should run [Conformance]",
            "[sig-node] Pods slow ones should end [Conformance]");
  }
}
