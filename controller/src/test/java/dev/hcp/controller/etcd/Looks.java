package dev.hcp.controller.etcd;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.function.UnaryOperator;
import java.util.stream.Collectors;
import java.util.stream.IntStream;

/** Looks at members that all are in order, and changes to them. Member {@code i} has the id i+1. */
final class Looks {
  static final EtcdId CLUSTER = new EtcdId(0xc1);
  static final long MEBIBYTE = 1024L * 1024;

  private Looks() {}

  static String name(int ordinal) {
    return "demo-etcd-" + ordinal;
  }

  static EtcdId id(int ordinal) {
    return new EtcdId(ordinal + 1L);
  }

  static String peerUrl(int ordinal) {
    return "https://%s:2380".formatted(name(ordinal));
  }

  static Map<String, String> peerUrls(int members) {
    return IntStream.range(0, members)
        .boxed()
        .collect(Collectors.toMap(Looks::name, Looks::peerUrl));
  }

  static MemberStatus status(int ordinal, int leader, long size, long inUse, OptionalLong quota) {
    return new MemberStatus(
        CLUSTER,
        id(ordinal),
        id(leader),
        false,
        3,
        1_000,
        1_000,
        500,
        size,
        inUse,
        quota,
        "3.6.8",
        List.of());
  }

  /** Small databases; the member leads whose ordinal is given. */
  static EtcdLook sound(int members, int leader) {
    return sound(
        IntStream.range(0, members)
            .mapToObj(i -> status(i, leader, 20 * MEBIBYTE, 15 * MEBIBYTE, OptionalLong.empty()))
            .toList());
  }

  static EtcdLook sound(List<MemberStatus> statuses) {
    var answers = new LinkedHashMap<String, MemberStatus>();
    var entries = new ArrayList<MemberList.Entry>();
    for (int i = 0; i < statuses.size(); i++) {
      answers.put(name(i), statuses.get(i));
      entries.add(new MemberList.Entry(id(i), name(i), List.of(peerUrl(i)), false));
    }
    return new EtcdLook(
        List.copyOf(answers.keySet()),
        peerUrls(statuses.size()),
        answers,
        Map.of(),
        Optional.of(new KeyRead(CLUSTER, 500, Optional.of("mark"))),
        Optional.empty(),
        Optional.of(new MemberList(CLUSTER, entries)),
        List.of());
  }

  /** The same with another answer of a member. */
  static EtcdLook answer(EtcdLook look, int ordinal, UnaryOperator<MemberStatus> change) {
    var answers = new LinkedHashMap<>(look.answers());
    answers.computeIfPresent(name(ordinal), (_, status) -> change.apply(status));
    return new EtcdLook(
        look.wanted(),
        look.peerUrls(),
        answers,
        look.failures(),
        look.read(),
        look.refusal(),
        look.list(),
        look.alarms());
  }

  /** The same without an answer of a member. */
  static EtcdLook silent(EtcdLook look, int ordinal) {
    var answers = new LinkedHashMap<>(look.answers());
    answers.remove(name(ordinal));
    var failures = new LinkedHashMap<>(look.failures());
    failures.put(name(ordinal), "member %s: no answer".formatted(name(ordinal)));
    return new EtcdLook(
        look.wanted(),
        look.peerUrls(),
        answers,
        failures,
        look.read(),
        look.refusal(),
        look.list(),
        look.alarms());
  }

  /** The same without an agreement. */
  static EtcdLook refused(EtcdLook look) {
    return new EtcdLook(
        look.wanted(),
        look.peerUrls(),
        look.answers(),
        look.failures(),
        Optional.empty(),
        Optional.of("etcdserver: no leader"),
        look.list(),
        List.of());
  }

  /** The same with another list of members. */
  static EtcdLook listed(EtcdLook look, List<MemberList.Entry> entries) {
    return new EtcdLook(
        look.wanted(),
        look.peerUrls(),
        look.answers(),
        look.failures(),
        look.read(),
        look.refusal(),
        Optional.of(new MemberList(CLUSTER, entries)),
        look.alarms());
  }

  /** The same with alarms. */
  static EtcdLook alarmed(EtcdLook look, EtcdAlarm... alarms) {
    return new EtcdLook(
        look.wanted(),
        look.peerUrls(),
        look.answers(),
        look.failures(),
        look.read(),
        look.refusal(),
        look.list(),
        List.of(alarms));
  }

  static EtcdAlarm noSpace(int ordinal) {
    return new EtcdAlarm(id(ordinal), EtcdAlarm.Kind.NO_SPACE);
  }

  static EtcdAlarm corrupt(int ordinal) {
    return new EtcdAlarm(id(ordinal), EtcdAlarm.Kind.CORRUPT);
  }

  static MemberStatus withCluster(MemberStatus s, EtcdId cluster) {
    return new MemberStatus(
        cluster,
        s.member(),
        s.leader(),
        s.learner(),
        s.raftTerm(),
        s.raftIndex(),
        s.appliedIndex(),
        s.revision(),
        s.dbSize(),
        s.dbSizeInUse(),
        s.quota(),
        s.version(),
        s.errors());
  }

  static MemberStatus withLeader(MemberStatus s, EtcdId leader) {
    return new MemberStatus(
        s.cluster(),
        s.member(),
        leader,
        s.learner(),
        s.raftTerm(),
        s.raftIndex(),
        s.appliedIndex(),
        s.revision(),
        s.dbSize(),
        s.dbSizeInUse(),
        s.quota(),
        s.version(),
        s.errors());
  }

  static MemberStatus asLearner(MemberStatus s) {
    return new MemberStatus(
        s.cluster(),
        s.member(),
        s.leader(),
        true,
        s.raftTerm(),
        s.raftIndex(),
        s.appliedIndex(),
        s.revision(),
        s.dbSize(),
        s.dbSizeInUse(),
        s.quota(),
        s.version(),
        s.errors());
  }

  static MemberStatus withApplied(MemberStatus s, long applied) {
    return new MemberStatus(
        s.cluster(),
        s.member(),
        s.leader(),
        s.learner(),
        s.raftTerm(),
        Math.max(s.raftIndex(), applied),
        applied,
        s.revision(),
        s.dbSize(),
        s.dbSizeInUse(),
        s.quota(),
        s.version(),
        s.errors());
  }

  static MemberStatus withSize(MemberStatus s, long size, long inUse) {
    return new MemberStatus(
        s.cluster(),
        s.member(),
        s.leader(),
        s.learner(),
        s.raftTerm(),
        s.raftIndex(),
        s.appliedIndex(),
        s.revision(),
        size,
        inUse,
        s.quota(),
        s.version(),
        s.errors());
  }
}
