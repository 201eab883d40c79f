package dev.hcp.e2e.hosted;

import io.fabric8.kubernetes.api.model.Secret;
import io.fabric8.kubernetes.api.model.SecretBuilder;
import java.security.SecureRandom;
import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.stream.Collectors;

/**
 * What a machine may join a cluster with, as Cluster API's kubeadm bootstrap provider makes it.
 *
 * @param id its public half
 * @param secret its secret half
 */
record BootstrapToken(String id, String secret) {
  private static final Duration LIFETIME = Duration.ofMinutes(15);
  private static final String ALPHABET = "abcdefghijklmnopqrstuvwxyz0123456789";
  private static final int ID_LENGTH = 6;
  private static final int SECRET_LENGTH = 16;

  static BootstrapToken random() {
    var random = new SecureRandom();
    return new BootstrapToken(letters(random, ID_LENGTH), letters(random, SECRET_LENGTH));
  }

  private static String letters(SecureRandom random, int count) {
    return random
        .ints(count, 0, ALPHABET.length())
        .mapToObj(index -> String.valueOf(ALPHABET.charAt(index)))
        .collect(Collectors.joining());
  }

  /** The object that makes the cluster accept it for a while. */
  Secret object() {
    return new SecretBuilder()
        .withNewMetadata()
        .withName("bootstrap-token-" + id)
        .withNamespace("kube-system")
        .endMetadata()
        .withType("bootstrap.kubernetes.io/token")
        .addToStringData("token-id", id)
        .addToStringData("token-secret", secret)
        .addToStringData(
            "expiration", Instant.now().plus(LIFETIME).truncatedTo(ChronoUnit.SECONDS).toString())
        .addToStringData("usage-bootstrap-authentication", "true")
        .addToStringData("usage-bootstrap-signing", "true")
        .addToStringData("auth-extra-groups", "system:bootstrappers:kubeadm:default-node-token")
        .addToStringData("description", "for one node of the test bed")
        .build();
  }

  /** What is given to kubeadm. */
  String text() {
    return id + "." + secret;
  }
}
