package dev.hcp.process;

import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.MeterRegistry;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.time.Duration;
import java.time.Instant;
import java.util.Optional;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import javax.net.ssl.KeyManager;
import javax.net.ssl.SSLContext;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A server's TLS identity, kept equal to {@code tls.crt} and {@code tls.key} in a directory, as the
 * kubelet mounts a Secret. Connections that exist keep what they have; new ones get the new
 * identity. A pair that cannot be used is reported once and the old one stays.
 */
public final class TlsFiles implements AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(TlsFiles.class);
  private static final String CERTIFICATE = "tls.crt";
  private static final String KEY = "tls.key";

  /** The link that the kubelet exchanges, so that all files of a volume change at one moment. */
  private static final String KUBELET_LINK = "..data";

  private record Content(String certificate, String key) {}

  private final Optional<Path> directory;
  private final ReloadingKeyManager keyManager;
  private final ScheduledExecutorService poller;
  private final Counter reloaded;
  private final Counter failed;
  private @Nullable Content seen;
  private @Nullable String unreadable;

  /** Of whom a certificate that is not from files speaks; none once there were files. */
  private Optional<String> selfSignedName = Optional.empty();

  private TlsFiles(Optional<Path> directory, TlsIdentity identity, MeterRegistry registry) {
    this.directory = directory;
    this.keyManager = new ReloadingKeyManager(identity);
    this.poller =
        Executors.newSingleThreadScheduledExecutor(
            Thread.ofPlatform().daemon().name("tls-files").factory());
    this.reloaded = reloads(registry, "success");
    this.failed = reloads(registry, "failure");
    Gauge.builder(
            "hcp.tls.certificate.expiry.timestamp",
            () -> keyManager.current().certificate().getNotAfter().toInstant().getEpochSecond())
        .description("When the served certificate expires, in Unix time")
        .baseUnit("seconds")
        .register(registry);
  }

  /**
   * Reads the files and follows them from then on.
   *
   * @param interval how often the directory is looked at; the kubelet itself needs up to a minute
   *     to bring a renewed Secret
   * @throws ConfigurationException if there is no usable pair to start with
   */
  public static TlsFiles open(Path directory, Duration interval, MeterRegistry registry) {
    try {
      return opened(directory, interval, registry);
    } catch (IOException | GeneralSecurityException e) {
      throw new ConfigurationException(
          "WEBHOOK_CERT_DIR: no usable %s and %s in %s: %s"
              .formatted(CERTIFICATE, KEY, directory, describe(e)));
    }
  }

  /**
   * Reads the files and follows them from then on; as long as there were none, the server has a
   * certificate that it signed itself, and exchanges that in time.
   *
   * @param directory none for no files at all
   * @param name the server's, in the certificate that it signs itself
   */
  public static TlsFiles openOrSelfSigned(
      Optional<Path> directory, String name, Duration interval, MeterRegistry registry) {
    if (directory.isPresent()) {
      try {
        return opened(directory.get(), interval, registry);
      } catch (NoSuchFileException _) {
        LOG.atInfo()
            .addKeyValue("directory", directory.get())
            .log("There is no {} and {} yet", CERTIFICATE, KEY);
      } catch (IOException | GeneralSecurityException _) {
        // The first look, below, says what is wrong with them.
      }
    }
    try {
      var identity = SelfSigned.identity(name, Instant.now());
      var files = new TlsFiles(directory, identity, registry);
      files.selfSignedName = Optional.of(name);
      report("Serving a certificate of our own, which nobody can verify", identity);
      files.poll();
      files.follow(interval);
      return files;
    } catch (GeneralSecurityException e) {
      throw new IllegalStateException("this Java runtime cannot make certificates", e);
    }
  }

  private static TlsFiles opened(Path directory, Duration interval, MeterRegistry registry)
      throws IOException, GeneralSecurityException {
    var content = read(directory);
    var identity = TlsIdentity.parse(content.certificate(), content.key());
    var files = new TlsFiles(Optional.of(directory), identity, registry);
    files.seen = content;
    report("Serving certificate", identity);
    files.follow(interval);
    return files;
  }

  private void follow(Duration interval) {
    var _ =
        poller.scheduleWithFixedDelay(
            this::poll, interval.toNanos(), interval.toNanos(), TimeUnit.NANOSECONDS);
  }

  /** A context whose handshakes use the identity that is current at their time. */
  public SSLContext sslContext() {
    try {
      var context = SSLContext.getInstance("TLS");
      context.init(new KeyManager[] {keyManager}, null, null);
      return context;
    } catch (GeneralSecurityException e) {
      throw new IllegalStateException("this Java runtime cannot do TLS", e);
    }
  }

  @Override
  public void close() {
    poller.shutdownNow();
  }

  /** One look at the directory; must not throw, or there would be no further one. */
  private void poll() {
    try {
      if (directory.isPresent() && !isAwaited(directory.get())) {
        var content = read(directory.get());
        unreadable = null;
        if (!content.equals(seen)) {
          seen = content;
          var identity = TlsIdentity.parse(content.certificate(), content.key());
          keyManager.replace(identity);
          selfSignedName = Optional.empty();
          reloaded.increment();
          report("Reloaded certificate", identity);
        }
      }
      if (selfSignedName.isPresent() && isOld(keyManager.current(), Instant.now())) {
        keyManager.replace(SelfSigned.identity(selfSignedName.get(), Instant.now()));
      }
    } catch (GeneralSecurityException e) {
      failed.increment();
      LOG.atError()
          .addKeyValue("directory", directory.map(Path::toString).orElse(""))
          .log("New certificate not used, still serving the old one: {}", describe(e));
    } catch (IOException e) {
      var problem = describe(e);
      if (!problem.equals(unreadable)) {
        unreadable = problem;
        failed.increment();
        LOG.atError()
            .addKeyValue("directory", directory.map(Path::toString).orElse(""))
            .log("Certificate files cannot be read, still serving the old one: {}", problem);
      }
    } catch (RuntimeException e) {
      failed.increment();
      LOG.error("Looking at the certificate files failed, trying again", e);
    }
  }

  /** Whether the kubelet has brought no files yet, which is nothing to complain of. */
  private boolean isAwaited(Path folder) throws IOException {
    return selfSignedName.isPresent() && !Files.exists(version(folder).resolve(CERTIFICATE));
  }

  private static boolean isOld(TlsIdentity identity, Instant now) {
    return now.plus(SelfSigned.LIFETIME.dividedBy(2))
        .isAfter(identity.certificate().getNotAfter().toInstant());
  }

  private static Content read(Path directory) throws IOException {
    // Resolved once, so that both files come from the same version of the Secret.
    var version = version(directory);
    return new Content(pem(version.resolve(CERTIFICATE)), pem(version.resolve(KEY)));
  }

  private static Path version(Path directory) throws IOException {
    var link = directory.resolve(KUBELET_LINK);
    return Files.exists(link) ? link.toRealPath() : directory;
  }

  /**
   * Any bytes are text in this encoding, so that rubbish is refused by the parser, with its reason.
   */
  private static String pem(Path file) throws IOException {
    return Files.readString(file, StandardCharsets.ISO_8859_1);
  }

  private static void report(String event, TlsIdentity identity) {
    var certificate = identity.certificate();
    LOG.atInfo()
        .addKeyValue("serial", certificate.getSerialNumber().toString(16))
        .addKeyValue("notAfter", certificate.getNotAfter().toInstant())
        .log(event);
  }

  private static String describe(Exception e) {
    // A file exception's message is only the path.
    return e instanceof IOException
        ? "%s: %s".formatted(e.getClass().getSimpleName(), e.getMessage())
        : String.valueOf(e.getMessage());
  }

  private static Counter reloads(MeterRegistry registry, String result) {
    return Counter.builder("hcp.tls.certificate.reloads")
        .description("Attempts to take over changed certificate files")
        .tag("result", result)
        .register(registry);
  }
}
