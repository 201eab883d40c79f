package dev.hcp.e2e;

import dev.hcp.e2e.machine.Machine;
import dev.hcp.e2e.process.Command;
import dev.hcp.e2e.process.InParallel;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.stream.Collectors;
import java.util.stream.IntStream;

/**
 * Tries to connect from within the network of pods and of machines. The machine that a pod runs on
 * enters its network, so that pods without a shell can be tried too.
 */
final class Connections {
  /**
   * The query is for the servers of the root, which every DNS server answers somehow. A process for
   * each place, not for each connection: machines have few processors.
   */
  private static final String FUNCTIONS =
      """
      tcp() { : <> "/dev/tcp/$1/$2" && echo "$3"; }
      udp() {
        exec 3<> "/dev/udp/$1/$2" &&
          printf 'ID\\x01\\x00\\x00\\x01\\x00\\x00\\x00\\x00\\x00\\x00\\x00\\x00\\x02\\x00\\x01' >&3 &&
          read -r -N 1 -u 3 && [ "$REPLY" = I ] && echo "$3"
      }
      from() { nsenter --net --target "$1" timeout 3 bash -c "$2 wait" 2> /dev/null; }
      export -f tcp udp
      """;

  private static final String INIT = "1";

  private final Map<String, Machine> machines;

  /**
   * @param machines where connections may start, by host name
   */
  Connections(Map<String, Machine> machines) {
    this.machines = Map.copyOf(machines);
  }

  /**
   * Where connections start or end.
   *
   * @param name what it is called in messages
   * @param host the machine
   * @param container any container of the pod; empty for the machine itself
   * @param address the address
   */
  record Place(String name, String host, Optional<String> container, String address) {
    /** Whether the way to {@code other} does not leave the pod, or is that of a kubelet. */
    boolean isAtHomeWith(Place other) {
      return host.equals(other.host) && (container.isEmpty() || container.equals(other.container));
    }
  }

  /**
   * A connection to try.
   *
   * @param protocol {@code tcp}, or {@code udp} for DNS
   */
  record Attempt(Place from, Place to, String protocol, int port) {
    @Override
    public String toString() {
      return "%s to %s, %s %d".formatted(from.name(), to.name(), protocol, port);
    }

    private String command(int number) {
      return "%s %s %d %d &".formatted(protocol, to.address(), port, number);
    }
  }

  /** Tries them all at once; returns those that succeed. */
  Set<Attempt> successful(List<Attempt> attempts) {
    var successful = ConcurrentHashMap.<Attempt>newKeySet();
    var hosts = attempts.stream().collect(Collectors.groupingBy(attempt -> attempt.from().host()));
    InParallel.forEach(
        List.copyOf(hosts.entrySet()),
        host -> successful.addAll(successful(machines.get(host.getKey()), host.getValue())));
    return new HashSet<>(successful);
  }

  private static List<Attempt> successful(Machine machine, List<Attempt> attempts) {
    var processes = processes(machine);
    var numbers =
        IntStream.range(0, attempts.size())
            .boxed()
            .collect(Collectors.groupingBy(number -> attempts.get(number).from()));
    var lines =
        numbers.entrySet().stream()
            // A pod that is gone connects to nothing.
            .flatMap(place ->
                process(processes, place.getKey()).stream()
                    .map(process -> line(process, place.getValue(), attempts)))
            .collect(Collectors.joining("\n"));
    return machine
        .on(Command.of("bash"))
        .input("%s%n%s%nwait%n".formatted(FUNCTIONS, lines))
        .output()
        .lines()
        .map(number -> attempts.get(Integer.parseInt(number)))
        .toList();
  }

  private static Optional<String> process(Map<String, String> processes, Place place) {
    return place.container().isEmpty() ? Optional.of(INIT) : place.container().map(processes::get);
  }

  private static String line(String process, List<Integer> numbers, List<Attempt> attempts) {
    return numbers.stream()
        .map(number -> attempts.get(number).command(number))
        .collect(Collectors.joining(" ", "from %s '".formatted(process), "' &"));
  }

  /** The first processes of all containers on a machine. */
  private static Map<String, String> processes(Machine machine) {
    return machine
        .ctr("tasks", "list")
        .output()
        .lines()
        .skip(1)
        .map(line -> line.trim().split("\\s+", -1))
        .collect(Collectors.toMap(words -> words[0], words -> words[1]));
  }
}
