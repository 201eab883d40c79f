package dev.hcp.render.audit;

import dev.hcp.api.v1alpha1.ApiServerPod;
import dev.hcp.api.v1alpha1.Audit;
import dev.hcp.api.v1alpha1.AuditMode;
import dev.hcp.api.v1alpha1.AuditWebhook;
import dev.hcp.api.v1alpha1.AuditWebhookTarget;
import dev.hcp.api.v1alpha1.ControlPlaneDeployment;
import dev.hcp.api.v1alpha1.HostedControlPlaneSpec;
import dev.hcp.model.ControlPlane;
import dev.hcp.model.SecretText;
import dev.hcp.naming.Component;
import dev.hcp.naming.Labels;
import dev.hcp.render.Metadata;
import dev.hcp.render.pod.Arguments;
import dev.hcp.render.pod.Images;
import dev.hcp.render.pod.Pods;
import dev.hcp.render.pod.Probes;
import io.fabric8.kubernetes.api.model.Container;
import io.fabric8.kubernetes.api.model.ContainerBuilder;
import io.fabric8.kubernetes.api.model.ContainerPortBuilder;
import io.fabric8.kubernetes.api.model.KeyToPath;
import io.fabric8.kubernetes.api.model.Quantity;
import io.fabric8.kubernetes.api.model.ResourceRequirements;
import io.fabric8.kubernetes.api.model.ResourceRequirementsBuilder;
import io.fabric8.kubernetes.api.model.Secret;
import io.fabric8.kubernetes.api.model.SecretBuilder;
import io.fabric8.kubernetes.api.model.Volume;
import io.fabric8.kubernetes.api.model.VolumeBuilder;
import io.fabric8.kubernetes.api.model.VolumeMount;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;

/**
 * What is recorded of requests, and where that goes. An API server has one webhook; where events go
 * to several receivers, a forwarder beside it takes them on.
 */
public final class AuditRenderer {
  /** Name of the forwarder's container. */
  public static final String FORWARDER = "audit-webhook";

  /** Port at which the forwarder takes events, on the loopback interface. */
  public static final int FORWARDER_PORT = 8090;

  /** Port of the forwarder's probes. */
  public static final int HEALTH_PORT = 8091;

  private static final String HEALTH_PORT_NAME = "audit-health";
  private static final String DIRECTORY = "/etc/kubernetes/audit";
  private static final String VOLUME = "audit-config";
  private static final String TARGETS_DIRECTORY = "/etc/hcp/audit-targets";
  private static final String TARGETS_VOLUME = "audit-webhook-config";
  private static final String POLICY_FILE = "audit-policy.yaml";
  private static final String KUBECONFIG_FILE = "webhook-target.conf";
  private static final String TOKEN_FILE = "token";

  /** Longest batch, and longest event with its bodies; what is longer loses its bodies. */
  private static final int MOST_BATCH_BYTES = 10 << 20;

  private static final int MOST_EVENT_BYTES = 4 << 20;

  private AuditRenderer() {}

  /** The settings, if anything is audited. */
  public static Optional<Audit> settings(ControlPlane controlPlane) {
    var apiServer = controlPlane.apiServer();
    return Optional.ofNullable(apiServer == null ? null : apiServer.audit());
  }

  /** The receivers, each once, in an order that does not depend on that in the spec. */
  public static List<AuditWebhookTarget> targets(ControlPlane controlPlane) {
    return targets(controlPlane.spec());
  }

  /** The receivers that a spec names. */
  public static List<AuditWebhookTarget> targets(HostedControlPlaneSpec spec) {
    return Optional.ofNullable(spec.deployment())
        .map(ControlPlaneDeployment::apiServer)
        .map(ApiServerPod::audit)
        .map(Audit::webhook)
        .map(AuditWebhook::targets)
        .orElse(List.of())
        .stream()
        .distinct()
        .sorted(
            Comparator.comparing(AuditWebhookTarget::server)
                .thenComparing(target -> String.valueOf(target.authentication()))
                .thenComparing(target -> String.valueOf(target.certificateAuthority())))
        .toList();
  }

