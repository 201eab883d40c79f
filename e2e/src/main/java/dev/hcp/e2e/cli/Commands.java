package dev.hcp.e2e.cli;

import dev.hcp.e2e.Bed;
import dev.hcp.e2e.BedException;
import dev.hcp.e2e.BedOptions;
import dev.hcp.e2e.Progress;
import dev.hcp.e2e.bench.Benchmark;
import dev.hcp.e2e.bench.WebhookBenchmark;
import dev.hcp.e2e.cluster.Supervisor;
import dev.hcp.e2e.conformance.ConformanceCluster;
import dev.hcp.e2e.conformance.ConformanceTests;
import dev.hcp.e2e.conformance.Report;
import dev.hcp.e2e.conformance.Runs;
import dev.hcp.e2e.conformance.Selection;
import dev.hcp.e2e.flags.FlagTables;
import dev.hcp.e2e.image.BaseImages;
import dev.hcp.e2e.image.BedImages;
import dev.hcp.e2e.image.ImageStore;
import dev.hcp.e2e.process.Command;
import dev.hcp.e2e.store.Cache;
import dev.hcp.e2e.store.SourceTree;
import dev.hcp.e2e.tools.Prerequisites;
import dev.hcp.e2e.tools.Toolbox;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/** Carries out what the command line asks for. */
public final class Commands {
  private static final Duration READY_DEADLINE = Duration.ofMinutes(2);

  private final Cache cache;
  private final Progress progress;

  /**
   * @param cache where the beds are
   * @param progress told about what takes time
   */
  public Commands(Cache cache, Progress progress) {
    this.cache = cache;
    this.progress = progress;
  }

  /** Runs one command and returns the exit code. */
  public int run(Arguments arguments) {
    switch (arguments.command()) {
      case UP -> up(arguments);
      case DOWN, DEMO_DOWN -> down(arguments.bed());
      case STATUS -> {
        return new StatusReport(cache).print(arguments.bed()) ? 0 : 1;
      }
      case EXEC -> {
        return exec(bed(arguments), arguments).runAttached();
      }
      case WORKER -> worker(bed(arguments), arguments);
      case KUBECONFIG -> System.out.print(kubeconfig(bed(arguments), arguments.rest().getFirst()));
      case LOGS -> {
        return new Logs(bed(arguments)).print(arguments.rest().stream().findFirst());
      }
      case DEMO -> new Demo(up(arguments), samples(arguments), progress).run();
      case BENCH -> new Benchmark(up(arguments), samples(arguments), progress).run();
      case BENCH_WEBHOOK -> new WebhookBenchmark(up(arguments), samples(arguments), progress).run();
      case CONFORMANCE -> {
        return conformance(arguments) ? 0 : 1;
      }
      case CONTRACT -> {
        return contract(arguments) ? 0 : 1;
      }
      case BASE -> System.out.println(base());
      case TOOL -> System.out.println(tool(arguments.rest().getFirst()));
      case IMAGES -> images(arguments);
      case FLAGS -> flags(arguments.rest());
      case HELP -> System.out.println(Arguments.USAGE);
      case SUPERVISE -> supervise(bed(arguments));
    }
    return 0;
  }

  private Bed up(Arguments arguments) {
    var source = SourceTree.locate(System.getenv());
    var bed = Bed.up(options(arguments), source, cache, progress);
    progress.say("the bed '%s' is up".formatted(bed.name()));
    return bed;
  }

  private static BedOptions options(Arguments arguments) {
    var release =
        arguments.withProvider()
            ? Optional.of(
                arguments
                    .provider()
                    .map(Path::toAbsolutePath)
                    .orElseGet(() -> SourceTree.locate(System.getenv()).release()))
            : Optional.<Path>empty();
    var options =
        new BedOptions(arguments.bed(), release, arguments.cni(), arguments.nodes(), Set.of());
    var tested = arguments.withTestImages() ? options.withTestImages() : options;
    return arguments.withMinors() ? tested.withMinors() : tested;
  }

  private static Command exec(Bed bed, Arguments arguments) {
    var command = arguments.rest().toArray(String[]::new);
    return arguments
        .node()
        .map(node -> bed.workers().require(node).command(command))
        .orElseGet(() -> bed.command(command));
  }

  private void worker(Bed bed, Arguments arguments) {
    switch (arguments.rest().getFirst()) {
      case "add" -> addWorker(bed, arguments.requireCluster(), arguments.node());
      case "remove" -> {
        var name = arguments.requireNode();
        bed.workers().remove(name);
        progress.say("the worker '%s' is gone".formatted(name));
      }
      default ->
          throw new Arguments.Misuse(
              "worker does not know '%s', only add and remove"
                  .formatted(arguments.rest().getFirst()));
    }
  }

