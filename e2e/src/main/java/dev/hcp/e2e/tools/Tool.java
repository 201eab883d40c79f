package dev.hcp.e2e.tools;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;

/**
 * Binaries that come from one folder of pins and are built together.
 *
 * @param name the folder below {@code e2e/tools}
 * @param packages what to build; {@code tool} stands for the tool lines of the {@code go.mod}
 * @param programs names of the binaries that come out
 * @param stamp the module whose version the binaries report, empty if they know it by themselves
 * @param variables Go variables to set, with {@code %s} in place of the version
 * @param tags build constraints that hold
 * @param tests programs that are a package's tests, with the package each comes from
 */
record Tool(
    String name,
    List<String> packages,
    List<String> programs,
    String stamp,
    Map<String, String> variables,
    List<String> tags,
    Map<String, String> tests) {

  /** What a control plane and its nodes run, but for the kubelet. */
  private static final List<String> CONTROL_PLANE =
      List.of("kube-apiserver", "kube-controller-manager", "kube-proxy", "kube-scheduler");

  private static final String BUILD_DATE = "2026-01-01T00:00:00Z";

  static Tool of(String name, String... programs) {
    return new Tool(name, List.of("tool"), List.of(programs), "", Map.of(), List.of(), Map.of());
  }

  Tool building(String... somePackages) {
    return new Tool(name, List.of(somePackages), programs, stamp, variables, tags, tests);
  }

  Tool stamped(String module, Map<String, String> moreVariables) {
    return new Tool(name, packages, programs, module, moreVariables, tags, tests);
  }

  Tool tagged(String... moreTags) {
    return new Tool(name, packages, programs, stamp, variables, List.of(moreTags), tests);
  }

  /** With the tests of {@code goPackage} as one more program. */
  Tool testing(String program, String goPackage) {
    return new Tool(
        name,
        packages,
        Stream.concat(programs.stream(), Stream.of(program)).toList(),
        stamp,
        variables,
        tags,
        Map.of(program, goPackage));
  }

  /** Everything that can be built. */
  static List<Tool> all() {
    return Stream.concat(ofEveryBed().stream(), onDemand().stream()).toList();
  }

  /** What only some beds need, and which takes long to build. */
  private static List<Tool> onDemand() {
    return List.of(
        Tool.of("cilium", "cilium-cni", "cilium-dbg", "daemon", "operator")
            .tagged("ipam_provider_operator", "osusergo")
            .stamped(
                "github.com/cilium/cilium",
                Map.of("github.com/cilium/cilium/pkg/version.ciliumVersion", "%NUMBER")),
        Tool.of("conformance", "agnhost", "ginkgo", "nonewprivs", "sample-apiserver")
            .testing("e2e.test", "k8s.io/kubernetes/test/e2e")
            .stamped("k8s.io/kubernetes", kubernetesVersion("k8s.io/component-base/version")),
        kubernetes("k8s-previous", CONTROL_PLANE),
        kubernetes("k8s-next", CONTROL_PLANE),
        Tool.of("metrics-server", "metrics-server"),
        // Only rules are checked, so it need not know how to discover what.
        Tool.of("prometheus", "promtool").tagged("remove_all_sd"));
  }

  /** What no bed can do without. */
  static List<Tool> ofEveryBed() {
    return List.of(
        Tool.of("pause", "pause").building("."),
        kubernetes(
            "k8s",
            Stream.concat(CONTROL_PLANE.stream(), Stream.of("kubeadm", "kubectl", "kubelet"))
                .toList()),
        Tool.of("etcd", "etcdctl", "etcdutl", "server"),
        Tool.of("konnectivity", "agent", "server"),
        Tool.of("coredns", "coredns"),
        Tool.of("cert-manager", "cainjector", "controller", "webhook")
            .building("./cainjector", "./controller", "./webhook"),
        Tool.of("lpp", "local-path-provisioner"),
        Tool.of("eg", "envoy-gateway")
            .stamped(
                "github.com/envoyproxy/gateway",
                Map.of(
                    "github.com/envoyproxy/gateway/internal/cmd/version.envoyGatewayVersion",
                    "%s")),
        Tool.of("capi", "clusterctl", "core")
            .building("sigs.k8s.io/cluster-api/cmd/clusterctl", "sigs.k8s.io/cluster-api/core")
            .stamped(
                "sigs.k8s.io/cluster-api", kubernetesVersion("sigs.k8s.io/cluster-api/version")),
        Tool.of("helm", "helm")
            .stamped("helm.sh/helm/v4", Map.of("helm.sh/helm/v4/internal/version.version", "%s")),
        Tool.of("versitygw", "versitygw"));
  }

  private static Tool kubernetes(String name, List<String> programs) {
    return Tool.of(name, programs.toArray(String[]::new))
        .stamped(
            "k8s.io/kubernetes",
            kubernetesVersion("k8s.io/component-base/version", "k8s.io/client-go/pkg/version"));
  }

  /** The variables that Kubernetes' own build sets, in {@code goPackages}. */
  private static Map<String, String> kubernetesVersion(String... goPackages) {
    var variables = new LinkedHashMap<String, String>();
    for (var goPackage : goPackages) {
      variables.put(goPackage + ".gitVersion", "%s");
      variables.put(goPackage + ".gitMajor", "%MAJOR");
      variables.put(goPackage + ".gitMinor", "%MINOR");
      // Clients put it into their user agent, and so into the audit log.
      variables.put(goPackage + ".gitCommit", "%s");
      variables.put(goPackage + ".gitTreeState", "clean");
      variables.put(goPackage + ".buildDate", BUILD_DATE);
    }
    return variables;
  }

  /**
   * The linker flags for the version {@code version}: small binaries that say which version they
   * are.
   */
  String linkerFlags(String version) {
    var flags = new StringBuilder("-s -w");
    if (!stamp.isEmpty()) {
      var numbers = version.substring(1).split("\\.", -1);
      variables.entrySet().stream()
          .sorted(Map.Entry.comparingByKey())
          .forEach(variable ->
              flags
                  .append(" -X ")
                  .append(variable.getKey())
                  .append('=')
                  .append(
                      variable
                          .getValue()
                          .replace("%s", version)
                          .replace("%NUMBER", version.substring(1))
                          .replace("%MAJOR", numbers[0])
                          .replace("%MINOR", numbers[1])));
    }
    return flags.toString();
  }
}
