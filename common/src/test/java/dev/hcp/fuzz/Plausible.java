package dev.hcp.fuzz;

import dev.hcp.flags.FlagTable;
import dev.hcp.flags.Program;
import dev.hcp.flags.Ruling;
import dev.hcp.flags.Rulings;
import dev.hcp.version.VersionTable;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/** Values that users would write, by the path of the field. */
final class Plausible {
  static final String CERTIFICATE =
      """
      -----BEGIN CERTIFICATE-----
      MIIBkTCCATegAwIBAgIUAwuHZTybDly++XY1av7NmzJT4YYwCgYIKoZIzj0EAwIw
      HTEbMBkGA1UEAwwSaXNzdWVyLmV4YW1wbGUuY29tMCAXDTI2MTEyMzAwMTY1NloY
      DzIxMjYxMDMwMDAxNjU2WjAdMRswGQYDVQQDDBJpc3N1ZXIuZXhhbXBsZS5jb20w
      WTATBgcqhkjOPQIBBggqhkjOPQMBBwNCAARnW2J5LsNN/uL2ReFyVDAVf76Uks9I
      MfTD0NB4S2MkuXi3/Yyq1fx1/ePwnF9tmfkSFmYexY/J2AJGC8MwijpMo1MwUTAd
      BgNVHQ4EFgQUDRoMPmVAy37uIQnGdYzFR9XAZW0wHwYDVR0jBBgwFoAUDRoMPmVA
      y37uIQnGdYzFR9XAZW0wDwYDVR0TAQH/BAUwAwEB/zAKBggqhkjOPQQDAgNIADBF
      AiEAp3cl0SqUODpq4XnNuCmoKBdaZjNGrf1cgukBCz9Q+z8CIEVEKcAqQVdpylsO
      c70/MFGF8DwSL9iCqC14zkdq8LTs
      -----END CERTIFICATE-----
      """;

  private static final Set<String> NEVER_EMPTY =
      Set.of("nodeSelectorTerms", "targets", "rules", "audiences", "values", "ipFamilies");

  private static final Map<String, Program> PROGRAMS =
      Map.of(
          "apiServer", Program.KUBE_APISERVER,
          "konnectivity", Program.KONNECTIVITY_SERVER,
          "controllerManager", Program.KUBE_CONTROLLER_MANAGER,
          "scheduler", Program.KUBE_SCHEDULER,
          "konnectivityClient", Program.KONNECTIVITY_AGENT,
          "kubeProxy", Program.KUBE_PROXY,
          "coredns", Program.COREDNS,
          "etcd", Program.ETCD);

  private Plausible() {}

  /** Whether a list needs an entry, whatever the schema says. */
  static boolean isNeverEmpty(String path) {
    return NEVER_EMPTY.contains(last(path));
  }

  /** Whether an object makes no sense without a field that is optional. */
  static boolean isWanted(String path, String name) {
    return switch (name) {
      case "operator", "topologyKey", "whenUnsatisfiable", "maxSkew", "secretName" -> true;
      case "name" -> !path.endsWith(".claims[]");
      case "key" -> !path.endsWith("tolerations[]");
      case "path", "preference", "podAffinityTerm", "weight" -> true;
      default -> false;
    };
  }

  /** A key of a map. */
  static String key(Chance chance, String path) {
    return switch (last(path)) {
      case "args" -> flag(chance, path);
      case "oidcProviders" -> "https://%s.example.com/realm".formatted(chance.name());
      case "mounts" -> chance.name();
      case "limits", "requests" ->
          chance.oneOf(
              "cpu",
              "memory",
              "ephemeral-storage",
              "hugepages-2Mi",
              "hugepages-1Gi",
              "nvidia.com/gpu",
              "example.com/device");
      default -> label(chance);
    };
  }

  /** The value of a flag. */
  static String argument(Chance chance, String path, String flag) {
    if (path.contains(".audit.webhook.")) {
      return switch (flag) {
        case "buffer" -> chance.oneOf("12", "64", "999");
        case "timeout" -> chance.oneOf("1", "25");
        default -> chance.oneOf("debug", "info");
      };
    }
    var entries = program(path).map(program -> entries(program, flag)).orElse(List.of());
    if (!entries.isEmpty()) {
      return chance.oneOf(entries);
    }
    var type =
        program(path)
            .flatMap(program ->
                FlagTable.of(program).releases().stream()
                    .flatMap(release -> FlagTable.of(program).type(flag, release).stream())
                    .findFirst())
            .orElse("string");
    return switch (type) {
      case "bool" -> chance.oneOf("true", "false");
      case "int", "int32", "int64", "Level", "uint", "uint16", "uint32", "uint64" ->
          chance.oneOf("0", "1", "4");
      case "duration" -> chance.oneOf("30s", "1m30s", "0");
      default -> chance.oneOf("", "a", "a=b,c=d", "/etc/kubernetes/extra/x", "10.0.0.1");
    };
  }

