package dev.hcp.controller.fleet;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.hcp.controller.fleet.FaultProxy.Fault;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.IntConsumer;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * Control planes are created, changed and deleted, and something happens to a write of each, to
 * another one of each: all come to be as the one does to which nothing happens. By {@code make
 * test-faults} something of each kind happens to every single write.
 */
class DisturbedFleetIT {
  /** How many writes of each operation are disturbed in each way; 0 for all. */
  private static final int POINTS = Integer.getInteger("faults.points", 1);

  private static final List<Fault> FAULTS =
      Optional.ofNullable(System.getProperty("faults.kind"))
          .map(kind -> List.of(Fault.valueOf(kind)))
          .orElse(List.of(Fault.values()));

  private static final Duration FOR_EACH = Duration.ofSeconds(8);
  private static final Duration AT_LEAST = Duration.ofMinutes(3);
  private static final Duration REST = Duration.ofSeconds(6);

  @TempDir private Path directory;

  private final List<String> report = new ArrayList<>();

  /**
   * Something that is done to a control plane.
   *
   * @param name what it is called
   * @param begin begins it, of the control plane of a number
   */
  private record Operation(String name, IntConsumer begin) {}

  @Test
  void whateverHappensTheSameStandsInTheEnd() throws Exception {
    try (var fleet = Fleet.start(directory);
        var rights = fleet.management().controllerClient();
        var proxy = fleet.proxy();
        var controller =
            ControllerProcess.start(
                fleet.through(proxy, rights.getConfiguration(), directory), directory)) {
      proxy.follow(_ -> Optional.empty());
      fleet.grow(1);
      awaitRest(fleet, proxy, 1);
      var created = cases(proxy.writes(Fleet.namespace(0)));
      int size = 1 + created.size();
      proxy.follow(plan(created));
      fleet.grow(size);
      awaitRest(fleet, proxy, size);
      verify("create", fleet, proxy, created);

      for (var operation :
          List.of(
              new Operation("scale", number -> fleet.change(number, "{\"replicas\": 3}")),
              new Operation(
                  "upgrade", number -> fleet.change(number, "{\"version\": \"v1.36.4\"}")),
              new Operation(
                  "rotate",
                  number ->
                      fleet.change(number, "{\"rotation\": {\"serviceAccountKey\": \"once\"}}")))) {
        proxy.follow(_ -> Optional.empty());
        operation.begin().accept(0);
        awaitRest(fleet, proxy, size);
        var cases = cases(proxy.writes(Fleet.namespace(0)));
        proxy.follow(plan(cases));
        IntStream.range(1, size).forEach(operation.begin());
        awaitRest(fleet, proxy, size);
        verify(operation.name(), fleet, proxy, cases);
      }

      proxy.follow(_ -> Optional.empty());
      fleet.delete(0);
      awaitGone(fleet, 0);
      var deleted = cases(proxy.writes(Fleet.namespace(0)));
      proxy.follow(plan(deleted));
      IntStream.range(1, size).forEach(fleet::delete);
      IntStream.range(1, size).forEach(number -> awaitGone(fleet, number));
      verify("delete", fleet, proxy, deleted);
      assertThat(controller.isAlive()).isTrue();
    } finally {
      report.forEach(System.out::println);
    }
  }

  /** What happens to whom: the first case to control plane 1, and so on. */
  private static FaultProxy.Plan plan(List<Case> cases) {
    return write ->
        Optional.of(Integer.parseInt(write.namespace().substring(1)))
            .filter(number -> number > 0 && number <= cases.size())
            .map(number -> cases.get(number - 1))
            .filter(one -> one.write() == write.number())
            .map(Case::fault);
  }

  /**
   * One thing that happens.
   *
   * @param write to which write of a control plane, counted from 1
   */
  private record Case(int write, Fault fault) {}

  private static List<Case> cases(int writes) {
    assertThat(writes).as("writes without a fault").isPositive();
    int points = POINTS == 0 ? writes : Math.min(POINTS, writes);
    var cases = new ArrayList<Case>();
    for (var fault : FAULTS) {
      for (int point = 0; point < points; point++) {
        // Where not all are, each kind is elsewhere.
        int apart = fault.ordinal() * writes / points / Fault.values().length;
        cases.add(new Case(1 + (point * writes / points + apart) % writes, fault));
      }
    }
    return cases;
  }

  private void verify(String operation, Fleet fleet, FaultProxy proxy, List<Case> cases) {
    var wanted = EndState.of(fleet.client(), Fleet.namespace(0));
    for (int number = 1; number <= cases.size(); number++) {
      var namespace = Fleet.namespace(number);
      assertThat(EndState.of(fleet.client(), namespace))
          .as("%s, %s, which was %s", operation, namespace, cases.get(number - 1))
          .isEqualTo(wanted);
    }
    var struck = proxy.strikes();
    report.add(
        "%-8s %4d of %4d faults have happened, all converged"
            .formatted(operation, struck.size(), cases.size()));
    // One may need fewer writes than another, so the last may not come.
    assertThat(struck.size()).as("%s: %s", operation, struck).isGreaterThan(cases.size() / 2);
  }

  private static void awaitRest(Fleet fleet, FaultProxy proxy, int size) {
    var writes = new AtomicInteger(-1);
    await("all %d are ready, and nothing is written any more".formatted(size))
        .atMost(AT_LEAST.plus(FOR_EACH.multipliedBy(size)))
        .pollInterval(REST)
        .untilAsserted(() -> {
          for (int number = 0; number < size; number++) {
            int one = number;
            assertThat(fleet.isReady(number))
                .as(() -> "%s: %s".formatted(Fleet.namespace(one), fleet.troubles()))
                .isTrue();
          }
          assertThat(writes.getAndSet(proxy.writes())).as("writes").isEqualTo(proxy.writes());
        });
  }

  private static void awaitGone(Fleet fleet, int number) {
    await("nothing is left of " + Fleet.namespace(number))
        .atMost(AT_LEAST)
        .untilAsserted(() ->
            assertThat(EndState.of(fleet.client(), Fleet.namespace(number)).keySet())
                .as(() -> fleet.deleting(number))
                .isEmpty());
  }
}
