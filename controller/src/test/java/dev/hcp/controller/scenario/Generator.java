package dev.hcp.controller.scenario;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.function.Supplier;

/**
 * Makes control planes at random, the same ones from the same seed. Not all of them are valid: that
 * is for the rules to say.
 */
public final class Generator {
  /** Longest name of a Cluster; one more is tried too. */
  private static final int LONGEST_NAME = 47;

  private final Random random;

  /** A generator of its own seed. */
  public Generator(long seed) {
    random = new Random(seed);
  }

  /** Everything that a pass sees once the load balancer and cert-manager have answered. */
  public Scenario scenario() {
    var cluster =
        label(oneOf(1, 5, LONGEST_NAME - 1, LONGEST_NAME, LONGEST_NAME, LONGEST_NAME + 1));
    var namespace = label(oneOf(1, 8, 63));
    boolean ipv6 = chance(4);
    var scenario =
        Scenario.of(
            """
            apiVersion: cluster.x-k8s.io/v1beta2
            kind: Cluster
            metadata: {name: "%1$s", namespace: "%2$s"}
            spec:
              controlPlaneRef:
                {apiGroup: controlplane.cluster.x-k8s.io, kind: HostedControlPlane, name: plane}
            ---
            apiVersion: controlplane.cluster.x-k8s.io/v1alpha1
            kind: HostedControlPlane
            metadata:
              name: plane
              namespace: "%2$s"
              uid: 00000000-0000-0000-0000-000000000001
              generation: 3
              ownerReferences:
                - {apiVersion: cluster.x-k8s.io/v1beta2, kind: Cluster, name: "%1$s", uid: "2"}
            spec:
              version: v1.36.3
              gateway: {name: capi, namespace: gateways}
            ---
            apiVersion: gateway.networking.k8s.io/v1
            kind: Gateway
            metadata: {name: capi, namespace: gateways}
            spec:
              gatewayClassName: eg
              listeners:
                - name: tls
                  port: %3$d
                  protocol: TLS
                  hostname: "*.example.test"
                  tls: {mode: Passthrough}
                  allowedRoutes: {namespaces: {from: All}}
            status:
              conditions: [{type: Programmed, status: "True", reason: Programmed, message: ""}]
            ---
            apiVersion: v1
            kind: Service
            metadata: {name: "s-%1$s", namespace: "%2$s"}
            spec: {type: LoadBalancer, clusterIPs: ["%4$s"]}
            status:
              loadBalancer:
                ingress: [{ip: "%4$s"}]
            """
                .formatted(
                    cluster,
                    namespace,
                    oneOf(443, 6443, 65_535),
                    ipv6 ? "2001:db8::1" : "192.0.2.1"));
    for (var name :
        List.of("ca", "etcd-ca", "front-proxy-ca", "admin", "control-plane-controller")) {
      scenario.with(secret(cluster + "-" + name, namespace, "{tls.crt: Y2VydA==, tls.key: a2V5}"));
    }
    if (chance(2)) {
      scenario.with(secret(cluster + "-sa", namespace, "{tls.crt: cHViCg==, tls.key: a2V5}"));
    }
    scenario.with(secret(cluster + "-ca-bundle", namespace, "{ca.crt: Y2VydA==}"));
    scenario.with(secret("given-env", namespace, "{k: dg==}"));
    scenario.clusterSpec(Manifests.write(clusterSpec(ipv6)));
    var spec = spec();
    scenario.spec(Manifests.write(spec));
    mounted(spec).forEach(object -> scenario.with(object.formatted(namespace)));
    return scenario;
  }

  /** The objects that are mounted, with {@code %s} in place of their namespace. */
  private static List<String> mounted(Map<String, Object> spec) {
    var objects = new ArrayList<String>();
    if (spec.get("deployment") instanceof Map<?, ?> deployment
        && deployment.get("apiServer") instanceof Map<?, ?> apiServer
        && apiServer.get("mounts") instanceof Map<?, ?> mounts) {
      for (var mount : mounts.values()) {
        if (mount instanceof Map<?, ?> source && source.get("secret") instanceof Map<?, ?> secret) {
          objects.add(secret(String.valueOf(secret.get("secretName")), "%s", "{}"));
        } else if (mount instanceof Map<?, ?> source
            && source.get("configMap") instanceof Map<?, ?> map) {
          objects.add(
              """
              apiVersion: v1
              kind: ConfigMap
              metadata: {name: "%s", namespace: "%%s"}
              """
                  .formatted(map.get("name")));
        }
      }
    }
    return objects;
  }

