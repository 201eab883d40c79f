package dev.hcp.controller.kube;

import dev.hcp.controller.plan.UpgradeCheck;
import dev.hcp.controller.telemetry.ControllerMetrics;
import dev.hcp.controller.telemetry.ControllerMetrics.Api;
import dev.hcp.naming.Labels;
import io.fabric8.kubernetes.client.Config;
import io.fabric8.kubernetes.client.ConfigBuilder;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.KubernetesClientBuilder;
import io.fabric8.kubernetes.client.KubernetesClientException;
import io.fabric8.kubernetes.client.jdkhttp.JdkHttpClientFactory;
import io.fabric8.kubernetes.client.utils.KubernetesSerialization;
import java.io.ByteArrayInputStream;
import java.net.http.HttpClient;
import java.security.cert.CertificateException;
import java.security.cert.CertificateFactory;
import java.time.Duration;
import java.util.Base64;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import javax.net.ssl.SNIHostName;
import javax.net.ssl.SSLParameters;

/**
 * Opens hosted clusters by the fabric8 client. The clients share their threads, which are virtual,
 * and what they know of JSON; connections are kept for a short time only.
 */
public final class Fabric8HostedKubes implements HostedKubes, AutoCloseable {
  private static final Duration CONNECT_DEADLINE = Duration.ofSeconds(5);
  private static final Duration REQUEST_DEADLINE = Duration.ofSeconds(10);

  private final ControllerMetrics metrics;
  private final RequestMeter meter;
  private final KubernetesSerialization serialization = new KubernetesSerialization();
  private final ExecutorService threads =
      Executors.newThreadPerTaskExecutor(Thread.ofVirtual().name("hosted-", 0).factory());

  /** Opens nothing yet. */
  public Fabric8HostedKubes(ControllerMetrics metrics) {
    this.metrics = metrics;
    this.meter = new RequestMeter(Api.HOSTED, metrics);
  }

  @Override
  public HostedKube open(String kubeconfig) {
    try {
      var config =
          new ConfigBuilder(parse(kubeconfig))
              .withConnectionTimeout((int) CONNECT_DEADLINE.toMillis())
              .withRequestTimeout((int) REQUEST_DEADLINE.toMillis())
              // Who asks tries again by itself.
              .withRequestRetryBackoffLimit(0)
              .withUserAgent(Labels.MANAGER)
              .build();
      return new Fabric8HostedKube(
          client(config, Optional.empty()), server -> client(config, server), metrics);
    } catch (KubernetesClientException | CertificateException e) {
      var cause = e.getCause() == null ? e : e.getCause();
      throw new IllegalArgumentException("not a usable kubeconfig: " + cause.getMessage(), e);
    }
  }

  private KubernetesClient client(Config config, UpgradeCheck.Server server) {
    var host =
        server.address().contains(":") ? "[%s]".formatted(server.address()) : server.address();
    return client(
        new ConfigBuilder(config)
            .withMasterUrl("https://%s:%d/".formatted(host, server.port()))
            .build(),
        Optional.of(server.name()));
  }

  /**
   * Makes a client.
   *
   * @param name name that the server's certificate has, if it is not reached by that
   */
  private KubernetesClient client(Config config, Optional<String> name) {
    return new KubernetesClientBuilder()
        .withHttpClientFactory(new SharedThreads(threads, name))
        .withHttpClientBuilderConsumer(
            http -> http.addOrReplaceInterceptor(RequestMeter.NAME, meter))
        .withTaskExecutor(threads)
        .withKubernetesSerialization(serialization)
        .withConfig(config)
        .build();
  }

  /** The client takes every key in PKCS #8 form for an RSA key unless it is told otherwise. */
  private static Config parse(String kubeconfig) throws CertificateException {
    var config = Config.fromKubeconfig(kubeconfig);
    var certificate = config.getClientCertData();
    if (certificate != null) {
      config.setClientKeyAlgo(
          CertificateFactory.getInstance("X.509")
              .generateCertificate(
                  new ByteArrayInputStream(Base64.getDecoder().decode(certificate)))
              .getPublicKey()
              .getAlgorithm());
    }
    return config;
  }

  @Override
  public void close() {
    threads.shutdownNow();
  }

  private static final class SharedThreads extends JdkHttpClientFactory {
    private final ExecutorService threads;
    private final Optional<String> name;

    SharedThreads(ExecutorService threads, Optional<String> name) {
      this.threads = threads;
      this.name = name;
    }

    @Override
    protected void additionalConfig(HttpClient.Builder builder) {
      builder.executor(threads);
      // An address is no name, so that the certificate is held against this one.
      name.ifPresent(host -> {
        var parameters = new SSLParameters();
        parameters.setServerNames(List.of(new SNIHostName(host)));
        builder.sslParameters(parameters);
      });
    }
  }
}
