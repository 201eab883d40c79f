package dev.hcp.hardening;

import static dev.hcp.flags.Program.ETCD;
import static dev.hcp.flags.Program.KUBE_APISERVER;
import static dev.hcp.flags.Program.KUBE_CONTROLLER_MANAGER;
import static dev.hcp.flags.Program.KUBE_SCHEDULER;

import dev.hcp.flags.Program;
import java.util.List;
import java.util.Set;
import java.util.function.Predicate;

/**
 * The sections of the CIS Kubernetes Benchmark, version 1.12, that are about control planes: 1, 2
 * and 3. Numbers and flags as in cis-1.12 of kube-bench.
 */
public final class CisBenchmark {
  /** Suites that 1.2.29 accepts, of those that Go knows by these names. */
  private static final Set<String> STRONG_CIPHERS =
      Set.of(
          "TLS_AES_128_GCM_SHA256",
          "TLS_AES_256_GCM_SHA384",
          "TLS_CHACHA20_POLY1305_SHA256",
          "TLS_ECDHE_ECDSA_WITH_AES_128_GCM_SHA256",
          "TLS_ECDHE_ECDSA_WITH_AES_256_GCM_SHA384",
          "TLS_ECDHE_ECDSA_WITH_CHACHA20_POLY1305_SHA256",
          "TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256",
          "TLS_ECDHE_RSA_WITH_AES_256_GCM_SHA384",
          "TLS_ECDHE_RSA_WITH_CHACHA20_POLY1305_SHA256");

  private static final String AUDIT =
      "deployment: {apiServer: {audit: {policy: {rules: [{level: Metadata}]}}}}";

  private static final String PLUGINS = "enable-admission-plugins";
  private static final String NOT_PLUGINS = "disable-admission-plugins";

  private CisBenchmark() {}