  /**
   * The Secret with all files.
   *
   * @param tokens token of each receiver that has one, base64; without it, requests to the receiver
   *     fail
   */
  public static Secret configuration(
      ControlPlane controlPlane, Audit audit, Map<AuditWebhookTarget, String> tokens) {
    var targets = targets(controlPlane);
    var files = new TreeMap<String, String>();
    files.put(POLICY_FILE, SecretText.encoded(AuditFiles.policy(audit.policy())));
    if (targets.size() == 1) {
      var target = targets.getFirst();
      files.put(KUBECONFIG_FILE, SecretText.encoded(kubeconfig(target)));
      if (target.authentication() != null) {
        files.put(TOKEN_FILE, tokens.getOrDefault(target, ""));
      }
    } else if (targets.size() > 1) {
      files.put(KUBECONFIG_FILE, SecretText.encoded(forwarderKubeconfig()));
      for (int i = 0; i < targets.size(); i++) {
        var target = targets.get(i);
        files.put(targetFile(i, "url"), SecretText.encoded(target.server()));
        if (target.certificateAuthority() != null) {
          files.put(targetFile(i, "crt"), SecretText.encoded(target.certificateAuthority()));
        }
        if (target.authentication() != null) {
          files.put(targetFile(i, "token"), tokens.getOrDefault(target, ""));
        }
      }
    }
    return new SecretBuilder()
        .withMetadata(Metadata.of(controlPlane, controlPlane.names().audit(), Component.AUDIT))
        .withType("Opaque")
        .withData(files)
        .build();
  }

  /** Flags of the API server. */
  public static Map<String, String> flags(ControlPlane controlPlane) {
    var flags = new TreeMap<String, String>();
    settings(controlPlane)
        .ifPresent(audit -> {
          var mode = (audit.mode() == null ? AuditMode.BATCH : audit.mode()).value();
          flags.put("audit-policy-file", DIRECTORY + "/" + POLICY_FILE);
          int targets = targets(controlPlane).size();
          if (targets == 0) {
            flags.put("audit-log-mode", mode);
            flags.put("audit-log-path", "-");
          } else {
            flags.put("audit-webhook-config-file", DIRECTORY + "/" + KUBECONFIG_FILE);
            flags.put("audit-webhook-mode", mode);
          }
          if (targets > 1) {
            // So that what the forwarder holds in memory is bounded.
            flags.put("audit-webhook-truncate-enabled", "true");
            flags.put("audit-webhook-truncate-max-batch-size", String.valueOf(MOST_BATCH_BYTES));
            flags.put("audit-webhook-truncate-max-event-size", String.valueOf(MOST_EVENT_BYTES));
          }
        });
    return flags;
  }

  /**
   * Annotations of the pods: a digest of the files that an API server, or the forwarder, reads only
   * when it starts. Tokens are read anew.
   */
  public static Map<String, String> annotations(ControlPlane controlPlane) {
    return settings(controlPlane)
        .map(audit -> configuration(controlPlane, audit, Map.of()).getData())
        .map(files -> Map.of(Labels.AUDIT_ANNOTATION, digest(files)))
        .orElse(Map.of());
  }

  /** Volumes of the API server and of the forwarder. */
  public static List<Volume> volumes(ControlPlane controlPlane) {
    var audit = settings(controlPlane);
    if (audit.isEmpty()) {
      return List.of();
    }
    var own = new ArrayList<String>();
    var forwarded = new ArrayList<String>();
    configuration(controlPlane, audit.get(), Map.of())
        .getData()
        .keySet()
        .forEach(file -> (file.startsWith("target-") ? forwarded : own).add(file));
    var volumes = new ArrayList<Volume>();
    volumes.add(volume(controlPlane, VOLUME, own));
    if (!forwarded.isEmpty()) {
      volumes.add(volume(controlPlane, TARGETS_VOLUME, forwarded));
    }
    return volumes;
  }

