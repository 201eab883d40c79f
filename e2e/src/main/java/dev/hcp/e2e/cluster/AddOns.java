package dev.hcp.e2e.cluster;

import dev.hcp.e2e.BedException;
import dev.hcp.e2e.Progress;
import dev.hcp.e2e.image.BedImages;
import dev.hcp.e2e.machine.BedNetwork;
import dev.hcp.e2e.process.Command;
import dev.hcp.e2e.process.Wait;
import dev.hcp.e2e.store.BedFolder;
import dev.hcp.e2e.store.Cache;
import dev.hcp.e2e.store.FileTrees;
import dev.hcp.e2e.store.SourceTree;
import dev.hcp.e2e.store.Template;
import dev.hcp.e2e.tools.Toolbox;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Map;

/**
 * What a management cluster has before the provider comes: names, volumes, certificates, a Gateway,
 * Cluster API.
 */
public final class AddOns {
  /** The wildcard domain under which hosted clusters are reached; it exists only inside the bed. */
  public static final String DOMAIN = "hcp.example.test";

  private static final Duration READY_DEADLINE = Duration.ofMinutes(5);

  private final ManagementNode node;
  private final BedFolder folder;
  private final BedNetwork network;
  private final BedImages images;
  private final Toolbox tools;
  private final SourceTree source;
  private final Cache cache;
  private final Progress progress;

  /** What it needs to know of the bed it works for. */
  public AddOns(
      ManagementNode node,
      BedFolder folder,
      BedNetwork network,
      BedImages images,
      Toolbox tools,
      SourceTree source,
      Cache cache,
      Progress progress) {
    this.node = node;
    this.folder = folder;
    this.network = network;
    this.images = images;
    this.tools = tools;
    this.source = source;
    this.cache = cache;
    this.progress = progress;
  }

  /** DNS that knows the hosted clusters' host names, and volumes. */
  public void installBasics() {
    node.apply(
        Template.render(
            "cluster/dns.yaml",
            Map.of(
                "DOMAIN", DOMAIN,
                "DOMAIN_PATTERN", DOMAIN.replace(".", "\\."),
                "GATEWAY_ADDRESS", network.gateway(),
                "DNS_ADDRESS", network.dns())),
        folder.log("dns"));
    node.apply(
        Template.render(
            "cluster/storage.yaml",
            Map.of(
                "PROVISIONER_IMAGE", images.volumeProvisioner(),
                "HELPER_IMAGE", images.toolbox())),
        folder.log("storage"));
    node.waitForDeployments("kube-system", READY_DEADLINE);
    node.waitForDeployments("local-path-storage", READY_DEADLINE);
    progress.say("DNS and volumes ready");
  }

  /**
   * Waits until Services can be reached, without which every pod's first attempt fails and backs
   * off.
   */
  public void waitForServiceNetwork() {
    node.kubectl("rollout", "status", "daemonset/kube-proxy", "-n", "kube-system")
        .with(timeout())
        .within(READY_DEADLINE.plusSeconds(10))
        .log(folder.log("kube-proxy"))
        .check();
  }

  /** cert-manager, with its webhook. */
  public void installCertManager() {
    var version = images.certManagerVersion();
    var chart =
        tools
            .module("cert-manager")
            .sourceOf("github.com/cert-manager/cert-manager")
            .resolve("deploy/charts/cert-manager");
    helmInstall("cert-manager", chart, "cert-manager")
        .with("--set", "crds.enabled=true,startupapicheck.enabled=false")
        .with(
            "--set",
            "image.tag=%1$s,webhook.image.tag=%1$s,cainjector.image.tag=%1$s".formatted(version))
        .with("--set", "acmesolver.image.tag=" + version)
        .log(folder.log("cert-manager"))
        .check();
    node.waitForDeployments("cert-manager", READY_DEADLINE);
    progress.say("cert-manager %s ready".formatted(version));
  }

