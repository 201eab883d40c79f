package dev.hcp.controller.backup;

import dev.hcp.controller.plan.BackupOrder;
import dev.hcp.controller.store.ObjectStore.StoredObject;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.SortedSet;
import java.util.TreeSet;

/**
 * Which objects of a control plane's folder have served their time. The last backup of a control
 * plane that was deleted never has: nobody could make it again.
 */
final class Retention {
  /** No backup takes that long: what has no manifest by then will never have one. */
  static final Duration ABANDONED = Duration.ofDays(1);

  private Retention() {}

  /**
   * Names of the objects to delete, in order: of a backup the manifest first, so that what is left
   * when somebody is interrupted is no backup.
   *
   * @param folder of the control plane
   * @param objects what is in it
   * @param keep which backups are kept
   */
  static List<String> obsolete(
      String folder, List<StoredObject> objects, BackupOrder.Retention keep, Instant now) {
    var backups = new TreeSet<BackupName>();
    objects.forEach(object -> BackupName.ofManifest(folder, object.name()).ifPresent(backups::add));
    var obsolete = new ArrayList<String>();
    var regular = new TreeSet<BackupName>();
    backups.stream().filter(backup -> !backup.isFinal()).forEach(regular::add);
    for (var backup : served(regular, keep, now)) {
      obsolete.add(backup.manifest(folder));
      obsolete.add(backup.data(folder));
    }
    for (var object : objects) {
      BackupName.ofData(folder, object.name())
          .filter(data -> !backups.contains(data))
          .filter(data -> data.time().isBefore(now.minus(ABANDONED)))
          .ifPresent(data -> obsolete.add(object.name()));
    }
    return obsolete;
  }

  /** Those that are too many or too old, oldest first. The newest is neither. */
  private static List<BackupName> served(
      SortedSet<BackupName> backups, BackupOrder.Retention keep, Instant now) {
    var newestFirst = new ArrayList<>(backups.reversed());
    var served = new ArrayList<BackupName>();
    for (int i = newestFirst.size() - 1; i > 0; i--) {
      var backup = newestFirst.get(i);
      boolean tooMany = keep.count().isPresent() && i >= keep.count().getAsInt();
      boolean tooOld = keep.age().filter(age -> backup.time().isBefore(now.minus(age))).isPresent();
      if (tooMany || tooOld) {
        served.add(backup);
      }
    }
    return served;
  }
}
