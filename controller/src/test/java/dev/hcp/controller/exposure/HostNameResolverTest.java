package dev.hcp.controller.exposure;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.hcp.controller.plan.Resolution;
import java.net.InetAddress;
import java.net.UnknownHostException;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.random.RandomGenerator;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** Host names are looked up again and again, and a change wakes a pass. */
final class HostNameResolverTest {
  private static final String HOST = "lb.example.test";
  private static final HostNameResolver.Timing FAST =
      new HostNameResolver.Timing(
          Duration.ofMillis(300), Duration.ofMillis(20), Duration.ofMillis(20));

  private final Map<String, List<String>> dns = new ConcurrentHashMap<>();
  private final AtomicInteger wakes = new AtomicInteger();
  private final AtomicInteger questions = new AtomicInteger();
  private final CountDownLatch stuck = new CountDownLatch(1);
  private final HostNameResolver resolver =
      new HostNameResolver(
          (namespace, name) -> wakes.incrementAndGet(),
          this::lookUp,
          FAST,
          RandomGenerator.getDefault());

  @AfterEach
  void close() {
    stuck.countDown();
    resolver.close();
  }

  private InetAddress[] lookUp(String hostName) throws UnknownHostException {
    questions.incrementAndGet();
    if (hostName.equals("stuck.example.test")) {
      try {
        stuck.await();
      } catch (InterruptedException _) {
        Thread.currentThread().interrupt();
      }
    }
    var addresses = dns.get(hostName);
    if (addresses == null) {
      throw new UnknownHostException(hostName + ": not known");
    }
    return addresses.stream().map(InetAddress::ofLiteral).toArray(InetAddress[]::new);
  }

  private Resolution known(String hostName) {
    return resolver.last("clusters", "demo").get(hostName);
  }

  @Test
  void addressesAreFoundSortedAndFollowed() {
    dns.put(HOST, List.of("192.0.2.2", "192.0.2.1"));
    resolver.follow("clusters", "demo", List.of(HOST));
    await()
        .until(() ->
            known(HOST)
                .equals(new Resolution(List.of("192.0.2.1", "192.0.2.2"), Optional.empty())));
    await().until(() -> wakes.get() == 1);
    dns.put(HOST, List.of("192.0.2.3"));
    await().until(() -> known(HOST).addresses().equals(List.of("192.0.2.3")));
    await().until(() -> wakes.get() == 2);
    int before = questions.get();
    await().until(() -> questions.get() > before + 3);
    assertThat(wakes).as("the same answer wakes nobody").hasValue(2);
  }

  @Test
  void addressesStayWhenALookUpFails() {
    dns.put(HOST, List.of("192.0.2.1"));
    resolver.follow("clusters", "demo", List.of(HOST));
    await().until(() -> !known(HOST).addresses().isEmpty());
    dns.remove(HOST);
    await().until(() -> known(HOST).problem().isPresent());
    assertThat(known(HOST).addresses()).containsExactly("192.0.2.1");
    assertThat(known(HOST).problem().orElseThrow()).contains(HOST, "not known");
  }

  @Test
  void aLookUpThatNeverEndsIsGivenUp() {
    resolver.follow("clusters", "demo", List.of("stuck.example.test"));
    await().until(() -> known("stuck.example.test").problem().isPresent());
    assertThat(known("stuck.example.test").problem().orElseThrow()).contains("no answer within");
    dns.put("stuck.example.test", List.of("192.0.2.1"));
    stuck.countDown();
    await().until(() -> !known("stuck.example.test").addresses().isEmpty());
  }

  @Test
  void namesThatAreNoLongerWantedAreForgotten() {
    dns.put(HOST, List.of("192.0.2.1"));
    dns.put("other.example.test", List.of("192.0.2.2"));
    resolver.follow("clusters", "demo", List.of(HOST));
    resolver.follow("clusters", "another", List.of(HOST));
    resolver.follow("clusters", "demo", List.of("other.example.test"));
    assertThat(resolver.last("clusters", "demo").keySet()).containsExactly("other.example.test");
    resolver.forget("clusters", "demo");
    assertThat(resolver.last("clusters", "demo")).isEmpty();
    assertThat(resolver.last("clusters", "another").keySet()).containsExactly(HOST);
  }
}
