package dev.hcp.controller.etcd;

import static org.assertj.core.api.Assertions.assertThat;

import dev.hcp.controller.plan.LiveObjects;
import dev.hcp.controller.plan.ObservedEtcd;
import dev.hcp.controller.plan.ReadyPods;
import io.fabric8.kubernetes.api.model.HasMetadata;
import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.api.model.PodBuilder;
import io.fabric8.kubernetes.api.model.apps.StatefulSet;
import io.fabric8.kubernetes.api.model.apps.StatefulSetBuilder;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Which pod of etcd is replaced next. */
final class EtcdReplacementTest {
  private static final String OLD = "demo-etcd-1";
  private static final String NEW = "demo-etcd-2";
  private static final EtcdReplacement NONE = EtcdReplacement.NONE;

  private final Map<String, Pod> pods = new HashMap<>();
  private final Map<String, ObservedEtcd.Member> members = new HashMap<>();
  private int replicas = 3;
  private int uids;
  private String leader = "demo-etcd-1";
  private boolean serves = true;
  private boolean maintained;
  private List<String> strangers = List.of();

  private static String name(int ordinal) {
    return "demo-etcd-" + ordinal;
  }

  private StatefulSet set() {
    return new StatefulSetBuilder()
        .withNewMetadata()
        .withName("demo-etcd")
        .withGeneration(2L)
        .endMetadata()
        .withNewSpec()
        .withReplicas(replicas)
        .endSpec()
        .withNewStatus()
        .withObservedGeneration(2L)
        .withCurrentRevision(OLD)
        .withUpdateRevision(NEW)
        .endStatus()
        .build();
  }

  private void pod(int ordinal, String revision, boolean ready) {
    pods.put(
        name(ordinal),
        new PodBuilder()
            .withNewMetadata()
            .withName(name(ordinal))
            .withUid("uid-" + uids++)
            .withLabels(
                Map.of("app.kubernetes.io/component", "etcd", "controller-revision-hash", revision))
            .endMetadata()
            .withNewStatus()
            .addNewCondition()
            .withType("Ready")
            .withStatus(ready ? "True" : "False")
            .endCondition()
            .endStatus()
            .build());
    member(ordinal, Optional.empty(), true, false, List.of());
  }

  private void member(
      int ordinal, Optional<String> problem, boolean listed, boolean behind, List<String> alarms) {
    members.put(
        name(ordinal),
        new ObservedEtcd.Member(
            name(ordinal),
            problem,
            Optional.of("a" + ordinal),
            listed,
            true,
            false,
            behind,
            Optional.empty(),
            Optional.of("3.6.8"),
            Optional.empty(),
            alarms));
  }

  private void pods(int number, String revision) {
    replicas = number;
    for (int i = 0; i < number; i++) {
      pod(i, revision, true);
    }
  }

  private ObservedEtcd observed() {
    return new ObservedEtcd(
        serves,
        serves ? Optional.empty() : Optional.of("no leader"),
        Optional.of("c1"),
        serves ? Optional.of("mark") : Optional.empty(),
        Optional.of(leader).filter(_ -> serves),
        Optional.empty(),
        members.keySet().stream().sorted().map(members::get).toList(),
        strangers,
        Optional.empty(),
        Optional.empty(),
        ReadyPods.of(pods.values()),
        maintained,
        OptionalLong.empty(),
        Optional.empty());
  }

  private EtcdReplacement next() {
    return next(Optional.of(observed()));
  }

  private EtcdReplacement next(Optional<ObservedEtcd> observed) {
    return EtcdReplacement.next(
        set(),
        new LiveObjects(Map.of(Pod.class, new HashMap<String, HasMetadata>(pods))),
        observed);
  }

  private EtcdReplacement replace(int ordinal) {
    return new EtcdReplacement(Optional.of(pods.get(name(ordinal))), Optional.empty());
  }

  private static EtcdReplacement retire(int ordinal) {
    return new EtcdReplacement(Optional.empty(), Optional.of(name(ordinal)));
  }

  @Test
  void podsOfTheCurrentTemplateStay() {
    pods(3, NEW);
    assertThat(next()).isEqualTo(NONE);
    assertThat(next(Optional.empty())).isEqualTo(NONE);
  }

  @ParameterizedTest
  @CsvSource({"1, 0", "3, 0", "3, 1", "3, 2", "5, 0", "5, 2", "5, 4"})
  void followersComeFirstAndTheLeaderLast(int number, int leads) {
    pods(number, OLD);
    leader = name(leads);
    var order = new ArrayList<String>();
    for (int step = 0; step < 20; step++) {
      var next = next();
      if (next.equals(NONE)) {
        break;
      }
      if (next.retiring().isPresent()) {
        assertThat(next.retiring()).contains(leader);
        assertThat(order).as("the leader's turn comes last").hasSize(number - 1);
        leader = name(leads == 0 ? 1 : 0);
        continue;
      }
      var name = next.pod().orElseThrow().getMetadata().getName();
      assertThat(number == 1 || !name.equals(leader)).as("%s leads", name).isTrue();
      order.add(name);
      int ordinal = Integer.parseInt(name.substring(name.length() - 1));
      var before = observed();
      // Deleted, made anew, and ready again.
      var removed = pods.remove(name);
      assertThat(removed).isNotNull();
      assertThat(next()).as("a pod is missing").isEqualTo(NONE);
      pod(ordinal, NEW, false);
      assertThat(next()).as("a pod is not ready").isEqualTo(NONE);
      pod(ordinal, NEW, true);
      assertThat(next(Optional.of(before))).as("nobody was asked since").isEqualTo(NONE);
    }
    assertThat(order).hasSize(number).doesNotHaveDuplicates();
    assertThat(order.getLast()).isEqualTo(name(leads));
    assertThat(pods.values())
        .allMatch(pod -> pod.getMetadata().getLabels().get("controller-revision-hash").equals(NEW));
  }

