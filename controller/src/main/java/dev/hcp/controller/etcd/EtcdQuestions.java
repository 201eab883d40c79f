package dev.hcp.controller.etcd;

import dev.hcp.controller.plan.Action.KeepEtcd;
import dev.hcp.controller.plan.EtcdAccess;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Future;
import java.util.stream.Collectors;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * What the members of one etcd are asked when they are looked at.
 *
 * @param shared with the clients, and threads to ask members on at the same time
 */
record EtcdQuestions(String namespace, String name, EtcdKeeper.Shared shared) {
  private static final Logger LOG = LoggerFactory.getLogger(EtcdQuestions.class);

  /** Key of the mark in the data. The API server keeps its own under {@code /registry/}. */
  static final String MARK = "/controlplane.cluster.x-k8s.io/mark";

  /** Asks all members, and the cluster through one of them. */
  EtcdLook ask(KeepEtcd now) throws InterruptedException {
    EtcdClient client;
    try {
      client = shared.clients().of(namespace, name, now.access());
    } catch (EtcdException e) {
      return nobody(now, String.valueOf(e.getMessage()));
    }
    var names = client.members();
    var answers = new LinkedHashMap<String, MemberStatus>();
    var failures = new LinkedHashMap<String, String>();
    askAll(client, names, answers, failures);
    // The leader answers for a majority without asking another member first.
    var order = new ArrayList<>(answers.entrySet());
    order.sort(Comparator.comparing(entry -> !entry.getValue().leads()));
    var read = Optional.<KeyRead>empty();
    var refusal = Optional.<String>empty();
    var list = Optional.<MemberList>empty();
    var alarms = List.<EtcdAlarm>of();
    for (var entry : order) {
      var member = entry.getKey();
      if (!entry.getValue().leader().exists()) {
        // It would make us wait for a while and then say so.
        refusal = Optional.of("member %s knows of no leader".formatted(member));
        continue;
      }
      try {
        read = Optional.of(read(client, member, now));
        list = Optional.of(client.list(member));
        alarms = alarms(client, member, answers);
        break;
      } catch (EtcdException e) {
        refusal = Optional.of(String.valueOf(e.getMessage()));
      }
    }
    if (list.isEmpty() && !order.isEmpty()) {
      list = listOf(client, order.getFirst().getKey());
    }
    return new EtcdLook(
        names,
        peerUrls(now),
        answers,
        failures,
        read,
        read.isPresent() ? Optional.empty() : refusal,
        list,
        alarms);
  }

  private static EtcdLook nobody(KeepEtcd now, String why) {
    var names = now.access().members().stream().map(EtcdAccess.Endpoint::member).toList();
    var failures = new LinkedHashMap<String, String>();
    names.forEach(member -> failures.put(member, why));
    return new EtcdLook(
        names,
        peerUrls(now),
        Map.of(),
        failures,
        Optional.empty(),
        Optional.empty(),
        Optional.empty(),
        List.of());
  }

  private static Map<String, String> peerUrls(KeepEtcd now) {
    return now.access().members().stream()
        .collect(
            Collectors.toUnmodifiableMap(
                EtcdAccess.Endpoint::member, EtcdAccess.Endpoint::peerUrl));
  }

  /** All at once, so that members that do not answer cost their time only once. */
  private void askAll(
      EtcdClient client,
      List<String> names,
      Map<String, MemberStatus> answers,
      Map<String, String> failures)
      throws InterruptedException {
    var requests = new LinkedHashMap<String, Future<MemberStatus>>();
    for (var member : names) {
      requests.put(member, shared.pool().threads().submit(() -> client.status(member)));
    }
    for (var request : requests.entrySet()) {
      try {
        answers.put(request.getKey(), request.getValue().get());
      } catch (ExecutionException e) {
        if (!(e.getCause() instanceof EtcdException failure)) {
          throw new IllegalStateException("asking %s failed".formatted(request.getKey()), e);
        }
        failures.put(request.getKey(), String.valueOf(failure.getMessage()));
      }
    }
  }

  /** Reads the mark, and writes it where nothing is recorded that could be missed. */
  private static KeyRead read(EtcdClient client, String member, KeepEtcd now) {
    var read = client.read(member, MARK);
    if (read.value().isPresent() || now.recorded().isPresent()) {
      return read;
    }
    try {
      var _ = client.putIfAbsent(member, MARK, now.mark());
    } catch (EtcdException e) {
      // It serves all the same; most likely there is no space. The next look tries again.
      LOG.debug("The data cannot be marked yet", e);
      return read;
    }
    return client.read(member, MARK);
  }

  /** Asks for alarms only if a member speaks of any: the question itself is written to all logs. */
  private static List<EtcdAlarm> alarms(
      EtcdClient client, String member, Map<String, MemberStatus> answers) {
    return answers.values().stream()
            .flatMap(answer -> answer.errors().stream())
            .anyMatch(error -> error.contains("alarm"))
        ? client.alarms(member)
        : List.of();
  }

  private static Optional<MemberList> listOf(EtcdClient client, String member) {
    try {
      return Optional.of(client.list(member));
    } catch (EtcdException e) {
      LOG.debug("No list of members", e);
      return Optional.empty();
    }
  }
}
