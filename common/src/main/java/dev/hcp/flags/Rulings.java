package dev.hcp.flags;

import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.TreeMap;

/**
 * The flags that are not the user's to set, by program. Ignored are those that the controller sets
 * and whose loss hurts nobody who reads the warning. Refused are those for which there is a field,
 * those that are there to protect, and those with which the program would not work. Admission says
 * so, and rendering abides by it: an object may have been stored before admission knew the flag.
 */
public final class Rulings {
  private static final String PRINTS = "the program would print something and end";
  private static final String AUDIT = "what is audited is said by deployment.apiServer.audit";
  private static final String ISSUERS = "token issuers are given by oidcProviders";
  private static final String OWN_ETCD = "API servers use the control plane's own etcd, see etcd";
  private static final String RANGES = "the range is taken from spec.clusterNetwork of the Cluster";
  private static final String PROBES = "probes and network policies expect the port as it is";
  private static final String KUBECONFIG = "the address is that of the hosted API server";
  private static final String NODE_RESTRICTION = "NodeRestriction";
  private static final String READ_ONLY =
      "the file system is read-only; certificates are made in memory";

  private static final Map<Program, Map<String, Ruling>> ALL =
      Map.of(
          Program.KUBE_APISERVER, apiServer(),
          Program.KUBE_CONTROLLER_MANAGER, controllerManager(),
          Program.KUBE_SCHEDULER, scheduler(),
          Program.KUBE_PROXY, proxy(),
          Program.ETCD, etcd(),
          Program.KONNECTIVITY_SERVER, konnectivityServer(),
          Program.KONNECTIVITY_AGENT, konnectivityAgent(),
          Program.COREDNS, coredns());

  private Rulings() {}

  /**
   * What becomes of a flag; empty if it is the user's to set.
   *
   * @param flag in the spelling of the program
   */
  public static Optional<Ruling> of(Program program, String flag) {
    return Optional.ofNullable(of(program).get(flag));
  }

  /** All flags of a program that are not the user's to set. */
  public static Map<String, Ruling> of(Program program) {
    return Objects.requireNonNull(ALL.get(program));
  }

  private static Map<String, Ruling> apiServer() {
    return new Book()
        .set("allow-privileged", "true")
        .set("endpoint-reconciler-type", "none")
        .set("enable-bootstrap-token-auth", "true")
        .set("goaway-chance", "0.001")
        .set("kubelet-preferred-address-types", "InternalIP,InternalDNS,Hostname")
        .set("profiling", "false")
        .set("requestheader-allowed-names", "front-proxy-client")
        .set("requestheader-extra-headers-prefix", "X-Remote-Extra-")
        .set("requestheader-group-headers", "X-Remote-Group")
        .set("requestheader-username-headers", "X-Remote-User")
        .set("secure-port", "6443")
        .set("shutdown-delay-duration", "10s")
        .set("tls-min-version", "VersionTLS12")
        .only("service-account-lookup", "true", "tokens end with their service account")
        .set(
            List.of(
                "api-audiences",
                "client-ca-file",
                "egress-selector-config-file",
                "external-hostname",
                "kubelet-certificate-authority",
                "kubelet-client-certificate",
                "kubelet-client-key",
                "proxy-client-cert-file",
                "proxy-client-key-file",
                "requestheader-client-ca-file",
                "service-account-issuer",
                "service-account-jwks-uri",
                "service-account-key-file",
                "service-account-signing-key-file",
                "tls-cert-file",
                "tls-cipher-suites",
                "tls-private-key-file",
                // Set where events go to several receivers.
                "audit-webhook-truncate-enabled",
                "audit-webhook-truncate-max-batch-size",
                "audit-webhook-truncate-max-event-size"))
        .only("anonymous-auth", "true", "probes and kubeadm join ask without credentials")
        .only(
            "authorization-mode",
            "Node,RBAC",
            "nodes and users have the rights that Node and RBAC give them")
        .names(
            "enable-admission-plugins",
            List.of(NODE_RESTRICTION),
            Map.of("AlwaysDeny", "every change would be refused"))
        .names(
            "disable-admission-plugins",
            List.of(),
            Map.of(
                NODE_RESTRICTION,
                "it keeps nodes from changing what is not theirs",
                "ServiceAccount",
                "kube-proxy and CoreDNS get their tokens by it"))
        .on(
            "feature-gates",
            "StructuredAuthenticationConfiguration",
            "the API server reads from a file whom it believes")
        .refuse(
            "it excludes enable-admission-plugins, by which plug-ins are switched on",
            "admission-control")
        .keep(
            "what is encrypted is said by encryptionAtRest, which a file would contradict",
            "encryption-provider-config",
            "encryption-provider-config-automatic-reload")
        .refuse(
            "tokens in a file stay valid as long as the API server runs; " + ISSUERS,
            "token-auth-file")
        .refuse(
            "it does not go together with Node and RBAC, which the controller sets",
            "authorization-config",
            "authorization-policy-file",
            "authorization-webhook-config-file")
        .refuse(
            ISSUERS,
            "authentication-config",
            "oidc-ca-file",
            "oidc-client-id",
            "oidc-groups-claim",
            "oidc-groups-prefix",
            "oidc-issuer-url",
            "oidc-required-claim",
            "oidc-signing-algs",
            "oidc-username-claim",
            "oidc-username-prefix")
        .refuse(
            AUDIT,
            "audit-log-mode",
            "audit-log-path",
            "audit-policy-file",
            "audit-webhook-config-file",
            "audit-webhook-mode")
        .refuse(
            OWN_ETCD,
            "etcd-cafile",
            "etcd-certfile",
            "etcd-keyfile",
            "etcd-prefix",
            "etcd-servers",
            "etcd-servers-overrides")
        .refuse(
            "where the cluster's Service kubernetes leads is said by exposure.inClusterAccess",
            "advertise-address")
        .refuse(
            "API servers listen on all addresses of their pods, where probes and Services expect"
                + " them",
            "bind-address")
        .refuse(RANGES, "service-cluster-ip-range")
        .refuse("the API server's certificate is the controller's matter", "cert-dir")
        .refuse(
            "tokens are signed by the keys that the controller keeps",
            "service-account-signing-endpoint")
        .refuse(PRINTS, "version")
        .all();
  }

