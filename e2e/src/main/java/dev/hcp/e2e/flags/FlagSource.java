package dev.hcp.e2e.flags;

import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Optional;

/** A Go module whose programs are asked for their flags. */
enum FlagSource {
  KUBERNETES(
      "k8s.io/kubernetes",
      "kube-apiserver",
      "kube-controller-manager",
      "kube-proxy",
      "kube-scheduler"),
  ETCD("go.etcd.io/etcd/server/v3", "etcd"),
  KONNECTIVITY("sigs.k8s.io/apiserver-network-proxy", "konnectivity-agent", "konnectivity-server"),
  COREDNS("github.com/coredns/coredns", "coredns");

  private final String module;

  @SuppressWarnings("ImmutableEnumChecker") // made by List.of
  private final List<String> programs;

  FlagSource(String module, String... programs) {
    this.module = module;
    this.programs = List.of(programs);
  }

  static Optional<FlagSource> named(String word) {
    return Arrays.stream(values()).filter(source -> source.word().equals(word)).findFirst();
  }

  /** Its name on the command line, and of its folder below {@code e2e/flags}. */
  String word() {
    return name().toLowerCase(Locale.ROOT);
  }

  String module() {
    return module;
  }

  /** Names of the programs, and of their tables. */
  List<String> programs() {
    return programs;
  }

  /** The version of the modules that this one's source holds, but which are published apart. */
  Optional<String> partVersion(String version) {
    return switch (this) {
      case KUBERNETES -> Optional.of(version.replaceFirst("^v1\\.", "v0."));
      case KONNECTIVITY -> Optional.of(version);
      // What they replace are modules that nobody may use.
      case ETCD, COREDNS -> Optional.empty();
    };
  }
}
