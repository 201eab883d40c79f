package dev.hcp.controller.etcd;

import static org.assertj.core.api.Assertions.assertThat;

import dev.hcp.controller.plan.Action;
import dev.hcp.controller.plan.Planning;
import dev.hcp.controller.reconcile.Plan;
import dev.hcp.controller.scenario.Scenario;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Which claims ask for more, and what is said of those that cannot. */
final class EtcdVolumesTest {
  private static final long GIBIBYTE = 1L << 30;

  private final Scenario scenario = Scenario.named("upgrade-2-etcd-settled");

  private EtcdVolumesTest settings(String etcd) {
    scenario.spec("etcd: " + etcd);
    return this;
  }

  private EtcdVolumesTest storageClass(String name, boolean expandable) {
    scenario.with(
        """
        apiVersion: storage.k8s.io/v1
        kind: StorageClass
        metadata: {name: %s}
        provisioner: example.com/disks
        allowVolumeExpansion: %s
        """
            .formatted(name, expandable));
    return this;
  }

  private void claim(int ordinal, String storageClass, String request, String status) {
    scenario.with(
        """
        apiVersion: v1
        kind: PersistentVolumeClaim
        metadata: {name: etcd-data-demo-etcd-%d, namespace: clusters}
        spec:
          storageClassName: "%s"
          resources: {requests: {storage: "%s"}}
        status: %s
        """
            .formatted(ordinal, storageClass, request, status));
  }

  private void bound(int ordinal, String request, String capacity) {
    claim(
        ordinal,
        "fast",
        request,
        "{phase: Bound, capacity: {storage: \"%s\"}}".formatted(capacity));
  }

  /** Three members with the same claims, of a class that can grow. */
  private EtcdVolumesTest volumes(String request, String capacity) {
    storageClass("fast", true);
    for (int i = 0; i < 3; i++) {
      bound(i, request, capacity);
    }
    return this;
  }

  private EtcdVolumes plan(boolean filling) {
    Planning planning = Plan.of(scenario.observation()).planning();
    return EtcdVolumes.of(planning, filling);
  }

  private static List<String> enlarged(EtcdVolumes volumes) {
    return volumes.actions().stream()
        .map(Action.EnlargeVolume.class::cast)
        .map(action ->
            "%s to %s"
                .formatted(
                    action.claim().getMetadata().getName().replace("etcd-data-demo-etcd-", ""),
                    action.size()))
        .toList();
  }

  @ParameterizedTest
  @CsvSource({"0.5, 2", "1, 2", "1.1, 3", "2, 3", "3, 5", "5, 8", "8, 12", "10, 15", "100, 150"})
  void aStepIsHalfAsMuchAgainInWholeGibibytes(double from, long to) {
    assertThat(EtcdVolumes.next((long) (from * GIBIBYTE))).isEqualTo(to * GIBIBYTE);
  }

  @Test
  void theLargestVolumeThereCanBeHasNoNextSize() {
    assertThat(EtcdVolumes.next(Long.MAX_VALUE)).isEqualTo(Long.MAX_VALUE);
    assertThat(EtcdVolumes.next(Long.MAX_VALUE / 2)).isGreaterThan(Long.MAX_VALUE / 2);
  }

  @Test
  void withoutNeedNothingGrows() {
    var volumes = volumes("1Gi", "1Gi").plan(false);
    assertThat(enlarged(volumes)).isEmpty();
    assertThat(volumes.problem()).isEmpty();
  }

  @Test
  void allVolumesOfAFillingDatabaseGrowByOneStep() {
    var volumes = volumes("1Gi", "1Gi").plan(true);
    assertThat(enlarged(volumes)).containsExactly("0 to 2Gi", "1 to 2Gi", "2 to 2Gi");
    assertThat(volumes.problem()).isEmpty();
  }

  @Test
  void aStepIsNotTakenTwice() {
    var volumes = volumes("2Gi", "1Gi").plan(true);
    assertThat(enlarged(volumes)).isEmpty();
    assertThat(volumes.problem()).as("it is on its way").isEmpty();
  }

  @Test
  void theNextStepWaitsForTheSlowestVolume() {
    volumes("2Gi", "2Gi");
    bound(1, "2Gi", "1Gi");
    assertThat(enlarged(plan(true))).isEmpty();
    bound(1, "2Gi", "2Gi");
    assertThat(enlarged(plan(true))).containsExactly("0 to 3Gi", "1 to 3Gi", "2 to 3Gi");
  }

  @Test
  void aStepStartsFromWhatVolumesHaveAndNotFromWhatWasAskedFor() {
    assertThat(enlarged(volumes("1Gi", "10Gi").plan(true)))
        .containsExactly("0 to 15Gi", "1 to 15Gi", "2 to 15Gi");
  }

  @Test
  void aVolumeThatWasMadeAnewBecomesAsLargeAsTheOthers() {
    volumes("4Gi", "4Gi");
    bound(2, "1Gi", "1Gi");
    assertThat(enlarged(plan(false))).containsExactly("2 to 4Gi");
    assertThat(enlarged(plan(true))).as("before all grow").containsExactly("2 to 4Gi");
  }

  @Test
  void evenIfTheMaximumIsLessMeanwhile() {
    settings("{maxVolumeSize: 2Gi}").volumes("4Gi", "4Gi");
    bound(2, "1Gi", "1Gi");
    assertThat(enlarged(plan(false))).containsExactly("2 to 4Gi");
  }

