package dev.hcp.render.pki;

import dev.hcp.api.certmanager.CaIssuer;
import dev.hcp.api.certmanager.Certificate;
import dev.hcp.api.certmanager.CertificatePrivateKey;
import dev.hcp.api.certmanager.CertificateSecretTemplate;
import dev.hcp.api.certmanager.CertificateSpec;
import dev.hcp.api.certmanager.CertificateSubject;
import dev.hcp.api.certmanager.Issuer;
import dev.hcp.api.certmanager.IssuerReference;
import dev.hcp.api.certmanager.IssuerSpec;
import dev.hcp.api.certmanager.SelfSignedIssuer;
import dev.hcp.api.v1alpha1.ControlPlaneEndpoint;
import dev.hcp.api.v1alpha1.GoDuration;
import dev.hcp.api.v1alpha1.Kubeconfig;
import dev.hcp.model.ControlPlane;
import dev.hcp.model.Lists;
import dev.hcp.naming.Labels;
import dev.hcp.render.Metadata;
import io.fabric8.kubernetes.api.model.Secret;
import io.fabric8.kubernetes.api.model.SecretBuilder;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * The certificates of a control plane. Three roots of their own sign them, so that a client
 * certificate of one authority is worthless to what trusts another: etcd trusts only the etcd CA.
 */
public final class PkiRenderer {
  /** Key of a trust bundle Secret under which the trusted certificates stand. */
  public static final String BUNDLE_KEY = "ca.crt";

  /** Key of a Secret with a certificate under which that stands. */
  public static final String CERTIFICATE_KEY = "tls.crt";

  /** Type of the Secrets that Cluster API reads. */
  public static final String CLUSTER_SECRET_TYPE = "cluster.x-k8s.io/secret";

  /** Group of the administrators, which the hosted cluster binds to its role. */
  public static final String ADMINS = "kubeadm:cluster-admins";

  /** User as which the API server asks kubelets. */
  public static final String KUBELET_CLIENT = "kube-apiserver-kubelet-client";

  /** User as which the konnectivity server asks the API server. */
  public static final String KONNECTIVITY_SERVER = "system:konnectivity-server";

  /**
   * Group of whoever reads metrics of the hosted components. Every API server binds it to a role of
   * the same name, which allows to read metrics and probes and nothing else.
   */
  public static final String MONITORING = "system:monitoring";

  private static final String SERVER = "server auth";
  private static final String CLIENT = "client auth";

  /** Certificates are renewed when a third of their lifetime is left. */
  private static final int RENEW_BEFORE_PERCENTAGE = 33;

  private PkiRenderer() {}

  /** The roots' own issuer, and the issuers that sign with the roots. */
  public static List<Issuer> issuers(ControlPlane controlPlane) {
    var names = controlPlane.names();
    var issuers = new ArrayList<Issuer>();
    issuers.add(
        issuer(controlPlane, names.rootIssuer(), new IssuerSpec(new SelfSignedIssuer(), null)));
    for (var ca : List.of(names.kubernetesCa(), names.etcdCa(), names.frontProxyCa())) {
      issuers.add(issuer(controlPlane, ca, new IssuerSpec(null, new CaIssuer(ca))));
    }
    return List.copyOf(issuers);
  }

  /**
   * The three roots. Their keys outlive renewals, so a renewed root is trusted wherever the old one
   * was.
   */
  public static List<Certificate> roots(ControlPlane controlPlane) {
    return roots(controlPlane, Set.of());
  }

  /**
   * The same while some of them are no roots yet, but signed by the Kubernetes CA: whoever trusts
   * only that one goes on trusting what they sign.
   *
   * @param intermediates names of these
   */
  public static List<Certificate> roots(ControlPlane controlPlane, Set<String> intermediates) {
    var names = controlPlane.names();
    var lifetimes = controlPlane.lifetimes();
    return List.of(
        root(controlPlane, intermediates, names.kubernetesCa(), "kubernetes", lifetimes.rootCa()),
        root(controlPlane, intermediates, names.etcdCa(), "etcd-ca", lifetimes.ca()),
        root(controlPlane, intermediates, names.frontProxyCa(), "front-proxy-ca", lifetimes.ca()));
  }

