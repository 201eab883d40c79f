package dev.hcp.controller.reconcile;

import static org.assertj.core.api.Assertions.assertThat;

import dev.hcp.controller.scenario.Manifests;
import dev.hcp.controller.scenario.Scenario;
import dev.hcp.flags.Program;
import dev.hcp.flags.Ruling;
import dev.hcp.flags.Rulings;
import dev.hcp.validation.Validator;
import io.fabric8.kubernetes.api.model.Container;
import io.fabric8.kubernetes.api.model.HasMetadata;
import io.fabric8.kubernetes.api.model.PodSpec;
import io.fabric8.kubernetes.api.model.Volume;
import io.fabric8.kubernetes.api.model.apps.DaemonSet;
import io.fabric8.kubernetes.api.model.apps.Deployment;
import io.fabric8.kubernetes.api.model.apps.StatefulSet;
import java.io.IOException;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.MethodSource;

/** What admission says of flags and mounts is what is rendered. */
final class RulingsTest {
  /** Has all that a pod of an API server can have. */
  private static final String FULL = "full";

  /** Set unless the user sets them. */
  private static final Map<Program, Set<String>> DEFAULTS =
      Map.of(
          Program.KUBE_PROXY, Set.of("metrics-bind-address", "nodeport-addresses"),
          Program.KUBE_CONTROLLER_MANAGER, Set.of("terminated-pod-gc-threshold"));

  private static final Map<Program, String> SETTINGS =
      Map.of(
          Program.KUBE_APISERVER, "deployment.apiServer",
          Program.KUBE_CONTROLLER_MANAGER, "deployment.controllerManager",
          Program.KUBE_SCHEDULER, "deployment.scheduler",
          Program.KUBE_PROXY, "kubeProxy",
          Program.ETCD, "etcd",
          Program.KONNECTIVITY_SERVER, "deployment.apiServer.konnectivity",
          Program.KONNECTIVITY_AGENT, "konnectivityClient",
          Program.COREDNS, "coredns");

  static List<String> scenarios() throws IOException {
    return GoldenTest.scenarios();
  }

  @ParameterizedTest
  @MethodSource("scenarios")
  void whatTheControllerSetsIsNotTheUsersToSet(String name) {
    var scenario = Scenario.named(name);
    var spec = Manifests.toMap(scenario.observation().hostedControlPlane().getSpec());
    for (var program : Program.values()) {
      var given = args(spec, program).keySet();
      flags(scenario, program)
          .forEach((flag, value) -> {
            if (given.contains(flag) || DEFAULTS.getOrDefault(program, Set.of()).contains(flag)) {
              return;
            }
            var ruling = Rulings.of(program, flag);
            assertThat(ruling).as("%s --%s", program.title(), flag).isPresent();
            said(ruling.orElseThrow())
                .ifPresent(
                    said -> assertThat(value).as("%s --%s", program.title(), flag).isEqualTo(said));
          });
    }
  }

  /** Said to have no effect or refused, so it must have none though it is stored. */
  @ParameterizedTest
  @EnumSource
  void whatIsNotTheUsersToSetNeverReachesTheProgram(Program program) {
    var stored = new TreeMap<String, Object>();
    Rulings.of(program)
        .forEach((flag, ruling) -> {
          switch (ruling) {
            case Ruling.Ignored _, Ruling.Fixed _, Ruling.Refused _ -> stored.put(flag, "evil");
            case Ruling.Kept _, Ruling.Names _, Ruling.Gates _ -> {}
          }
        });
    var scenario = Scenario.named("hosted-cluster");
    Map<String, Object> fields = new HashMap<>(Map.of("args", stored));
    var path = List.of(SETTINGS.get(program).split("\\."));
    for (var field : path.reversed()) {
      fields = Map.of(field, fields);
    }
    scenario.spec(Manifests.write(fields));
    assertThat(flags(scenario, program)).isNotEmpty().doesNotContainValue("evil");
  }

  @Test
  void whatAPodOfAnApiServerHasAnywayIsRefusedAsAMount() {
    var scenario = Scenario.named(FULL);
    var pod = pods(scenario).filter(spec -> has(spec, "kube-apiserver")).findFirst().orElseThrow();
    var own =
        scenario.observation().hostedControlPlane().getSpec().deployment().apiServer().mounts();
    var volumes =
        pod.getVolumes().stream().map(Volume::getName).filter(name -> !own.containsKey(name));
    var paths =
        pod.getContainers().stream()
            .filter(container -> container.getName().equals("kube-apiserver"))
            .flatMap(container -> container.getVolumeMounts().stream())
            .filter(mount -> !own.containsKey(mount.getName()))
            .map(mount -> mount.getMountPath());
    volumes.forEach(volume -> assertThat(errors(volume, "/extra")).as(volume).isNotEmpty());
    paths.forEach(path -> assertThat(errors("extra", path)).as(path).isNotEmpty());
    assertThat(errors("extra", "/extra")).isEmpty();
  }

  private static List<?> errors(String name, String path) {
    var scenario =
        Scenario.named("minimal")
            .spec(
                "deployment: {apiServer: {mounts: {%s: {path: %s, secret: {secretName: a}}}}}"
                    .formatted(name, path));
    return Validator.create(scenario.observation().hostedControlPlane());
  }

  private static Optional<String> said(Ruling ruling) {
    return switch (ruling) {
      case Ruling.Ignored(var value) -> Optional.ofNullable(value);
      case Ruling.Fixed(var value, _) -> Optional.of(value);
      case Ruling.Names(var always, _) -> Optional.of(String.join(",", always));
      case Ruling.Refused _, Ruling.Kept _, Ruling.Gates _ -> Optional.empty();
    };
  }

  private static Map<?, ?> args(Map<String, Object> spec, Program program) {
    Object value = spec;
    for (var field : SETTINGS.get(program).split("\\.", -1)) {
      value = value instanceof Map<?, ?> map ? map.get(field) : null;
    }
    return value instanceof Map<?, ?> settings && settings.get("args") instanceof Map<?, ?> args
        ? args
        : Map.of();
  }

  private static Map<String, String> flags(Scenario scenario, Program program) {
    return pods(scenario)
        .flatMap(pod -> pod.getContainers().stream())
        .filter(container -> container.getName().equals(program.title()))
        .map(Container::getArgs)
        .flatMap(List::stream)
        .map(flag -> flag.substring(2).split("=", 2))
        .collect(
            Collectors.toMap(
                words -> words[0], words -> words[1], (first, _) -> first, LinkedHashMap::new));
  }

  private static boolean has(PodSpec pod, String container) {
    return pod.getContainers().stream().anyMatch(c -> c.getName().equals(container));
  }

  private static Stream<PodSpec> pods(Scenario scenario) {
    return WantedObjects.of(scenario).stream().flatMap(object -> pod(object).stream());
  }

  private static Optional<PodSpec> pod(HasMetadata object) {
    return switch (object) {
      case Deployment d -> Optional.of(d.getSpec().getTemplate().getSpec());
      case StatefulSet s -> Optional.of(s.getSpec().getTemplate().getSpec());
      case DaemonSet d -> Optional.of(d.getSpec().getTemplate().getSpec());
      default -> Optional.empty();
    };
  }
}