  /** All checks, in the order of the benchmark. */
  public static List<CisCheck> checks() {
    return List.of(
        elsewhere(
            "1.1.1–1.1.8",
            "files of static pods: mode 600, owned by root",
            "there are no static pods; Deployments and StatefulSets are protected from changes"),
        elsewhere(
            "1.1.9–1.1.10",
            "files of the pod network: mode 600, owned by root",
            "they are on nodes"),
        exception(
            "1.1.11–1.1.12",
            "data directory of etcd: mode 700, owned by etcd",
            ETCD,
            "the directory is a volume that only this pod mounts, with the group of its user; what"
                + " etcd makes in it has mode 700 and 600",
            process -> !process.is("data-dir", "/var/lib/etcd"),
            process -> process.is("data-dir", "/var/lib/etcd")),
        elsewhere(
            "1.1.13–1.1.14",
            "`admin.conf`: mode 600, owned by root",
            "it is Secret `<c>-kubeconfig` and mounted nowhere"),
        exception(
            "1.1.15–1.1.16",
            "kubeconfig of the scheduler: mode 600, owned by root",
            KUBE_SCHEDULER,
            "mode 440, owned by root: processes are not root and read it by their group; it names"
                + " files and has no key",
            process -> process.secretFiles().stream().allMatch(f -> (f.mode() & ~0600) == 0),
            CisBenchmark::confined),
        exception(
            "1.1.17–1.1.18",
            "kubeconfig of the controller-manager: mode 600, owned by root",
            KUBE_CONTROLLER_MANAGER,
            "as 1.1.15",
            process -> process.secretFiles().stream().allMatch(f -> (f.mode() & ~0600) == 0),
            CisBenchmark::confined),
        exception(
            "1.1.19",
            "directory and files of the PKI: owned by root, group root",
            KUBE_APISERVER,
            "owned by root, with the group of the pod's user, which is not root; read-only, in"
                + " memory, each pod with no more than it needs",
            process -> process.secretFiles().isEmpty(),
            CisBenchmark::confined),
        met(
            "1.1.20",
            "certificates: mode 644 or stricter",
            KUBE_APISERVER,
            "440",
            CisBenchmark::confined),
        exception(
            "1.1.21",
            "keys: mode 600",
            KUBE_APISERVER,
            "440, as 1.1.15",
            process -> process.secretFiles().stream().allMatch(f -> (f.mode() & ~0600) == 0),
            CisBenchmark::confined),
        exception(
            "1.2.1",
            "no anonymous requests",
            KUBE_APISERVER,
            "probes and `kubeadm join` ask without credentials. From Kubernetes 1.34 on they may"
                + " only ask for their paths, see below",
            process -> process.is("anonymous-auth", "false"),
            process -> process.has("authentication-config")),
        met(
            "1.2.2",
            "no file with tokens",
            KUBE_APISERVER,
            "refused in `args`",
            process -> process.flag("token-auth-file").isEmpty()),
        choice(
            "1.2.3",
            "plug-in DenyServiceExternalIPs",
            KUBE_APISERVER,
            "`args: {enable-admission-plugins: DenyServiceExternalIPs}`; clusters may rely on such"
                + " addresses",
            plugin("DenyServiceExternalIPs"),
            process -> process.lists(PLUGINS, "DenyServiceExternalIPs")),
        met(
            "1.2.4",
            "client certificate for kubelets",
            KUBE_APISERVER,
            "`<c>-apiserver-kubelet-client`",
            process -> process.has("kubelet-client-certificate", "kubelet-client-key")),
        met(
            "1.2.5",
            "CA of kubelets",
            KUBE_APISERVER,
            "the cluster's CA, whose certificates for kubelets the controller approves",
            process -> process.has("kubelet-certificate-authority")),
        met(
            "1.2.6–1.2.8",
            "authorization by Node and RBAC, not AlwaysAllow",
            KUBE_APISERVER,
            "no other mode is accepted",
            process -> process.is("authorization-mode", "Node,RBAC")),
        choice(
            "1.2.9",
            "plug-in EventRateLimit",
            KUBE_APISERVER,
            "`args` and `mounts`, as in [flags and mounts](flags-and-mounts.md); the plug-in is"
                + " alpha and its limits depend on the cluster",
            "deployment: {apiServer: {args: {enable-admission-plugins: EventRateLimit}}}",
            process -> process.lists(PLUGINS, "EventRateLimit")),
        met(
            "1.2.10",
            "no plug-in AlwaysAdmit",
            KUBE_APISERVER,
            "off unless chosen",
            process -> !process.lists(PLUGINS, "AlwaysAdmit")),
        choice(
            "1.2.11",
            "plug-in AlwaysPullImages",
            KUBE_APISERVER,
            "`args: {enable-admission-plugins: AlwaysPullImages}`; no pod would start while its"
                + " registry is down",
            plugin("AlwaysPullImages"),
            process -> process.lists(PLUGINS, "AlwaysPullImages")),
        met(
            "1.2.12",
            "plug-in ServiceAccount",
            KUBE_APISERVER,
            "on by default",
            process -> !process.lists(NOT_PLUGINS, "ServiceAccount")),
        met(
            "1.2.13",
            "plug-in NamespaceLifecycle",
            KUBE_APISERVER,
            "on by default",
            process -> !process.lists(NOT_PLUGINS, "NamespaceLifecycle")),
        met(
            "1.2.14",
            "plug-in NodeRestriction",
            KUBE_APISERVER,
            "cannot be switched off",
            process ->
                process.lists(PLUGINS, "NodeRestriction")
                    && !process.lists(NOT_PLUGINS, "NodeRestriction")),
        met("1.2.15", "no profiling", KUBE_APISERVER, "off", CisBenchmark::unprofiled),
        choice(
            "1.2.16",
            "log of audit events",
            KUBE_APISERVER,
            "[`deployment.apiServer.audit`](audit.md): to standard output, or to receivers, where"
                + " this flag is not set",
            AUDIT,
            process -> process.has("audit-log-path")),
        exception(
            "1.2.17–1.2.19",
            "age, number and size of old audit logs",
            KUBE_APISERVER,
            "there are no files: standard output is kept by what collects the logs of pods, and"
                + " receivers keep theirs",
            process -> process.has("audit-log-maxage"),
            process -> !process.has("audit-log-path") || process.is("audit-log-path", "-")),
        met(
            "1.2.20",
            "time-out of requests",
            KUBE_APISERVER,
            "Kubernetes' default of 60s, or another in `args`",
            process -> !process.is("request-timeout", "0") && !process.is("request-timeout", "0s")),
        met(
            "1.2.21",
            "tokens end with their service account",
            KUBE_APISERVER,
            "no other value is accepted",
            process -> process.is("service-account-lookup", "true")),
        met(
            "1.2.22",
            "keys of service accounts",
            KUBE_APISERVER,
            "`<c>-sa`",
            process -> process.has("service-account-key-file")),
        met(
            "1.2.23",
            "client certificate for etcd",
            KUBE_APISERVER,
            "`<c>-etcd-apiserver-client`",
            process -> process.has("etcd-certfile", "etcd-keyfile")),
        met(
            "1.2.24",
            "serving certificate",
            KUBE_APISERVER,
            "`<c>-apiserver`",
            process -> process.has("tls-cert-file", "tls-private-key-file")),
        met(
            "1.2.25",
            "CA of clients",
            KUBE_APISERVER,
            "the cluster's CA",
            process -> process.has("client-ca-file")),
        met(
            "1.2.26",
            "CA of etcd",
            KUBE_APISERVER,
            "etcd's own CA",
            process -> process.has("etcd-cafile")),
        met(
            "1.2.27",
            "encryption at rest",
            KUBE_APISERVER,
            "[Secrets are encrypted](encryption.md) unless that is disabled",
            process -> process.has("encryption-provider-config")),
        met(
            "1.2.28",
            "its provider: aescbc, kms or secretbox",
            KUBE_APISERVER,
            "secretbox, in a file that the controller writes",
            process ->
                process.is(
                    "encryption-provider-config",
                    "/etc/kubernetes/encryption/encryption-configuration.yaml")),
        met(
            "1.2.29",
            "strong cipher suites",
            KUBE_APISERVER,
            "forward secrecy and authenticated encryption, TLS 1.2 and 1.3",
            process ->
                strong(process, "tls-cipher-suites")
                    && process.is("tls-min-version", "VersionTLS12")),
        choice(
            "1.2.30",
            "tokens of pods last an hour, not a year",
            KUBE_APISERVER,
            "`args: {service-account-extend-token-expiration: \"false\"}`, once metric"
                + " `serviceaccount_stale_tokens_total` stays at zero: clients that never read their"
                + " token again would be locked out",
            "deployment: {apiServer: {args: {service-account-extend-token-expiration: \"false\"}}}",
            process -> process.is("service-account-extend-token-expiration", "false")),
        met(
            "1.3.1",
            "number of ended pods that are kept",
            KUBE_CONTROLLER_MANAGER,
            "1000, or another in `args`; Kubernetes' default is 12500",
            process -> process.has("terminated-pod-gc-threshold")),
        met("1.3.2", "no profiling", KUBE_CONTROLLER_MANAGER, "off", CisBenchmark::unprofiled),
        met(
            "1.3.3",
            "a service account for each controller",
            KUBE_CONTROLLER_MANAGER,
            "no other value is accepted",
            process -> process.is("use-service-account-credentials", "true")),
        met(
            "1.3.4",
            "key of service accounts",
            KUBE_CONTROLLER_MANAGER,
            "`<c>-sa`",
            process -> process.has("service-account-private-key-file")),
        met(
            "1.3.5",
            "CA in service-account tokens",
            KUBE_CONTROLLER_MANAGER,
            "the cluster's CA",
            process -> process.has("root-ca-file")),
        met(
            "1.3.6",
            "kubelets renew their serving certificates",
            KUBE_CONTROLLER_MANAGER,
            "on by default; the controller approves requests for the node's own addresses",
            process -> !process.lists("feature-gates", "RotateKubeletServerCertificate=false")),
        exception(
            "1.3.7",
            "listens on 127.0.0.1",
            KUBE_CONTROLLER_MANAGER,
            "kubelets probe it, and monitoring reads metrics, at the pod's address: by TLS, with"
                + " authentication and authorization, and behind a network policy",
            process -> process.is("bind-address", "127.0.0.1"),
            CisBenchmark::guarded),
        met("1.4.1", "no profiling", KUBE_SCHEDULER, "off", CisBenchmark::unprofiled),
        exception(
            "1.4.2",
            "listens on 127.0.0.1",
            KUBE_SCHEDULER,
            "as 1.3.7",
            process -> process.is("bind-address", "127.0.0.1"),
            CisBenchmark::guarded),
        met(
            "2.1",
            "serving certificate",
            ETCD,
            "`<c>-etcd-server`, with the cipher suites of 1.2.29",
            process -> process.has("cert-file", "key-file") && strong(process, "cipher-suites")),
        met(
            "2.2",
            "clients need certificates",
            ETCD,
            "always",
            process -> process.is("client-cert-auth", "true") && listensByTls(process)),
        met(
            "2.3",
            "no certificates made by itself",
            ETCD,
            "refused in `args`",
            process -> !process.has("auto-tls") || process.is("auto-tls", "false")),
        met(
            "2.4",
            "certificate for peers",
            ETCD,
            "`<c>-etcd-peer`",
            process -> process.has("peer-cert-file", "peer-key-file")),
        met(
            "2.5",
            "peers need certificates",
            ETCD,
            "always",
            process -> process.is("peer-client-cert-auth", "true")),
        met(
            "2.6",
            "no certificates for peers made by itself",
            ETCD,
            "refused in `args`",
            process -> !process.has("peer-auto-tls") || process.is("peer-auto-tls", "false")),
        met(
            "2.7",
            "a CA of its own",
            ETCD,
            "`<c>-etcd-ca`, a root: no certificate of the cluster's CA opens etcd",
            process -> process.has("trusted-ca-file", "peer-trusted-ca-file")),
        elsewhere(
            "3.1.1–3.1.3",
            "people do not log in by client certificate, service account or bootstrap token",
            "that is the matter of who hands out access: [token issuers](authentication.md) are for"
                + " people, `<c>-kubeconfig` is for emergencies and for Cluster API"),
        choice(
            "3.2.1",
            "an audit policy",
            KUBE_APISERVER,
            "`deployment.apiServer.audit.policy`",
            AUDIT,
            process -> process.has("audit-policy-file")),
        elsewhere(
            "3.2.2",
            "the audit policy covers what matters",
            "the policy is the user's; that of the sample in [audit](audit.md) does"));
  }