  /**
   * Envoy Gateway with a class for Gateways, and the sample's Gateway: what users are shown is what
   * is tested.
   */
  public void installGateway() {
    helmInstall("eg", gatewayChart(), "envoy-gateway-system")
        .with("--set", "deployment.envoyGateway.resources.requests.cpu=10m")
        // It is alone, and on a busy machine it would lose a Lease that nobody else wants.
        .with("--set", "config.envoyGateway.provider.kubernetes.leaderElection.disable=true")
        .log(folder.log("envoy-gateway"))
        .check();
    node.apply(
        Template.render(
            "cluster/gateway-class.yaml",
            Map.of("ENVOY_IMAGE", images.envoy(), "GATEWAY_ADDRESS", network.gateway())),
        folder.log("envoy-gateway"));
    node.apply(read(source.samples().resolve("gateway.yaml")), folder.log("envoy-gateway"));
    node.waitForDeployments("envoy-gateway-system", READY_DEADLINE);
    node.kubectl("wait", "gateway", "--all", "--all-namespaces", "--for=condition=Programmed")
        .with(timeout())
        .within(READY_DEADLINE.plusSeconds(10))
        .log(folder.log("envoy-gateway"))
        .check();
    // Only now does the Deployment of Envoy itself exist for sure.
    node.waitForDeployments("envoy-gateway-system", READY_DEADLINE);
    progress.say("Gateway programmed on %s".formatted(network.gateway()));
  }

  /** Cluster API core, by clusterctl from the module's own manifests. */
  public void installClusterApi() {
    var version = images.clusterApiVersion();
    var module = tools.module("capi").sourceOf("sigs.k8s.io/cluster-api");
    var manifest =
        Command.of(
                tools.binary("k8s", "kubectl").toString(),
                "kustomize",
                module.resolve("core/config/default").toString())
            .output()
            .replaceAll(
                "image: gcr\\.io/k8s-staging-cluster-api/\\S+", "image: " + images.clusterApi())
            .replace("imagePullPolicy: Always", "imagePullPolicy: IfNotPresent");
    var place = folder.repository().resolve("cluster-api").resolve(version);
    folder.write(place.resolve("core-components.yaml"), manifest);
    folder.write(place.resolve("metadata.yaml"), read(module.resolve("metadata.yaml")));
    folder.write(
        folder.xdg().resolve("cluster-api/clusterctl.yaml"),
        Template.render(
            "cluster/clusterctl.yaml",
            Map.of(
                "REPOSITORY", folder.repository().toUri().toString().replaceAll("/$", ""),
                "CLUSTER_API_VERSION", version,
                "PROVIDER_VERSION", source.version())));
    var init =
        node.command("clusterctl", "init", "--core", "cluster-api:" + version)
            .with(
                "--bootstrap",
                "-",
                "--control-plane",
                "-",
                "--infrastructure",
                "-",
                "--wait-providers")
            .log(folder.log("cluster-api"));
    // cert-manager's webhook may need a moment after its pods are ready; clusterctl gives up at
    // once.
    Wait.until(
        "clusterctl init of Cluster API %s succeeds".formatted(version),
        READY_DEADLINE,
        () -> isInstalled("capi-system") || init.run().succeeded(),
        () -> "log: %s".formatted(folder.log("cluster-api")));
    node.waitForDeployments("capi-system", READY_DEADLINE);
    progress.say("Cluster API %s ready".formatted(version));
  }

  private boolean isInstalled(String namespace) {
    return node.kubectl("get", "namespace", namespace, "--ignore-not-found", "-o", "name")
            .output()
            .contains(namespace)
        && node.kubectl(
                "get", "providers.clusterctl.cluster.x-k8s.io", "-n", namespace, "-o", "name")
            .run()
            .output()
            .contains("cluster-api");
  }

  private Command helmInstall(String release, Path chart, String namespace) {
    return node.command("helm", "upgrade", "--install", release, chart.toString())
        .with("--namespace", namespace, "--create-namespace")
        .within(READY_DEADLINE);
  }

  /** The chart with its template of values filled in, which its own release process does. */
  private Path gatewayChart() {
    var module = tools.module("eg");
    var name = "github.com/envoyproxy/gateway";
    return cache.once(
        cache.entry("charts", "gateway-" + module.versionOf(name)),
        partial -> {
          FileTrees.copy(module.sourceOf(name).resolve("charts/gateway-helm"), partial);
          var template = partial.resolve("values.tmpl.yaml");
          Files.writeString(
              partial.resolve("values.yaml"),
              Files.readString(template)
                  .replace("${GatewayImage}", images.envoyGateway())
                  .replace("${GatewayImagePullPolicy}", "IfNotPresent"));
          Files.delete(template);
        });
  }

  private static String timeout() {
    return "--timeout=%ds".formatted(READY_DEADLINE.toSeconds());
  }

  private static String read(Path file) {
    try {
      return Files.readString(file);
    } catch (IOException e) {
      throw new BedException("cannot read %s: %s".formatted(file, e.getMessage()), e);
    }
  }
}
