package dev.hcp.e2e.cluster;

import dev.hcp.e2e.BedException;
import dev.hcp.e2e.machine.BedNetwork;
import dev.hcp.e2e.process.Command;
import dev.hcp.e2e.process.ProcessIdentity;
import dev.hcp.e2e.process.Wait;
import dev.hcp.e2e.store.BedFolder;
import dev.hcp.e2e.store.FileTrees;
import io.fabric8.kubernetes.client.Config;
import io.fabric8.kubernetes.client.KubernetesClientBuilder;
import java.io.File;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;

/**
 * The process that lives as long as the bed and plays the cloud around it: it gives Services their
 * addresses.
 */
public final class Supervisor {
  private static final Duration STOP_DEADLINE = Duration.ofSeconds(10);

  private final BedFolder folder;

  /**
   * @param folder the bed it belongs to
   */
  public Supervisor(BedFolder folder) {
    this.folder = folder;
  }

  /** Starts it, unless it runs: this program again, with the command {@code supervise}. */
  public void start(String bed, String mainClass) {
    if (isRunning()) {
      return;
    }
    try {
      Files.createDirectories(folder.supervisor());
      var java = Path.of(System.getProperty("java.home"), "bin", "java");
      var process =
          Command.of(
                  "setsid",
                  java.toString(),
                  "-XX:+UseSerialGC",
                  "-Xmx96m",
                  "-XX:TieredStopAtLevel=1")
              .with("-classpath", classpath(), mainClass, "supervise", "--name", bed)
              .in(folder.supervisor())
              .log(folder.supervisor().resolve("supervisor.log"))
              .startDetached();
      ProcessIdentity.of(process.pid()).write(processFile());
    } catch (IOException e) {
      throw new BedException(
          "cannot prepare %s: %s".formatted(folder.supervisor(), e.getMessage()), e);
    }
  }

  /** Does the work; returns when the thread is interrupted. */
  public static void work(ManagementNode node, BedNetwork network) throws InterruptedException {
    var config = Config.fromKubeconfig(node.adminKubeconfig().toFile());
    try (var client = new KubernetesClientBuilder().withConfig(config).build()) {
      new LoadBalancer(client, network, node.machine(), System.out).run();
    }
  }

  /** Whether it runs. */
  public boolean isRunning() {
    return ProcessIdentity.read(processFile()).filter(ProcessIdentity::isAlive).isPresent();
  }

  /** Ends it, if it runs. */
  public void stop() {
    var process = ProcessIdentity.read(processFile());
    process.ifPresent(ProcessIdentity::kill);
    process.ifPresent(p ->
        Wait.until(
            "the supervisor %d has ended".formatted(p.pid()), STOP_DEADLINE, () -> !p.isAlive()));
  }

  /**
   * This program's class path with copies of its folders: they may be rebuilt while the supervisor
   * still runs.
   */
  private String classpath() {
    var entries = new ArrayList<String>();
    var copies = folder.supervisor().resolve("classes");
    FileTrees.delete(copies);
    for (var entry : System.getProperty("java.class.path").split(File.pathSeparator, -1)) {
      if (Files.isDirectory(Path.of(entry))) {
        try {
          Files.createDirectories(copies);
        } catch (IOException e) {
          throw new BedException("cannot create %s: %s".formatted(copies, e.getMessage()), e);
        }
        var copy = copies.resolve(Integer.toString(entries.size()));
        FileTrees.copy(Path.of(entry), copy);
        entries.add(copy.toString());
      } else {
        entries.add(entry);
      }
    }
    return String.join(File.pathSeparator, entries);
  }

  private Path processFile() {
    return folder.supervisor().resolve("process");
  }
}
