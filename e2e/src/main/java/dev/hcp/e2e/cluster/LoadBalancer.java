package dev.hcp.e2e.cluster;

import dev.hcp.e2e.BedException;
import dev.hcp.e2e.machine.BedNetwork;
import dev.hcp.e2e.machine.Machine;
import dev.hcp.e2e.process.Command;
import io.fabric8.kubernetes.api.model.LoadBalancerIngress;
import io.fabric8.kubernetes.api.model.LoadBalancerIngressBuilder;
import io.fabric8.kubernetes.api.model.Service;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.KubernetesClientException;
import io.fabric8.kubernetes.client.informers.ResourceEventHandler;
import io.fabric8.kubernetes.client.informers.SharedIndexInformer;
import java.io.PrintStream;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;

/**
 * Stands in for a cloud's load balancer: gives each Service of type LoadBalancer an address of the
 * bed's range, tells the world about it in the Service's status, and makes the node answer for it;
 * kube-proxy does the rest. An address asked for by {@code spec.loadBalancerIP} is given or, while
 * another Service has it, waited for.
 */
public final class LoadBalancer {
  private static final String DEVICE = "node0";
  private static final int RETRY_SECONDS = 2;

  private final KubernetesClient client;
  private final BedNetwork network;
  private final Machine machine;
  private final PrintStream log;

  /**
   * Who has which address, by the Service's UID: the informer learns of a status only some time
   * after it was set.
   */
  private final Map<String, String> given = new HashMap<>();

  private final LinkedBlockingQueue<Boolean> changes = new LinkedBlockingQueue<>();

  /**
   * @param client the management cluster
   * @param network the addresses there are
   * @param machine which machine answers for them
   * @param log told about every change
   */
  public LoadBalancer(
      KubernetesClient client, BedNetwork network, Machine machine, PrintStream log) {
    this.client = client;
    this.network = network;
    this.machine = machine;
    this.log = log;
  }

  /** Works until the thread is interrupted. */
  public void run() throws InterruptedException {
    try (SharedIndexInformer<Service> informer =
        client.services().inAnyNamespace().inform(new Wake())) {
      var settled = true;
      while (true) {
        // Without a failure before, only a change can make work.
        var _ = settled ? changes.take() : changes.poll(RETRY_SECONDS, TimeUnit.SECONDS);
        changes.clear();
        settled = settle(informer.getStore().list());
      }
    }
  }

  /**
   * Brings addresses and statuses in line with the Services; returns whether nothing is left to do.
   */
  private boolean settle(List<Service> services) {
    try {
      var wanting = services.stream().filter(LoadBalancer::isWanting).toList();
      given.keySet().retainAll(wanting.stream().map(LoadBalancer::uid).toList());
      for (var service : wanting) {
        addresses(service).findFirst().ifPresent(address -> given.put(uid(service), address));
      }
      for (var service : wanting) {
        if (!given.containsKey(uid(service))) {
          choose(service, Set.copyOf(given.values()), network.pool())
              .ifPresent(address -> give(service, address));
        }
      }
      services.stream()
          .filter(service -> !isWanting(service) && addresses(service).findAny().isPresent())
          .forEach(service -> status(service, List.of()));
      answerFor(Set.copyOf(given.values()));
      return given.size() == wanting.size();
    } catch (KubernetesClientException | BedException e) {
      log.println("will try again: " + e.getMessage());
      return false;
    }
  }

  static Optional<String> choose(Service service, Set<String> used, List<String> pool) {
    var wish = Optional.ofNullable(service.getSpec().getLoadBalancerIP()).filter(w -> !w.isBlank());
    var candidates = wish.map(List::of).orElse(pool);
    return candidates.stream().filter(address -> !used.contains(address)).findFirst();
  }

  private void give(Service service, String address) {
    // The node answers first: nobody must learn of an address that is not there.
    inNetwork("address", "replace", address + "/32", "dev", DEVICE);
    status(
        service,
        List.of(new LoadBalancerIngressBuilder().withIp(address).withIpMode("VIP").build()));
    given.put(uid(service), address);
    log.printf(
        "%s/%s has %s%n",
        service.getMetadata().getNamespace(), service.getMetadata().getName(), address);
  }

  private void status(Service service, List<LoadBalancerIngress> ingress) {
    client
        .services()
        .inNamespace(service.getMetadata().getNamespace())
        .withName(service.getMetadata().getName())
        .editStatus(current ->
            current
                .edit()
                .editOrNewStatus()
                .withNewLoadBalancer()
                .withIngress(ingress)
                .endLoadBalancer()
                .endStatus()
                .build());
  }

  /** Takes addresses of Services that are gone off the node. */
  private void answerFor(Set<String> used) {
    machine
        .inNetwork(Command.of("ip", "-brief", "-4", "address", "show", "dev", DEVICE))
        .output()
        .lines()
        .flatMap(line -> Stream.of(line.split("\\s+", -1)))
        .filter(word -> word.endsWith("/32"))
        .map(word -> word.substring(0, word.length() - "/32".length()))
        .filter(network::isServiceAddress)
        .filter(address -> !used.contains(address))
        .forEach(address -> {
          inNetwork("address", "delete", address + "/32", "dev", DEVICE);
          log.printf("%s is free%n", address);
        });
  }

  private void inNetwork(String... arguments) {
    machine.inNetwork(Command.of("ip").with(arguments)).check();
  }

  private static boolean isWanting(Service service) {
    return "LoadBalancer".equals(service.getSpec().getType())
        && service.getSpec().getLoadBalancerClass() == null
        && service.getMetadata().getDeletionTimestamp() == null;
  }

  private static String uid(Service service) {
    return service.getMetadata().getUid();
  }

  private static Stream<String> addresses(Service service) {
    var status = service.getStatus();
    return status == null || status.getLoadBalancer() == null
        ? Stream.empty()
        : status.getLoadBalancer().getIngress().stream().map(LoadBalancerIngress::getIp);
  }

  /** Any change of any Service is one more reason to look. */
  private final class Wake implements ResourceEventHandler<Service> {
    @Override
    public void onAdd(Service service) {
      changes.add(true);
    }

    @Override
    public void onUpdate(Service before, Service after) {
      changes.add(true);
    }

    @Override
    public void onDelete(Service service, boolean unknown) {
      changes.add(true);
    }
  }
}