  /** A value of a scalar. */
  static Object value(Chance chance, String path, Map<String, Object> schema) {
    if (schema.get("enum") instanceof List<?> values) {
      return String.valueOf(chance.oneOf(values));
    }
    if (Boolean.TRUE.equals(schema.get("x-kubernetes-int-or-string"))) {
      return quantity(chance, path);
    }
    return switch (String.valueOf(schema.get("type"))) {
      case "boolean" -> chance.oneIn(2);
      case "integer" -> number(chance, path);
      default -> text(chance, path);
    };
  }

  /** A key of a label. */
  static String label(Chance chance) {
    return chance.oneOf("", "example.com/", "a.b-c.example/")
        + chance.oneOf("team", "Role", "a_b.c-%s".formatted(chance.letters(3)), chance.name());
  }

  private static Object quantity(Chance chance, String path) {
    if (path.endsWith(".volumeSize") || path.endsWith(".maxVolumeSize")) {
      return chance.oneOf("10Gi", "512Mi", "1e10", "2T", 600_000_000, "1.5Gi");
    }
    return switch (last(path)) {
      case "divisor" -> chance.oneOf("1", "0");
      default -> chance.oneOf("1", "500m", "2.5", "64Mi", "1Gi", "1e3", 2, "0", ".5", "1k", "1n");
    };
  }

  private static int number(Chance chance, String path) {
    return switch (last(path)) {
      case "defaultMode", "mode" -> chance.oneOf(0, 256, 288, 420, 511);
      case "port" -> chance.oneOf(1, 443, 6443, 65_535);
      case "gatewayPort" -> chance.oneOf(1, 20_000, 65_535);
      case "weight" -> chance.oneOf(1, 50, 100);
      case "tolerationSeconds" -> chance.oneOf(-1, 0, 300);
      case "replicas" ->
          path.endsWith("etcd.replicas") ? chance.oneOf(1, 3, 5) : chance.oneOf(1, 2, 3, 1000);
      default -> 1 + chance.below(3);
    };
  }

  private static String text(Chance chance, String path) {
    var name = last(path);
    return switch (name) {
      case "version" -> {
        var rows = VersionTable.rows();
        yield chance.oneOf("v", "") + "1.%d.%d".formatted(chance.oneOf(rows).minor(), 3);
      }
      case "apiVersion" -> path.contains(".audit.") ? "audit.k8s.io/v1" : "v1";
      case "kind" -> "Policy";
      case "host" ->
          chance.oneOf(
              "demo.example.test",
              "%s.clusters.example.test".formatted(chance.name()),
              "192.0.2.7",
              "2001:db8::7",
              longHost(chance));
      case "schedule" ->
          chance.oneOf(
              "@daily",
              "@hourly",
              "30 2 * * *",
              "0 0 1 1 *",
              "59 23 29 2 *",
              "* * * * 6",
              "*/15,59 8-18/2 1-7 * 1,3-5");
      case "timeZone" -> chance.oneOf("Europe/Berlin", "UTC", "America/St_Johns");
      case "encryptionKey", "serviceAccountKey" ->
          chance.oneOf("1", "2026-11-30", "2026-11-30T12:00:00Z", "a.b_c:d+e");
      case "serviceAccountKeyRetention" -> chance.oneOf("0s", "24h", "8784h");
      case "age" -> chance.oneOf("720h", "1h", "90m");
      case "rootCaCertificateDuration", "caCertificateDuration" ->
          chance.oneOf("87600h", "8760h30m", "43800h");
      case "leafCertificateDuration" -> chance.oneOf("2160h", "1h", "90m", "24h0m1.5s");
      case "corefile" -> chance.oneOf(".:53 {\n  health\n  ready\n}\n", ".:53 {\n import x\n}");
      case "registry" ->
          chance.oneOf("registry.example.com", "registry.example.com:5000/mirror", "a.b/c_d");
      case "repository" -> chance.oneOf("kubernetes/kube-apiserver", "a", "a/b-c/d__e");
      case "tag" -> chance.oneOf("v1", "1.2.3-4", "latest");
      case "digest" -> "sha256:" + "0123456789abcdef".repeat(4);
      case "server" ->
          chance.oneOf(
              "https://audit.example.com/events", "https://192.0.2.9:8443", "http://a/b?c");
      case "certificateAuthority" -> CERTIFICATE;
      case "audiences[]" -> chance.name();
      case "username" -> chance.oneOf("claims.sub", "'oidc:' + claims.sub", "claims.name");
      case "groups" -> chance.oneOf("claims.groups", "[claims.team]", "claims.roles.split(',')");
      case "expression" ->
          chance.oneOf(
              "claims.email_verified == true",
              "claims.aud == '%s'".formatted(chance.name()),
              "claims.exp - claims.nbf <= %d".formatted(chance.below(9999)),
              "has(claims.team)");
      case "message" -> chance.oneOf("not allowed", "", "nein: ä\n");
      case "fieldPath" ->
          chance.oneOf("metadata.name", "status.podIP", "metadata.labels['team']", "spec.nodeName");
      case "resource" -> chance.oneOf("limits.cpu", "requests.memory", "limits.ephemeral-storage");
      case "effect" -> chance.oneOf("NoSchedule", "PreferNoSchedule", "NoExecute", "");
      case "operator" -> chance.oneOf("Exists", "Equal");
      case "omitStages[]" -> chance.oneOf("RequestReceived", "ResponseComplete");
      case "nonResourceURLs[]" -> chance.oneOf("*", "/healthz*", "/readyz", "/");
      case "verbs[]" -> chance.oneOf("get", "list", "watch", "create");
      case "resources[]" ->
          path.contains("encryptionAtRest")
              ? chance.oneOf("configmaps", "events", "secrets", "widgets.example.com")
              : chance.oneOf("pods", "pods/log", "*", "*/scale");
      case "group" -> chance.oneOf("", "apps", "rbac.authorization.k8s.io");
      case "loadBalancerClass" -> chance.oneOf("internal", "example.com/internal");
      case "loadBalancerSourceRanges[]" ->
          chance.oneOf("192.0.2.0/24", "2001:db8::/32", "0.0.0.0/0");
      case "matchLabelKeys[]" -> "match.example.com/" + chance.name();
      case "mismatchLabelKeys[]" -> "mismatch.example.com/" + chance.name();
      case "topologyKey" ->
          chance.oneOf("kubernetes.io/hostname", "topology.kubernetes.io/zone", label(chance));
      case "key" -> path.endsWith("KeyRef.key") ? secretKey(chance) : keyOf(chance, path);
      case "path" -> path.contains("items[]") ? file(chance) : "/data/" + chance.name();
      case "value" -> chance.oneOf("", "2", "some text", "a\tb\nc", "ä", "$(POD_IP)");
      case "name" ->
          path.contains(".env[]") && path.endsWith("env[].name") ? env(chance) : subdomain(chance);
      case "secretName", "storageClassName", "priorityClassName" -> subdomain(chance);
      case "podAnnotations{}", "annotations{}" -> chance.oneOf("", "true", "any: text\n", "ä");
      case "nodeSelector{}", "podLabels{}", "matchLabels{}", "labels{}", "values[]" ->
          chance.oneOf("", "a", "A.b_c-d");
      default -> name.endsWith("Key") ? secretKey(chance) : chance.name();
    };
  }

