package dev.hcp.controller.backup.decrypt;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Base64;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class MainTest {
  /**
   * A snapshot of 1000 random bytes and its checksum, encrypted with a key of 32 times 7 by another
   * program that knows the form only.
   */
  private static final String BACKUP = "backup.etcd";

  @TempDir private Path folder;

  @BeforeEach
  void write() throws IOException {
    var key = new byte[32];
    Arrays.fill(key, (byte) 7);
    Files.writeString(folder.resolve("key"), Base64.getEncoder().encodeToString(key) + "\n");
    try (var backup = MainTest.class.getResourceAsStream(BACKUP)) {
      Files.write(folder.resolve(BACKUP), backup.readAllBytes());
    }
  }

  /** Also shows that a later version reads what an earlier one has written. */
  @Test
  void writesTheSnapshot() throws IOException {
    var sha256 =
        Main.decrypt(folder.resolve("key"), folder.resolve(BACKUP), folder.resolve("snapshot"));
    assertThat(sha256)
        .isEqualTo("dbdc838786f6bace9760b738a0969d56be961f8347617fe1a734608d314fef9a");
    assertThat(Files.size(folder.resolve("snapshot"))).isEqualTo(1032);
  }

  @Test
  void nothingIsLeftOfWhatIsDamaged() throws IOException {
    var backup = Files.readAllBytes(folder.resolve(BACKUP));
    backup[backup.length - 1] ^= 1;
    Files.write(folder.resolve(BACKUP), backup);
    assertThatThrownBy(() ->
            Main.decrypt(folder.resolve("key"), folder.resolve(BACKUP), folder.resolve("snapshot")))
        .isInstanceOf(IOException.class);
    try (var files = Files.list(folder)) {
      assertThat(files.map(file -> file.getFileName().toString()))
          .containsExactlyInAnyOrder("key", BACKUP);
    }
  }

  @Test
  void aKeyThatIsNoneIsSaid() throws IOException {
    Files.writeString(folder.resolve("key"), "password");
    assertThatThrownBy(() ->
            Main.decrypt(folder.resolve("key"), folder.resolve(BACKUP), folder.resolve("snapshot")))
        .isInstanceOf(IOException.class)
        .hasMessageContaining("openssl rand -base64 32");
  }
}