  private static Map<String, Ruling> controllerManager() {
    return follower()
        .set("allocate-node-cidrs", "true")
        .set("controllers", "*,bootstrap-signer-controller,token-cleaner-controller")
        .set(
            List.of(
                "client-ca-file",
                "cluster-name",
                "cluster-signing-cert-file",
                "cluster-signing-key-file",
                "requestheader-client-ca-file",
                "root-ca-file",
                "service-account-private-key-file"))
        .only(
            "use-service-account-credentials",
            "true",
            "each controller has the rights of a service account of its own")
        .refuse(RANGES, "cluster-cidr", "service-cluster-ip-range")
        .refuse(
            "one CA signs for all signers, as the controller sets it",
            "cluster-signing-kube-apiserver-client-cert-file",
            "cluster-signing-kube-apiserver-client-key-file",
            "cluster-signing-kubelet-client-cert-file",
            "cluster-signing-kubelet-client-key-file",
            "cluster-signing-kubelet-serving-cert-file",
            "cluster-signing-kubelet-serving-key-file",
            "cluster-signing-legacy-unknown-cert-file",
            "cluster-signing-legacy-unknown-key-file")
        .all();
  }

  private static Map<String, Ruling> scheduler() {
    return follower().refuse(PRINTS, "write-config-to").all();
  }

  private static Book follower() {
    return new Book()
        .set("bind-address", "0.0.0.0")
        .set("leader-elect", "true")
        .set("profiling", "false")
        .set("tls-min-version", "VersionTLS12")
        .set(
            List.of(
                "authentication-kubeconfig",
                "authorization-kubeconfig",
                "kubeconfig",
                "tls-cipher-suites"))
        .refuse(KUBECONFIG, "master")
        .refuse(PROBES, "secure-port")
        .refuse(READ_ONLY, "cert-dir")
        .refuse(PRINTS, "version");
  }

  private static Map<String, Ruling> proxy() {
    return new Book()
        .set(List.of("hostname-override", "kubeconfig"))
        .refuse("the mode is given by kubeProxy.mode", "proxy-mode")
        .refuse(RANGES, "cluster-cidr")
        .refuse(KUBECONFIG, "master")
        .refuse("with a file kube-proxy would ignore its flags", "config")
        .refuse("kube-proxy would end once that is done", "cleanup", "init-only", "write-config-to")
        .refuse(PRINTS, "version")
        .all();
  }