  private static boolean confined(ControlPlaneProcess process) {
    return process.secretFiles().stream()
        .filter(file -> file.path().startsWith("/etc/kubernetes/"))
        .allMatch(ControlPlaneProcess.SecretFile::isConfined);
  }

  private static boolean unprofiled(ControlPlaneProcess process) {
    return process.is("profiling", "false");
  }

  /** Metrics are served by TLS only, and only to who is allowed to read them. */
  private static boolean guarded(ControlPlaneProcess process) {
    return process.has("authentication-kubeconfig", "authorization-kubeconfig")
        && strong(process, "tls-cipher-suites")
        && process.is("tls-min-version", "VersionTLS12");
  }

  private static boolean listensByTls(ControlPlaneProcess process) {
    return process.flag("listen-client-urls").filter(urls -> !urls.contains("http:")).isPresent();
  }

  private static boolean strong(ControlPlaneProcess process, String flag) {
    return process
        .flag(flag)
        .filter(suites -> STRONG_CIPHERS.containsAll(List.of(suites.split(",", -1))))
        .isPresent();
  }

  private static String plugin(String name) {
    return "deployment: {apiServer: {args: {enable-admission-plugins: %s}}}".formatted(name);
  }

  private static CisCheck met(
      String id, String title, Program program, String how, Predicate<ControlPlaneProcess> holds) {
    return new CisCheck(id, title, new CisCheck.Met(program, how, holds));
  }

  private static CisCheck choice(
      String id,
      String title,
      Program program,
      String how,
      String spec,
      Predicate<ControlPlaneProcess> holds) {
    return new CisCheck(id, title, new CisCheck.Choice(program, how, spec, holds));
  }

  private static CisCheck exception(
      String id,
      String title,
      Program program,
      String why,
      Predicate<ControlPlaneProcess> asWritten,
      Predicate<ControlPlaneProcess> instead) {
    return new CisCheck(id, title, new CisCheck.Deviation(program, why, asWritten, instead));
  }

  private static CisCheck elsewhere(String id, String title, String why) {
    return new CisCheck(id, title, new CisCheck.Elsewhere(why));
  }
}