  /** What the list of a flag may consist of in every release. */
  private static List<String> entries(Program program, String flag) {
    var table = FlagTable.of(program);
    var never =
        Rulings.of(program, flag).orElse(null) instanceof Ruling.Names(_, var barred)
            ? barred.keySet()
            : Set.of();
    return table.entries(flag, table.releases()).stream()
        .filter(entry -> table.releasesWith(FlagTable.entry(flag, entry)).equals(table.releases()))
        .filter(entry -> !never.contains(entry))
        .map(entry -> flag.equals("feature-gates") ? entry + "=" + isOn(table, entry) : entry)
        .toList();
  }

  private static boolean isOn(FlagTable table, String gate) {
    return table.gate("feature-gates", gate, table.releases().getLast()).orElseThrow().on();
  }

  private static boolean isFree(Program program, String flag) {
    return switch (Rulings.of(program, flag).orElse(null)) {
      case null -> true;
      case Ruling.Names _, Ruling.Gates _ -> true;
      case Ruling.Ignored _, Ruling.Refused _, Ruling.Fixed _, Ruling.Kept _ -> false;
    };
  }

  private static String flag(Chance chance, String path) {
    if (path.contains(".audit.webhook.")) {
      return chance.oneOf("buffer", "timeout", "log-level");
    }
    var program = program(path).orElseThrow();
    var table = FlagTable.of(program);
    var newest = table.releases().getLast();
    var free =
        table.names(List.of(newest)).stream()
            .filter(flag -> table.releasesWith(flag).equals(table.releases()))
            .filter(flag -> isFree(program, flag))
            .toList();
    return free.isEmpty() ? "v" : chance.oneOf(free);
  }

  private static Optional<Program> program(String path) {
    var owner = path.substring(0, path.length() - ".args".length());
    return Optional.ofNullable(PROGRAMS.get(last(owner)));
  }

  private static String keyOf(Chance chance, String path) {
    if (path.contains("matchFields[]")) {
      return "metadata.name";
    }
    return path.contains("items[]") ? secretKey(chance) : label(chance);
  }

  private static String secretKey(Chance chance) {
    return chance.oneOf("a.", "b_", "C-") + chance.name();
  }

  private static String file(Chance chance) {
    return chance.oneOf("", "tls/", "a/b/") + chance.name();
  }

  private static String env(Chance chance) {
    return chance.oneOf("A_", "b.", "_") + chance.name().replace('-', '_');
  }

  private static String subdomain(Chance chance) {
    return chance.oneIn(20)
        ? "%s.%s.%s.%s"
            .formatted(
                chance.letters(63), chance.letters(63), chance.letters(63), chance.letters(61))
        : chance.oneOf("", "a.", "b-c.") + chance.name();
  }

  private static String longHost(Chance chance) {
    return "%s.%s.%s.%s.example.test"
        .formatted(chance.letters(63), chance.letters(63), chance.letters(63), chance.letters(35));
  }

  private static String last(String path) {
    return path.substring(path.lastIndexOf('.') + 1);
  }
}
