package dev.hcp.e2e.cli;

import dev.hcp.e2e.BedOptions;
import dev.hcp.e2e.Cni;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.ListIterator;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;

/**
 * A parsed command line.
 *
 * @param command what to do
 * @param bed which bed to do it with
 * @param withProvider whether the bed is to have the provider
 * @param provider the folder of the provider's release, empty for the build's own
 * @param samples the folder of the demo's manifests, empty for the repository's own
 * @param cluster the hosted cluster that is meant, as {@code NAMESPACE/NAME}
 * @param node the node of a hosted cluster that is meant
 * @param cni what is to connect the management cluster's pods
 * @param nodes how many nodes the management cluster is to have
 * @param withTestImages whether the bed is to have what tests run in hosted clusters
 * @param withMinors whether the bed is to have the minor versions of Kubernetes next to its own
 * @param withChanges whether rules of the contract may be tried that change something for a while
 * @param rest what belongs to the command
 */
public record Arguments(
    Name command,
    String bed,
    boolean withProvider,
    Optional<Path> provider,
    Optional<Path> samples,
    Optional<String> cluster,
    Optional<String> node,
    Cni cni,
    int nodes,
    boolean withTestImages,
    boolean withMinors,
    boolean withChanges,
    List<String> rest) {

  /** How to call it. */
  public static final String USAGE =
      """
      usage: e2e/bed COMMAND [OPTION...]

        up                   bring the bed up and install the provider; can be repeated, also to install a new build
        down                 remove the bed and everything it has made
        status               show what runs
        exec COMMAND...      run a command on the management node, as the cluster's administrator; with --node, on a
                             worker, as its kubelet
        worker add           join a new machine to the hosted cluster --cluster; --node says what it is called
        worker remove        remove the worker --node
        kubeconfig CLUSTER   print the kubeconfig of a hosted cluster (NAME or NAMESPACE/NAME), for use within exec
        logs [NAME]          list the logs there are, or print one
        demo                 up, then create the sample cluster, join a node and show it
        bench                up, then measure how long a control plane takes, beside the least it could take
        bench-webhook        up, then measure the webhook under load, while its certificate is renewed and a replica deleted
        conformance [FOCUS]  up, then run Kubernetes' conformance tests, or those whose names match FOCUS, on a hosted
                             cluster with two nodes; the report goes to target/conformance
        contract [KUBECONFIG GROUP/VERSION/KIND NAMESPACE/CLUSTER [COMPONENTS]]
                             try the contract of Cluster API on a control-plane provider, by a Cluster that is ready and
                             the provider's components YAML; without arguments up, then on this provider with the sample
                             cluster, changes included. The report goes to target/contract
        demo-down            remove the demo's bed
        base                 make the product images' base if needed and print the archive's path
        tool NAME            build a tool if needed, such as kubectl, and print its path
        images               build all tools and images for up without starting anything
        flags [MODULE VERSION]
                             read which flags the programs of a version take, such as kubernetes v1.36.3, or those of
                             all versions that are in the tables

        --name NAME          which bed (default: $BED_NAME, else demo)
        --without-provider   everything but the provider
        --provider DIR       folder with control-plane-components.yaml and metadata.yaml (default: target/release)
        --samples DIR        folder with the demo's cluster.yaml and gateway.yaml (default: config/samples)
        --cni CNI            what connects the management cluster's pods: bridge (default), cilium (network policies)
        --nodes NUMBER       how many nodes the management cluster has (default: 1; more only with cilium)
        --test-images        with the images that tests run in hosted clusters
        --minors             with the minor versions of Kubernetes next to its own, for hosted clusters
        --changes            try also what changes a control plane for a while: it is paused, loses labels, is scaled
        --cluster CLUSTER    a hosted cluster: NAMESPACE/NAME
        --node NODE          a worker (default for a new one: CLUSTER-worker-NUMBER)\
      """;

  /** The commands there are. */
  public enum Name {
    UP,
    DOWN,
    STATUS,
    EXEC,
    WORKER,
    KUBECONFIG,
    LOGS,
    DEMO,
    DEMO_DOWN,
    BENCH,
    BENCH_WEBHOOK,
    CONFORMANCE,
    CONTRACT,
    BASE,
    TOOL,
    IMAGES,
    FLAGS,
    HELP,
    /** Started by {@code up}, not by people. */
    SUPERVISE;

    private static Name of(String word) {
      for (var name : values()) {
        if (name.word().equals(word)) {
          return name;
        }
      }
      throw new Misuse("there is no command '%s'".formatted(word));
    }

    String word() {
      return name().toLowerCase(Locale.ROOT).replace('_', '-');
    }
  }

  /** Keeps what is given. */
  public Arguments {
    rest = List.copyOf(rest);
  }

  /**
   * Reads {@code arguments}; options may stand before or behind the command, but what follows exec
   * is exec's.
   */
  public static Arguments parse(String[] arguments, Map<String, String> environment) {
    var bed = environment.getOrDefault("BED_NAME", BedOptions.DEFAULT_NAME);
    var withProvider = true;
    Optional<Path> provider = Optional.empty();
    Optional<Path> samples = Optional.empty();
    Optional<String> cluster = Optional.empty();
    Optional<String> node = Optional.empty();
    var cni = Cni.BRIDGE;
    var nodes = 1;
    var withTestImages = false;
    var withMinors = false;
    var withChanges = false;
    Optional<Name> command = Optional.empty();
    var rest = new ArrayList<String>();
    var words = List.of(arguments).listIterator();
    while (words.hasNext()) {
      var word = words.next();
      if (command.filter(Name.EXEC::equals).isPresent()
          && (!rest.isEmpty() || !word.startsWith("--"))) {
        rest.add(word);
        continue;
      }
      switch (word) {
        case "--name" -> bed = value(word, words);
        case "--without-provider" -> withProvider = false;
        case "--provider" -> provider = Optional.of(Path.of(value(word, words)));
        case "--samples" -> samples = Optional.of(Path.of(value(word, words)));
        case "--cluster" -> cluster = Optional.of(value(word, words));
        case "--node" -> node = Optional.of(value(word, words));
        case "--cni" -> cni = Cni.of(value(word, words));
        case "--test-images" -> withTestImages = true;
        case "--minors" -> withMinors = true;
        case "--changes" -> withChanges = true;
        case "--nodes" -> nodes = number(word, value(word, words));
        case "--help", "-h" -> command = Optional.of(Name.HELP);
        case "--" -> words.forEachRemaining(rest::add);
        default -> {
          if (word.startsWith("-")) {
            throw new Misuse("there is no option '%s'".formatted(word));
          }
          if (command.isEmpty()) {
            command = Optional.of(Name.of(word));
          } else {
            rest.add(word);
          }
        }
      }
    }
    var name = command.orElseThrow(() -> new Misuse("which command?"));
    checkCount(name, rest.size());
    return new Arguments(
        name,
        bed,
        withProvider,
        provider,
        samples,
        cluster,
        node,
        cni,
        nodes,
        withTestImages,
        withMinors,
        withChanges,
        rest);
  }

  private static void checkCount(Name command, int count) {
    var fits =
        switch (command) {
          case EXEC -> count > 0;
          case KUBECONFIG, TOOL, WORKER -> count == 1;
          case LOGS, CONFORMANCE -> count <= 1;
          case CONTRACT -> count == 0 || count == 3 || count == 4;
          case FLAGS -> count == 0 || count == 2;
          case UP,
              DOWN,
              STATUS,
              DEMO,
              DEMO_DOWN,
              BENCH,
              BENCH_WEBHOOK,
              BASE,
              IMAGES,
              HELP,
              SUPERVISE ->
              count == 0;
        };
    if (!fits) {
      throw new Misuse("%s does not take %d arguments".formatted(command.word(), count));
    }
  }

  private static int number(String option, String value) {
    try {
      return Integer.parseInt(value);
    } catch (NumberFormatException _) {
      throw new Misuse("%s needs a number, not '%s'".formatted(option, value));
    }
  }

  private static String value(String option, ListIterator<String> words) {
    if (!words.hasNext()) {
      throw new Misuse("%s needs a value".formatted(option));
    }
    return words.next();
  }

  /** The hosted cluster that is meant, for a command that cannot do without. */
  HostedClusterName requireCluster() {
    var given = cluster.orElseThrow(() -> new Misuse("which cluster? --cluster NAMESPACE/NAME"));
    var slash = given.indexOf('/');
    if (slash <= 0 || slash == given.length() - 1) {
      throw new Misuse("--cluster needs NAMESPACE/NAME, not '%s'".formatted(given));
    }
    return new HostedClusterName(given.substring(0, slash), given.substring(slash + 1));
  }

  /** The worker that is meant, for a command that cannot do without. */
  String requireNode() {
    return node.orElseThrow(() -> new Misuse("which worker? --node NODE"));
  }

  /**
   * Which hosted cluster.
   *
   * @param namespace where it is
   * @param name what it is called
   */
  record HostedClusterName(String namespace, String name) {}

  /** The command line makes no sense. */
  public static final class Misuse extends RuntimeException {
    private static final long serialVersionUID = 1L;

    Misuse(String message) {
      super(message);
    }
  }
}
