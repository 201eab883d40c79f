package dev.hcp.controller.etcd;

import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;

/**
 * What the members said when they were last asked, with all figures.
 *
 * @param wanted names of the members that there shall be, in the order of their ordinals
 * @param peerUrls where other members reach them, by name
 * @param answers what each said that answered, by name
 * @param failures why the others did not, by name
 * @param read what a majority agreed on; empty if it did not
 * @param refusal why not, in a sentence; empty if it did, or nobody could be asked
 * @param list who belongs to the cluster; empty if nobody could say
 * @param alarms all alarms, as far as a majority could be asked
 */
record EtcdLook(
    List<String> wanted,
    Map<String, String> peerUrls,
    Map<String, MemberStatus> answers,
    Map<String, String> failures,
    Optional<KeyRead> read,
    Optional<String> refusal,
    Optional<MemberList> list,
    List<EtcdAlarm> alarms) {
  /**
   * A member that lacks more entries of the log than this is behind. Members are asked at slightly
   * different times, so some are always missing under load.
   */
  static final long MOST_MISSING = 5_000;

  /** Copies the collections. */
  EtcdLook {
    wanted = List.copyOf(wanted);
    peerUrls = Map.copyOf(peerUrls);
    answers = Map.copyOf(answers);
    failures = Map.copyOf(failures);
    alarms = List.copyOf(alarms);
  }

  /** Name of the member that leads, if any answers that it does. */
  Optional<String> leader() {
    return wanted.stream()
        .filter(name -> answer(name).filter(MemberStatus::leads).isPresent())
        .max(Comparator.comparingLong(name -> answer(name).map(MemberStatus::raftTerm).orElse(0L)));
  }

  /** Name of the member that has most of the log, of those that answer. */
  Optional<String> mostAdvanced() {
    return wanted.stream()
        .filter(answers::containsKey)
        .max(
            Comparator.comparing(
                name -> answers.get(name),
                Comparator.comparingLong(MemberStatus::raftTerm)
                    .thenComparingLong(MemberStatus::raftIndex)));
  }

  /** What a member said; empty if it did not answer. */
  Optional<MemberStatus> answer(String name) {
    return Optional.ofNullable(answers.get(name));
  }

  /** Identity of the cluster: what a majority says, else what most members say that answer. */
  Optional<EtcdId> cluster() {
    return read.map(KeyRead::cluster)
        .or(() ->
            wanted.stream()
                .flatMap(name -> answer(name).stream())
                .map(MemberStatus::cluster)
                .max(
                    Comparator.comparingLong(id ->
                        answers.values().stream()
                            .filter(answer -> answer.cluster().equals(id))
                            .count())));
  }

  /** Whether a member that answers lacks much of what the others have. */
  boolean isBehind(String name) {
    long last = answers.values().stream().mapToLong(MemberStatus::raftIndex).max().orElse(0);
    var answer = answers.get(name);
    return answer != null && last - answer.appliedIndex() > MOST_MISSING;
  }

  /**
   * Where other members reach a member.
   *
   * @throws IllegalArgumentException if it is none of {@link #wanted}
   */
  String peerUrl(String name) {
    var url = peerUrls.get(name);
    if (url == null) {
      throw new IllegalArgumentException("member %s is none of %s".formatted(name, wanted));
    }
    return url;
  }

  /** The entry of a member in the list, if it has one. One that has never run has no name there. */
  Optional<MemberList.Entry> entry(String name) {
    var answer = answers.get(name);
    return list.flatMap(known ->
        known.members().stream()
            .filter(entry ->
                answer == null
                    ? entry.peerUrls().contains(peerUrl(name))
                    : entry.id().equals(answer.member()))
            .findFirst());
  }

  /** Alarms about one member. */
  List<EtcdAlarm> alarms(String name) {
    var id = answer(name).map(MemberStatus::member).or(() -> entry(name).map(MemberList.Entry::id));
    return alarms.stream().filter(alarm -> id.equals(Optional.of(alarm.member()))).toList();
  }

  /** Whether etcd says that the data of its members differ, of whichever member. */
  boolean isCorrupt() {
    return alarms.stream().anyMatch(alarm -> alarm.kind() == EtcdAlarm.Kind.CORRUPT);
  }

  /** Bytes that the database of a member may take, if it says so. */
  OptionalLong quota(String name) {
    var answer = answers.get(name);
    return answer == null ? OptionalLong.empty() : answer.quota();
  }

  /**
   * Whether every member that there shall be, and no other, is a full member that answers, follows
   * the same leader and has the data, and a majority agrees.
   */
  boolean isSound() {
    var leader = leader().flatMap(this::answer).map(MemberStatus::member);
    var cluster = cluster();
    return read.isPresent()
        && leader.isPresent()
        && list.filter(known -> known.members().size() == wanted.size()).isPresent()
        && wanted.stream()
            .allMatch(name -> {
              var answer = answers.get(name);
              return answer != null
                  && !answer.learner()
                  && Optional.of(answer.leader()).equals(leader)
                  && Optional.of(answer.cluster()).equals(cluster)
                  && entry(name).filter(entry -> !entry.learner()).isPresent()
                  && !isBehind(name);
            });
  }
}
