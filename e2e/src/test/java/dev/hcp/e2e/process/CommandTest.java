package dev.hcp.e2e.process;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.hcp.e2e.BedException;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

final class CommandTest {
  @Test
  void inputEnvironmentAndOutputAreConnected() {
    var output =
        Command.of("sh", "-c", "cat; echo $NAME").input("in ").env("NAME", "value").output();
    assertThat(output).isEqualTo("in value\n");
  }

  @Test
  void withoutInputAProgramReadsNothing() {
    assertThat(Command.of("cat").within(Duration.ofSeconds(10)).output()).isEmpty();
  }

  @Test
  void aFailureTellsCommandCodeLogAndWhatWasSaid(@TempDir Path folder) {
    var log = folder.resolve("step.log");
    assertThatThrownBy(() -> Command.of("sh", "-c", "echo no luck >&2; exit 3").log(log).check())
        .isInstanceOf(BedException.class)
        .hasMessageContainingAll("exit code 3", "no luck", log.toString());
    assertThat(log).content().contains("no luck");
  }

  @Test
  void aDeadlineEndsTheProgramAndItsChildren(@TempDir Path folder) {
    var marker = folder.resolve("pid");
    var command = Command.of("sh", "-c", "sleep 600 & echo $! > %s; wait".formatted(marker));
    assertThatThrownBy(() -> command.within(Duration.ofSeconds(1)).run())
        .isInstanceOf(BedException.class)
        .hasMessageContaining("did not end within 1 s");
    Wait.until("the child has ended", Duration.ofSeconds(10), () -> !isAlive(marker));
  }

  @Test
  void aProgramThatDoesNotExistIsNamed() {
    assertThatThrownBy(() -> Command.of("no-such-program").run())
        .isInstanceOf(BedException.class)
        .hasMessageContaining("no-such-program");
  }

  private static boolean isAlive(Path pidFile) {
    try {
      return ProcessHandle.of(Long.parseLong(Files.readString(pidFile).strip()))
          .filter(ProcessHandle::isAlive)
          .isPresent();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
