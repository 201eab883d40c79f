package dev.hcp.process;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import ch.qos.logback.classic.Level;
import ch.qos.logback.classic.Logger;
import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.core.read.ListAppender;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import java.io.IOException;
import java.math.BigInteger;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.cert.X509Certificate;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLServerSocket;
import javax.net.ssl.SSLSocket;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.slf4j.LoggerFactory;

@Timeout(60)
class TlsFilesTest {
  private static final Duration INTERVAL = Duration.ofMillis(20);

  private final SimpleMeterRegistry registry = new SimpleMeterRegistry();
  private final Logger logger = (Logger) LoggerFactory.getLogger(TlsFiles.class);
  private final ListAppender<ILoggingEvent> log = new ListAppender<>();

  @TempDir Path directory;

  @BeforeEach
  void listen() {
    log.start();
    logger.setLevel(Level.INFO);
    logger.addAppender(log);
  }

  @AfterEach
  void stopListening() {
    logger.detachAppender(log);
  }

  @ParameterizedTest
  @ValueSource(strings = {"RSA", "EC", "Ed25519"})
  void readsEveryFormOfKey(String algorithm) throws Exception {
    var pki = TestPki.generate(algorithm, 1);
    for (var key : new String[] {pki.keyPem(), pki.traditionalKeyPem()}) {
      // Reading includes the proof that the key fits the certificate.
      assertThat(TlsIdentity.parse(pki.certificatePem(), key).certificate())
          .isEqualTo(pki.certificate());
    }
  }

  @Test
  void keyOfAnotherCertificateIsRefused() {
    var one = TestPki.generate("EC", 1);
    for (var other : new TestPki[] {TestPki.generate("EC", 2), TestPki.generate("RSA", 3)}) {
      assertThatThrownBy(() -> TlsIdentity.parse(one.certificatePem(), other.keyPem()))
          .isInstanceOf(GeneralSecurityException.class)
          .hasMessageContaining("does not belong");
    }
    assertThatThrownBy(() -> TlsIdentity.parse(one.certificatePem(), one.certificatePem()))
        .hasMessageContaining("no private key");
    assertThatThrownBy(() -> TlsIdentity.parse("", one.keyPem()))
        .hasMessageContaining("no certificate");
  }

  @Test
  void refusesToStartWithoutUsablePair() throws IOException {
    assertThatThrownBy(() -> TlsFiles.open(directory, INTERVAL, registry))
        .isInstanceOf(ConfigurationException.class)
        .hasMessageContaining("no usable tls.crt and tls.key in " + directory)
        .hasMessageContaining("NoSuchFileException");

    Files.writeString(directory.resolve("tls.crt"), "rubbish");
    Files.writeString(directory.resolve("tls.key"), "rubbish");
    assertThatThrownBy(() -> TlsFiles.open(directory, INTERVAL, registry))
        .isInstanceOf(ConfigurationException.class);
  }

  @Test
  void signsForItselfUntilThereAreFiles() throws Exception {
    var issued = TestPki.generate("EC", 2);
    try (var files =
            TlsFiles.openOrSelfSigned(Optional.of(directory), "pod-1", INTERVAL, registry);
        var echo = new EchoServer(files)) {
      try (var first = echo.connectBlindly()) {
        var certificate = (X509Certificate) first.getSession().getPeerCertificates()[0];
        certificate.verify(certificate.getPublicKey());
        assertThat(certificate.getSubjectAlternativeNames()).hasToString("[[2, pod-1]]");
      }
      issued.writeAsKubelet(directory, "..v1");
      Awaitility.await().until(() -> reloads("success") == 1);
      try (var second = echo.connect(issued)) {
        assertThat(serial(second)).isEqualTo(2);
      }

      // From then on files that are gone are a problem, and no reason to trust less.
      Files.delete(directory.resolve("..data"));
      Awaitility.await().until(() -> reloads("failure") == 1);
      try (var third = echo.connect(issued)) {
        assertThat(serial(third)).isEqualTo(2);
      }
      assertThat(log.list).filteredOn(event -> event.getLevel() == Level.ERROR).hasSize(1);
    }
  }

  @Test
  void signsForItselfWhereTheFilesCannotBeUsedAndSaysSo() throws Exception {
    Files.writeString(directory.resolve("tls.crt"), "rubbish");
    Files.writeString(directory.resolve("tls.key"), "rubbish");
    try (var files =
            TlsFiles.openOrSelfSigned(Optional.of(directory), "pod-1", INTERVAL, registry);
        var echo = new EchoServer(files);
        var connection = echo.connectBlindly()) {
      assertThat(echo(connection, 42)).isEqualTo(42);
      assertThat(log.list).filteredOn(event -> event.getLevel() == Level.ERROR).hasSize(1);
    }
    try (var files = TlsFiles.openOrSelfSigned(Optional.empty(), "pod-1", INTERVAL, registry);
        var echo = new EchoServer(files);
        var connection = echo.connectBlindly()) {
      assertThat(echo(connection, 42)).isEqualTo(42);
    }
  }

