package dev.hcp.schedule;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import java.time.Instant;
import java.time.ZoneId;
import java.time.ZoneOffset;
import java.time.temporal.ChronoUnit;
import java.util.Arrays;
import java.util.Random;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

class BackupScheduleTest {
  private static final long SEED = 20_260_101L;
  private static final int HASH_WINDOW = 480;

  /** Values known from other implementations of the same rule. */
  @ParameterizedTest
  @CsvSource({
    "default, my-cluster, 30 2 * * *",
    "ns, cluster-a, 53 21 * * *",
    "ns, cluster-b, 56 20 * * *",
    "production, control-plane, 3 1 * * *",
    "clusters, prod, 54 0 * * *"
  })
  void dailySpreadsByNamespaceAndName(String namespace, String name, String cron) {
    assertThat(BackupSchedule.parse("@daily", ZoneOffset.UTC, namespace, name))
        .isEqualTo(parse(cron));
  }

  @Test
  void otherWordsAreSpreadLikewise() {
    assertThat(BackupSchedule.parse("@hourly", ZoneOffset.UTC, "ns", "cluster-a"))
        .isEqualTo(parse("53 * * * *"));
    // What is left of the hash, 407616593, decides the day.
    int rest = 407_616_593 / HASH_WINDOW;
    assertThat(BackupSchedule.parse("@weekly", ZoneOffset.UTC, "ns", "cluster-a"))
        .isEqualTo(parse("53 21 * * " + rest % 7));
    assertThat(BackupSchedule.parse("@monthly", ZoneOffset.UTC, "ns", "cluster-a"))
        .isEqualTo(parse("53 21 %d * *".formatted(1 + rest % 28)));
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "30 2 * * *     | 2026-03-01T02:29:59Z | 2026-03-01T02:30:00Z",
        "30 2 * * *     | 2026-03-01T02:30:00Z | 2026-03-02T02:30:00Z",
        "* * * * *      | 2026-12-31T23:59:30Z | 2027-01-01T00:00:00Z",
        "0 0 31 * *     | 2026-04-01T00:00:00Z | 2026-05-31T00:00:00Z",
        "0 0 29 2 *     | 2026-01-01T00:00:00Z | 2028-02-29T00:00:00Z",
        "0 0 29 2 *     | 2096-03-01T00:00:00Z | 2104-02-29T00:00:00Z",
        // Day of month or weekday: 13 March 2026 is a Friday, 1 March a Sunday.
        "0 0 13 3 0     | 2026-02-28T00:00:00Z | 2026-03-01T00:00:00Z",
        "0 0 13 3 0     | 2026-03-08T00:00:00Z | 2026-03-13T00:00:00Z",
        "0 * * * *      | 2026-03-01T05:00:00.000000001Z | 2026-03-01T06:00:00Z",
        // Lists, ranges, steps.
        "0 0,12 * * *   | 2026-03-01T00:00:00Z | 2026-03-01T12:00:00Z",
        "0 9-17 * * *   | 2026-03-01T17:00:00Z | 2026-03-02T09:00:00Z",
        "*/20 * * * *   | 2026-03-01T00:40:00Z | 2026-03-01T01:00:00Z",
        "5-59/20 4 * * * | 2026-03-01T04:25:00Z | 2026-03-01T04:45:00Z",
        "5-59/20 4 * * * | 2026-03-01T04:45:00Z | 2026-03-02T04:05:00Z",
        "1,*/30 4 * * * | 2026-03-01T04:00:00Z | 2026-03-01T04:01:00Z",
        "0 0 * * 1-5    | 2026-03-06T00:00:00Z | 2026-03-09T00:00:00Z",
        "0 0 1 1,7 *    | 2026-01-01T00:00:00Z | 2026-07-01T00:00:00Z",
        // Every second day restricts, every day by a step of one does not.
        "0 0 */2 * 1    | 2026-03-02T00:00:00Z | 2026-03-03T00:00:00Z",
        "0 0 */1 * 1    | 2026-03-02T00:00:00Z | 2026-03-09T00:00:00Z"
      })
  void findsTheNextRun(String schedule, Instant after, Instant expected) {
    assertThat(parse(schedule).next(after)).contains(expected);
  }

  /** In Berlin clocks go from 02:00 to 03:00 on 29 March 2026, and back on 25 October. */
  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "30 2 * * *  | 2026-01-10T01:30:00Z | 2026-01-11T01:30:00Z",
        "30 2 * * *  | 2026-07-10T00:30:00Z | 2026-07-11T00:30:00Z",
        "0 0 1 * *   | 2026-07-01T00:00:00Z | 2026-07-31T22:00:00Z",
        // 02:30 is left out: the run is made when clocks are put forward.
        "30 2 * * *  | 2026-03-28T01:30:00Z | 2026-03-29T01:00:00Z",
        "30 2 * * *  | 2026-03-29T01:00:00Z | 2026-03-30T00:30:00Z",
        // 02:30 comes twice: once is enough.
        "30 2 * * *  | 2026-10-24T00:30:00Z | 2026-10-25T00:30:00Z",
        "30 2 * * *  | 2026-10-25T00:30:00Z | 2026-10-26T01:30:00Z",
        // Every hour is every hour.
        "30 * * * *  | 2026-03-29T00:30:00Z | 2026-03-29T01:30:00Z",
        "30 * * * *  | 2026-10-25T00:30:00Z | 2026-10-25T01:30:00Z",
        "30 * * * *  | 2026-10-25T01:30:00Z | 2026-10-25T02:30:00Z"
      })
  void followsTheClocksOfItsTimeZone(String schedule, Instant after, Instant expected) {
    assertThat(BackupSchedule.parse(schedule, ZoneId.of("Europe/Berlin"), "", "").next(after))
        .contains(expected);
  }

  static Stream<String> randomSchedules() {
    var random = new Random(SEED);
    return Stream.generate(() ->
            "%s %s %s %s %s"
                .formatted(
                    field(random, 0, 59),
                    field(random, 0, 23),
                    field(random, 1, 31),
                    field(random, 1, 12),
                    field(random, 0, 6)))
        .limit(200);
  }

  @ParameterizedTest
  @MethodSource("randomSchedules")
  void agreesWithTryingEveryMinute(String text) {
    assertThat(text).matches(BackupSchedule.PATTERN);
    var schedule = parse(text);
    var random = new Random(SEED);
    for (int i = 0; i < 5; i++) {
      var after =
          Instant.parse("2026-01-01T00:00:00Z").plusSeconds(random.nextLong(4 * 365 * 86_400L));
      var limit = after.plus(60, ChronoUnit.DAYS);
      var next = schedule.next(after);
      var tried = tryEveryMinute(text.split(" "), after, limit);
      if (tried == null) {
        assertThat(next.filter(instant -> !instant.isAfter(limit))).isEmpty();
      } else {
        assertThat(next).contains(tried);
      }
    }
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "0 0 30 2 *",
        "0 0 31 4 *",
        "* * 31 11 *",
        "5 5 31 2 *",
        "0 0 30,31 2 *",
        "0 0 30-31 2 *",
        "0 0 31 2,4,6 *"
      })
  void knowsWhatNeverFires(String text) {
    assertThat(parse(text).everFires()).isFalse();
    assertThat(text).matches(BackupSchedule.NEVER);
  }

  /** Too roundabout for the rule of the CRD; admission looks closer. */
  @ParameterizedTest
  @ValueSource(strings = {"0 0 31 4-6/2 *", "0 0 30 2-2 *", "0 0 31-31/2 9-11/2 *"})
  void knowsWhatNeverFiresInOtherWords(String text) {
    assertThat(parse(text).everFires()).isFalse();
    assertThat(text).doesNotMatch(BackupSchedule.NEVER);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "0 0 29 2 *",
        "0 0 30 2 0",
        "0 0 30,31 2 */2",
        "0 0 29,30 2 *",
        "0 0 30,31 2,3 *",
        "0 0 31 2,4,5 *",
        "@daily",
        "@hourly",
        "* * * * *"
      })
  void knowsWhatFires(String text) {
    assertThat(BackupSchedule.parse(text, ZoneOffset.UTC, "a", "b").everFires()).isTrue();
    assertThat(text).doesNotMatch(BackupSchedule.NEVER);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "",
        "@yearly",
        "@every 1h",
        "* * * *",
        "* * * * * *",
        "60 0 * * *",
        "0 24 * * *",
        "0 0 0 * *",
        "0 0 32 * *",
        "0 0 * 0 *",
        "0 0 * 13 *",
        "0 0 * * 7",
        "*/0 * * * *",
        "5/5 * * * *",
        "1,,2 * * * *",
        "1- * * * *",
        "1-60 * * * *",
        "1-2-3 * * * *",
        "0 0 * * MON",
        "0  0 * * *",
        " 0 0 * * *",
        "00 0 * * *"
      })
  void refusesWhatIsNoSchedule(String text) {
    assertThatIllegalArgumentException()
        .isThrownBy(() -> BackupSchedule.parse(text, ZoneOffset.UTC, "a", "b"))
        .withMessage("\"%s\": %s", text, BackupSchedule.FORM);
  }

  @Test
  void refusesRangesThatRunBackwards() {
    assertThat(BackupSchedule.backwards("0 1-4,22-4/2 * * *")).contains("22-4");
    assertThat(BackupSchedule.backwards("0 1-4,5-5/2 * * */2")).isEmpty();
    assertThat(BackupSchedule.backwards("@daily")).isEmpty();
    assertThatIllegalArgumentException()
        .isThrownBy(() -> parse("0 22-4 * * *"))
        .withMessage("the range 22-4 runs backwards");
  }

  @Test
  void whatIsMadeOnceADayIsMadeInTheNight() {
    for (int i = 0; i < 1_000; i++) {
      var schedule = BackupSchedule.parse("@daily", ZoneOffset.UTC, "ns", "cluster-" + i);
      var run = schedule.next(Instant.parse("2026-01-01T12:00:00Z")).orElseThrow();
      int hour = run.atOffset(ZoneOffset.UTC).getHour();
      assertThat(hour >= 20 || hour < 4).as("hour %d", hour).isTrue();
    }
  }

  private static BackupSchedule parse(String text) {
    return BackupSchedule.parse(text, ZoneOffset.UTC, "", "");
  }

  /** A list of one to three numbers, ranges and steps, or {@code *}. */
  private static String field(Random random, int low, int high) {
    return random.nextBoolean()
        ? "*"
        : IntStream.rangeClosed(0, random.nextInt(3))
            .mapToObj(_ -> item(random, low, high))
            .collect(Collectors.joining(","));
  }

  private static String item(Random random, int low, int high) {
    int first = random.nextInt(low, high + 1);
    return switch (random.nextInt(4)) {
      case 0 -> "%d-%d".formatted(first, random.nextInt(first, high + 1));
      case 1 -> "%d-%d/%d".formatted(first, random.nextInt(first, high + 1), random.nextInt(1, 20));
      case 2 -> "*/%d".formatted(random.nextInt(2, 20));
      default -> Integer.toString(first);
    };
  }

  private static @Nullable Instant tryEveryMinute(String[] fields, Instant after, Instant limit) {
    var minute = after.truncatedTo(ChronoUnit.MINUTES).plus(1, ChronoUnit.MINUTES);
    for (; !minute.isAfter(limit); minute = minute.plus(1, ChronoUnit.MINUTES)) {
      var time = minute.atOffset(ZoneOffset.UTC);
      boolean day = is(fields[2], 1, time.getDayOfMonth());
      boolean weekday = is(fields[4], 0, time.getDayOfWeek().getValue() % 7);
      boolean bothRestricted = !fields[2].equals("*") && !fields[4].equals("*");
      if (is(fields[0], 0, time.getMinute())
          && is(fields[1], 0, time.getHour())
          && is(fields[3], 1, time.getMonthValue())
          && (bothRestricted ? day || weekday : day && weekday)) {
        return minute;
      }
    }
    return null;
  }

  /** Whether a field accepts a value; written without what is being tested. */
  private static boolean is(String field, int least, int value) {
    return Arrays.stream(field.split(","))
        .anyMatch(item -> {
          var parts = item.split("/");
          int step = parts.length == 1 ? 1 : Integer.parseInt(parts[1]);
          if (parts[0].equals("*")) {
            return (value - least) % step == 0;
          }
          var ends = parts[0].split("-");
          int low = Integer.parseInt(ends[0]);
          int high = Integer.parseInt(ends[ends.length - 1]);
          return value >= low && value <= high && (value - low) % step == 0;
        });
  }
}
