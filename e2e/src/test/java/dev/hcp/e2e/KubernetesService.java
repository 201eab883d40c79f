package dev.hcp.e2e;

import io.fabric8.kubernetes.api.model.discovery.v1.EndpointSlice;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.Watch;
import io.fabric8.kubernetes.client.Watcher;
import io.fabric8.kubernetes.client.WatcherException;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.stream.Stream;

/** Writes down where Service {@code default/kubernetes} of a hosted cluster leads, from now on. */
final class KubernetesService implements AutoCloseable {
  private static final String LABEL = "kubernetes.io/service-name";

  private final List<List<String>> states = new CopyOnWriteArrayList<>();
  private final Watch watch;

  /** Takes a client of the hosted cluster, whose owner closes it. */
  KubernetesService(KubernetesClient hosted) {
    this.watch =
        hosted
            .discovery()
            .v1()
            .endpointSlices()
            .inNamespace("default")
            .withLabel(LABEL, "kubernetes")
            .watch(
                new Watcher<>() {
                  @Override
                  public void eventReceived(Action action, EndpointSlice slice) {
                    if (action != Action.BOOKMARK) {
                      states.add(action == Action.DELETED ? List.of() : addresses(slice).toList());
                    }
                  }

                  @Override
                  public void onClose(WatcherException cause) {
                    throw new IllegalStateException("the watch ended before the test", cause);
                  }
                });
  }

  /** Every state there was, in order; each with the addresses and ports of that moment. */
  List<List<String>> states() {
    return List.copyOf(states);
  }

  /** Where it leads now, as address and port. */
  static List<String> now(KubernetesClient hosted) {
    return hosted
        .discovery()
        .v1()
        .endpointSlices()
        .inNamespace("default")
        .withLabel(LABEL, "kubernetes")
        .list()
        .getItems()
        .stream()
        .flatMap(KubernetesService::addresses)
        .toList();
  }

  private static Stream<String> addresses(EndpointSlice slice) {
    return Optional.ofNullable(slice.getPorts()).stream()
        .flatMap(List::stream)
        .flatMap(port ->
            slice.getEndpoints().stream()
                .flatMap(endpoint -> endpoint.getAddresses().stream())
                .map(address -> address + ":" + port.getPort()));
  }

  @Override
  public void close() {
    watch.close();
  }
}
