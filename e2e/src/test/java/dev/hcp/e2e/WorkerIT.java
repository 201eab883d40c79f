package dev.hcp.e2e;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.hcp.e2e.hosted.PublicEndpoint;
import dev.hcp.e2e.process.InParallel;
import dev.hcp.naming.Labels;
import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.client.KubernetesClient;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.time.Duration;
import java.util.List;
import java.util.Set;
import java.util.stream.Collectors;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.MethodOrderer;
import org.junit.jupiter.api.Order;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.TestMethodOrder;
import org.junit.jupiter.api.extension.ExtendWith;

/**
 * Machines that joined with stock kubeadm through the Gateway are nodes that work: for pods, and
 * for all that the API server does through konnectivity.
 */
@Order(70)
@ExtendWith({BedExtension.class, ClusterWithNodesExtension.class})
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
@TestMethodOrder(MethodOrderer.OrderAnnotation.class)
final class WorkerIT {
  private static final String NAMESPACE = "works";
  private static final int KUBELET_PORT = 10250;
  private static final Duration DEADLINE = Duration.ofMinutes(2);

  /** How long the API server may need to notice that the other end of a tunnel is gone. */
  private static final Duration NOTICE = Duration.ofSeconds(20);

  private final Bed bed;
  private final KubernetesClient management;
  private final ClusterWithNodes cluster;

  WorkerIT(Bed bed, KubernetesClient management, ClusterWithNodes cluster) {
    this.bed = bed;
    this.management = management;
    this.cluster = cluster;
  }

  @BeforeAll
  void podsRunOnBothNodes() {
    cluster.apply(
        """
        apiVersion: v1
        kind: Namespace
        metadata: {name: works}
        ---
        apiVersion: apps/v1
        kind: DaemonSet
        metadata: {name: web, namespace: works}
        spec:
          selector: {matchLabels: {app: web}}
          template:
            metadata: {labels: {app: web}}
            spec:
              terminationGracePeriodSeconds: 0
              containers:
                - name: web
                  image: docker.io/library/toolbox:1
                  command:
                    - sh
                    - -c
                    - |
                      mkdir /www && echo "served by $NODE" > /www/index.html && echo "started on $NODE"
                      exec busybox httpd -f -p 8080 -h /www
                  env:
                    - {name: NODE, valueFrom: {fieldRef: {fieldPath: spec.nodeName}}}
                  readinessProbe:
                    httpGet: {path: /, port: 8080}
                    periodSeconds: 1
        ---
        apiVersion: v1
        kind: Service
        metadata: {name: web, namespace: works}
        spec:
          selector: {app: web}
          ports: [{port: 80, targetPort: 8080}]
        """);
    await("a pod on each node is ready")
        .atMost(DEADLINE)
        .until(() -> nodesOf(pods()).size() == ClusterWithNodes.NODES.size());
    AdmissionInPod.install(bed, cluster, NAMESPACE);
    MetricsServer.install(cluster);
  }

  @Test
  @Order(1)
  void nodesAreReadyAndTheirKubeletsAreTrustedByTheAuthorityOfTheCluster() throws IOException {
    assertThat(cluster.areNodesReady()).isTrue();
    var authority =
        cluster
            .controlPlane()
            .secret(cluster.controlPlane().names().kubernetesCa(), "tls.crt")
            .orElseThrow();
    for (var node : ClusterWithNodes.NODES) {
      var address = cluster.machine(node).membership().address();
      var answer = new PublicEndpoint(address, KUBELET_PORT, authority).get("/healthz");
      assertThat(answer.status()).as("without credentials, a kubelet says nothing").isEqualTo(401);
      assertThat(answer.certificate().getSubjectX500Principal().getName())
          .contains("O=system:nodes", "CN=system:node:" + node);
    }
  }

