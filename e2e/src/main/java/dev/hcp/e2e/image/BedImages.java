package dev.hcp.e2e.image;

import dev.hcp.e2e.BedException;
import dev.hcp.e2e.process.Command;
import dev.hcp.e2e.tools.EnvoyWheel;
import dev.hcp.e2e.tools.Toolbox;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Stream;

/**
 * Every image the bed needs, under the names that manifests and charts ask for, so that these stay
 * as they are and nothing is ever pulled.
 */
public final class BedImages {
  /** Kubernetes' own test program: web servers, clients, webhooks. */
  public static final String AGNHOST = "registry.k8s.io/e2e-test-images/agnhost:2.63.0";

  /** What answers {@code kubectl top}. */
  public static final String METRICS_SERVER =
      "registry.k8s.io/metrics-server/metrics-server:v0.8.0";

  private static final List<String> CONTROL_PLANE =
      List.of("kube-apiserver", "kube-controller-manager", "kube-scheduler");

  private static final String PREVIOUS = "k8s-previous";
  private static final String NEXT = "k8s-next";
  private static final String CILIUM = "github.com/cilium/cilium";

  private final Toolbox tools;
  private final List<String> kubeadmWants;

  /**
   * @param tools what the images are made of
   */
  public BedImages(Toolbox tools) {
    this.tools = tools;
    this.kubeadmWants =
        Command.of(tools.binary("k8s", "kubeadm").toString(), "config", "images", "list")
            .with("--kubernetes-version", kubernetesVersion())
            .output()
            .lines()
            .toList();
  }

  /** The Kubernetes version of the management cluster, with its leading {@code v}. */
  public String kubernetesVersion() {
    return tools.module("k8s").versionOf("k8s.io/kubernetes");
  }

  /** A version of the minor version before that, with its leading {@code v}. */
  public String previousKubernetesVersion() {
    return tools.module(PREVIOUS).versionOf("k8s.io/kubernetes");
  }

  /** A version of the minor version after that, with its leading {@code v}. */
  public String nextKubernetesVersion() {
    return tools.module(NEXT).versionOf("k8s.io/kubernetes");
  }

  /** cert-manager's version. */
  public String certManagerVersion() {
    return tools.module("cert-manager").versionOf("github.com/cert-manager/cert-manager");
  }

  /** Cluster API's version. */
  public String clusterApiVersion() {
    return tools.module("capi").versionOf("sigs.k8s.io/cluster-api");
  }

  /** The image that holds a pod's namespaces. */
  public String pause() {
    return kubeadmImage("pause");
  }

  /** Cluster API's manager. */
  public String clusterApi() {
    return "registry.k8s.io/cluster-api/cluster-api-controller:" + clusterApiVersion();
  }

  /** Envoy Gateway. */
  public String envoyGateway() {
    return "docker.io/envoyproxy/gateway:"
        + tools.module("eg").versionOf("github.com/envoyproxy/gateway");
  }

  /** Envoy. */
  public String envoy() {
    return "docker.io/envoyproxy/envoy:v" + EnvoyWheel.VERSION;
  }

  /** The volume provisioner. */
  public String volumeProvisioner() {
    return "docker.io/rancher/local-path-provisioner:"
        + tools.module("lpp").versionOf("github.com/rancher/local-path-provisioner");
  }

  /** A shell with the usual small commands, for helper pods and for looking around. */
  public String toolbox() {
    return "docker.io/library/toolbox:1";
  }

  /** What to make for {@code sets}. */
  List<ImageSpec> of(Set<ImageSet> sets, BaseImages bases) {
    var images = ofEveryBed(bases.system());
    for (var set : new TreeSet<>(sets)) {
      images.addAll(
          switch (set) {
            case CILIUM -> cilium(bases);
            case MINORS ->
                Stream.concat(
                        kubernetes(PREVIOUS, previousKubernetesVersion(), bases.system()),
                        kubernetes(NEXT, nextKubernetesVersion(), bases.system()))
                    .toList();
            case TESTS ->
                Stream.concat(ofConformanceTests(bases), Stream.of(metricsServer())).toList();
          });
    }
    return images;
  }

