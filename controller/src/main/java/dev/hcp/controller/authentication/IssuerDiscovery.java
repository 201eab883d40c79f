package dev.hcp.controller.authentication;

import dev.hcp.controller.kube.ManagementApi;
import dev.hcp.controller.plan.ManagementTokens;
import dev.hcp.controller.retry.Backoff;
import dev.hcp.model.ManagementIssuer;
import dev.hcp.process.Authorities;
import dev.hcp.process.TokenIssuerChoice;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.security.GeneralSecurityException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.random.RandomGenerator;
import javax.net.ssl.SSLException;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Finds out who issues the tokens of the management cluster's service accounts, and whether they
 * can be verified as API servers do it: they ask the issuer for its keys, without credentials. An
 * issuer that cannot be asked must not get into their configuration: with one of those, they take
 * over no change of it.
 *
 * <p>What worked once stays until another issuer works.
 */
public final class IssuerDiscovery implements AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(IssuerDiscovery.class);
  private static final String OWN_NAME = "kubernetes.default.svc";
  private static final int OK = 200;
  private static final int UNAUTHORIZED = 401;
  private static final int FORBIDDEN = 403;

  /**
   * How long to wait for what.
   *
   * @param deadline for an answer
   * @param first time from a failure to the next look; it doubles with each
   * @param longest longest time from a failure to the next look
   * @param interval time from a success to the next look
   */
  public record Timing(Duration deadline, Duration first, Duration longest, Duration interval) {
    /** Issuers hardly ever change. */
    public static final Timing DEFAULT =
        new Timing(
            Duration.ofSeconds(5),
            Duration.ofSeconds(5),
            Duration.ofMinutes(5),
            Duration.ofHours(6));
  }

  private final ManagementApi management;
  private final TokenIssuerChoice choice;
  private final Timing timing;
  private final CountDownLatch looked = new CountDownLatch(1);
  private final ScheduledExecutorService timer =
      Executors.newSingleThreadScheduledExecutor(
          Thread.ofPlatform().daemon().name("issuer-discovery").factory());
  private final RandomGenerator random;
  private @Nullable String discovered;
  private int failures;
  private volatile ManagementTokens known = ManagementTokens.UNWANTED;

  /**
   * Looks for nothing yet.
   *
   * @param choice which issuer it shall be
   * @param random spreads the looks
   */
  public IssuerDiscovery(
      ManagementApi management, TokenIssuerChoice choice, Timing timing, RandomGenerator random) {
    this.random = random;
    this.management = management;
    this.choice = choice;
    this.timing = timing;
  }

  /**
   * Begins to look.
   *
   * @param onChange is told when what is known changes
   */
  public void start(Runnable onChange) {
    if (choice instanceof TokenIssuerChoice.None) {
      looked.countDown();
    } else {
      timer.execute(() -> look(onChange));
    }
  }

  /** Waits for the first look, but not for long: what it finds may also come later. */
  public void awaitFirstLook() throws InterruptedException {
    if (!looked.await(timing.deadline().toMillis(), TimeUnit.MILLISECONDS)) {
      LOG.warn("It takes long to find the issuer of the management cluster's tokens, going on");
    }
  }

  /** What is known. */
  public ManagementTokens last() {
    return known;
  }

  @Override
  public void close() {
    timer.shutdownNow();
  }

  private void look(Runnable onChange) {
    var found = found();
    boolean success = found.issuer().isPresent();
    if (!found.equals(known) && (success || known.issuer().isEmpty())) {
      known = found;
      found
          .issuer()
          .ifPresent(issuer -> LOG.info("Hosted clusters accept tokens of {}", issuer.url()));
      found
          .obstacle()
          .ifPresent(obstacle ->
              LOG.warn("Hosted clusters accept no tokens of the management cluster: {}", obstacle));
      onChange.run();
    }
    looked.countDown();
    if (success) {
      discovered = null;
      failures = 0;
    }
    var delay =
        success
            ? Backoff.spread(timing.interval(), random)
            : new Backoff(timing.first(), timing.longest(), random).after(failures++);
    var _ = timer.schedule(() -> look(onChange), delay.toMillis(), TimeUnit.MILLISECONDS);
  }

  private ManagementTokens found() {
    try {
      var url =
          switch (choice) {
            case TokenIssuerChoice.Fixed(var fixed) -> fixed;
            case TokenIssuerChoice.Discovered _, TokenIssuerChoice.None _ -> discovered();
          };
      return verified(url);
    } catch (IOException | RuntimeException e) {
      return ManagementTokens.refused(
          "what is needed to verify them cannot be read: %s".formatted(e.getMessage()));
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      return ManagementTokens.refused("interrupted");
    }
  }

  /** Asks only once as long as it does not work: who it is hardly changes before. */
  private String discovered() throws IOException {
    var url = discovered;
    if (url == null) {
      url = management.discoveryDocument().issuer();
      discovered = url;
    }
    return url;
  }

  /** Does what API servers will do: with the authorities of the cluster, or those of everybody. */
  private ManagementTokens verified(String url) throws IOException, InterruptedException {
    var attempts = new ArrayList<Optional<String>>();
    management.authority().ifPresent(authority -> attempts.add(Optional.of(authority)));
    attempts.add(Optional.empty());
    Optional<String> obstacle = Optional.empty();
    for (var authority : attempts) {
      try (var client = client(authority)) {
        var document = ManagementApi.read(ask(client, trimmed(url) + ManagementApi.DISCOVERY));
        if (!document.issuer().equals(url)) {
          return ManagementTokens.refused(
              "%s says that it is %s".formatted(url, document.issuer()));
        }
        var _ = ask(client, document.keys());
        return ManagementTokens.of(issuer(document, authority));
      } catch (SSLException e) {
        obstacle = obstacle.or(() -> Optional.of("%s: %s".formatted(url, e.getMessage())));
      } catch (RefusedException e) {
        return ManagementTokens.refused(String.valueOf(e.getMessage()));
      } catch (IOException e) {
        return ManagementTokens.refused(
            "%s cannot be reached: %s".formatted(url, e.getClass().getSimpleName()));
      }
    }
    return ManagementTokens.refused(obstacle.orElse(url));
  }

  private ManagementIssuer issuer(ManagementApi.Document document, Optional<String> authority) {
    var apiServers = management.apiServers();
    var outside = new ArrayList<String>();
    boolean inside = false;
    for (var url : List.of(document.issuer(), document.keys())) {
      var host = String.valueOf(URI.create(url).getHost());
      if (host.equals(OWN_NAME)
          || host.startsWith(OWN_NAME + ".")
          || apiServers.stream().anyMatch(server -> server.ip().equals(host))) {
        inside = true;
      } else {
        outside.add(url);
      }
    }
    return new ManagementIssuer(
        document.issuer(), authority, outside, inside ? apiServers : List.of());
  }

  /** An answer that API servers could do nothing with either. */
  private static final class RefusedException extends IOException {
    RefusedException(String message) {
      super(message);
    }
  }

  private String ask(HttpClient client, String url) throws IOException, InterruptedException {
    var answer =
        client.send(
            HttpRequest.newBuilder(URI.create(url)).timeout(timing.deadline()).build(),
            HttpResponse.BodyHandlers.ofString());
    if (answer.statusCode() == UNAUTHORIZED || answer.statusCode() == FORBIDDEN) {
      throw new RefusedException(
          "%s answers %d to callers without credentials, as API servers are; bind ClusterRole system:service-account-issuer-discovery to group system:unauthenticated"
              .formatted(url, answer.statusCode()));
    }
    if (answer.statusCode() != OK) {
      throw new RefusedException("%s answers %d".formatted(url, answer.statusCode()));
    }
    return answer.body();
  }

  private HttpClient client(Optional<String> authority) throws IOException {
    var builder =
        HttpClient.newBuilder()
            .connectTimeout(timing.deadline())
            .followRedirects(HttpClient.Redirect.NORMAL);
    if (authority.isPresent()) {
      try {
        builder.sslContext(Authorities.trusting(authority.get()));
      } catch (GeneralSecurityException e) {
        throw new IOException("the management cluster's CA cannot be used: " + e.getMessage(), e);
      }
    }
    return builder.build();
  }

  private static String trimmed(String url) {
    return url.endsWith("/") ? url.substring(0, url.length() - 1) : url;
  }
}