  @ParameterizedTest
  @CsvSource({
    "{}, 12Gi, 16Gi",
    "{}, 15Gi, 16Gi",
    "{maxVolumeSize: 100Gi}, 12Gi, 18Gi",
    "{maxVolumeSize: 2500Mi}, 2Gi, 2500Mi",
    "{maxVolumeSize: 3G}, 2Gi, 3000000000"
  })
  void noStepLeadsBeyondTheMaximum(String settings, String size, String next) {
    assertThat(enlarged(settings(settings).volumes(size, size).plan(true)))
        .containsExactly("0 to " + next, "1 to " + next, "2 to " + next);
  }

  @ParameterizedTest
  @CsvSource({"{}, 16Gi, 16Gi", "{}, 20Gi, 16Gi", "{maxVolumeSize: 2Gi}, 4Gi, 2Gi"})
  void volumesAtTheMaximumStay(String settings, String size, String most) {
    settings(settings).volumes(size, size);
    assertThat(plan(false).problem()).isEmpty();
    assertThat(enlarged(plan(true))).isEmpty();
    assertThat(plan(true).problem())
        .contains(
            "the database has nearly used up its quota, and the volumes do not grow beyond %s:"
                    .formatted(most)
                + " raise etcd.maxVolumeSize");
  }

  @Test
  void volumesOfAClassThatCannotGrowStayAndThatIsToldOnlyIfTheyShould() {
    volumes("1Gi", "1Gi").storageClass("fast", false);
    assertThat(plan(false).problem()).isEmpty();
    var volumes = plan(true);
    assertThat(enlarged(volumes)).isEmpty();
    assertThat(volumes.problem())
        .contains(
            "the database has nearly used up its quota, and the volumes of etcd-data-demo-etcd-0,"
                + " etcd-data-demo-etcd-1, etcd-data-demo-etcd-2 cannot be enlarged to 2Gi: they"
                + " have StorageClass fast, and only a class with allowVolumeExpansion allows that");
  }

  @ParameterizedTest
  @CsvSource({"gone, StorageClass gone", "'', no StorageClass"})
  void aClassThatIsNotThereCannotGrow(String name, String text) {
    volumes("1Gi", "1Gi");
    claim(1, name, "1Gi", "{phase: Bound, capacity: {storage: 1Gi}}");
    var volumes = plan(true);
    assertThat(enlarged(volumes)).as("the others grow").containsExactly("0 to 2Gi", "2 to 2Gi");
    assertThat(volumes.problem().orElseThrow())
        .contains("etcd-data-demo-etcd-1 cannot be enlarged to 2Gi", text);
  }

  @Test
  void claimsWithoutAVolumeAreLeftAlone() {
    volumes("4Gi", "4Gi");
    claim(1, "fast", "1Gi", "{phase: Pending}");
    assertThat(enlarged(plan(true))).as("nor do others grow meanwhile").isEmpty();
    assertThat(plan(true).problem()).isEmpty();
    claim(1, "fast", "1Gi", "{}");
    assertThat(enlarged(plan(false))).isEmpty();
  }

  @Test
  void aStorageThatFailsToEnlargeIsQuoted() {
    volumes("2Gi", "1Gi");
    claim(
        1,
        "fast",
        "2Gi",
        """
        {phase: Bound, capacity: {storage: 1Gi},
          allocatedResourceStatuses: {storage: ControllerResizeInfeasible},
          conditions: [{type: ControllerResizeError, status: "True", message: no such disk}]}\
        """);
    assertThat(plan(false).problem())
        .contains("the volume of etcd-data-demo-etcd-1 cannot be enlarged to 2Gi: no such disk");
  }

  @Test
  void aFixedSizeIsReachedByClaimsThatAskForLess() {
    settings("{autoGrow: false, volumeSize: 11G}").volumes("10Gi", "10Gi");
    bound(2, "20Gi", "20Gi");
    assertThat(enlarged(plan(false))).containsExactly("0 to 11G", "1 to 11G");
    assertThat(enlarged(plan(true))).containsExactly("0 to 11G", "1 to 11G");
  }

  @Test
  void nothingIsEverLowered() {
    settings("{autoGrow: false, volumeSize: 5Gi}").volumes("10Gi", "10Gi");
    assertThat(enlarged(plan(false))).isEmpty();
    assertThat(enlarged(plan(true))).isEmpty();
  }

  @Test
  void aFixedSizeDoesNotGrowByItself() {
    settings("{autoGrow: false, volumeSize: 10Gi}").volumes("10Gi", "10Gi");
    assertThat(plan(false).problem()).isEmpty();
    assertThat(enlarged(plan(true))).isEmpty();
    assertThat(plan(true).problem())
        .contains(
            "the database has nearly used up its quota, and the volumes do not grow by themselves:"
                + " raise etcd.volumeSize, which is 10Gi");
  }

  @Test
  void aFixedSizeThatCannotBeReachedIsTold() {
    settings("{autoGrow: false, volumeSize: 20Gi}")
        .volumes("10Gi", "10Gi")
        .storageClass("fast", false);
    assertThat(plan(false).problem().orElseThrow())
        .startsWith("the volumes of etcd-data-demo-etcd-0")
        .contains("cannot be enlarged to 20Gi");
  }
}
