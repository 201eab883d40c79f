package dev.hcp.controller.plan;

import static org.assertj.core.api.Assertions.assertThat;

import dev.hcp.controller.scenario.Manifests;
import io.fabric8.kubernetes.api.model.Pod;
import java.util.List;
import org.junit.jupiter.api.Test;

/** What is said of pods that do not start. */
final class PodTroubleTest {
  private static List<Pod> pod(String status) {
    return Manifests.read(
            """
            apiVersion: v1
            kind: Pod
            metadata: {name: a}
            status:
              containerStatuses:
              - name: kube-apiserver
                ready: false
                %s
            """
                .formatted(status.indent(4).strip()))
        .stream()
        .map(Pod.class::cast)
        .toList();
  }

  @Test
  void anImageThatCannotBeHadIsAFailure() {
    var pods = pod("state: {waiting: {reason: ErrImagePull, message: no such host}}");
    assertThat(PodTrouble.failure(pods))
        .contains("pod a: container kube-apiserver: ErrImagePull (no such host)");
    assertThat(PodTrouble.describe(pods)).isEqualTo(PodTrouble.failure(pods));
  }

  @Test
  void aContainerThatEndsAgainAndAgainSaysHow() {
    var last = "lastState: {terminated: {exitCode: 1, reason: Error, message: unknown flag}}";
    assertThat(
            PodTrouble.failure(
                pod("state: {waiting: {reason: CrashLoopBackOff, message: back-off}}\n" + last)))
        .contains(
            "pod a: container kube-apiserver: CrashLoopBackOff (back-off); it last ended with exit"
                + " code 1, Error: unknown flag");
    assertThat(PodTrouble.failure(pod("restartCount: 2\nstate: {running: {}}\n" + last)))
        .contains(
            "pod a: container kube-apiserver last ended with exit code 1, Error: unknown flag");
  }

  /** It may have needed what was not there yet. */
  @Test
  void oneRestartIsNoFailureButSaid() {
    var last = "lastState: {terminated: {exitCode: 1, reason: Error, message: no etcd}}";
    for (var restarts : List.of("", "restartCount: 1\n")) {
      var pods = pod(restarts + "state: {running: {}}\n" + last);
      assertThat(PodTrouble.failure(pods)).isEmpty();
      assertThat(PodTrouble.describe(pods))
          .contains(
              "pod a: container kube-apiserver runs but is not ready; it last ended with exit code"
                  + " 1, Error: no etcd");
    }
  }

  @Test
  void aContainerHasRunOnceItHasStarted() {
    assertThat(
            List.of(
                "state: {waiting: {reason: ImagePullBackOff}}",
                "state: {running: {}}",
                "state: {waiting: {reason: CrashLoopBackOff}}\nlastState: {terminated: {exitCode: 1}}",
                "state: {waiting: {reason: CrashLoopBackOff}}\nrestartCount: 3"))
        .extracting(status -> PodTrouble.hasRun(pod(status).getFirst()))
        .containsExactly(false, true, true, true);
  }

  @Test
  void whatIsStartingOrWasStoppedInOrderIsNone() {
    assertThat(PodTrouble.failure(pod("state: {waiting: {reason: ContainerCreating}}"))).isEmpty();
    assertThat(
            PodTrouble.failure(pod("state: {running: {}}\nlastState: {terminated: {exitCode: 0}}")))
        .isEmpty();
    assertThat(PodTrouble.describe(pod("state: {running: {}}")))
        .contains("pod a: container kube-apiserver runs but is not ready");
  }
}
