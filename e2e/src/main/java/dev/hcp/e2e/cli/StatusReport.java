package dev.hcp.e2e.cli;

import dev.hcp.e2e.Bed;
import dev.hcp.e2e.store.Cache;
import java.time.Duration;

/** What a bed looks like at the moment. */
final class StatusReport {
  private final Cache cache;

  StatusReport(Cache cache) {
    this.cache = cache;
  }

  /** Prints it; returns whether the bed is up. */
  boolean print(String name) {
    var others = Bed.names(cache);
    var bed = Bed.attach(name, cache);
    if (bed.isEmpty()) {
      System.out.printf("the bed '%s' is not up; beds that exist: %s%n", name, others);
      return false;
    }
    print(bed.get());
    System.out.printf("all beds: %s%n", others);
    return true;
  }

  private static void print(Bed bed) {
    System.out.printf(
        "bed %s: API server https://%s:6443, Gateway %s, load balancer %s, files %s%n",
        bed.name(),
        bed.network().node(),
        bed.network().gateway(),
        bed.supervisor().isRunning() ? "running" : "STOPPED",
        bed.folder().root());
    for (var worker : bed.workers().all()) {
      System.out.printf(
          "worker %s, %s, %s%n",
          worker,
          worker.membership().address(),
          worker.machine().isRunning() ? "running" : "STOPPED");
    }
    for (var kind : new String[] {"nodes", "pods", "clusters,hostedcontrolplanes"}) {
      var result =
          bed.kubectl("get", kind, "--all-namespaces", "--ignore-not-found")
              .within(Duration.ofSeconds(20))
              .run();
      // A bed without the provider has no such kind; that is not worth an error.
      System.out.print(result.output());
    }
  }
}
