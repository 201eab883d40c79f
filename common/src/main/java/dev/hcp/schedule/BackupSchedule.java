package dev.hcp.schedule;

import java.nio.charset.StandardCharsets;
import java.time.DayOfWeek;
import java.time.Instant;
import java.time.LocalDate;
import java.time.LocalTime;
import java.time.ZoneOffset;
import java.util.Optional;
import java.util.OptionalInt;

/**
 * A backup schedule in UTC: five cron fields, each one number or {@code *}. As in cron, when both
 * the day of the month and the weekday are restricted, either of them is enough.
 *
 * @param minute 0 to 59
 * @param hour 0 to 23
 * @param dayOfMonth 1 to 31
 * @param month 1 to 12
 * @param weekday 0 (Sunday) to 6
 */
public record BackupSchedule(
    OptionalInt minute,
    OptionalInt hour,
    OptionalInt dayOfMonth,
    OptionalInt month,
    OptionalInt weekday) {

  /** What a schedule looks like in a manifest. */
  public static final String PATTERN =
      "^(@daily|(\\*|[0-9]|[1-5][0-9]) (\\*|[0-9]|1[0-9]|2[0-3])"
          + " (\\*|[1-9]|[1-2][0-9]|3[0-1]) (\\*|[1-9]|1[0-2]) (\\*|[0-6]))$";

  /** What {@link #PATTERN} means. */
  public static final String FORM =
      "must be @daily, or minute, hour, day of month, month and weekday, each one number or *, for"
          + " example 30 2 * * *";

  /** Schedules that match {@link #PATTERN} and never fire, because no month has that day. */
  public static final String NEVER = "^[^ ]+ [^ ]+ (30 2|31 (2|4|6|9|11)) \\*$";

  /** What a schedule that matches {@link #NEVER} lacks. */
  public static final String OCCURS =
      "must name a day that occurs: this schedule never fires; for example 30 2 * * * fires every"
          + " day at 02:30 UTC";

  /** The longest gap between two runs of a schedule that fires at all: 29 February across 2100. */
  private static final int HORIZON_DAYS = 8 * 366 + 1;

  private static final int DAILY_WINDOW_START_MINUTE = 20 * 60;
  private static final int DAILY_WINDOW_MINUTES = 8 * 60;
  private static final int MINUTES_PER_DAY = 24 * 60;

  /**
   * Reads a schedule.
   *
   * @param text {@code @daily} or five cron fields
   * @param namespace namespace of the control plane, which together with the name decides the
   *     minute of {@code @daily}
   * @param name name of the control plane
   * @throws IllegalArgumentException if the text does not match {@link #PATTERN}
   */
  public static BackupSchedule parse(String text, String namespace, String name) {
    if (!text.matches(PATTERN)) {
      throw new IllegalArgumentException(
          "\"%s\" is neither @daily nor five fields that are each a number or *".formatted(text));
    }
    if (text.equals("@daily")) {
      return daily(namespace, name);
    }
    var fields = text.split(" ", -1);
    return new BackupSchedule(
        field(fields[0]), field(fields[1]), field(fields[2]), field(fields[3]), field(fields[4]));
  }

  /**
   * The first run after an instant; empty if the schedule never fires, as 30 February.
   *
   * @param after the instant, which itself is not a candidate
   */
  public Optional<Instant> next(Instant after) {
    var start = after.atOffset(ZoneOffset.UTC);
    for (int day = 0; day <= HORIZON_DAYS; day++) {
      var date = start.toLocalDate().plusDays(day);
      if (!matches(date)) {
        continue;
      }
      var earliest = day == 0 ? start.toLocalTime() : null;
      for (int h = hour.orElse(0); h <= hour.orElse(23); h++) {
        for (int m = minute.orElse(0); m <= minute.orElse(59); m++) {
          var time = LocalTime.of(h, m);
          if (earliest == null || time.isAfter(earliest)) {
            return Optional.of(date.atTime(time).toInstant(ZoneOffset.UTC));
          }
        }
      }
    }
    return Optional.empty();
  }

  /** Whether the schedule fires at all. */
  public boolean everFires() {
    return next(Instant.EPOCH).isPresent();
  }

  private boolean matches(LocalDate date) {
    if (month.isPresent() && month.getAsInt() != date.getMonthValue()) {
      return false;
    }
    boolean dayMatches = dayOfMonth.isEmpty() || dayOfMonth.getAsInt() == date.getDayOfMonth();
    boolean weekdayMatches =
        weekday.isEmpty() || weekday.getAsInt() == cronWeekday(date.getDayOfWeek());
    if (dayOfMonth.isPresent() && weekday.isPresent()) {
      return dayMatches || weekdayMatches;
    }
    return dayMatches && weekdayMatches;
  }

  private static int cronWeekday(DayOfWeek day) {
    return day.getValue() % 7;
  }

  private static BackupSchedule daily(String namespace, String name) {
    int offset = Integer.remainderUnsigned(fnv1a(namespace + "/" + name), DAILY_WINDOW_MINUTES);
    int minuteOfDay = (DAILY_WINDOW_START_MINUTE + offset) % MINUTES_PER_DAY;
    return new BackupSchedule(
        OptionalInt.of(minuteOfDay % 60),
        OptionalInt.of(minuteOfDay / 60),
        OptionalInt.empty(),
        OptionalInt.empty(),
        OptionalInt.empty());
  }

  /** FNV-1a, 32 bits: http://www.isthe.com/chongo/tech/comp/fnv. */
  private static int fnv1a(String text) {
    int hash = 0x811c9dc5;
    for (byte b : text.getBytes(StandardCharsets.UTF_8)) {
      hash = (hash ^ (b & 0xff)) * 0x01000193;
    }
    return hash;
  }

  private static OptionalInt field(String text) {
    return text.equals("*") ? OptionalInt.empty() : OptionalInt.of(Integer.parseInt(text));
  }
}
