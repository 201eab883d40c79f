package dev.hcp.e2e.process;

import dev.hcp.e2e.BedException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;

/**
 * A process that was started earlier, perhaps by another run of the bed. Its number alone would not
 * do: numbers are used again, so the time it started and the boot it belongs to are compared before
 * it is signalled.
 *
 * @param pid its number
 * @param startTicks when it started, in the kernel's clock ticks since boot
 * @param bootId which boot of the machine it belongs to
 */
public record ProcessIdentity(long pid, long startTicks, String bootId) {

  /** The identity of the running process {@code pid}. */
  public static ProcessIdentity of(long pid) {
    return startTicksOf(pid)
        .map(ticks -> new ProcessIdentity(pid, ticks, currentBoot()))
        .orElseThrow(
            () -> new BedException("process %d ended right after it was started".formatted(pid)));
  }

  /** What {@link #write} has written, if anything. */
  public static Optional<ProcessIdentity> read(Path file) {
    if (!Files.exists(file)) {
      return Optional.empty();
    }
    try {
      var fields = Files.readString(file).strip().split(" ", -1);
      return fields.length == 3
          ? Optional.of(
              new ProcessIdentity(Long.parseLong(fields[0]), Long.parseLong(fields[1]), fields[2]))
          : Optional.empty();
    } catch (IOException | NumberFormatException e) {
      throw new BedException("cannot read the process identity in %s".formatted(file), e);
    }
  }

  /** Keeps it for a later run. */
  public void write(Path file) {
    try {
      Files.writeString(file, "%d %d %s%n".formatted(pid, startTicks, bootId));
    } catch (IOException e) {
      throw new BedException("cannot write %s".formatted(file), e);
    }
  }

  /** Whether that very process still runs. */
  public boolean isAlive() {
    return bootId.equals(currentBoot())
        && startTicksOf(pid).filter(ticks -> ticks == startTicks).isPresent();
  }

  /** Kills that very process, if it still runs. */
  public void kill() {
    if (isAlive()) {
      ProcessHandle.of(pid).ifPresent(ProcessHandle::destroyForcibly);
    }
  }

  private static String currentBoot() {
    try {
      return Files.readString(Path.of("/proc/sys/kernel/random/boot_id")).strip();
    } catch (IOException e) {
      throw new BedException("cannot read the boot id from /proc", e);
    }
  }

  private static Optional<Long> startTicksOf(long pid) {
    try {
      return startTicks(Files.readString(Path.of("/proc", Long.toString(pid), "stat")));
    } catch (IOException _) {
      return Optional.empty();
    }
  }

  /**
   * The start time in a line of {@code /proc/PID/stat}; empty for a process that is dead but not
   * collected yet.
   */
  static Optional<Long> startTicks(String stat) {
    // The second field is the program's name in parentheses and may hold anything, so counting
    // starts behind it.
    var fields = stat.substring(stat.lastIndexOf(')') + 2).strip().split(" ", -1);
    return fields[0].equals("Z") ? Optional.empty() : Optional.of(Long.parseLong(fields[19]));
  }
}
