package dev.hcp.controller.forwarder;

import dev.hcp.process.Authorities;
import dev.hcp.process.ConfigurationException;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/** Reads the receivers from files: {@code target-0.url}, {@code target-0.token} and so on. */
final class Targets {
  private static final Duration CONNECT = Duration.ofSeconds(10);

  private Targets() {}

  static List<Target> read(Path directory, Duration timeout) {
    try {
      var targets = new ArrayList<Target>();
      while (Files.exists(directory.resolve("target-%d.url".formatted(targets.size())))) {
        targets.add(target(directory.resolve("target-" + targets.size()), timeout));
      }
      if (targets.isEmpty()) {
        throw new ConfigurationException("%s holds no target-0.url".formatted(directory));
      }
      return List.copyOf(targets);
    } catch (IOException | IllegalArgumentException e) {
      throw new ConfigurationException(
          "the receivers in %s cannot be read: %s".formatted(directory, e.getMessage()));
    }
  }

  private static Target target(Path base, Duration timeout) throws IOException {
    var authority = base.resolveSibling(base.getFileName() + ".crt");
    var token = base.resolveSibling(base.getFileName() + ".token");
    var client =
        HttpClient.newBuilder()
            .version(HttpClient.Version.HTTP_1_1)
            .followRedirects(HttpClient.Redirect.NEVER)
            .connectTimeout(CONNECT.compareTo(timeout) < 0 ? CONNECT : timeout);
    if (Files.exists(authority)) {
      try {
        client.sslContext(Authorities.trusting(Files.readString(authority)));
      } catch (GeneralSecurityException e) {
        throw new IOException("%s: %s".formatted(authority, e.getMessage()), e);
      }
    }
    return new Target(
        URI.create(Files.readString(base.resolveSibling(base.getFileName() + ".url")).strip()),
        Files.exists(token) ? Optional.of(token) : Optional.empty(),
        client.build(),
        timeout);
  }
}