  @Test
  @Order(2)
  void podsReachTheApiServerNamesAndServices() {
    for (var pod : pods()) {
      assertThat(exec(pod, "kubectl", "auth", "whoami"))
          .contains("system:serviceaccount:works:default");
      assertThat(exec(pod, "nslookup", "kubernetes.default.svc.cluster.local"))
          .contains("10.134.0.1");
      assertThat(exec(pod, "nslookup", "any.where.hcp.example.test"))
          .as("names of the world outside are asked for there")
          .contains(bed.network().gateway());
      assertThat(exec(pod, "wget", "-q", "-O-", "http://web." + NAMESPACE)).contains("served by");
      for (var other : pods()) {
        var url = "http://%s:8080".formatted(other.getStatus().getPodIP());
        assertThat(exec(pod, "wget", "-q", "-O-", url))
            .isEqualTo("served by %s\n".formatted(other.getSpec().getNodeName()));
      }
    }
  }

  @Test
  @Order(3)
  void whatGoesThroughKonnectivityWorks() {
    for (var pod : pods()) {
      everythingThroughKonnectivityWorks(pod);
    }
  }

  @Test
  @Order(3)
  void kubectlTopKnowsNodesAndPods() {
    assertThat(MetricsServer.top(cluster, "nodes")).contains(ClusterWithNodes.NODES);
    assertThat(MetricsServer.top(cluster, "pods", "--namespace=" + NAMESPACE))
        .contains(pods().stream().map(WorkerIT::name).toList());
    MetricsServer.remove(cluster);
  }

  /**
   * What replaces the killed ones has nowhere to run until all has been tried, so that there really
   * is only one of each.
   */
  @Test
  @Order(4)
  void itStillWorksWithOneOfTwoApiServersAndOneOfTwoAgentsGone() {
    var apiServers = apiServers();
    var agents = agents();
    assertThat(apiServers).hasSize(2).allMatch(ClusterWithNodes::isReady);
    assertThat(agents).hasSize(2).allMatch(ClusterWithNodes::isReady);
    schedule(false);
    try {
      bed.kubectl("delete", "pod", name(apiServers.getFirst()))
          .with("--namespace", ClusterWithNodes.NAME)
          .with("--grace-period=0", "--force", "--wait=false")
          .check();
      cluster
          .kubectl("delete", "pod", name(agents.getFirst()), "--namespace=kube-system")
          .with("--grace-period=0", "--force", "--wait=false")
          .check();
      await("one of each is gone")
          .atMost(DEADLINE)
          .ignoreExceptions()
          .until(() ->
              onlyReady(apiServers(), apiServers.getLast())
                  && onlyReady(agents(), agents.getLast()));
      for (var pod : pods()) {
        await("all still works with " + name(pod))
            .atMost(NOTICE)
            .ignoreExceptions()
            .untilAsserted(() -> everythingThroughKonnectivityWorks(pod));
      }
      assertThat(apiServers()).filteredOn(ClusterWithNodes::isReady).hasSize(1);
      assertThat(agents()).filteredOn(ClusterWithNodes::isReady).hasSize(1);
    } finally {
      schedule(true);
    }
    await("others took their places")
        .atMost(DEADLINE)
        .until(() -> areReplaced(apiServers, apiServers()) && areReplaced(agents, agents()));
    HostedClustersExtension.awaitReady(cluster.controlPlane(), DEADLINE);
    for (var pod : pods()) {
      // An API server is ready before agents have found the konnectivity server beside it.
      await("all works again with " + name(pod))
          .atMost(NOTICE)
          .ignoreExceptions()
          .untilAsserted(() -> everythingThroughKonnectivityWorks(pod));
    }
  }

  @Test
  @Order(5)
  void aNodeThatLeftAndOneThatDiedJoinAgainUnderTheirNames() {
    var left = ClusterWithNodes.NODES.getFirst();
    var died = ClusterWithNodes.NODES.getLast();
    var before = nodeUids();
    InParallel.run(() -> bed.workers().remove(left), () -> cluster.machine(died).machine().kill());
    bed.workers().join(ClusterWithNodes.NAME, ClusterWithNodes.NAME, ClusterWithNodes.NODES);
    await("both are ready again, and the add-ons run on them")
        .atMost(DEADLINE)
        .until(() -> cluster.areNodesReady() && cluster.areAddOnsUp());
    assertThat(nodeUids()).hasSize(2).doesNotContainAnyElementsOf(before);
    await("pods run on both")
        .atMost(DEADLINE)
        .until(() -> nodesOf(pods()).size() == ClusterWithNodes.NODES.size());
    for (var pod : pods()) {
      await("all works with " + name(pod))
          .atMost(DEADLINE)
          .ignoreExceptions()
          .untilAsserted(() -> everythingThroughKonnectivityWorks(pod));
    }
  }