  private void addWorker(Bed bed, Arguments.HostedClusterName cluster, Optional<String> node) {
    var workers = bed.workers();
    var name = node.orElseGet(() -> workers.freeName(cluster.name()));
    var worker = workers.join(cluster.namespace(), cluster.name(), List.of(name)).getFirst();
    progress.say("%s has joined".formatted(worker));
    workers.awaitReady(worker, READY_DEADLINE);
    progress.say("%s is ready".formatted(worker));
  }

  /** Runs the tests; returns whether none has failed, nor had in an earlier run. */
  private boolean conformance(Arguments arguments) {
    var source = SourceTree.locate(System.getenv());
    var options = options(arguments).withTestImages();
    var bed = Bed.up(options, source, cache, progress);
    var tests = ConformanceTests.prepare(bed, source, cache, progress);
    var cluster = new ConformanceCluster(bed, progress).prepare();
    var selection =
        arguments.rest().stream()
            .findFirst()
            .map(Selection::matching)
            .orElseGet(Selection::everything);
    var runs = new Runs(source.conformance());
    if (arguments.rest().isEmpty()) {
      runs.forget();
    }
    var folder = runs.next();
    progress.say("running the conformance tests; output: %s/output.log".formatted(folder));
    tests.run(cluster, selection, folder);
    var report = runs.report();
    var text = report.markdown(selection.leftOut());
    bed.folder().write(runs.folder().resolve("report.md"), text);
    System.out.println(text);
    return report.with(Report.Result.FAILED).isEmpty();
  }

  /** Tries the contract of Cluster API; returns whether nothing that has to be kept is broken. */
  private boolean contract(Arguments arguments) {
    var folder = SourceTree.locate(System.getenv()).contract();
    var run = new ContractRun(folder, progress);
    return arguments.rest().isEmpty()
        ? run.onBed(up(arguments), samples(arguments))
        : run.elsewhere(arguments.rest(), arguments.withChanges());
  }

  private void down(String name) {
    progress.say(
        Bed.down(name, cache)
            ? "the bed '%s' is gone".formatted(name)
            : "there is no bed called '%s'".formatted(name));
  }

  private Bed bed(Arguments arguments) {
    return Bed.require(arguments.bed(), cache);
  }

  private Path samples(Arguments arguments) {
    return arguments.samples().orElse(SourceTree.locate(System.getenv()).samples());
  }

  /** The kubeconfig of {@code cluster}, given as a name or with its namespace in front. */
  static String kubeconfig(Bed bed, String cluster) {
    var slash = cluster.indexOf('/');
    if (slash >= 0) {
      return bed.kubeconfig(cluster.substring(0, slash), cluster.substring(slash + 1));
    }
    var namespaces = bed.namespacesOf(cluster);
    if (namespaces.size() != 1) {
      throw new BedException(
          "%d clusters with a kubeconfig are called '%s'%s"
              .formatted(
                  namespaces.size(),
                  cluster,
                  namespaces.isEmpty()
                      ? ""
                      : ", say which: NAMESPACE/%s, in %s".formatted(cluster, namespaces)));
    }
    return bed.kubeconfig(namespaces.getFirst(), cluster);
  }

  private Path tool(String name) {
    Prerequisites.requireBuilder();
    return Toolbox.command(name, SourceTree.locate(System.getenv()), cache, progress);
  }

  private Path base() {
    Prerequisites.requireBuilder();
    return new BaseImages(cache, progress).java();
  }

  private void images(Arguments arguments) {
    new Prerequisites(progress, cache).ensure();
    var tools = Toolbox.prepare(SourceTree.locate(System.getenv()), cache, progress);
    var bases = new BaseImages(cache, progress);
    bases.java();
    ImageStore.prepare(
        new BedImages(tools), options(arguments).imageSets(), bases, cache, progress);
    progress.say("tools and images ready");
  }

  private void flags(List<String> moduleAndVersion) {
    Prerequisites.requireBuilder();
    var tables = new FlagTables(SourceTree.locate(System.getenv()), cache, progress);
    if (moduleAndVersion.isEmpty()) {
      tables.readAll();
    } else {
      tables.read(moduleAndVersion.getFirst(), moduleAndVersion.getLast());
    }
  }

  private static void supervise(Bed bed) {
    try {
      Supervisor.work(bed.node(), bed.network());
    } catch (InterruptedException _) {
      Thread.currentThread().interrupt();
    }
  }
}
