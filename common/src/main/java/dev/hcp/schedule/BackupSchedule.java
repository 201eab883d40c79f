package dev.hcp.schedule;

import java.nio.charset.StandardCharsets;
import java.time.DayOfWeek;
import java.time.Instant;
import java.time.LocalDate;
import java.time.LocalDateTime;
import java.time.ZoneId;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;

/**
 * A backup schedule: five cron fields, each a list of numbers, ranges and steps, in a time zone. As
 * in cron, when both the day of the month and the weekday are restricted, either of them is enough.
 *
 * <p>When clocks are put forward, a run at a time that is left out is made when they are, and when
 * they are put back, a time that comes twice counts once. A schedule for every hour knows nothing
 * of that: it fires every hour.
 *
 * @param minutes 0 to 59
 * @param hours 0 to 23
 * @param daysOfMonth 1 to 31
 * @param months 1 to 12
 * @param weekdays 0 (Sunday) to 6
 * @param zone whose clocks count
 */
public record BackupSchedule(
    Values minutes, Values hours, Values daysOfMonth, Values months, Values weekdays, ZoneId zone) {

  private static final String STEP = "(/[1-9][0-9]?)?";
  private static final String MINUTE = "([0-9]|[1-5][0-9])";
  private static final String MINUTES = "(\\*" + STEP + "|" + MINUTE + "(-" + MINUTE + STEP + ")?)";
  private static final String HOUR = "([0-9]|1[0-9]|2[0-3])";
  private static final String HOURS = "(\\*" + STEP + "|" + HOUR + "(-" + HOUR + STEP + ")?)";
  private static final String DAY = "([1-9]|[1-2][0-9]|3[0-1])";
  private static final String DAYS = "(\\*" + STEP + "|" + DAY + "(-" + DAY + STEP + ")?)";
  private static final String MONTH = "([1-9]|1[0-2])";
  private static final String MONTHS = "(\\*" + STEP + "|" + MONTH + "(-" + MONTH + STEP + ")?)";
  private static final String WEEKDAYS = "(\\*" + STEP + "|[0-6](-[0-6]" + STEP + ")?)";

  /** What a schedule looks like in a manifest. */
  public static final String PATTERN =
      "^(@(hourly|daily|weekly|monthly)|"
          + MINUTES
          + "(,"
          + MINUTES
          + ")* "
          + HOURS
          + "(,"
          + HOURS
          + ")* "
          + DAYS
          + "(,"
          + DAYS
          + ")* "
          + MONTHS
          + "(,"
          + MONTHS
          + ")* "
          + WEEKDAYS
          + "(,"
          + WEEKDAYS
          + ")*)$";

  /** What {@link #PATTERN} means. */
  public static final String FORM =
      "must be @hourly, @daily, @weekly or @monthly, or minute, hour, day of month, month and"
          + " weekday (0 is Sunday), each a list of numbers, ranges or *, with steps if wanted, for"
          + " example 30 2 * * * or */15 8-18 * * 1-5";

  /** Longest text of a schedule. */
  public static final int LONGEST = 128;

  /**
   * Schedules that match {@link #PATTERN} and never fire, because no month has that day. There are
   * others, which are written in a more roundabout way: see {@link #everFires}.
   */
  public static final String NEVER =
      "^[^ ]+ [^ ]+ (3[01]([,-]3[01])* 2|31 (2|4|6|9|11)(,(2|4|6|9|11))*) \\*$";

  /** What a schedule that matches {@link #NEVER} lacks. */
  public static final String OCCURS =
      "must name a day that occurs: this schedule never fires; for example 30 2 * * * fires every"
          + " day at 02:30 UTC";

  /** The longest gap between two runs of a schedule that fires at all: 29 February across 2100. */
  private static final int HORIZON_DAYS = 8 * 366 + 1;

  private static final int DAILY_WINDOW_START_MINUTE = 20 * 60;
  private static final int DAILY_WINDOW_MINUTES = 8 * 60;
  private static final int MINUTES_PER_HOUR = 60;
  private static final int MINUTES_PER_DAY = 24 * MINUTES_PER_HOUR;
  private static final int DAYS_PER_WEEK = 7;

  /** Days that every month has. */
  private static final int DAYS_OF_EVERY_MONTH = 28;

  /**
   * The values that a field accepts.
   *
   * @param bits one bit for each value
   * @param any whether the field says nothing, by {@code *}
   */
  public record Values(long bits, boolean any) {
    /** Whether a value is accepted. */
    public boolean contains(int value) {
      return ((bits >>> value) & 1) != 0;
    }
  }

  /**
   * Reads a schedule.
   *
   * @param text {@code @hourly}, {@code @daily}, {@code @weekly}, {@code @monthly} or five cron
   *     fields
   * @param zone whose clocks count
   * @param namespace namespace of the control plane, which together with the name decides when
   *     {@code @daily} and the like fire
   * @param name name of the control plane
   * @throws IllegalArgumentException if the text does not match {@link #PATTERN}, or has a range
   *     that runs backwards
   */
  public static BackupSchedule parse(String text, ZoneId zone, String namespace, String name) {
    if (!text.matches(PATTERN)) {
      throw new IllegalArgumentException("\"%s\": %s".formatted(text, FORM));
    }
    var fields = (text.startsWith("@") ? spread(text, namespace, name) : text).split(" ", -1);
    return new BackupSchedule(
        values(fields[0], 0, 59),
        values(fields[1], 0, 23),
        values(fields[2], 1, 31),
        values(fields[3], 1, 12),
        values(fields[4], 0, 6),
        zone);
  }

  /**
   * The first range that runs backwards, as {@code 5-2} does.
   *
   * @param text a text that matches {@link #PATTERN}
   */
  public static Optional<String> backwards(String text) {
    return Arrays.stream(text.split("[ ,]", -1))
        .map(item -> item.split("/", 2)[0])
        .filter(range -> range.contains("-"))
        .filter(range -> {
          var ends = range.split("-", 2);
          return Integer.parseInt(ends[0]) > Integer.parseInt(ends[1]);
        })
        .findFirst();
  }

  /**
   * The first run after an instant; empty if the schedule never fires, as 30 February.
   *
   * @param after the instant, which itself is not a candidate
   */
  public Optional<Instant> next(Instant after) {
    var first = after.atZone(zone).toLocalDate();
    for (int day = 0; day <= HORIZON_DAYS; day++) {
      var date = first.plusDays(day);
      if (matches(date)) {
        var earliest = earliest(date, after);
        if (earliest.isPresent()) {
          return earliest;
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
    if (!months.contains(date.getMonthValue())) {
      return false;
    }
    boolean dayMatches = daysOfMonth.contains(date.getDayOfMonth());
    boolean weekdayMatches = weekdays.contains(cronWeekday(date.getDayOfWeek()));
    return (daysOfMonth.any() || weekdays.any())
        ? dayMatches && weekdayMatches
        : dayMatches || weekdayMatches;
  }

  /** The first run on a date. Where clocks are changed, runs do not come in the order of times. */
  private Optional<Instant> earliest(LocalDate date, Instant after) {
    Instant earliest = null;
    for (int hour = 0; hour < 24; hour++) {
      if (!hours.contains(hour)) {
        continue;
      }
      for (int minute = 0; minute < MINUTES_PER_HOUR; minute++) {
        if (!minutes.contains(minute)) {
          continue;
        }
        for (var run : runs(date.atTime(hour, minute))) {
          if (run.isAfter(after) && (earliest == null || run.isBefore(earliest))) {
            earliest = run;
          }
        }
      }
    }
    return Optional.ofNullable(earliest);
  }

  /** When there is a run for what a clock shows. */
  private List<Instant> runs(LocalDateTime clock) {
    var rules = zone.getRules();
    var offsets = rules.getValidOffsets(clock);
    if (offsets.isEmpty()) {
      return hours.any() ? List.of() : List.of(rules.getTransition(clock).getInstant());
    }
    return offsets.stream()
        .limit(hours.any() ? offsets.size() : 1)
        .map(offset -> clock.toInstant(offset))
        .toList();
  }

  private static int cronWeekday(DayOfWeek day) {
    return day.getValue() % DAYS_PER_WEEK;
  }

  /**
   * The fields of a word, in which each control plane has a time of its own: one that all had would
   * be too much for the store. Whatever is made less often than hourly is made in the night.
   */
  private static String spread(String word, String namespace, String name) {
    int hash = fnv1a(namespace + "/" + name);
    int offset = Integer.remainderUnsigned(hash, DAILY_WINDOW_MINUTES);
    int minuteOfDay = (DAILY_WINDOW_START_MINUTE + offset) % MINUTES_PER_DAY;
    int minute = minuteOfDay % MINUTES_PER_HOUR;
    int hour = minuteOfDay / MINUTES_PER_HOUR;
    int rest = Integer.divideUnsigned(hash, DAILY_WINDOW_MINUTES);
    return switch (word) {
      case "@hourly" -> "%d * * * *".formatted(minute);
      case "@weekly" -> "%d %d * * %d".formatted(minute, hour, rest % DAYS_PER_WEEK);
      case "@monthly" -> "%d %d %d * *".formatted(minute, hour, 1 + rest % DAYS_OF_EVERY_MONTH);
      default -> "%d %d * * *".formatted(minute, hour);
    };
  }

  /** FNV-1a, 32 bits: http://www.isthe.com/chongo/tech/comp/fnv. */
  private static int fnv1a(String text) {
    int hash = 0x811c9dc5;
    for (byte b : text.getBytes(StandardCharsets.UTF_8)) {
      hash = (hash ^ (b & 0xff)) * 0x01000193;
    }
    return hash;
  }

  private static Values values(String field, int least, int most) {
    long bits = 0;
    boolean any = false;
    for (var item : field.split(",", -1)) {
      var rangeAndStep = item.split("/", 2);
      int step = rangeAndStep.length == 1 ? 1 : Integer.parseInt(rangeAndStep[1]);
      boolean all = rangeAndStep[0].equals("*");
      any |= all && step == 1;
      var ends = rangeAndStep[0].split("-", 2);
      int low = all ? least : Integer.parseInt(ends[0]);
      int high = all ? most : Integer.parseInt(ends[ends.length - 1]);
      if (low > high) {
        throw new IllegalArgumentException("the range %s runs backwards".formatted(item));
      }
      for (int value = low; value <= high; value += step) {
        bits |= 1L << value;
      }
    }
    return new Values(bits, any);
  }
}
