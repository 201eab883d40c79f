package dev.hcp.e2e;

import dev.hcp.api.v1alpha1.Condition;
import dev.hcp.api.v1alpha1.HostedControlPlane;
import dev.hcp.conditions.ConditionType;
import dev.hcp.conditions.Reason;
import dev.hcp.e2e.hosted.HostedCluster;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.Watch;
import io.fabric8.kubernetes.client.Watcher;
import io.fabric8.kubernetes.client.WatcherException;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;

/** Writes down every state that the conditions of a control plane have from now on. */
final class ConditionRecorder implements AutoCloseable {
  private final List<Condition> states = new CopyOnWriteArrayList<>();
  private final Watch watch;

  ConditionRecorder(KubernetesClient client, HostedCluster cluster) {
    this.watch =
        client
            .resources(HostedControlPlane.class)
            .inNamespace(cluster.namespace())
            .withName(cluster.name())
            .watch(
                new Watcher<>() {
                  @Override
                  public void eventReceived(Action action, HostedControlPlane object) {
                    if (object != null
                        && object.getStatus() != null
                        && object.getStatus().conditions() != null) {
                      states.addAll(object.getStatus().conditions());
                    }
                  }

                  @Override
                  public void onClose(WatcherException cause) {
                    throw new IllegalStateException("the watch ended before the test", cause);
                  }
                });
  }

  /** Whether {@code type} was false at some time, with a reason, and true after that. */
  boolean wentDownAndUp(ConditionType type) {
    var down = false;
    for (var state : states) {
      if (state.type().equals(type.value())) {
        if (down && state.status().equals("True")) {
          return true;
        }
        down |=
            state.status().equals("False")
                && !state.reason().isEmpty()
                && !state.message().isEmpty();
      }
    }
    return false;
  }

  /** Whether {@code type} was false at some time for the reason {@code reason}. */
  boolean wasFalse(ConditionType type, Reason reason) {
    return states.stream()
        .anyMatch(state ->
            state.type().equals(type.value())
                && state.status().equals("False")
                && state.reason().equals(reason.value()));
  }

  /** What was written down of {@code type}, each state once, for messages of failed tests. */
  List<String> history(ConditionType type) {
    return states.stream()
        .filter(state -> state.type().equals(type.value()))
        .map(state -> "%s %s %s".formatted(state.status(), state.reason(), state.message()))
        .distinct()
        .toList();
  }

  @Override
  public void close() {
    watch.close();
  }
}
