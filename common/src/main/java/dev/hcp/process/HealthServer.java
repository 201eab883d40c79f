package dev.hcp.process;

import dev.hcp.process.HttpEndpoint.Answer;
import dev.hcp.process.HttpEndpoint.Route;
import java.io.IOException;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.function.Supplier;

/**
 * Serves {@code /healthz} and {@code /readyz}: 200 while no check names a problem, else 503.
 * Failing checks are listed with their problem; all of them with {@code ?verbose}.
 */
public final class HealthServer implements AutoCloseable {
  private record Check(String name, Supplier<Optional<String>> problem) {}

  private final List<Check> liveness = new CopyOnWriteArrayList<>();
  private final List<Check> readiness = new CopyOnWriteArrayList<>();
  private final HttpEndpoint endpoint;

  /**
   * Starts to listen. Register what readiness depends on before anything else can be slow: without
   * any check a process counts as ready.
   *
   * @param port the port; 0 takes a free one
   */
  public HealthServer(int port) throws IOException {
    this.endpoint =
        HttpEndpoint.start(
            "health",
            port,
            Optional.empty(),
            Map.of(
                "/healthz",
                Route.get(request -> answer(liveness, request.has("verbose"))),
                "/readyz",
                Route.get(request -> answer(readiness, request.has("verbose")))));
  }

  /**
   * Adds a reason for a restart.
   *
   * @param problem what is wrong, empty if nothing; must answer at once
   */
  public void addLiveness(String name, Supplier<Optional<String>> problem) {
    liveness.add(new Check(name, problem));
  }

  /**
   * Adds a reason to send no requests here.
   *
   * @param problem what is wrong, empty if nothing; must answer at once
   */
  public void addReadiness(String name, Supplier<Optional<String>> problem) {
    readiness.add(new Check(name, problem));
  }

  /** The port that is listened on. */
  public int port() {
    return endpoint.port();
  }

  @Override
  public void close() {
    endpoint.close();
  }

  private static Answer answer(List<Check> checks, boolean verbose) {
    var problems = new LinkedHashMap<String, Optional<String>>();
    checks.forEach(check -> problems.put(check.name(), problem(check)));
    boolean healthy = problems.values().stream().allMatch(Optional::isEmpty);
    var body = new StringBuilder();
    problems.forEach((name, problem) -> {
      if (problem.isPresent()) {
        body.append("[-]%s: %s%n".formatted(name, problem.get()));
      } else if (verbose) {
        body.append("[+]%s ok%n".formatted(name));
      }
    });
    body.append(healthy ? "ok\n" : "not ok\n");
    return Answer.plain(healthy ? 200 : 503, body.toString());
  }

  private static Optional<String> problem(Check check) {
    try {
      return check.problem().get();
    } catch (RuntimeException e) {
      // The probe's answer is the report; a check that throws is as bad as one that names a
      // problem.
      return Optional.of("check failed: " + e);
    }
  }
}
