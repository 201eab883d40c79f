package dev.hcp.webhook.lookup;

import dev.hcp.api.capi.Cluster;
import dev.hcp.api.v1alpha1.GatewayReference;
import dev.hcp.api.v1alpha1.HostedControlPlane;
import dev.hcp.naming.Labels;
import dev.hcp.webhook.admission.KeyedObject;
import dev.hcp.webhook.admission.Lookup;
import dev.hcp.webhook.admission.NodeGroup;
import dev.hcp.webhook.admission.Questions;
import dev.hcp.webhook.admission.Sight;
import dev.hcp.webhook.admission.Surroundings;
import io.fabric8.kubernetes.api.model.gatewayapi.v1.Gateway;
import io.fabric8.kubernetes.api.model.gatewayapi.v1beta1.ReferenceGrant;
import io.fabric8.kubernetes.client.Config;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.KubernetesClientException;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.Timer;
import java.net.HttpURLConnection;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.concurrent.Callable;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.function.Function;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Asks the management cluster, all questions about one object at the same time. Nothing is kept
 * between two objects: questions are asked only when somebody creates a control plane or changes
 * what they are about, which even with a thousand clusters is rarer than a cache would be updated.
 *
 * <p>What may not be read, or does not come in time, is unknown: admission must neither depend on
 * rights that somebody took away, nor make anybody wait.
 */
public final class ClusterLookup implements Lookup {
  /** For all questions about one object. */
  private static final Duration DEADLINE = Duration.ofSeconds(1);

  private static final Logger LOG = LoggerFactory.getLogger(ClusterLookup.class);

  private final CompletableFuture<KubernetesClient> client;
  private final Duration deadline;
  private final MeterRegistry registry;
  private final ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor();

  private ClusterLookup(
      Supplier<KubernetesClient> client, Duration deadline, MeterRegistry registry) {
    this.deadline = deadline;
    this.registry = registry;
    // To make a client takes longer than the rest of the start.
    this.client = CompletableFuture.supplyAsync(client, threads);
  }

  /** Asks the cluster that this process runs in, or that of {@code KUBECONFIG}. */
  public static ClusterLookup open(MeterRegistry registry) {
    return new ClusterLookup(
        () -> Clients.open(Config.autoConfigure(null), DEADLINE), DEADLINE, registry);
  }

  /**
   * Asks a given cluster.
   *
   * @param deadline for all questions about one object
   */
  public static ClusterLookup open(Config cluster, Duration deadline, MeterRegistry registry) {
    return new ClusterLookup(() -> Clients.open(cluster, DEADLINE), deadline, registry);
  }

  @Override
  public Surroundings look(Questions questions) {
    long end = System.nanoTime() + deadline.toNanos();
    var namespace = questions.namespace();
    var gateway = questions.gateway().map(wanted -> ask("gateway", c -> gateway(c, wanted)));
    var labels = questions.gateway().map(_ -> ask("namespace", c -> labels(c, namespace)));
    var keys = new TreeMap<KeyedObject, Asked<Set<String>>>();
    questions
        .keyed()
        .forEach(
            object -> keys.put(object, ask(what(object.kind()), c -> keys(c, namespace, object))));
    var grants = new TreeMap<String, Asked<List<ReferenceGrant>>>();
    questions
        .granting()
        .forEach(other -> grants.put(other, ask("referencegrants", c -> grants(c, other))));
    var cluster =
        questions.claimedCluster().map(name -> ask("cluster", c -> cluster(c, namespace, name)));
    var controlPlanes =
        questions
            .claimedCluster()
            .map(name -> ask("hostedcontrolplanes", c -> controlPlanes(c, namespace, name)));
    var nodes =
        questions.nodesOfCluster().stream()
            .flatMap(name ->
                NodeKind.ALL.stream()
                    .map(kind -> ask(kind.plural(), c -> kind.list(c, namespace, name))))
            .toList();

    var answers = new TreeMap<KeyedObject, Sight<Set<String>>>();
    keys.forEach((object, asked) -> answers.put(object, asked.await(end)));
    var granted = new TreeMap<String, Sight<List<ReferenceGrant>>>();
    grants.forEach((other, asked) -> granted.put(other, asked.await(end)));
    var groups = new ArrayList<NodeGroup>();
    nodes.forEach(asked -> {
      if (asked.await(end) instanceof Sight.Seen<List<NodeGroup>>(var seen)) {
        groups.addAll(seen);
      }
    });
    return new Surroundings(
        await(gateway, end),
        await(labels, end),
        answers,
        granted,
        await(cluster, end),
        await(controlPlanes, end),
        List.copyOf(groups));
  }

  @Override
  public void close() {
    threads.shutdownNow();
    var _ =
        client.whenComplete((opened, _) -> {
          if (opened != null) {
            opened.close();
          }
        });
  }

