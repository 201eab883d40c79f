package dev.hcp.e2e.cluster;

import dev.hcp.e2e.BedException;
import dev.hcp.e2e.machine.Machine;
import dev.hcp.e2e.process.Command;
import dev.hcp.e2e.store.BedFolder;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.Map;

/**
 * The management node as a place to run commands: the tools on the path, the administrator's
 * kubeconfig in place.
 */
public final class ManagementNode {
  private static final String ADMIN = "admin.conf";
  private static final Duration COMMAND_DEADLINE = Duration.ofMinutes(2);

  private final Machine machine;
  private final BedFolder folder;

  /**
   * @param machine the machine it is
   * @param folder the bed it belongs to
   */
  public ManagementNode(Machine machine, BedFolder folder) {
    this.machine = machine;
    this.folder = folder;
  }

  /** {@code arguments}, run on the node. */
  public Command command(String... arguments) {
    return machine.on(Command.of(arguments).env(environment())).within(COMMAND_DEADLINE);
  }

  /** kubectl as the administrator of the management cluster. */
  public Command kubectl(String... arguments) {
    return command("kubectl").with(arguments);
  }

  /**
   * Waits until every Deployment in {@code namespace} is available; if not in time, says how its
   * pods are.
   */
  public void waitForDeployments(String namespace, Duration deadline) {
    var wait =
        kubectl("wait", "deployment", "--all", "-n", namespace, "--for=condition=Available")
            .with("--timeout=%ds".formatted(deadline.toSeconds()))
            .within(deadline.plusSeconds(10))
            .run();
    if (!wait.succeeded()) {
      throw new BedException(
          "not every Deployment in %s is available after %d s:%n%s%n%s"
              .formatted(
                  namespace,
                  deadline.toSeconds(),
                  wait.error().strip(),
                  kubectl("get", "pods", "-n", namespace, "-o", "wide").run().output()));
    }
  }

  /** Applies {@code manifest}, also over what others have set, and logs to {@code log}. */
  public void apply(String manifest, Path log) {
    kubectl("apply", "--server-side", "--force-conflicts", "--field-manager=bed", "--filename=-")
        .input(manifest)
        .log(log)
        .check();
  }

  /**
   * The administrator's kubeconfig, as the host sees it; its server can be reached from the host.
   */
  public Path adminKubeconfig() {
    return machine.etc("kubernetes").resolve(ADMIN);
  }

  /** Whether kubeadm got as far as writing the administrator's kubeconfig. */
  public boolean hasAdminKubeconfig() {
    return Files.exists(adminKubeconfig());
  }

  /** The machine. */
  public Machine machine() {
    return machine;
  }

  private Map<String, String> environment() {
    var environment = new LinkedHashMap<String, String>();
    environment.put("PATH", folder.searchPath());
    environment.put("KUBECONFIG", "/etc/kubernetes/" + ADMIN);
    for (var kind : new String[] {"CACHE", "CONFIG", "DATA", "STATE"}) {
      environment.put("XDG_%s_HOME".formatted(kind), folder.xdg().toString());
    }
    environment.put("CLUSTERCTL_DISABLE_VERSIONCHECK", "true");
    return environment;
  }
}