  /** The same value with the entries of all maps in another order. */
  public Object shuffled(Object value) {
    return switch (value) {
      case Map<?, ?> map -> {
        var entries = new ArrayList<>(map.entrySet());
        java.util.Collections.shuffle(entries, random);
        var shuffled = new LinkedHashMap<String, Object>();
        entries.forEach(e -> shuffled.put(String.valueOf(e.getKey()), shuffled(e.getValue())));
        yield shuffled;
      }
      case List<?> list -> list.stream().map(this::shuffled).toList();
      default -> value;
    };
  }

  private static String secret(String name, String namespace, String data) {
    return """
    apiVersion: v1
    kind: Secret
    metadata: {name: "%s", namespace: "%s"}
    data: %s
    """
        .formatted(name, namespace, data);
  }

  private Map<String, Object> clusterSpec(boolean ipv6) {
    var network = new LinkedHashMap<String, Object>();
    if (ipv6) {
      put(network, "services", () -> ranges("fd00:1::/108", "10.96.0.0/12"));
      network.putIfAbsent("services", Map.of("cidrBlocks", List.of("fd00:2::/112")));
    } else {
      maybe(network, "services", () -> ranges("10.128.0.0/16", "fd00:1::/108"));
    }
    maybe(network, "pods", () -> ranges("10.0.0.0/8", "fd00:3::/48"));
    maybe(network, "serviceDomain", () -> oneOf("cluster.local", "a.b", ""));
    var spec = new LinkedHashMap<String, Object>();
    put(spec, "clusterNetwork", () -> network);
    maybe(spec, "controlPlaneEndpoint", () -> Map.of("host", "a.example.test", "port", 8443));
    maybe(
        spec,
        "infrastructureRef",
        () -> Map.of("apiGroup", "infrastructure.example.test", "kind", "Infra", "name", "i"));
    return spec;
  }

  private Map<String, Object> ranges(String first, String second) {
    return Map.of("cidrBlocks", chance(2) ? List.of(first) : List.of(first, second));
  }

  private Map<String, Object> spec() {
    var spec = new LinkedHashMap<String, Object>();
    put(
        spec,
        "version",
        () -> oneOf("v1.31.0", "1.36", "v1.33.9-rc.1+x.2", "v1.37.11", "v1.34.2", "v1.30.1", "x"));
    maybe(spec, "replicas", () -> oneOf(0, 1, 2, 3, 9));
    maybe(spec, "deployment", this::deployment);
    maybe(spec, "etcd", this::etcd);
    maybe(spec, "certificates", this::certificates);
    maybe(spec, "controlPlaneEndpoint", () -> Map.of("host", "b.example.test", "port", 443));
    maybe(spec, "networkPolicy", this::networkPolicy);
    maybe(spec, "oidcProviders", this::oidcProviders);
    maybe(spec, "images", this::images);
    maybe(spec, "encryptionAtRest", this::encryptionAtRest);
    maybe(spec, "rotation", this::rotation);
    maybe(spec, "kubeProxy", this::kubeProxy);
    maybe(spec, "coredns", this::replicated);
    maybe(spec, "konnectivityClient", this::replicated);
    maybe(spec, "kubeconfigs", this::kubeconfigs);
    return spec;
  }

  private Map<String, Object> images() {
    var images = new LinkedHashMap<String, Object>();
    maybe(images, "registry", () -> oneOf("mirror.example.test:5000/kubernetes", "mirror"));
    maybe(images, "pullSecrets", this::secrets);
    return images;
  }

  private Map<String, Object> kubeProxy() {
    var pod = pod();
    maybe(pod, "affinity", () -> Map.of("nodeAffinity", nodeAffinity()));
    return pod;
  }

  private Map<String, Object> replicated() {
    var pod = placedPod();
    maybe(pod, "replicas", () -> oneOf(1, 2, 3));
    return pod;
  }

  private Map<String, Object> networkPolicy() {
    var settings = new LinkedHashMap<String, Object>();
    maybe(settings, "disabled", () -> chance(4));
    maybe(
        settings,
        "metricsNamespaces",
        () ->
            oneOf(
                List.of(),
                List.of("monitoring"),
                List.of("observability", "monitoring"),
                List.of("Not valid")));
    return settings;
  }

  private Map<String, Object> encryptionAtRest() {
    var settings = new LinkedHashMap<String, Object>();
    maybe(settings, "disabled", () -> chance(3));
    maybe(
        settings,
        "resources",
        () -> oneOf(List.of(), List.of("secrets"), List.of("configmaps", "widgets.example.com")));
    return settings;
  }

