package dev.hcp.controller.apiserver;

import static org.assertj.core.api.Assertions.assertThat;

import dev.hcp.api.v1alpha1.Container;
import dev.hcp.controller.scenario.Scenario;
import dev.hcp.controller.testing.Attempt;
import dev.hcp.controller.testing.ManagementApiServer;
import dev.hcp.flags.Program;
import dev.hcp.render.pod.Arguments;
import dev.hcp.validation.Validator;
import io.fabric8.kubernetes.api.model.PodBuilder;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** What admission says of users' flags is what real programs do with them. */
final class ArgumentsIT {
  private static final Pattern VERSION = Pattern.compile("v1\\.[0-9]+\\.[0-9]+");

  @TempDir Path directory;

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "KUBE_APISERVER|deployment.apiServer|event-tttl|1h|unknown flag: --event-tttl",
        "KUBE_APISERVER|deployment.apiServer|event-ttl|soon|invalid argument \"soon\"",
        "KUBE_APISERVER|deployment.apiServer|v|0x4|invalid argument \"0x4\"",
        "KUBE_APISERVER|deployment.apiServer|allow-metric-labels|a|must be formatted as key=value",
        "KUBE_APISERVER|deployment.apiServer|audit-log-batch-throttle-qps|many|invalid argument",
        "KUBE_APISERVER|deployment.apiServer|max-requests-inflight|9223372036854775808|out of"
            + " range",
        "KUBE_APISERVER|deployment.apiServer|enable-admission-plugins|AlwaysPullImage|"
            + "enable-admission-plugins plugin",
        "KUBE_APISERVER|deployment.apiServer|disable-admission-plugins|limitranger|"
            + "disable-admission-plugins plugin",
        "KUBE_APISERVER|deployment.apiServer|feature-gates|NoSuch=true|"
            + "unrecognized feature gate: NoSuch",
        "KUBE_APISERVER|deployment.apiServer|feature-gates|WatchList=yes|"
            + "invalid value of WatchList=yes",
        "KUBE_APISERVER|deployment.apiServer|feature-gates|WatchList|"
            + "missing bool value for WatchList",
        "KUBE_APISERVER|deployment.apiServer|feature-gates|ImageVolume=false|"
            + "ImageVolume to false, feature is locked to true",
        "KUBE_APISERVER|deployment.apiServer|feature-gates|PodLevelResources=false|"
            + "depends on features that are disabled: [PodLevelResources]",
        "KUBE_APISERVER|deployment.apiServer|feature-gates|a:WatchList=true|"
            + "component not registered: a",
        "KUBE_APISERVER|deployment.apiServer|feature-gates|WatchList=true,kube:AllBeta=true|"
            + "do not mix use",
        "KUBE_CONTROLLER_MANAGER|deployment.controllerManager|feature-gates|NoSuch=true|"
            + "unrecognized feature gate: NoSuch",
        "KUBE_CONTROLLER_MANAGER|deployment.controllerManager|concurrent-gc-syncs|2147483648|"
            + "out of range",
        "KUBE_SCHEDULER|deployment.scheduler|feature-gates|GangScheduling=true|"
            + "depends on features that are disabled: [GenericWorkload]",
        "KUBE_PROXY|kubeProxy|feature-gates|kube:WatchList=true|unrecognized feature gate",
        "KUBE_PROXY|kubeProxy|feature-gates|WatchList|malformed pair",
        "KUBE_PROXY|kubeProxy|bind-address|localhost|is not a valid IP address"
      })
  void aProgramEndsWithWhatIsRefused(
      Program program, String settings, String flag, String value, String reason) throws Exception {
    var refused = refused(settings, Map.of(flag, value));
    assertThat(refused).as("admission").isNotEmpty();
    var attempt = attempt(program, Map.of(flag, value));
    assertThat(attempt.status()).as(attempt.output()).isNotZero();
    assertThat(attempt.output()).contains(reason);
  }

  @Test
  void anApiServerDoesNotSwitchAPluginOnAndOff() throws Exception {
    var args =
        Map.of(
            "enable-admission-plugins",
            "AlwaysPullImages",
            "disable-admission-plugins",
            "AlwaysPullImages");
    assertThat(refused("deployment.apiServer", args)).hasSize(1);
    assertThat(attempt(Program.KUBE_APISERVER, args).output())
        .contains("[AlwaysPullImages] in enable-admission-plugins and disable-admission-plugins");
  }

  @Test
  void whatIsAcceptedHasItsEffect() throws Exception {
    var args =
        Map.of(
            "disable_admission_plugins",
            "DefaultTolerationSeconds",
            "enable-admission-plugins",
            "AlwaysPullImages",
            "feature-gates",
            "WatchList=false,AllAlpha=false");
    assertThat(refused("deployment.apiServer", args)).isEmpty();
    var flags =
        Arguments.of(
            Program.KUBE_APISERVER,
            new Container(null, null, args, null, null, null),
            Map.of("enable-admission-plugins", "NodeRestriction"));
    // No controller makes the ServiceAccount that a pod would get.
    var more =
        flags.stream()
            .map(flag -> flag.startsWith("--disable-") ? flag + ",ServiceAccount" : flag)
            .toList();
    try (var server = ManagementApiServer.start(_ -> more);
        var client = server.client()) {
      var pod =
          client
              .resource(
                  new PodBuilder()
                      .withNewMetadata()
                      .withNamespace("default")
                      .withName("pod")
                      .endMetadata()
                      .withNewSpec()
                      .addNewContainer()
                      .withName("main")
                      .withImage("example.com/image:v1")
                      .withImagePullPolicy("IfNotPresent")
                      .endContainer()
                      .endSpec()
                      .build())
              .create();
      assertThat(pod.getSpec().getContainers().getFirst().getImagePullPolicy()).isEqualTo("Always");
      assertThat(pod.getSpec().getTolerations()).isEmpty();
      assertThat(client.raw("/metrics").lines())
          .anyMatch(line -> line.matches("kubernetes_feature_enabled\\{name=\"WatchList\".*\\} 0"));
    }
  }

  private List<?> refused(String settings, Map<String, String> args) throws Exception {
    var spec = new StringBuilder();
    var indent = "";
    for (var field : (settings + ".args").split("\\.", -1)) {
      spec.append(indent).append(field).append(":\n");
      indent += "  ";
    }
    for (var arg : args.entrySet()) {
      spec.append("%s%s: '%s'\n".formatted(indent, arg.getKey(), arg.getValue()));
    }
    return Validator.create(
        Scenario.named("minimal")
            .spec("version: %s\n%s".formatted(version(), spec))
            .observation()
            .hostedControlPlane());
  }

  /** That of the programs which are at hand. */
  private String version() throws Exception {
    return VERSION
        .matcher(
            Attempt.to(Program.KUBE_APISERVER, List.of("--version"), directory).output().strip())
        .results()
        .map(result -> result.group())
        .findFirst()
        .orElseThrow();
  }

  private Attempt attempt(Program program, Map<String, String> args) throws Exception {
    var flags =
        Arguments.of(program, new Container(null, null, args, null, null, null), Map.of()).stream();
    var others =
        switch (program) {
          case KUBE_APISERVER ->
              Stream.of("--cert-dir=" + directory, "--etcd-servers=http://127.0.0.1:1");
          default -> Stream.<String>of();
        };
    return Attempt.to(program, Stream.concat(flags, others).toList(), directory);
  }
}