  /** Mounts of the API server. */
  public static List<VolumeMount> mounts(ControlPlane controlPlane) {
    return settings(controlPlane).isPresent()
        ? List.of(Pods.readOnly(VOLUME, DIRECTORY))
        : List.of();
  }

  /** The forwarder, where events go to several receivers: starts before the API server. */
  public static Optional<Container> forwarder(ControlPlane controlPlane) {
    var settings = settings(controlPlane).map(Audit::webhook).orElse(null);
    if (settings == null || !settings.needsForwarder()) {
      return Optional.empty();
    }
    var flags = new TreeMap<String, String>();
    flags.put("health-port", String.valueOf(HEALTH_PORT));
    flags.put("port", String.valueOf(FORWARDER_PORT));
    flags.put("targets", TARGETS_DIRECTORY);
    return Optional.of(
        new ContainerBuilder()
            .withName(FORWARDER)
            .withImage(Images.reference(settings, controlPlane.forwarderImage()))
            .withImagePullPolicy(Images.pullPolicy(settings))
            .withCommand(Pods.program("dev.hcp.controller.forwarder.Main"))
            .withArgs(Arguments.of(settings, flags))
            .withEnv(Pods.env(settings))
            .withRestartPolicy("Always")
            .withPorts(
                new ContainerPortBuilder()
                    .withName(HEALTH_PORT_NAME)
                    .withContainerPort(HEALTH_PORT)
                    .withProtocol("TCP")
                    .build())
            .withResources(resources(settings))
            .withSecurityContext(Pods.restricted())
            .withStartupProbe(Probes.startup("HTTP", HEALTH_PORT_NAME, "/healthz"))
            .withReadinessProbe(Probes.readiness("HTTP", HEALTH_PORT_NAME, "/readyz"))
            .withLivenessProbe(Probes.liveness("HTTP", HEALTH_PORT_NAME, "/healthz"))
            .withVolumeMounts(Pods.readOnly(TARGETS_VOLUME, TARGETS_DIRECTORY))
            .build());
  }

  /** With a limit, since what it holds is bounded. */
  private static ResourceRequirements resources(AuditWebhook settings) {
    return Pods.resources(
        settings,
        new ResourceRequirementsBuilder()
            .withRequests(Map.of("cpu", new Quantity("5m"), "memory", new Quantity("96Mi")))
            .withLimits(Map.of("memory", new Quantity("256Mi")))
            .build());
  }

  private static String kubeconfig(AuditWebhookTarget target) {
    return AuditFiles.kubeconfig(
        target.server(),
        Optional.ofNullable(target.certificateAuthority()).map(SecretText::encoded),
        target.authentication() == null
            ? Optional.empty()
            : Optional.of(DIRECTORY + "/" + TOKEN_FILE));
  }

  private static String forwarderKubeconfig() {
    return AuditFiles.kubeconfig(
        "http://127.0.0.1:" + FORWARDER_PORT, Optional.empty(), Optional.empty());
  }

  private static String targetFile(int number, String extension) {
    return "target-%d.%s".formatted(number, extension);
  }

  private static Volume volume(ControlPlane controlPlane, String name, List<String> files) {
    return new VolumeBuilder()
        .withName(name)
        .withNewSecret()
        .withSecretName(controlPlane.names().audit())
        .withDefaultMode(Pods.SECRET_MODE)
        .withItems(files.stream().map(file -> new KeyToPath(file, null, file)).toList())
        .endSecret()
        .build();
  }

  private static String digest(Map<String, String> files) {
    try {
      var digest = MessageDigest.getInstance("SHA-256");
      new TreeMap<>(files)
          .forEach((name, content) ->
              digest.update((name + "\n" + content + "\n").getBytes(StandardCharsets.UTF_8)));
      return HexFormat.of().formatHex(digest.digest());
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException("every Java runtime has SHA-256", e);
    }
  }
}
