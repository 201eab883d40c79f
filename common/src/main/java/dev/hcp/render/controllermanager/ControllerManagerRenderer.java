package dev.hcp.render.controllermanager;

import dev.hcp.flags.Program;
import dev.hcp.model.Cidr;
import dev.hcp.model.ControlPlane;
import dev.hcp.model.DefaultRequests;
import dev.hcp.naming.Component;
import dev.hcp.render.kubeconfig.Paths;
import dev.hcp.render.pki.PkiRenderer;
import dev.hcp.render.pki.SigningKeys;
import dev.hcp.render.pod.Follower;
import dev.hcp.render.pod.Pods;
import io.fabric8.kubernetes.api.model.apps.Deployment;
import io.fabric8.kubernetes.api.model.policy.v1.PodDisruptionBudget;
import java.util.List;
import java.util.Optional;
import java.util.TreeMap;
import java.util.stream.Collectors;

/** The controller-manager, which also signs the certificates of nodes. */
public final class ControllerManagerRenderer {
  /** Port of metrics and probes. */
  public static final int PORT = 10257;

  private static final String TERMINATED_PODS_FLAG = "terminated-pod-gc-threshold";

  /**
   * From this number on, the oldest pods that have ended are deleted, unless the user sets another.
   * Kubernetes' own 12500 would fill a small etcd.
   */
  private static final int TERMINATED_PODS = 1000;

  private ControllerManagerRenderer() {}

  /**
   * The Deployment.
   *
   * @param tokens by which key tokens of service accounts are signed
   */
  public static Deployment deployment(ControlPlane controlPlane, SigningKeys.Files tokens) {
    var deployment =
        follower(controlPlane, tokens).deployment(controlPlane, controlPlane.controllerManager());
    return tokens.signedBy().isEmpty()
        ? deployment
        : deployment
            .edit()
            .editSpec()
            .editTemplate()
            .editMetadata()
            .addToAnnotations(tokens.signedBy())
            .endMetadata()
            .endTemplate()
            .endSpec()
            .build();
  }

  /** The disruption budget; none for a single pod. */
  public static Optional<PodDisruptionBudget> disruptionBudget(ControlPlane controlPlane) {
    return follower(controlPlane, SigningKeys.Files.FIRST)
        .disruptionBudget(controlPlane, controlPlane.controllerManager());
  }

  private static boolean isGiven(ControlPlane controlPlane, String flag) {
    var settings = controlPlane.controllerManager();
    return settings != null
        && settings.args() != null
        && settings.args().keySet().stream()
            .anyMatch(given -> Program.KUBE_CONTROLLER_MANAGER.canonical(given).equals(flag));
  }

  private static Follower follower(ControlPlane controlPlane, SigningKeys.Files tokens) {
    var names = controlPlane.names();
    var networks = controlPlane.networks();
    var flags = new TreeMap<String, String>();
    flags.put("allocate-node-cidrs", "true");
    flags.put("client-ca-file", Paths.PKI + "/bundle.crt");
    flags.put(
        "cluster-cidr",
        networks.pods().stream().map(Cidr::toString).collect(Collectors.joining(",")));
    flags.put("cluster-name", names.cluster());
    flags.put("cluster-signing-cert-file", Paths.PKI + "/ca.crt");
    flags.put("cluster-signing-key-file", Paths.PKI + "/ca.key");
    flags.put("controllers", "*,bootstrap-signer-controller,token-cleaner-controller");
    flags.put("requestheader-client-ca-file", Paths.PKI + "/front-proxy-ca.crt");
    flags.put("root-ca-file", Paths.PKI + "/bundle.crt");
    flags.put("service-account-private-key-file", Paths.PKI + "/sa.key");
    flags.put(
        "service-cluster-ip-range",
        networks.services().stream().map(Cidr::toString).collect(Collectors.joining(",")));
    if (!isGiven(controlPlane, TERMINATED_PODS_FLAG)) {
      flags.put(TERMINATED_PODS_FLAG, String.valueOf(TERMINATED_PODS));
    }
    flags.put("use-service-account-credentials", "true");
    return new Follower(
        Component.CONTROLLER_MANAGER,
        Program.KUBE_CONTROLLER_MANAGER,
        names.controllerManager(),
        PORT,
        "/healthz",
        "/healthz",
        names.controllerManagerKubeconfig(),
        List.of(
            Pods.secret(names.bundle(names.kubernetesCa()), PkiRenderer.BUNDLE_KEY, "bundle.crt"),
            Pods.keyPair(names.kubernetesCa(), "ca"),
            Pods.secret(
                names.bundle(names.frontProxyCa()), PkiRenderer.BUNDLE_KEY, "front-proxy-ca.crt"),
            Pods.secret(names.serviceAccountKeys(), tokens.signing(), "sa.key"),
            Pods.keyPair(names.controllerManagerCertificate(), "client")),
        flags,
        DefaultRequests.CONTROLLER_MANAGER);
  }
}
