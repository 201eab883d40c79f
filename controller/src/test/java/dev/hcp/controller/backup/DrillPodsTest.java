package dev.hcp.controller.backup;

import static org.assertj.core.api.Assertions.assertThat;

import dev.hcp.conditions.Reason;
import dev.hcp.controller.plan.DrillPod;
import dev.hcp.controller.plan.DrillTarget;
import dev.hcp.controller.plan.RestoreEnd;
import dev.hcp.controller.scenario.Manifests;
import io.fabric8.kubernetes.api.model.Pod;
import java.time.Duration;
import java.time.Instant;
import java.util.HashMap;
import java.util.Optional;
import org.junit.jupiter.api.Test;

/** What becomes of a drill is told by its pod. */
class DrillPodsTest {
  private static final DrillTarget TARGET =
      new DrillTarget(
          "20260821T023011Z-3f9a2c1b",
          20_500_512,
          Instant.parse("2026-08-23T03:00:00Z"),
          Optional.of("now"));

  private static final String FETCHED =
      """
      - name: fetch
        state: {terminated: {exitCode: 0, startedAt: "2026-08-23T03:00:05Z", message: '{"result":"success","message":"fetched","milliseconds":1}'}}
      """;
  private static final String RESTORED =
      """
      - name: restore
        state: {terminated: {exitCode: 0}}
      """;
  private static final String RUNS =
      """
      - name: etcd
        state: {running: {}}
      """;

  @Test
  void whatIsRestoredIsToldByAnnotations() {
    assertThat(see("phase: Pending").target()).isEqualTo(TARGET);
    var withoutRequest =
        new DrillTarget(TARGET.backup(), TARGET.size(), TARGET.begun(), Optional.empty());
    assertThat(DrillPods.see(pod(withoutRequest, "phase: Pending")).orElseThrow().target())
        .isEqualTo(withoutRequest);
    var other = pod(TARGET, "phase: Pending");
    other
        .getMetadata()
        .getAnnotations()
        .put("controlplane.cluster.x-k8s.io/restore-drill-size", "x");
    assertThat(DrillPods.see(other)).isEmpty();
    other.getMetadata().setAnnotations(null);
    assertThat(DrillPods.see(other)).isEmpty();
  }

  @Test
  void itHasNotEndedBeforeAnythingHas() {
    assertThat(see("phase: Pending").end()).isEmpty();
    assertThat(see(statuses("Pending", FETCHED, "")).end()).isEmpty();
    assertThat(see(statuses("Running", FETCHED + RESTORED, RUNS)).end()).isEmpty();
  }

  @Test
  void whatHindersItIsToldMeanwhile() {
    assertThat(
            see("""
            phase: Pending
            conditions:
            - {type: PodScheduled, status: "False", reason: Unschedulable, message: no node has room}
            """)
                .trouble())
        .contains("pod demo-restore-drill: Unschedulable: no node has room");
  }

  @Test
  void successIsTheWordOfTheCheckAndTimed() {
    assertThat(
            see(statuses(
                    "Running",
                    FETCHED + RESTORED,
                    RUNS
                        + """
                        - name: check
                          state: {terminated: {exitCode: 0, finishedAt: "2026-08-23T03:00:17Z", message: '{"result":"success","message":"120 keys","milliseconds":1}'}}
                        """))
                .end())
        .contains(new RestoreEnd.Success(Duration.ofSeconds(12), "120 keys"));
  }

  @Test
  void aCheckThatSaysNothingIsNoSuccess() {
    var end =
        failure(
            statuses(
                "Running",
                FETCHED + RESTORED,
                RUNS + "- {name: check, state: {terminated: {exitCode: 0}}}\n"));
    assertThat(end.reason()).isEqualTo(Reason.RESTORE_DRILL_FAILED);
  }