  private static @Nullable Gateway gateway(KubernetesClient client, GatewayReference wanted) {
    return client
        .resources(Gateway.class)
        .inNamespace(wanted.namespace())
        .withName(wanted.name())
        .get();
  }

  private static @Nullable Map<String, String> labels(KubernetesClient client, String name) {
    var namespace = client.namespaces().withName(name).get();
    return namespace == null
        ? null
        : Objects.requireNonNullElse(namespace.getMetadata().getLabels(), Map.of());
  }

  /** Of what the object holds, nothing but the names of its keys leaves this method. */
  private static @Nullable Set<String> keys(
      KubernetesClient client, String namespace, KeyedObject object) {
    return switch (object.kind()) {
      case SECRET -> {
        var secret = client.secrets().inNamespace(namespace).withName(object.name()).get();
        yield secret == null ? null : names(secret.getData());
      }
      case CONFIG_MAP -> {
        var map = client.configMaps().inNamespace(namespace).withName(object.name()).get();
        if (map == null) {
          yield null;
        }
        var all = new TreeSet<>(names(map.getData()));
        all.addAll(names(map.getBinaryData()));
        yield all;
      }
    };
  }

  private static Set<String> names(@Nullable Map<String, String> data) {
    return data == null ? Set.of() : new TreeSet<>(data.keySet());
  }

  /** Where the kind is not served, nothing is granted. */
  private static List<ReferenceGrant> grants(KubernetesClient client, String namespace) {
    try {
      return client.resources(ReferenceGrant.class).inNamespace(namespace).list().getItems();
    } catch (KubernetesClientException e) {
      if (e.getCode() == HttpURLConnection.HTTP_NOT_FOUND) {
        return List.of();
      }
      throw e;
    }
  }

  private static @Nullable Cluster cluster(KubernetesClient client, String namespace, String name) {
    return client.resources(Cluster.class).inNamespace(namespace).withName(name).get();
  }

  private static List<HostedControlPlane> controlPlanes(
      KubernetesClient client, String namespace, String cluster) {
    return client
        .resources(HostedControlPlane.class)
        .inNamespace(namespace)
        .withLabel(Labels.CLUSTER_NAME, cluster)
        .list()
        .getItems();
  }

  private static String what(KeyedObject.Kind kind) {
    return switch (kind) {
      case SECRET -> "secret";
      case CONFIG_MAP -> "configmap";
    };
  }

  private static <T> Sight<T> await(Optional<Asked<T>> asked, long end) {
    return asked.map(a -> a.await(end)).orElseGet(Sight.Unknown::new);
  }

  private <T> Asked<T> ask(String what, Function<KubernetesClient, @Nullable T> question) {
    Callable<Sight<T>> task =
        () -> {
          var answer = question.apply(client.get());
          return answer == null ? new Sight.Missing<>() : new Sight.Seen<>(answer);
        };
    return new Asked<>(what, threads.submit(task), Timer.start(registry), registry);
  }

  /**
   * A question under way.
   *
   * @param what what is asked for, as a label of metrics
   */
  private record Asked<T>(
      String what, Future<Sight<T>> answer, Timer.Sample start, MeterRegistry registry) {

    /**
     * The answer, if there is one in time.
     *
     * @param end when to give up, by {@link System#nanoTime}
     */
    Sight<T> await(long end) {
      try {
        var sight = answer.get(Math.max(0, end - System.nanoTime()), TimeUnit.NANOSECONDS);
        count(sight instanceof Sight.Missing ? "missing" : "found");
        return sight;
      } catch (TimeoutException _) {
        LOG.warn("No answer in time about: {}", what);
        count("timeout");
      } catch (ExecutionException e) {
        failed(e.getCause());
      } catch (InterruptedException _) {
        Thread.currentThread().interrupt();
        count("interrupted");
      }
      answer.cancel(true);
      return new Sight.Unknown<>();
    }

    private void failed(@Nullable Throwable cause) {
      if (cause instanceof KubernetesClientException refused
          && (refused.getCode() == HttpURLConnection.HTTP_FORBIDDEN
              || refused.getCode() == HttpURLConnection.HTTP_UNAUTHORIZED)) {
        // A right that was left out on purpose is nothing to fill a log with.
        LOG.debug("Not allowed to read: {}", what);
        count("forbidden");
        return;
      }
      LOG.warn("Cannot read: {}: {}", what, String.valueOf(cause));
      count("error");
    }

    private void count(String result) {
      start.stop(
          Timer.builder("hcp.admission.lookups")
              .description("Reads of other objects that an answer depends on")
              .tags("what", what, "result", result)
              .register(registry));
    }
  }
}
