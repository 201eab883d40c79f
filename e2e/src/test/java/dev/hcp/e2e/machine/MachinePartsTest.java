package dev.hcp.e2e.machine;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.hcp.e2e.BedException;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;

final class MachinePartsTest {
  @Test
  void theNoteSaysEverything() {
    var parts =
        new MachineParts(
            Path.of("/cache/store"), "pause:3", Path.of("/opt/cni/bin"), Path.of("/cache/kubelet"));
    assertThat(MachineParts.parse(parts.note())).isEqualTo(parts);
  }

  @Test
  void aNoteOfAnOlderBedIsRefused() {
    assertThatThrownBy(() -> MachineParts.parse(""))
        .isInstanceOf(BedException.class)
        .hasMessageContaining("take the bed down");
  }
}
