package dev.hcp.controller.backup;

import static org.assertj.core.api.Assertions.assertThat;

import dev.hcp.controller.plan.BackupOrder;
import dev.hcp.controller.store.ObjectStore.StoredObject;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;
import org.junit.jupiter.api.Test;

class RetentionTest {
  private static final String FOLDER = "clusters/demo/";
  private static final Instant NOW = Instant.parse("2026-03-10T12:00:00Z");

  private final List<StoredObject> objects = new ArrayList<>();

  @Test
  void keepsTheNewestByNumber() {
    var oldest = backup(Duration.ofHours(4));
    var old = backup(Duration.ofHours(3));
    backup(Duration.ofHours(2));
    backup(Duration.ofHours(1));
    assertThat(obsolete(OptionalInt.of(2), Optional.empty()))
        .containsExactly(
            oldest.manifest(FOLDER), oldest.data(FOLDER), old.manifest(FOLDER), old.data(FOLDER));
    assertThat(obsolete(OptionalInt.of(4), Optional.empty())).isEmpty();
  }

  @Test
  void keepsTheYoung() {
    var old = backup(Duration.ofDays(31));
    backup(Duration.ofDays(29));
    assertThat(obsolete(OptionalInt.empty(), Optional.of(Duration.ofDays(30))))
        .containsExactly(old.manifest(FOLDER), old.data(FOLDER));
  }

  @Test
  void eitherIsEnoughToGo() {
    var old = backup(Duration.ofDays(40));
    var many = backup(Duration.ofHours(3));
    backup(Duration.ofHours(2));
    backup(Duration.ofHours(1));
    assertThat(obsolete(OptionalInt.of(2), Optional.of(Duration.ofDays(30))))
        .containsExactly(
            old.manifest(FOLDER), old.data(FOLDER), many.manifest(FOLDER), many.data(FOLDER));
  }

  /** However old it is: without it there would be none. */
  @Test
  void neverDeletesTheNewest() {
    backup(Duration.ofDays(400));
    assertThat(obsolete(OptionalInt.of(1), Optional.of(Duration.ofHours(1)))).isEmpty();
  }

  /** A control plane of the same name that was deleted has left it, and it cannot be made again. */
  @Test
  void theLastBackupOfADeletedControlPlaneStaysAndCountsForNothing() {
    var last = BackupName.of(NOW.minus(Duration.ofDays(400)), 7).asFinal();
    objects.add(new StoredObject(last.data(FOLDER), 1));
    objects.add(new StoredObject(last.manifest(FOLDER), 1));
    backup(Duration.ofHours(3));
    backup(Duration.ofHours(2));
    assertThat(obsolete(OptionalInt.of(2), Optional.of(Duration.ofDays(1)))).isEmpty();
    var newer = BackupName.of(NOW.minus(Duration.ofHours(1)), 8).asFinal();
    objects.add(new StoredObject(newer.data(FOLDER), 1));
    objects.add(new StoredObject(newer.manifest(FOLDER), 1));
    assertThat(obsolete(OptionalInt.of(2), Optional.of(Duration.ofDays(1)))).isEmpty();
  }

  @Test
  void dataOfALastBackupWithoutManifestGoesLikeAnyOther() {
    var left = BackupName.of(NOW.minus(Duration.ofHours(25)), 7).asFinal();
    objects.add(new StoredObject(left.data(FOLDER), 1));
    assertThat(obsolete(OptionalInt.of(1), Optional.empty())).containsExactly(left.data(FOLDER));
  }

  @Test
  void dataWithoutManifestGoesOnceNobodyCanBeAtIt() {
    var left = data(Duration.ofHours(25));
    data(Duration.ofHours(23));
    assertThat(obsolete(OptionalInt.of(1), Optional.empty())).containsExactly(left.data(FOLDER));
  }

  @Test
  void dataWithoutManifestIsNoBackup() {
    backup(Duration.ofHours(5));
    data(Duration.ofHours(1));
    assertThat(obsolete(OptionalInt.of(1), Optional.empty())).isEmpty();
  }

  @Test
  void whatIsNotOursStays() {
    objects.add(new StoredObject(FOLDER + "2025-01-01T00:00:00Z.etcd", 1));
    objects.add(new StoredObject(FOLDER + "notes.json", 1));
    objects.add(new StoredObject("clusters/demo2/20250101T000000Z-00000000.etcd", 1));
    assertThat(obsolete(OptionalInt.of(1), Optional.of(Duration.ofHours(1)))).isEmpty();
  }

  private BackupName backup(Duration age) {
    var name = data(age);
    objects.add(new StoredObject(name.manifest(FOLDER), 1));
    return name;
  }

  private BackupName data(Duration age) {
    var name = BackupName.of(NOW.minus(age), objects.size());
    objects.add(new StoredObject(name.data(FOLDER), 1));
    return name;
  }

  private List<String> obsolete(OptionalInt count, Optional<Duration> age) {
    return Retention.obsolete(FOLDER, objects, new BackupOrder.Retention(count, age), NOW);
  }
}