  @Test
  void theCauseIsThatOfTheContainer() {
    var damaged =
        failure(
            statuses(
                "Failed",
                """
                - name: fetch
                  state: {terminated: {exitCode: 1, reason: Error, message: '{"result":"damaged","message":"other bytes","milliseconds":1}'}}
                """,
                ""));
    assertThat(damaged)
        .isEqualTo(new RestoreEnd.Failure("damaged", Reason.BACKUP_DAMAGED, "other bytes"));
    var differs =
        failure(
            statuses(
                "Running",
                FETCHED + RESTORED,
                RUNS
                    + """
                    - name: check
                      state: {terminated: {exitCode: 1, message: '{"result":"different","message":"1 key less","milliseconds":1}'}}
                    """));
    assertThat(differs)
        .isEqualTo(new RestoreEnd.Failure("different", Reason.BACKUP_NOT_RESTORABLE, "1 key less"));
    // What the store has against us does not come from the backup.
    assertThat(
            failure(
                    statuses(
                        "Failed",
                        """
                        - name: fetch
                          state: {terminated: {exitCode: 1, message: '{"result":"other","message":"no","milliseconds":1}'}}
                        """,
                        ""))
                .reason())
        .isEqualTo(Reason.RESTORE_DRILL_FAILED);
  }

  @Test
  void whatEtcdsOwnProgramsSayIsTheEndOfTheirLog() {
    assertThat(
            failure(
                statuses(
                    "Failed",
                    FETCHED
                        + """
                        - name: restore
                          state: {terminated: {exitCode: 1, reason: Error, message: "Error: expected sha256 [1], got [2]"}}
                        """,
                    "")))
        .isEqualTo(
            new RestoreEnd.Failure(
                "not_restorable",
                Reason.BACKUP_NOT_RESTORABLE,
                "etcdutl does not restore the backup: it ended with status 1, saying: Error:"
                    + " expected sha256 [1], got [2]"));
    // Without waiting for the check, which waits for etcd.
    assertThat(
            failure(
                    statuses(
                        "Running",
                        FETCHED + RESTORED,
                        """
                        - name: etcd
                          state: {terminated: {exitCode: 2, reason: Error, message: panic}}
                        - name: check
                          state: {running: {}}
                        """))
                .message())
        .isEqualTo("etcd ends on what was restored: it ended with status 2, saying: panic");
    assertThat(
            failure(
                    statuses(
                        "Failed",
                        FETCHED
                            + "- {name: restore, state: {terminated: {exitCode: 137, reason:"
                            + " OOMKilled}}}\n",
                        ""))
                .reason())
        .isEqualTo(Reason.RESTORE_DRILL_FAILED);
  }

  @Test
  void aPodThatIsEndedAsAWholeSaysNothingOfTheBackup() {
    assertThat(failure("phase: Failed\nreason: Evicted\nmessage: the node is low on disk"))
        .isEqualTo(
            new RestoreEnd.Failure(
                "pod",
                Reason.RESTORE_DRILL_FAILED,
                "pod demo-restore-drill has failed: Evicted, the node is low on disk"));
    assertThat(
            failure(
                    "reason: DeadlineExceeded\n"
                        + statuses(
                            "Failed",
                            FETCHED
                                + "- {name: restore, state: {terminated: {exitCode: 137, reason:"
                                + " Error}}}\n",
                            ""))
                .label())
        .isEqualTo("deadline");
    assertThat(failure("phase: Failed").label()).isEqualTo("pod");
  }

  private static RestoreEnd.Failure failure(String status) {
    return see(status).end().flatMap(RestoreEnd::failure).orElseThrow();
  }

  private static DrillPod see(String status) {
    return DrillPods.see(pod(TARGET, status)).orElseThrow();
  }

  private static String statuses(String phase, String initial, String main) {
    return "phase: %s\ninitContainerStatuses:\n%s%s%s"
        .formatted(phase, initial, main.isEmpty() ? "" : "containerStatuses:\n", main);
  }

  private static Pod pod(DrillTarget target, String status) {
    var pod =
        (Pod)
            Manifests.read(
                    """
                    apiVersion: v1
                    kind: Pod
                    metadata: {name: demo-restore-drill, namespace: clusters}
                    status:
                    %s
                    """
                        .formatted(status.indent(2)))
                .getFirst();
    pod.getMetadata().setAnnotations(new HashMap<>(DrillPods.notes(target)));
    return pod;
  }
}