  /** All certificates that depend on nothing observed. */
  public static List<Certificate> leaves(ControlPlane controlPlane) {
    var names = controlPlane.names();
    var kubernetes = names.kubernetesCa();
    var etcd = names.etcdCa();
    return List.of(
        client(
            controlPlane,
            names.apiServerKubeletClientCertificate(),
            kubernetes,
            KUBELET_CLIENT,
            null),
        client(
            controlPlane,
            names.frontProxyCertificate(),
            names.frontProxyCa(),
            "front-proxy-client",
            null),
        client(controlPlane, names.adminCertificate(), kubernetes, "kubernetes-admin", ADMINS),
        client(
            controlPlane,
            names.controllerManagerCertificate(),
            kubernetes,
            "system:kube-controller-manager",
            null),
        client(
            controlPlane, names.schedulerCertificate(), kubernetes, "system:kube-scheduler", null),
        client(
            controlPlane,
            names.konnectivityClientCertificate(),
            kubernetes,
            KONNECTIVITY_SERVER,
            null),
        client(
            controlPlane,
            names.controlPlaneControllerCertificate(),
            kubernetes,
            "system:control-plane-controller",
            "system:masters"),
        etcdMember(controlPlane, names.etcdServerCertificate(), "etcd-server"),
        etcdMember(controlPlane, names.etcdPeerCertificate(), "etcd-peer"),
        client(
            controlPlane,
            names.etcdApiServerClientCertificate(),
            etcd,
            "apiserver-etcd-client",
            null),
        client(
            controlPlane,
            names.etcdControllerClientCertificate(),
            etcd,
            "controller-etcd-client",
            null));
  }

  /**
   * The certificate by which metrics of the hosted components are read; none where no namespace may
   * read them.
   */
  public static Optional<Certificate> monitoring(ControlPlane controlPlane) {
    var names = controlPlane.names();
    return controlPlane.metricsNamespaces().isEmpty()
        ? Optional.empty()
        : Optional.of(
            client(
                controlPlane,
                names.monitoringCertificate(),
                names.kubernetesCa(),
                "control-plane-monitoring",
                MONITORING));
  }

  /** The certificates of users, one for each kubeconfig that the spec asks for. */
  public static List<Certificate> users(ControlPlane controlPlane) {
    return controlPlane.kubeconfigs().stream().map(entry -> user(controlPlane, entry)).toList();
  }

  private static Certificate user(ControlPlane controlPlane, Kubeconfig entry) {
    var names = controlPlane.names();
    var certificate =
        client(
            controlPlane,
            names.kubeconfigCertificate(entry.name()),
            names.kubernetesCa(),
            entry.user(),
            null);
    var lifetime =
        entry.duration() == null
            ? controlPlane.lifetimes().leaf()
            : GoDuration.parse(entry.duration());
    var groups = Lists.orEmpty(entry.groups());
    certificate.setSpec(
        certificate
            .getSpec()
            .with(
                groups.isEmpty() ? null : new CertificateSubject(groups),
                GoDuration.format(lifetime)));
    return certificate;
  }

  /**
   * The certificate of the API server and of the konnectivity server.
   *
   * @param endpoint public address
   * @param serviceNames addresses and names of the Service that are dialled from outside. Pods of
   *     the hosted cluster dial that cluster's own Service {@code kubernetes}, wherever it leads
   */
  public static Certificate apiServer(
      ControlPlane controlPlane, ControlPlaneEndpoint endpoint, List<String> serviceNames) {
    var names = controlPlane.names();
    var service = names.apiServerService();
    var namespace = controlPlane.namespace();
    var sans = new SubjectAlternativeNames();
    sans.add("localhost");
    sans.add("kubernetes");
    sans.add("kubernetes.default");
    sans.add("kubernetes.default.svc");
    sans.add("kubernetes.default.svc." + controlPlane.networks().serviceDomain());
    sans.add(String.valueOf(endpoint.host()));
    sans.add(ControlPlane.konnectivityHost(endpoint));
    sans.add(service);
    sans.add(service + "." + namespace);
    sans.add(service + "." + namespace + ".svc");
    serviceNames.forEach(sans::add);
    controlPlane.networks().kubernetesServiceAddresses().forEach(sans::add);
    sans.add("127.0.0.1");
    return leaf(
        controlPlane,
        names.apiServerCertificate(),
        names.kubernetesCa(),
        "kube-apiserver",
        null,
        List.of(SERVER),
        sans);
  }

  /**
   * The Secret with the certificates that are trusted in place of one CA.
   *
   * @param ca name of the CA
   * @param data the trusted certificates, under {@link #BUNDLE_KEY}, and what rotations add
   */
  public static Secret bundle(ControlPlane controlPlane, String ca, Map<String, String> data) {
    return new SecretBuilder()
        .withMetadata(Metadata.of(controlPlane, controlPlane.names().bundle(ca)))
        .withType("Opaque")
        .withData(data)
        .build();
  }

  /**
   * The Secret with the service-account keys, in the form that Cluster API expects.
   *
   * @param data {@code tls.crt}: all public keys, {@code tls.key}: the signing key, each base64 of
   *     PEM
   */
  public static Secret serviceAccountKeys(ControlPlane controlPlane, Map<String, String> data) {
    return new SecretBuilder()
        .withMetadata(Metadata.of(controlPlane, controlPlane.names().serviceAccountKeys()))
        .withType(CLUSTER_SECRET_TYPE)
        .withData(data)
        .build();
  }

  /** The Secret with the Kubernetes CA that is about to follow. */
  public static Secret nextAuthority(ControlPlane controlPlane, Map<String, String> data) {
    return new SecretBuilder()
        .withMetadata(Metadata.of(controlPlane, controlPlane.names().nextKubernetesCa()))
        .withType("Opaque")
        .withData(data)
        .build();
  }