  @Test
  void whileAMemberIsInTroubleNoOtherIsReplaced() {
    pods(3, OLD);
    pod(0, NEW, true);
    member(0, Optional.of("member demo-etcd-0: no answer"), true, false, List.of());
    assertThat(next()).as("silent").isEqualTo(NONE);
    member(0, Optional.empty(), false, false, List.of());
    assertThat(next()).as("no member").isEqualTo(NONE);
    member(0, Optional.empty(), true, true, List.of());
    assertThat(next()).as("behind").isEqualTo(NONE);
    member(0, Optional.empty(), true, false, List.of("CORRUPT"));
    assertThat(next()).as("corrupt").isEqualTo(NONE);
    pod(0, NEW, false);
    assertThat(next()).as("not ready").isEqualTo(NONE);
    pod(0, NEW, true);
    strangers = List.of("member old (abc)");
    assertThat(next()).as("a stranger").isEqualTo(NONE);
  }

  /** A larger quota takes effect by a restart only. */
  @Test
  void fullDatabasesDoNotKeepMembersFromBeingReplaced() {
    pods(3, OLD);
    for (int i = 0; i < 3; i++) {
      member(i, Optional.empty(), true, false, List.of("NOSPACE"));
    }
    assertThat(next()).isEqualTo(replace(2));
  }

  @Test
  void aMemberInTroubleIsReplacedBeforeTheOthersIfTheyAreWell() {
    pods(3, OLD);
    pod(0, OLD, false);
    member(0, Optional.of("member demo-etcd-0: no answer"), true, false, List.of());
    assertThat(next()).isEqualTo(replace(0));
    assertThat(next(Optional.empty())).isEqualTo(replace(0));
    pod(2, OLD, false);
    assertThat(next()).as("etcd serves, and nobody can be spared").isEqualTo(NONE);
  }

  @Test
  void whereEtcdDoesNotServeWhatIsNotReadyIsReplaced() {
    pods(3, OLD);
    for (int i = 0; i < 3; i++) {
      pod(i, OLD, false);
    }
    serves = false;
    assertThat(next()).isEqualTo(replace(2));
    assertThat(next(Optional.empty())).isEqualTo(replace(2));
    pod(2, NEW, false);
    assertThat(next()).as("the new ones cannot be ready alone").isEqualTo(replace(1));
  }

  @Test
  void withMembersOutOfReachPodsAreAllThereIsToGoBy() {
    pods(3, OLD);
    for (int i = 0; i < 3; i++) {
      member(i, Optional.of("no answer"), true, false, List.of());
    }
    serves = false;
    assertThat(next()).isEqualTo(replace(2));
    pod(2, NEW, false);
    assertThat(next(Optional.empty())).isEqualTo(NONE);
    pod(2, NEW, true);
    assertThat(next(Optional.empty())).isEqualTo(replace(1));
  }

  @ParameterizedTest
  @ValueSource(ints = {0, 1, 2})
  void theLeaderIsReplacedOnceAnotherLeads(int leads) {
    pods(3, NEW);
    pod(leads, OLD, true);
    leader = name(leads);
    assertThat(next()).isEqualTo(retire(leads));
    leader = name((leads + 1) % 3);
    assertThat(next()).isEqualTo(replace(leads));
  }

  /** A member whose database is being written anew answers nobody. */
  @Test
  void whileDatabasesMayBeMaintainedNoPodIsReplaced() {
    pods(3, OLD);
    maintained = true;
    assertThat(next()).isEqualTo(NONE);
    maintained = false;
    assertThat(next()).isEqualTo(replace(2));
  }

  @Test
  void whatTheStatefulSetHasNotSeenYetIsWaitedFor() {
    pods(3, OLD);
    var set = set();
    set.getStatus().setObservedGeneration(1L);
    assertThat(
            EtcdReplacement.next(
                set,
                new LiveObjects(Map.of(Pod.class, new HashMap<String, HasMetadata>(pods))),
                Optional.of(observed())))
        .isEqualTo(NONE);
  }

  @Test
  void aPodThatIsBeingDeletedIsWaitedFor() {
    pods(3, OLD);
    pods.get(name(1)).getMetadata().setDeletionTimestamp("2026-01-01T00:00:00Z");
    assertThat(next()).isEqualTo(NONE);
  }
}
