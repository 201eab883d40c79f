package dev.hcp.controller.reconcile;

import io.fabric8.kubernetes.api.model.Container;
import io.fabric8.kubernetes.api.model.PodSpec;
import io.fabric8.kubernetes.api.model.SeccompProfile;
import io.fabric8.kubernetes.api.model.Volume;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.Set;
import java.util.stream.Stream;

/** The controls of the Pod Security level <em>restricted</em>, which include <em>baseline</em>. */
final class RestrictedLevel {
  private static final Set<String> SECCOMP = Set.of("RuntimeDefault", "Localhost");

  private RestrictedLevel() {}

  /** What in a pod the level forbids. */
  static List<String> violations(PodSpec pod) {
    var found = new ArrayList<String>();
    for (var host : Stream.of(pod.getHostNetwork(), pod.getHostPID(), pod.getHostIPC()).toList()) {
      check(found, !Boolean.TRUE.equals(host), "host namespaces");
    }
    var security = Objects.requireNonNull(pod.getSecurityContext(), "pod securityContext");
    check(found, security.getSeLinuxOptions() == null, "seLinuxOptions");
    check(found, security.getSysctls().isEmpty(), "sysctls");
    check(found, security.getWindowsOptions() == null, "windowsOptions");
    check(found, !Objects.equals(security.getRunAsUser(), 0L), "pod runAsUser 0");
    pod.getVolumes().forEach(volume -> volume(found, volume));
    Stream.of(pod.getContainers(), pod.getInitContainers())
        .flatMap(List::stream)
        .forEach(container -> container(found, pod, container));
    check(found, pod.getEphemeralContainers().isEmpty(), "ephemeral containers");
    return found;
  }

  private static void volume(List<String> found, Volume volume) {
    boolean allowed =
        Stream.of(
                volume.getConfigMap(),
                volume.getCsi(),
                volume.getDownwardAPI(),
                volume.getEmptyDir(),
                volume.getEphemeral(),
                volume.getPersistentVolumeClaim(),
                volume.getProjected(),
                volume.getSecret())
            .anyMatch(Objects::nonNull);
    check(found, allowed, "type of volume " + volume.getName());
    check(found, volume.getHostPath() == null, "hostPath of volume " + volume.getName());
  }

  private static void container(List<String> found, PodSpec pod, Container container) {
    var name = container.getName() + ": ";
    var podSecurity = pod.getSecurityContext();
    var security = Objects.requireNonNull(container.getSecurityContext(), name + "securityContext");
    check(found, !Boolean.TRUE.equals(security.getPrivileged()), name + "privileged");
    check(
        found,
        Boolean.FALSE.equals(security.getAllowPrivilegeEscalation()),
        name + "allowPrivilegeEscalation");
    var capabilities = Objects.requireNonNull(security.getCapabilities(), name + "capabilities");
    check(found, capabilities.getDrop().contains("ALL"), name + "capabilities.drop");
    check(
        found,
        Set.of("NET_BIND_SERVICE").containsAll(capabilities.getAdd()),
        name + "capabilities.add");
    var nonRoot =
        security.getRunAsNonRoot() != null
            ? security.getRunAsNonRoot()
            : podSecurity.getRunAsNonRoot();
    check(found, Boolean.TRUE.equals(nonRoot), name + "runAsNonRoot");
    check(found, !Objects.equals(security.getRunAsUser(), 0L), name + "runAsUser 0");
    SeccompProfile seccomp =
        security.getSeccompProfile() != null
            ? security.getSeccompProfile()
            : podSecurity.getSeccompProfile();
    check(found, seccomp != null && SECCOMP.contains(seccomp.getType()), name + "seccompProfile");
    check(
        found,
        security.getProcMount() == null || security.getProcMount().equals("Default"),
        name + "procMount");
    container
        .getPorts()
        .forEach(port ->
            check(found, port.getHostPort() == null || port.getHostPort() == 0, name + "hostPort"));
  }

  private static void check(List<String> found, boolean holds, String what) {
    if (!holds) {
      found.add(what);
    }
  }
}
