package dev.hcp.controller.etcd;

import static org.assertj.core.api.Assertions.assertThat;

import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.api.model.PodBuilder;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** What the last words of members say. Those of a real etcd are in {@link EtcdRebuildIT}. */
final class DataLossTest {
  private static Pod ended(String container, int code, @Nullable String message) {
    return new PodBuilder()
        .withNewStatus()
        .addNewContainerStatus()
        .withName(container)
        .withRestartCount(4)
        .withNewState()
        .withNewWaiting()
        .withReason("CrashLoopBackOff")
        .endWaiting()
        .endState()
        .withNewLastState()
        .withNewTerminated()
        .withExitCode(code)
        .withMessage(message)
        .endTerminated()
        .endLastState()
        .endContainerStatus()
        .endStatus()
        .build();
  }

  @ParameterizedTest
  @CsvSource({
    "cannot fetch cluster info from peer urls: could not retrieve cluster information from the given URLs, NO_DATA",
    "member 8e9e05c52164694d has already been bootstrapped, NO_DATA",
    "walpb: crc mismatch: expected: 7b computed: 83, UNREADABLE",
    "tocommit(107) is out of range [lastIndex(84)]. Was the raft log corrupted, UNREADABLE",
    "the member has been permanently removed from the cluster, OF_REMOVED",
    "listener failed server is stopping, OF_REMOVED",
  })
  void wordsSayWhatIsTheMatter(String words, DataLoss loss) {
    var message = words.contains("Was the raft") ? words + ", truncated, or lost?" : words;
    assertThat(DataLoss.of(ended("etcd", 1, message))).contains(loss);
    assertThat(DataLoss.of(ended("other", 1, message))).isEmpty();
  }

  @Test
  void anythingElseIsNoLoss() {
    assertThat(DataLoss.of(ended("etcd", 1, "listen tcp :2379: bind: address in use"))).isEmpty();
    assertThat(DataLoss.of(ended("etcd", 137, null))).as("killed").isEmpty();
    assertThat(
            DataLoss.of(
                ended(
                    "etcd",
                    2,
                    "open /var/lib/etcd/member/snap/db: permission denied"
                        + " storage/backend.newBackend(")))
        .isEmpty();
    assertThat(DataLoss.of(new PodBuilder().build())).isEmpty();
  }

  @Test
  void whatRunsHasNotLostAnything() {
    var pod = ended("etcd", 1, "crc mismatch");
    var running =
        pod.edit()
            .editStatus()
            .editFirstContainerStatus()
            .withNewState()
            .withNewRunning()
            .endRunning()
            .endState()
            .endContainerStatus()
            .endStatus()
            .build();
    assertThat(DataLoss.of(running)).isEmpty();
    assertThat(DataLoss.restarts(running)).isEqualTo(4);
  }
}