  /** The version of Cilium, with its leading {@code v}. */
  public String ciliumVersion() {
    return tools.module("cilium").versionOf(CILIUM);
  }

  /** Where Cilium's source is, and with it its chart. */
  public Path ciliumSource() {
    return tools.module("cilium").sourceOf(CILIUM);
  }

  private List<ImageSpec> cilium(BaseImages bases) {
    return List.of(
        ImageSpec.of(
                "quay.io/cilium/cilium:" + ciliumVersion(),
                "/usr/bin/cilium-agent",
                tools.binary("cilium", "daemon"))
            .and("/usr/bin/cilium-dbg", tools.binary("cilium", "cilium-dbg"))
            .and("/opt/cni/bin/cilium-cni", tools.binary("cilium", "cilium-cni"))
            .on(bases.cilium(ciliumSource(), ciliumVersion())),
        ImageSpec.of(
            "quay.io/cilium/operator-generic:" + ciliumVersion(),
            "/usr/bin/cilium-operator-generic",
            tools.binary("cilium", "operator")));
  }

  /** What a hosted cluster of another version runs that a management cluster has too. */
  private Stream<ImageSpec> kubernetes(String tool, String version, Path system) {
    return Stream.concat(
        CONTROL_PLANE.stream()
            .map(name ->
                ImageSpec.of(
                    "registry.k8s.io/%s:%s".formatted(name, version),
                    "/usr/local/bin/" + name,
                    tools.binary(tool, name))),
        Stream.of(
            ImageSpec.of(
                    "registry.k8s.io/kube-proxy:" + version,
                    "/usr/local/bin/kube-proxy",
                    tools.binary(tool, "kube-proxy"))
                .on(system)));
  }

  /** Of the images that Kubernetes' tests use, those that can be made here. */
  private Stream<ImageSpec> ofConformanceTests(BaseImages bases) {
    var tests = tools.binary("conformance", "e2e.test").toString();
    return Command.of(tests, "--list-images")
        .output()
        .lines()
        // It lists them in another order each time; the store is kept by the names in order.
        .sorted()
        .flatMap(reference -> test(reference, bases).stream());
  }

  private ImageSpec metricsServer() {
    return ImageSpec.of(
            METRICS_SERVER, "/metrics-server", tools.binary("metrics-server", "metrics-server"))
        .entrypoint("/metrics-server")
        .nonroot();
  }

  private Optional<ImageSpec> test(String reference, BaseImages bases) {
    var name = reference.substring(reference.lastIndexOf('/') + 1, reference.lastIndexOf(':'));
    if (!reference.startsWith("registry.k8s.io/e2e-test-images/")) {
      return Optional.empty();
    }
    return switch (name) {
      case "agnhost" -> Optional.of(agnhost(reference, bases).arguments("pause"));
      case "busybox" -> Optional.of(ImageSpec.copyOf(reference, bases.shell()));
      case "glibc-dns-testing" -> Optional.of(ImageSpec.copyOf(reference, bases.tests()));
      case "kitten", "nautilus" ->
          Optional.of(
              agnhost(reference, bases)
                  .and("/data.json", testSource("test/images/%s/html/data.json".formatted(name)))
                  .arguments("test-webserver"));
      case "nginx" -> Optional.of(ImageSpec.copyOf(reference, bases.webServer()));
      case "nonewprivs" ->
          Optional.of(
              ImageSpec.copyOf(
                  reference, bases.settingUser(tools.binary("conformance", "nonewprivs"))));
      case "nonroot" -> Optional.of(ImageSpec.copyOf(reference, bases.shell()).user("1234"));
      case "sample-apiserver" ->
          Optional.of(
              ImageSpec.of(
                      reference,
                      "/sample-apiserver",
                      tools.binary("conformance", "sample-apiserver"))
                  .entrypoint("/sample-apiserver"));
      default -> Optional.empty();
    };
  }