  /** The Secret with copies of the root keys. */
  public static Secret rootKeys(ControlPlane controlPlane, Map<String, String> data) {
    return new SecretBuilder()
        .withMetadata(Metadata.of(controlPlane, controlPlane.names().rootKeys()))
        .withType("Opaque")
        .withData(data)
        .build();
  }

  /**
   * The Secret of a root as it was. cert-manager takes the key over and, if it likes, signs it
   * anew.
   *
   * @param name name of the root
   * @param certificate base64 of PEM
   * @param key base64 of PEM
   */
  public static Secret restoredAuthority(
      ControlPlane controlPlane, String name, String certificate, String key) {
    return new SecretBuilder()
        .withNewMetadata()
        .withName(name)
        .withNamespace(controlPlane.namespace())
        .withLabels(certificateLabels(controlPlane, true))
        .endMetadata()
        .withType("kubernetes.io/tls")
        .withData(Map.of("tls.crt", certificate, "tls.key", key, "ca.crt", certificate))
        .build();
  }

  private static Map<String, String> certificateLabels(ControlPlane controlPlane, boolean isCa) {
    var labels = Labels.of(controlPlane.names().cluster());
    labels.put(Labels.CERTIFICATE_KIND, isCa ? "ca" : "client");
    return labels;
  }

  private static Issuer issuer(ControlPlane controlPlane, String name, IssuerSpec spec) {
    var issuer = new Issuer();
    issuer.setMetadata(Metadata.of(controlPlane, name));
    issuer.setSpec(spec);
    return issuer;
  }

  private static Certificate root(
      ControlPlane controlPlane,
      Set<String> intermediates,
      String name,
      String commonName,
      Duration lifetime) {
    return certificate(
        controlPlane,
        name,
        intermediates.contains(name)
            ? controlPlane.names().kubernetesCa()
            : controlPlane.names().rootIssuer(),
        commonName,
        null,
        List.of("key encipherment", "digital signature", "cert sign"),
        new SubjectAlternativeNames(),
        true,
        lifetime);
  }

  private static Certificate client(
      ControlPlane controlPlane,
      String name,
      String issuer,
      String commonName,
      @Nullable String group) {
    return leaf(
        controlPlane,
        name,
        issuer,
        commonName,
        group,
        List.of(CLIENT),
        new SubjectAlternativeNames());
  }

  private static Certificate etcdMember(ControlPlane controlPlane, String name, String commonName) {
    var names = controlPlane.names();
    var namespace = controlPlane.namespace();
    var sans = new SubjectAlternativeNames();
    sans.add("localhost");
    // Of members that may be added or restored, too: no certificate changes when one is.
    for (int i = 0; i < ControlPlane.ETCD_ORDINALS; i++) {
      sans.add(names.etcdMember(i));
      sans.add(controlPlane.etcdMemberHost(i));
    }
    sans.add(names.etcdPeerService());
    sans.add(names.etcdClientService());
    sans.add(names.etcdClientService() + "." + namespace + ".svc");
    sans.add("127.0.0.1");
    return leaf(
        controlPlane, name, names.etcdCa(), commonName, null, List.of(SERVER, CLIENT), sans);
  }

  private static Certificate leaf(
      ControlPlane controlPlane,
      String name,
      String issuer,
      String commonName,
      @Nullable String group,
      List<String> usages,
      SubjectAlternativeNames sans) {
    var all = new ArrayList<>(List.of("key encipherment", "digital signature"));
    all.addAll(usages);
    return certificate(
        controlPlane,
        name,
        issuer,
        commonName,
        group,
        all,
        sans,
        false,
        controlPlane.lifetimes().leaf());
  }

  private static Certificate certificate(
      ControlPlane controlPlane,
      String name,
      String issuer,
      String commonName,
      @Nullable String group,
      List<String> usages,
      SubjectAlternativeNames sans,
      boolean isCa,
      Duration lifetime) {
    var labels = certificateLabels(controlPlane, isCa);
    var certificate = new Certificate();
    certificate.setMetadata(Metadata.of(controlPlane, name, labels));
    certificate.setSpec(
        new CertificateSpec(
            name,
            new IssuerReference(issuer, "Issuer", "cert-manager.io"),
            commonName,
            group == null ? null : new CertificateSubject(List.of(group)),
            sans.dnsNames(),
            sans.ipAddresses(),
            List.copyOf(usages),
            isCa,
            GoDuration.format(lifetime),
            RENEW_BEFORE_PERCENTAGE,
            isCa
                ? new CertificatePrivateKey("RSA", 2048, "PKCS1", "Never")
                : new CertificatePrivateKey("ECDSA", 256, "PKCS8", "Always"),
            1,
            new CertificateSecretTemplate(labels)));
    return certificate;
  }
}