  private void everythingThroughKonnectivityWorks(Pod pod) {
    var node = pod.getSpec().getNodeName();
    assertThat(cluster.kubectl("logs", name(pod), "--namespace", NAMESPACE).output())
        .contains("started on " + node);
    assertThat(exec(pod, "hostname")).isEqualTo(name(pod) + "\n");
    assertThat(throughPortForward(pod)).isEqualTo("served by %s\n".formatted(node));
    assertThat(
            cluster
                .kubectl("get", "--raw", "/api/v1/nodes/%s/proxy/healthz".formatted(node))
                .output())
        .isEqualTo("ok");
    assertThat(AdmissionInPod.refusal(cluster, NAMESPACE))
        .contains("this webhook denies all requests");
  }

  private String throughPortForward(Pod pod) {
    try (var forward =
            cluster.client().pods().inNamespace(NAMESPACE).withName(name(pod)).portForward(8080);
        var http = HttpClient.newHttpClient()) {
      var request =
          HttpRequest.newBuilder(URI.create("http://localhost:" + forward.getLocalPort()))
              .timeout(NOTICE)
              .build();
      return http.send(request, HttpResponse.BodyHandlers.ofString()).body();
    } catch (IOException e) {
      throw new AssertionError("the forwarded port does not answer", e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new AssertionError(e);
    }
  }

  private String exec(Pod pod, String... command) {
    return cluster
        .kubectl("exec", name(pod), "--namespace", NAMESPACE, "--")
        .with(command)
        .output();
  }

  /** Lets new pods of either cluster start, or not. */
  private void schedule(boolean allowed) {
    var verb = allowed ? "uncordon" : "cordon";
    bed.kubectl(verb, "--selector=kubernetes.io/os=linux").check();
    cluster.kubectl(verb, "--selector=kubernetes.io/os=linux").check();
  }

  private List<Pod> pods() {
    return cluster.pods(NAMESPACE, "app", "web").stream()
        .filter(pod -> pod.getMetadata().getDeletionTimestamp() == null)
        .filter(ClusterWithNodes::isReady)
        .toList();
  }

  private List<Pod> agents() {
    return cluster.pods("kube-system", "k8s-app", "konnectivity-agent");
  }

  private List<Pod> apiServers() {
    return management
        .pods()
        .inNamespace(ClusterWithNodes.NAME)
        .withLabel(Labels.COMPONENT, "api-server")
        .list()
        .getItems();
  }

  private Set<String> nodeUids() {
    return cluster.client().nodes().list().getItems().stream()
        .map(node -> node.getMetadata().getUid())
        .collect(Collectors.toSet());
  }

  private static Set<String> nodesOf(List<Pod> pods) {
    return pods.stream().map(pod -> pod.getSpec().getNodeName()).collect(Collectors.toSet());
  }

  private static boolean onlyReady(List<Pod> now, Pod survivor) {
    var ready = now.stream().filter(ClusterWithNodes::isReady).toList();
    return ready.size() == 1 && uid(ready.getFirst()).equals(uid(survivor));
  }

  private static boolean areReplaced(List<Pod> before, List<Pod> now) {
    return now.size() == before.size()
        && now.stream().allMatch(ClusterWithNodes::isReady)
        && now.stream().noneMatch(pod -> uid(pod).equals(uid(before.getFirst())));
  }

  private static String name(Pod pod) {
    return pod.getMetadata().getName();
  }

  private static String uid(Pod pod) {
    return pod.getMetadata().getUid();
  }
}
