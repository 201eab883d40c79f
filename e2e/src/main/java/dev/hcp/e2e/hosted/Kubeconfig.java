package dev.hcp.e2e.hosted;

import dev.hcp.e2e.BedException;
import io.fabric8.kubernetes.client.Config;
import java.io.ByteArrayInputStream;
import java.security.cert.CertificateException;
import java.security.cert.CertificateFactory;
import java.util.Base64;

/** Reads kubeconfigs for the client library. */
public final class Kubeconfig {
  private Kubeconfig() {}

  /**
   * The configuration that the current context of a kubeconfig stands for. The library takes every
   * key in PKCS #8 form for an RSA key, so it is told what the certificate says.
   */
  public static Config parse(String kubeconfig) {
    var config = Config.fromKubeconfig(kubeconfig);
    var certificate = config.getClientCertData();
    if (certificate != null) {
      config.setClientKeyAlgo(algorithm(certificate));
    }
    return config;
  }

  private static String algorithm(String certificate) {
    try {
      return CertificateFactory.getInstance("X.509")
          .generateCertificate(new ByteArrayInputStream(Base64.getDecoder().decode(certificate)))
          .getPublicKey()
          .getAlgorithm();
    } catch (CertificateException e) {
      throw new BedException(
          "the client certificate in the kubeconfig is not usable: " + e.getMessage(), e);
    }
  }
}