  private Map<String, Object> rotation() {
    var settings = new LinkedHashMap<String, Object>();
    maybe(settings, "encryptionKey", () -> oneOf("1", "2026-11-30"));
    maybe(settings, "serviceAccountKey", () -> oneOf("1", "2026-11-30"));
    maybe(settings, "serviceAccountKeyRetention", () -> oneOf("0s", "24h"));
    maybe(settings, "etcdCA", () -> oneOf("1", "2026-11-30"));
    maybe(settings, "frontProxyCA", () -> oneOf("1", "2026-11-30"));
    return settings;
  }

  private List<Map<String, Object>> kubeconfigs() {
    var entry = new LinkedHashMap<String, Object>();
    put(entry, "name", () -> chance(40) ? "a-client" : oneOf("a", "viewer", "b".repeat(63)));
    put(
        entry,
        "user",
        () -> chance(40) ? "system:admin" : oneOf("jane@example.com", "CN=a, b", "x".repeat(64)));
    maybe(entry, "groups", () -> oneOf(List.of(), List.of("team:a", "team:b")));
    maybe(entry, "duration", () -> oneOf("1h", "1h0m0.5s"));
    maybe(entry, "server", () -> oneOf("Public", "Internal"));
    return chance(2) ? List.of(entry) : List.of(entry, Map.of("name", "z", "user", "z"));
  }

  private Map<String, Object> oidcProviders() {
    return Map.of(
        oneOf(
            "https://login.example.com/realm",
            "https://192.0.2.7:8443",
            "https://[2001:db8::7]",
            "https://dex.auth.svc:5556/dex",
            "http://login.example.com"),
        Map.of(
            "audiences",
            List.of("a"),
            "claimMappings",
            Map.of("username", oneOf("claims.sub", "'\"' + claims.sub + '\\n'", "claims.email"))));
  }

  private Map<String, Object> deployment() {
    var deployment = new LinkedHashMap<String, Object>();
    maybe(
        deployment,
        "apiServer",
        () -> {
          var pod = placedPod();
          maybe(pod, "mounts", this::mounts);
          maybe(pod, "konnectivity", this::container);
          maybe(pod, "audit", this::audit);
          return pod;
        });
    maybe(deployment, "controllerManager", this::follower);
    maybe(deployment, "scheduler", this::follower);
    return deployment;
  }

  private Map<String, Object> audit() {
    var audit = new LinkedHashMap<String, Object>();
    put(audit, "policy", () -> Map.of("rules", List.of(Map.of("level", "Metadata"))));
    maybe(
        audit,
        "webhook",
        () -> {
          var webhook = container();
          webhook.remove("args");
          maybe(webhook, "args", () -> Map.of("timeout", oneOf("1", "25", "26")));
          put(
              webhook,
              "targets",
              () -> oneOf(List.of(target()), List.of(target(), target(), target())));
          return webhook;
        });
    maybe(audit, "mode", () -> oneOf("batch", "blocking", "blocking-strict"));
    return audit;
  }

  private Map<String, Object> target() {
    var target = new LinkedHashMap<String, Object>();
    put(
        target,
        "server",
        () ->
            oneOf(
                "https://audit.example.com/events",
                "https://audit.example.com:8443",
                "http://192.0.2.8",
                "http://sink.security.svc",
                "http://localhost:8080"));
    maybe(target, "authentication", () -> Map.of("secretName", oneOf("given-a", "given-b")));
    return target;
  }

  private Map<String, Object> follower() {
    var pod = placedPod();
    maybe(pod, "replicas", () -> oneOf(0, 1, 2, 3));
    return pod;
  }

  private Map<String, Object> etcd() {
    var etcd = placedPod();
    maybe(etcd, "replicas", () -> oneOf(1, 2, 3, 5));
    maybe(etcd, "storageClassName", () -> oneOf("fast", "", "a.b"));
    if (chance(2)) {
      put(etcd, "autoGrow", () -> chance(4));
      maybe(etcd, "volumeSize", () -> oneOf("10Gi", "0", "1.5Gi", "-1Gi", "5e9"));
    }
    return etcd;
  }

  private Map<String, Object> certificates() {
    var certificates = new LinkedHashMap<String, Object>();
    maybe(certificates, "rootCaCertificateDuration", () -> oneOf("87600h", "2160h", "1h", "3h30m"));
    maybe(certificates, "caCertificateDuration", () -> oneOf("43800h", "48h", "2h"));
    maybe(certificates, "leafCertificateDuration", () -> oneOf("1h", "720h", "59m", "1h0m0.5s"));
    return certificates;
  }

