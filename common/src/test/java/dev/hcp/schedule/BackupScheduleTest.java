package dev.hcp.schedule;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import java.time.Instant;
import java.time.ZoneOffset;
import java.time.temporal.ChronoUnit;
import java.util.OptionalInt;
import java.util.Random;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

class BackupScheduleTest {
  private static final long SEED = 20_260_101L;

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
    assertThat(BackupSchedule.parse("@daily", namespace, name))
        .isEqualTo(BackupSchedule.parse(cron, "", ""));
  }

  @ParameterizedTest
  @CsvSource({
    "30 2 * * *, 2026-03-01T02:29:59Z, 2026-03-01T02:30:00Z",
    "30 2 * * *, 2026-03-01T02:30:00Z, 2026-03-02T02:30:00Z",
    "* * * * *, 2026-12-31T23:59:30Z, 2027-01-01T00:00:00Z",
    "0 0 31 * *, 2026-04-01T00:00:00Z, 2026-05-31T00:00:00Z",
    "0 0 29 2 *, 2026-01-01T00:00:00Z, 2028-02-29T00:00:00Z",
    "0 0 29 2 *, 2096-03-01T00:00:00Z, 2104-02-29T00:00:00Z",
    // Day of month or weekday: 13 March 2026 is a Friday, 1 March a Sunday.
    "0 0 13 3 0, 2026-02-28T00:00:00Z, 2026-03-01T00:00:00Z",
    "0 0 13 3 0, 2026-03-08T00:00:00Z, 2026-03-13T00:00:00Z",
    "0 * * * *, 2026-03-01T05:00:00.000000001Z, 2026-03-01T06:00:00Z"
  })
  void findsTheNextRun(String schedule, Instant after, Instant expected) {
    assertThat(BackupSchedule.parse(schedule, "", "").next(after)).contains(expected);
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
    var schedule = BackupSchedule.parse(text, "", "");
    var random = new Random(SEED);
    for (int i = 0; i < 5; i++) {
      var after =
          Instant.parse("2026-01-01T00:00:00Z").plusSeconds(random.nextLong(4 * 365 * 86_400L));
      var limit = after.plus(60, ChronoUnit.DAYS);
      var next = schedule.next(after);
      var tried = tryEveryMinute(schedule, after, limit);
      if (tried == null) {
        assertThat(next.filter(run -> !run.isAfter(limit))).isEmpty();
      } else {
        assertThat(next).contains(tried);
      }
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"0 0 30 2 *", "0 0 31 4 *", "* * 31 11 *", "5 5 31 2 *"})
  void knowsWhatNeverFires(String text) {
    assertThat(BackupSchedule.parse(text, "", "").everFires()).isFalse();
  }

  @ParameterizedTest
  @ValueSource(strings = {"0 0 29 2 *", "0 0 30 2 0", "@daily", "* * * * *"})
  void knowsWhatFires(String text) {
    assertThat(BackupSchedule.parse(text, "a", "b").everFires()).isTrue();
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "",
        "@hourly",
        "* * * *",
        "* * * * * *",
        "60 0 * * *",
        "0 24 * * *",
        "0 0 0 * *",
        "0 0 32 * *",
        "0 0 * 0 *",
        "0 0 * 13 *",
        "0 0 * * 7",
        "*/5 * * * *",
        "1,2 * * * *",
        "1-2 * * * *",
        "0  0 * * *",
        " 0 0 * * *",
        "00 0 * * *"
      })
  void refusesWhatIsNoSchedule(String text) {
    assertThatIllegalArgumentException()
        .isThrownBy(() -> BackupSchedule.parse(text, "a", "b"))
        .withMessage("\"%s\" is neither @daily nor five fields that are each a number or *", text);
  }

  @Test
  void dailyStaysInTheNight() {
    for (int i = 0; i < 1_000; i++) {
      int hour = BackupSchedule.parse("@daily", "ns", "cluster-" + i).hour().getAsInt();
      assertThat(hour >= 20 || hour < 4).as("hour %d", hour).isTrue();
    }
  }

  private static String field(Random random, int low, int high) {
    return random.nextBoolean() ? "*" : Integer.toString(random.nextInt(low, high + 1));
  }

  private static @Nullable Instant tryEveryMinute(
      BackupSchedule schedule, Instant after, Instant limit) {
    var minute = after.truncatedTo(ChronoUnit.MINUTES).plus(1, ChronoUnit.MINUTES);
    for (; !minute.isAfter(limit); minute = minute.plus(1, ChronoUnit.MINUTES)) {
      var time = minute.atOffset(ZoneOffset.UTC);
      boolean day = is(schedule.dayOfMonth(), time.getDayOfMonth());
      boolean weekday = is(schedule.weekday(), time.getDayOfWeek().getValue() % 7);
      boolean bothRestricted = schedule.dayOfMonth().isPresent() && schedule.weekday().isPresent();
      if (is(schedule.minute(), time.getMinute())
          && is(schedule.hour(), time.getHour())
          && is(schedule.month(), time.getMonthValue())
          && (bothRestricted ? day || weekday : day && weekday)) {
        return minute;
      }
    }
    return null;
  }

  private static boolean is(OptionalInt wanted, int actual) {
    return wanted.isEmpty() || wanted.getAsInt() == actual;
  }
}
