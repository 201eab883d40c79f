package dev.hcp.e2e.hosted;

import dev.hcp.e2e.machine.Machine;
import dev.hcp.e2e.process.Command;
import dev.hcp.e2e.store.BedFolder;
import java.nio.file.Path;
import java.time.Duration;

/** A node of a hosted cluster: a machine of its own, joined by kubeadm. */
public final class Worker {
  private static final Duration COMMAND_DEADLINE = Duration.ofMinutes(2);

  private final Machine machine;
  private final BedFolder folder;
  private final Membership membership;

  /**
   * Which cluster a worker belongs to, and where it is.
   *
   * @param namespace namespace of the cluster
   * @param cluster name of the cluster
   * @param address address of the worker
   */
  public record Membership(String namespace, String cluster, String address) {
    static Membership parse(String text) {
      var words = text.strip().split(" ", -1);
      return new Membership(words[0], words[1], words[2]);
    }

    String text() {
      return String.join(" ", namespace, cluster, address) + "\n";
    }

    /** Whether both belong to the same cluster. */
    boolean isPeerOf(Membership other) {
      return namespace.equals(other.namespace) && cluster.equals(other.cluster);
    }
  }

  Worker(Machine machine, BedFolder folder, Membership membership) {
    this.machine = machine;
    this.folder = folder;
    this.membership = membership;
  }

  /** Its host name, which is its node name too. */
  public String name() {
    return machine.spec().hostName();
  }

  /** Which cluster it belongs to, and where it is. */
  public Membership membership() {
    return membership;
  }

  /** The machine. */
  public Machine machine() {
    return machine;
  }

  /** {@code arguments}, run on it with the rights of its kubelet. */
  public Command command(String... arguments) {
    return machine
        .on(
            Command.of(arguments)
                .env("PATH", folder.searchPath())
                .env("KUBECONFIG", "/etc/kubernetes/kubelet.conf"))
        .within(COMMAND_DEADLINE);
  }

  /** What its kubelet has to say. */
  public Path kubeletLog() {
    return machine.log("kubelet.log");
  }

  @Override
  public String toString() {
    return "%s of %s/%s".formatted(name(), membership.namespace(), membership.cluster());
  }
}
