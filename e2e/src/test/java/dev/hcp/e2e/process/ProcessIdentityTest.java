package dev.hcp.e2e.process;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

final class ProcessIdentityTest {
  private static final String STAT =
      "42 (a) name) S 1 42 42 0 -1 4194560 1 2 3 4 5 6 7 8 20 0 1 0 987654 11 12";

  @Test
  void theStartTimeIsFoundBehindAnyName() {
    assertThat(ProcessIdentity.startTicks(STAT)).contains(987654L);
  }

  @Test
  void aDeadProcessThatNobodyCollectedIsDead() {
    assertThat(ProcessIdentity.startTicks(STAT.replace(") S ", ") Z "))).isEmpty();
  }

  @Test
  void aNumberThatWasUsedAgainIsAnotherProcess() {
    var self = ProcessIdentity.of(ProcessHandle.current().pid());
    assertThat(self.isAlive()).isTrue();
    assertThat(new ProcessIdentity(self.pid(), self.startTicks() - 1, self.bootId()).isAlive())
        .isFalse();
    assertThat(new ProcessIdentity(self.pid(), self.startTicks(), "another boot").isAlive())
        .isFalse();
  }

  @Test
  void whatWasWrittenIsReadBack(@TempDir Path folder) {
    var self = ProcessIdentity.of(ProcessHandle.current().pid());
    self.write(folder.resolve("process"));
    assertThat(ProcessIdentity.read(folder.resolve("process"))).contains(self);
    assertThat(ProcessIdentity.read(folder.resolve("missing"))).isEmpty();
  }
}