  private Map<String, Object> pod() {
    var pod = container();
    maybe(pod, "priorityClassName", () -> oneOf("system-cluster-critical", "high"));
    maybe(pod, "nodeSelector", () -> entries("example.com/role", "zone", "a", "b"));
    maybe(pod, "podLabels", () -> entries("team", "app.kubernetes.io/name", "example.com/a"));
    maybe(pod, "podAnnotations", () -> entries("contact", "example.com/b", "c"));
    maybe(pod, "imagePullSecrets", this::secrets);
    if (chance(300)) {
      put(
          pod,
          oneOf("podLabels", "podAnnotations", "nodeSelector"),
          () ->
              oneOf(
                  Map.of("Not valid", "a"),
                  Map.of("app.kubernetes.io/component", "etcd"),
                  Map.of("controlplane.cluster.x-k8s.io/version", "v1"),
                  Map.of("kubernetes.io/os", "linux")));
    }
    return pod;
  }

  /** A pod that is not one of each node. */
  private Map<String, Object> placedPod() {
    var pod = pod();
    maybe(
        pod,
        "tolerations",
        () ->
            oneOf(
                List.of(),
                List.of(Map.of("operator", "Exists")),
                List.of(
                    Map.of("key", "a", "value", "", "operator", ""),
                    Map.of("key", "b", "operator", "Exists", "effect", "NoSchedule"))));
    maybe(pod, "affinity", this::affinity);
    maybe(pod, "topologySpreadConstraints", this::constraints);
    return pod;
  }

  private Map<String, Object> affinity() {
    var affinity = new LinkedHashMap<String, Object>();
    maybe(affinity, "nodeAffinity", this::nodeAffinity);
    for (var kind : List.of("podAffinity", "podAntiAffinity")) {
      maybe(
          affinity,
          kind,
          () -> {
            var term = new LinkedHashMap<String, Object>();
            put(term, "topologyKey", () -> oneOf("zone", "kubernetes.io/hostname"));
            put(term, "labelSelector", () -> Map.of("matchLabels", entries("team", "a", "b")));
            maybe(term, "namespaceSelector", Map::of);
            return Map.of("requiredDuringSchedulingIgnoredDuringExecution", List.of(term));
          });
    }
    return affinity;
  }

  private Map<String, Object> nodeAffinity() {
    var term =
        Map.of(
            "matchExpressions",
            List.of(Map.of("key", "a", "operator", "In", "values", List.of("b"))));
    return oneOf(
        Map.of(),
        Map.of(
            "requiredDuringSchedulingIgnoredDuringExecution",
            Map.of("nodeSelectorTerms", List.of(term))),
        Map.of(
            "preferredDuringSchedulingIgnoredDuringExecution",
            List.of(Map.of("weight", 1 + random.nextInt(100), "preference", term))));
  }

  private List<Map<String, Object>> constraints() {
    var constraints = new ArrayList<Map<String, Object>>();
    for (var topology : List.of("kubernetes.io/hostname", "rack")) {
      if (chance(2)) {
        var constraint = new LinkedHashMap<String, Object>();
        put(constraint, "topologyKey", () -> topology);
        put(constraint, "maxSkew", () -> oneOf(1, 3));
        put(constraint, "whenUnsatisfiable", () -> oneOf("DoNotSchedule", "ScheduleAnyway"));
        maybe(constraint, "labelSelector", () -> Map.of("matchLabels", entries("team", "a")));
        constraints.add(constraint);
      }
    }
    return constraints;
  }

  private List<Map<String, String>> secrets() {
    return oneOf(
        List.of(),
        List.of(Map.of("name", "b"), Map.of("name", "a")),
        List.of(Map.of("name", "given-c")));
  }

  /** Some of the keys, with values. */
  private Map<String, String> entries(String... keys) {
    var entries = new LinkedHashMap<String, String>();
    for (var key : keys) {
      if (chance(2)) {
        entries.put(key, oneOf("", "x", "Y.z"));
      }
    }
    return entries;
  }