  private static Map<String, Ruling> etcd() {
    var certificates = "members identify themselves by the certificates of the controller";
    var bootstrap = "members find each other by the list that the controller makes";
    return new Book()
        .set("auto-compaction-mode", "periodic")
        .set("auto-compaction-retention", "72h")
        .set("client-cert-auth", "true")
        // Until 3.5; later the feature gate does it.
        .set("experimental-compact-hash-check-enabled", "true")
        .set("peer-client-cert-auth", "true")
        .on(
            "feature-gates",
            "CompactHashCheck",
            "a member whose data differ from those of the others is found by it")
        .set(
            List.of(
                "cert-file",
                "cipher-suites",
                "key-file",
                "name",
                "peer-cert-file",
                "peer-key-file",
                "peer-trusted-ca-file",
                "trusted-ca-file"))
        .refuse("it follows from the size of the volumes, etcd.volumeSize", "quota-backend-bytes")
        .refuse("data is kept on the volumes of the control plane", "data-dir", "wal-dir")
        .refuse(
            "members serve under the names and at the ports that probes and API servers expect",
            "advertise-client-urls",
            "initial-advertise-peer-urls",
            "listen-client-http-urls",
            "listen-client-urls",
            "listen-metrics-urls",
            "listen-peer-urls")
        .refuse(
            bootstrap,
            "discovery",
            "discovery-cacert",
            "discovery-cert",
            "discovery-endpoints",
            "discovery-fallback",
            "discovery-key",
            "discovery-password",
            "discovery-proxy",
            "discovery-srv",
            "discovery-srv-name",
            "discovery-token",
            "discovery-user",
            "initial-cluster",
            "initial-cluster-state",
            "initial-cluster-token",
            "proxy")
        .refuse(
            "every start of a member would make a cluster of that member alone",
            "force-new-cluster")
        .refuse(certificates, "auto-tls", "peer-auto-tls", "self-signed-cert-validity")
        .refuse("with a file etcd would ignore its flags", "config-file")
        .refuse(PRINTS, "version")
        .all();
  }

  private static Map<String, Ruling> konnectivityServer() {
    return new Book()
        .set("admin-port", "8133")
        .set("agent-namespace", "kube-system")
        .set("agent-port", "8132")
        .set("agent-service-account", "konnectivity-agent")
        .set("authentication-audience", "system:konnectivity-server")
        .set("enable-lease-controller", "true")
        .set("health-port", "8134")
        .set("keepalive-time", "30s")
        .set("mode", "grpc")
        .set("server-port", "0")
        .set(List.of("cluster-cert", "cluster-key", "kubeconfig", "uds-name"))
        .refuse("agents identify themselves by tokens", "cluster-ca-cert")
        .refuse(PROBES, "health-bind-address")
        .all();
  }

  private static Map<String, Ruling> konnectivityAgent() {
    return new Book()
        .set("admin-server-port", "8133")
        .set("count-server-leases", "true")
        .set("health-server-port", "8134")
        .set("keepalive-time", "45s")
        .set(
            List.of(
                "agent-id",
                "ca-cert",
                "kubeconfig",
                "proxy-server-host",
                "proxy-server-port",
                "service-account-token-path"))
        .all();
  }

  private static Map<String, Ruling> coredns() {
    return new Book()
        .refuse("the Corefile is given by coredns.corefile", "conf")
        .refuse(PRINTS, "plugins", "version")
        .all();
  }

  private static final class Book {
    private final Map<String, Ruling> all = new TreeMap<>();

    Book set(String flag, String value) {
      all.put(flag, new Ruling.Ignored(value));
      return this;
    }

    Book set(List<String> flags) {
      flags.forEach(flag -> all.put(flag, new Ruling.Ignored(null)));
      return this;
    }

    Book only(String flag, String value, String why) {
      all.put(flag, new Ruling.Fixed(value, why));
      return this;
    }

    Book names(String flag, List<String> always, Map<String, String> never) {
      all.put(flag, new Ruling.Names(always, never));
      return this;
    }

    Book on(String flag, String gate, String why) {
      all.put(flag, new Ruling.Gates(Map.of(gate, why)));
      return this;
    }

    Book keep(String why, String... flags) {
      List.of(flags).forEach(flag -> all.put(flag, new Ruling.Kept(why)));
      return this;
    }

    Book refuse(String why, String... flags) {
      List.of(flags).forEach(flag -> all.put(flag, new Ruling.Refused(why)));
      return this;
    }

    Map<String, Ruling> all() {
      return Map.copyOf(all);
    }
  }
}