  private ImageSpec agnhost(String reference, BaseImages bases) {
    return ImageSpec.of(reference, "/agnhost", tools.binary("conformance", "agnhost"))
        // What it serves HTTPS with in tests of proxies.
        .and("/localhost.crt", testSource("test/images/agnhost/porter/localhost.crt"))
        .and("/localhost.key", testSource("test/images/agnhost/porter/localhost.key"))
        .entrypoint("/agnhost")
        .on(bases.tests());
  }

  private Path testSource(String file) {
    return tools.module("conformance").sourceOf("k8s.io/kubernetes").resolve(file);
  }

  private List<ImageSpec> ofEveryBed(Path system) {
    var images = new ArrayList<ImageSpec>();
    images.add(
        ImageSpec.of(pause(), "/pause", tools.binary("pause", "pause")).entrypoint("/pause"));
    for (var name : CONTROL_PLANE) {
      images.add(
          ImageSpec.of(kubeadmImage(name), "/usr/local/bin/" + name, tools.binary("k8s", name)));
    }
    images.add(
        ImageSpec.of(
                kubeadmImage("kube-proxy"),
                "/usr/local/bin/kube-proxy",
                tools.binary("k8s", "kube-proxy"))
            .on(system));
    images.add(
        ImageSpec.of(kubeadmImage("etcd"), "/usr/local/bin/etcd", tools.binary("etcd", "server"))
            .and("/usr/local/bin/etcdctl", tools.binary("etcd", "etcdctl"))
            .and("/usr/local/bin/etcdutl", tools.binary("etcd", "etcdutl")));
    images.add(
        ImageSpec.of(kubeadmImage("coredns"), "/coredns", tools.binary("coredns", "coredns"))
            .entrypoint("/coredns"));
    var konnectivity =
        tools.module("konnectivity").versionOf("sigs.k8s.io/apiserver-network-proxy");
    for (var name : List.of("server", "agent")) {
      images.add(
          ImageSpec.of(
                  "registry.k8s.io/kas-network-proxy/proxy-%s:%s".formatted(name, konnectivity),
                  "/proxy-" + name,
                  tools.binary("konnectivity", name))
              .entrypoint("/proxy-" + name)
              .nonroot());
    }
    for (var name : List.of("controller", "cainjector", "webhook")) {
      images.add(
          ImageSpec.of(
                  "quay.io/jetstack/cert-manager-%s:%s".formatted(name, certManagerVersion()),
                  "/" + name,
                  tools.binary("cert-manager", name))
              .entrypoint("/" + name)
              .nonroot());
    }
    images.add(
        ImageSpec.of(clusterApi(), "/manager", tools.binary("capi", "core"))
            .entrypoint("/manager")
            .nonroot());
    images.add(
        ImageSpec.of(
                envoyGateway(), "/usr/local/bin/envoy-gateway", tools.binary("eg", "envoy-gateway"))
            .entrypoint("/usr/local/bin/envoy-gateway")
            .on(system)
            .nonroot());
    images.add(
        ImageSpec.of(envoy(), "/usr/local/bin/envoy", tools.envoy())
            .entrypoint("/usr/local/bin/envoy")
            .on(system)
            .nonroot());
    images.add(
        ImageSpec.of(
                volumeProvisioner(),
                "/local-path-provisioner",
                tools.binary("lpp", "local-path-provisioner"))
            .entrypoint("/local-path-provisioner"));
    images.add(
        ImageSpec.of(toolbox(), "/usr/local/bin/kubectl", tools.binary("k8s", "kubectl"))
            .on(system));
    return images;
  }

  private String kubeadmImage(String name) {
    return kubeadmWants.stream()
        .filter(reference -> reference.contains("/" + name + ":"))
        .findFirst()
        .orElseThrow(() ->
            new BedException("kubeadm wants no image called %s: %s".formatted(name, kubeadmWants)));
  }
}