  private List<Map<String, Object>> env() {
    var env = new ArrayList<Map<String, Object>>();
    for (var name : List.of("GOMAXPROCS", "https_proxy", "A.b")) {
      if (chance(2)) {
        env.add(
            chance(2)
                ? Map.of("name", name, "value", oneOf("", "2"))
                : Map.of(
                    "name",
                    name,
                    "valueFrom",
                    oneOf(
                        Map.of("secretKeyRef", Map.of("name", "given-env", "key", "k")),
                        Map.of("resourceFieldRef", Map.of("resource", "limits.cpu")),
                        Map.of("fieldRef", Map.of("fieldPath", "status.podIP")))));
      }
    }
    if (chance(100)) {
      env.add(Map.of("name", oneOf("POD_NAME", "NODE_NAME", "ETCD_NAME", "not valid")));
    }
    return env;
  }

  private Map<String, Object> container() {
    var container = new LinkedHashMap<String, Object>();
    maybe(
        container,
        "image",
        () -> {
          var image = new LinkedHashMap<String, Object>();
          maybe(image, "registry", () -> oneOf("", "registry.example.test:5000/a"));
          maybe(image, "repository", () -> oneOf("b/c", "d"));
          maybe(image, "tag", () -> oneOf("v1", "1.2.3-4"));
          if (chance(4)) {
            put(image, "digest", () -> "sha256:" + "0123456789abcdef".repeat(4));
          }
          return image;
        });
    maybe(container, "imagePullPolicy", () -> oneOf("Always", "IfNotPresent", "Never"));
    maybe(container, "args", this::args);
    maybe(container, "resources", this::resources);
    maybe(container, "env", this::env);
    return container;
  }

  private Map<String, Object> args() {
    var args = new LinkedHashMap<String, Object>();
    for (int i = random.nextInt(6); i > 0; i--) {
      put(
          args,
          oneOf(
              "v",
              "feature-gates",
              "leader-elect",
              "leader_elect",
              "authorization-mode",
              "authorization_mode",
              "enable_admission_plugins",
              "trusted-ca-file",
              "client_ca-file",
              "quota-backend-bytes",
              "--v",
              "x." + label(3)),
          () -> oneOf("", "false", "a=b,c=d", "/etc/passwd", "4"));
    }
    return args;
  }

  private Map<String, Object> resources() {
    var resources = new LinkedHashMap<String, Object>();
    for (var kind : List.of("requests", "limits")) {
      maybe(
          resources,
          kind,
          () -> {
            var quantities = new LinkedHashMap<String, Object>();
            maybe(quantities, "memory", () -> oneOf("1Gi", "64Mi", "2G"));
            maybe(quantities, "cpu", () -> oneOf("1", "100m", "2.5"));
            maybe(quantities, "ephemeral-storage", () -> chance(40) ? "-1" : "1Gi");
            return quantities;
          });
    }
    return resources;
  }

  private Map<String, Object> mounts() {
    var mounts = new LinkedHashMap<String, Object>();
    for (int i = random.nextInt(5); i > 0; i--) {
      var mount = new LinkedHashMap<String, Object>();
      put(
          mount,
          "path",
          () ->
              oneOf(
                  "/extra",
                  "/extra/",
                  "/etc/kubernetes/extra/" + label(2),
                  "/data/" + label(2),
                  "/data/" + label(3),
                  "/data/" + label(4),
                  "/data/" + label(5),
                  "/data/" + label(6),
                  "/data/" + label(7),
                  "/data/" + label(8),
                  "/etc/kubernetes",
                  "/etc/kubernetes/pki/x",
                  "/run/konnectivity",
                  "/"));
      if (chance(2)) {
        put(mount, "secret", () -> Map.of("secretName", "given-" + label(3)));
      } else {
        put(mount, "configMap", () -> Map.of("name", "given-" + label(3), "defaultMode", 288));
      }
      put(
          mounts,
          oneOf("a", "tmp", label(63), label(2), label(3), label(4), "konnectivity-uds"),
          () -> mount);
    }
    return mounts;
  }

  private String label(int length) {
    var text = new StringBuilder();
    for (int i = 0; i < length; i++) {
      boolean inside = i > 0 && i < length - 1;
      text.append((inside ? "ab1-" : "ab1").charAt(random.nextInt(inside ? 4 : 3)));
    }
    return text.toString();
  }

  private boolean chance(int oneIn) {
    return random.nextInt(oneIn) == 0;
  }

  @SafeVarargs
  private <T> T oneOf(T... values) {
    return values[random.nextInt(values.length)];
  }

  private void maybe(Map<String, Object> map, String key, Supplier<?> value) {
    if (chance(2)) {
      put(map, key, value);
    }
  }

  private static void put(Map<String, Object> map, String key, Supplier<?> value) {
    map.put(key, value.get());
  }
}