  @Test
  void newHandshakesSeeTheNewCertificateAndOldConnectionsStay() throws Exception {
    var old = TestPki.generate("EC", 1);
    var renewed = TestPki.generate("RSA", 2);
    old.writeAsKubelet(directory, "..v1");
    try (var files = TlsFiles.open(directory, INTERVAL, registry);
        var echo = new EchoServer(files);
        var first = echo.connect(old, renewed)) {
      assertThat(serial(first)).isEqualTo(1);
      assertThat(expiry()).isEqualTo(old.certificate().getNotAfter().getTime() / 1000.0);

      renewed.writeAsKubelet(directory, "..v2");
      Awaitility.await().until(() -> reloads("success") == 1);

      try (var second = echo.connect(old, renewed)) {
        assertThat(serial(second)).isEqualTo(2);
      }
      assertThat(echo(first, 42)).isEqualTo(42);
      assertThat(log.list)
          .last()
          .satisfies(event ->
              assertThat(event.getKeyValuePairs().toString()).contains("serial", "notAfter"));
    }
  }

  @Test
  void brokenPairIsReportedOnceAndTheOldOneStays() throws Exception {
    var old = TestPki.generate("EC", 1);
    var other = TestPki.generate("EC", 2);
    old.writeAsKubelet(directory, "..v1");
    try (var files = TlsFiles.open(directory, INTERVAL, registry);
        var echo = new EchoServer(files)) {
      var mixed = Files.createDirectory(directory.resolve("..v2"));
      Files.writeString(mixed.resolve("tls.crt"), other.certificatePem());
      Files.writeString(mixed.resolve("tls.key"), old.keyPem());
      TestPki.swapKubeletLink(directory, "..v2");
      Awaitility.await().until(() -> reloads("failure") == 1);

      try (var connection = echo.connect(old, other)) {
        assertThat(serial(connection)).isEqualTo(1);
      }

      // Gone altogether is another problem, and again reported once.
      TestPki.swapKubeletLink(directory, "..missing");
      Files.delete(directory.resolve("..data"));
      Awaitility.await().until(() -> reloads("failure") == 2);

      // A good pair is taken after any of this; all looks in between reported nothing more.
      other.writeAsKubelet(directory, "..v3");
      Awaitility.await().until(() -> reloads("success") == 1);
      assertThat(reloads("failure")).isEqualTo(2);
      assertThat(log.list).filteredOn(event -> event.getLevel() == Level.ERROR).hasSize(2);
      try (var connection = echo.connect(old, other)) {
        assertThat(serial(connection)).isEqualTo(2);
      }
    }
  }

  @Test
  void handshakeThatBeganBeforeAReloadEndsWithItsOwnPair() {
    var old = identity(TestPki.generate("EC", 1));
    var renewed = identity(TestPki.generate("EC", 2));
    var manager = new ReloadingKeyManager(old);

    var alias = manager.chooseEngineServerAlias("EC", null, null);
    manager.replace(renewed);

    assertThat(manager.getPrivateKey(alias)).isEqualTo(old.key());
    assertThat(manager.getCertificateChain(alias)).containsExactly(old.certificate());
    assertThat(manager.getPrivateKey(manager.chooseEngineServerAlias("EC", null, null)))
        .isEqualTo(renewed.key());
    assertThat(manager.chooseEngineServerAlias("RSA", null, null)).isNull();
  }

  private static TlsIdentity identity(TestPki pki) {
    try {
      return TlsIdentity.parse(pki.certificatePem(), pki.keyPem());
    } catch (GeneralSecurityException e) {
      throw new IllegalStateException(e);
    }
  }

  private double reloads(String result) {
    return registry.get("hcp.tls.certificate.reloads").tag("result", result).counter().count();
  }

  private double expiry() {
    return registry.get("hcp.tls.certificate.expiry.timestamp").gauge().value();
  }

  private static long serial(SSLSocket socket) throws IOException {
    var certificate = (X509Certificate) socket.getSession().getPeerCertificates()[0];
    BigInteger serial = certificate.getSerialNumber();
    return serial.longValueExact();
  }

  private static int echo(SSLSocket socket, int value) throws IOException {
    socket.getOutputStream().write(value);
    return socket.getInputStream().read();
  }

  /** Sends every byte back. */
  private static final class EchoServer implements AutoCloseable {
    private final SSLServerSocket socket;
    private final ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor();

    EchoServer(TlsFiles files) throws IOException {
      this.socket =
          (SSLServerSocket) files.sslContext().getServerSocketFactory().createServerSocket(0);
      threads.submit(this::accept);
    }

    SSLSocket connect(TestPki... trusted) throws IOException {
      return connect(TestPki.trusting(trusted));
    }

    SSLSocket connectBlindly() throws IOException {
      return connect(TestPki.trustingAnybody());
    }

    private SSLSocket connect(SSLContext context) throws IOException {
      var client =
          (SSLSocket) context.getSocketFactory().createSocket("localhost", socket.getLocalPort());
      client.setSoTimeout(10_000);
      client.startHandshake();
      return client;
    }

    @Override
    public void close() throws IOException {
      socket.close();
      threads.shutdownNow();
    }

    private Void accept() throws IOException {
      while (true) {
        var connection = socket.accept();
        threads.submit(() -> {
          try (connection) {
            return connection.getInputStream().transferTo(connection.getOutputStream());
          }
        });
      }
    }
  }
}
