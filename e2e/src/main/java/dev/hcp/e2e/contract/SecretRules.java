package dev.hcp.e2e.contract;

import com.fasterxml.jackson.databind.JsonNode;
import dev.hcp.e2e.BedException;
import io.fabric8.kubernetes.client.Config;
import java.io.ByteArrayInputStream;
import java.nio.charset.StandardCharsets;
import java.security.cert.CertificateException;
import java.security.cert.CertificateFactory;
import java.security.cert.X509Certificate;
import java.time.Duration;
import java.util.Base64;
import java.util.List;
import java.util.Optional;

/** Rules about the Secrets that others look for. */
final class SecretRules {
  static final String CLUSTER_LABEL = "cluster.x-k8s.io/cluster-name";
  static final String SECRET_TYPE = "cluster.x-k8s.io/secret";
  private static final Duration LONGEST_CREDENTIAL = Duration.ofDays(366);

  private SecretRules() {}

  static List<ReadRule> all() {
    return List.of(
        ReadRule.of(
            "KUB-1",
            Level.MANDATORY,
            "Secret <cluster>-kubeconfig is of type " + SECRET_TYPE,
            snapshot -> new Look().equal(kubeconfig(snapshot), "/type", SECRET_TYPE).verdict()),
        ReadRule.of(
            "KUB-2",
            Level.MANDATORY,
            "Secret <cluster>-kubeconfig has label " + CLUSTER_LABEL,
            snapshot -> labelled(snapshot, kubeconfig(snapshot))),
        ReadRule.of(
            "KUB-3",
            Level.MANDATORY,
            "Key value of Secret <cluster>-kubeconfig is a kubeconfig for the endpoint",
            SecretRules::content),
        ReadRule.of(
            "KUB-4",
            Level.MANDATORY,
            "Client certificates in it end within a year, and are renewed in time",
            SecretRules::credential),
        ReadRule.of(
            "CRT-1",
            Level.CONDITIONAL,
            "Secret <cluster>-ca, which joining nodes need, has the CA and label " + CLUSTER_LABEL,
            SecretRules::authority),
        ReadRule.of(
            "CRT-2",
            Level.OPTIONAL,
            "Secrets <cluster>-ca, -etcd, -proxy and -sa, as far as there are any, are of type "
                + SECRET_TYPE,
            SecretRules::types));
  }

  private static JsonNode kubeconfig(Snapshot snapshot) {
    return snapshot.secret(snapshot.subject().cluster() + "-kubeconfig");
  }

  /** The kubeconfig that a Secret holds; empty if it holds none. */
  static Optional<String> text(JsonNode secret) {
    var value = secret.at("/data/value").asText();
    return value.isEmpty()
        ? Optional.empty()
        : Optional.of(new String(Base64.getDecoder().decode(value), StandardCharsets.UTF_8));
  }

  private static Verdict labelled(Snapshot snapshot, JsonNode secret) {
    var label = secret.at("/metadata/labels").path(CLUSTER_LABEL);
    return new Look()
        .at(
            label.asText().equals(snapshot.subject().cluster()),
            "label %s of %s is %s"
                .formatted(CLUSTER_LABEL, Snapshot.name(secret), Look.shown(label)),
            snapshot.subject().cluster())
        .verdict();
  }

  private static Optional<Config> parsed(Snapshot snapshot) {
    return text(kubeconfig(snapshot)).map(Config::fromKubeconfig);
  }

  private static Verdict content(Snapshot snapshot) {
    var config = parsed(snapshot);
    if (config.isEmpty()) {
      return Verdict.fail("the Secret has no key value; wanted: a kubeconfig");
    }
    var endpoint = snapshot.cluster().at("/spec/controlPlaneEndpoint");
    var wanted =
        "https://%s:%s".formatted(endpoint.path("host").asText(), endpoint.path("port").asText());
    var server = String.valueOf(config.get().getMasterUrl()).replaceAll("/+$", "");
    return new Look()
        .at(
            server.equals(wanted)
                || (wanted.endsWith(":443") && server.equals(wanted.replaceAll(":443$", ""))),
            "the server is " + server,
            wanted)
        .verdict();
  }

  private static Verdict credential(Snapshot snapshot) {
    var data = parsed(snapshot).map(Config::getClientCertData).orElse(null);
    if (data == null) {
      return Verdict.notApplicable("the kubeconfig holds no client certificate");
    }
    var certificate = certificate(Base64.getDecoder().decode(data));
    var start = certificate.getNotBefore().toInstant();
    var end = certificate.getNotAfter().toInstant();
    return new Look()
        .at(
            Duration.between(start, end).compareTo(LONGEST_CREDENTIAL) <= 0,
            "valid from %s to %s".formatted(start, end),
            "a year at most")
        .verdict();
  }

  private static X509Certificate certificate(byte[] pem) {
    try {
      return (X509Certificate)
          CertificateFactory.getInstance("X.509")
              .generateCertificate(new ByteArrayInputStream(pem));
    } catch (CertificateException e) {
      throw new BedException("the client certificate cannot be read: " + e.getMessage(), e);
    }
  }

  private static Verdict authority(Snapshot snapshot) {
    var secret = snapshot.secret(snapshot.subject().cluster() + "-ca");
    if (secret.isMissingNode()) {
      return Verdict.notApplicable("there is no such Secret: nodes do not join by kubeadm");
    }
    var look = new Look();
    look.at(
        !secret.at("/data/tls.crt").asText().isEmpty(),
        "its keys are " + ResourceRules.names(secret.path("data")),
        "tls.crt among them");
    var labelled = labelled(snapshot, secret);
    look.at(
        labelled.outcome() == Verdict.Outcome.PASS,
        labelled.evidence(),
        snapshot.subject().cluster());
    return look.verdict();
  }

  private static Verdict types(Snapshot snapshot) {
    var look = new Look();
    var found =
        List.of("ca", "etcd", "proxy", "sa").stream()
            .map(name -> snapshot.secret(snapshot.subject().cluster() + "-" + name))
            .filter(secret -> !secret.isMissingNode())
            .toList();
    found.forEach(secret ->
        look.at(
            secret.path("type").asText().equals(SECRET_TYPE),
            "%s is of type %s".formatted(Snapshot.name(secret), secret.path("type").asText()),
            SECRET_TYPE));
    return found.isEmpty() ? Verdict.notApplicable("there are no such Secrets") : look.verdict();
  }
}
