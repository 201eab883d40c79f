package dev.hcp.controller.etcd;

import dev.hcp.controller.plan.EtcdAccess;
import java.time.Duration;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;

/**
 * The clients of all hosted clusters' etcd: one each, kept until it is forgotten, and replaced when
 * credentials change. Connections are made when they are needed and closed when they are not used
 * for some minutes.
 */
public final class EtcdClients implements AutoCloseable {
  /**
   * How long requests may take.
   *
   * @param request anything that is answered at once
   * @param defragmentation writing a database anew
   * @param wholeDatabase what goes through all of a database: dropping superseded values, and
   *     computing a hash
   * @param piece the next piece of a snapshot
   */
  public record Deadlines(
      Duration request, Duration defragmentation, Duration wholeDatabase, Duration piece) {
    /** What suits databases of some GiB on slow disks. */
    public static final Deadlines DEFAULT =
        new Deadlines(
            Duration.ofSeconds(10),
            Duration.ofMinutes(10),
            Duration.ofMinutes(5),
            Duration.ofMinutes(1));
  }

  private record Key(String namespace, String name) {}

  private record Open(EtcdAccess access, GrpcEtcdClient client) {}

  private final Deadlines deadlines;
  private final Map<Key, Open> clients = new ConcurrentHashMap<>();
  private volatile boolean closed;

  /** Opens nothing yet. */
  public EtcdClients(Deadlines deadlines) {
    this.deadlines = deadlines;
  }

  /**
   * The client for the etcd of a control plane. What is under way with other credentials than these
   * may go on.
   *
   * @throws EtcdException if the credentials cannot be used
   */
  public EtcdClient of(String namespace, String name, EtcdAccess access) {
    var open =
        clients.compute(
            new Key(namespace, name),
            (_, known) -> {
              if (known != null && known.access().equals(access)) {
                return known;
              }
              if (closed) {
                throw new EtcdException(
                    EtcdException.Kind.CANCELLED, "the controller is being stopped");
              }
              var opened = new Open(access, GrpcEtcdClient.open(access, deadlines));
              if (known != null) {
                known.client().retire();
              }
              return opened;
            });
    return open.client();
  }

  /** Breaks off what is under way with the etcd of a control plane, and closes all connections. */
  public void forget(String namespace, String name) {
    var open = clients.remove(new Key(namespace, name));
    if (open != null) {
      open.client().close();
    }
  }

  @Override
  public void close() {
    closed = true;
    clients.keySet().forEach(key -> forget(key.namespace(), key.name()));
  }
}
