package dev.hcp.controller.backup;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Instant;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class BackupNameTest {
  private static final String FOLDER = "prod/clusters/demo/";
  private static final Instant TIME = Instant.parse("2026-08-21T02:30:11.7Z");

  @Test
  void saysWhoseAndFromWhen() {
    var name = BackupName.of(TIME, 0x3f9a2c1b);
    assertThat(BackupName.folder("prod", "clusters", "demo")).isEqualTo(FOLDER);
    assertThat(BackupName.folder("", "clusters", "demo")).isEqualTo("clusters/demo/");
    assertThat(name.data(FOLDER)).isEqualTo(FOLDER + "20260821T023011Z-3f9a2c1b.etcd");
    assertThat(name.manifest(FOLDER)).isEqualTo(FOLDER + "20260821T023011Z-3f9a2c1b.json");
  }

  @Test
  void isReadBack() {
    var name = BackupName.of(TIME, 7);
    assertThat(BackupName.ofData(FOLDER, name.data(FOLDER))).contains(name);
    assertThat(BackupName.ofManifest(FOLDER, name.manifest(FOLDER))).contains(name);
    assertThat(BackupName.ofData(FOLDER, name.manifest(FOLDER))).isEmpty();
    assertThat(BackupName.ofManifest(FOLDER, name.data(FOLDER))).isEmpty();
    assertThat(BackupName.ofData("prod/clusters/other/", name.data(FOLDER))).isEmpty();
  }

  @Test
  void saysWhetherItIsTheLastOne() {
    var name = BackupName.of(TIME, 0x3f9a2c1b).asFinal();
    assertThat(name.data(FOLDER)).isEqualTo(FOLDER + "20260821T023011Z-3f9a2c1b-final.etcd");
    assertThat(BackupName.ofData(FOLDER, name.data(FOLDER))).contains(name);
    assertThat(BackupName.ofManifest(FOLDER, name.manifest(FOLDER))).contains(name);
    assertThat(name).isGreaterThan(BackupName.of(TIME.minusSeconds(1), -1));
    assertThat(name).isLessThan(BackupName.of(TIME.plusSeconds(1), 0));
  }

  /** Whatever else is in the folder is nobody's to delete. */
  @ParameterizedTest
  @ValueSource(
      strings = {
        "2026-08-21T02:30:11Z.etcd",
        "20260821T023011Z.etcd",
        "20260821T023011Z-3f9a2c1.etcd",
        "20260821T023011Z-3F9A2C1B.etcd",
        "20260230T023011Z-3f9a2c1b.etcd",
        "20260821T253011Z-3f9a2c1b.etcd",
        "deeper/20260821T023011Z-3f9a2c1b.etcd",
        "20260821T023011Z-3f9a2c1b.etcd.bak"
      })
  void otherNamesAreNoBackups(String name) {
    assertThat(BackupName.ofData(FOLDER, FOLDER + name)).isEmpty();
  }

  @Test
  void sortsByTime() {
    var first = BackupName.of(TIME, -1);
    var second = BackupName.of(TIME.plusSeconds(1), 0);
    assertThat(first).isLessThan(second);
  }
}
