package dev.hcp.validation;

import static org.assertj.core.api.Assertions.assertThat;

import dev.hcp.api.v1alpha1.HostedControlPlane;
import dev.hcp.version.VersionTable;
import java.util.List;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

final class ArgumentRulesTest {
  private static final String PATH = "spec.deployment.apiServer.args";

  @ParameterizedTest
  @ValueSource(
      strings = {
        "{v: '4', feature-gates: WatchList=true, event-ttl: 2h0m, max_requests_inflight: '0x40'}",
        "{audit-webhook-initial-backoff: 30s, tls-sni-cert-key: '/a,/b', runtime-config: ''}",
        "{default-watch-cache-size: $(SIZE), admission-control-config-file: /extra/plugins.yaml}",
        "{enable-admission-plugins: 'AlwaysPullImages,EventRateLimit'}",
        "{enable_admission_plugins: NodeRestriction, disable-admission-plugins:"
            + " DefaultStorageClass}",
        "{enable-admission-plugins: 'EventRateLimit, ,$(MORE),', disable-admission-plugins: ''}",
        "{feature-gates: 'AllAlpha=false, AllBeta = T,,$(GATES)'}",
        "{feature-gates: 'kube:WatchList=1,kube:ImageVolume=true'}",
        "{feature-gates: ImageVolume=false, emulated-version: '1.35'}"
      })
  void flagsThatTheProgramHasAreTheUsers(String args) {
    assertThat(errors(apiServer(args))).isEmpty();
    assertThat(Validator.warnings(apiServer(args))).isEmpty();
  }

  @Test
  void whatTheControllerSetsHasNoEffectAndTheUserIsTold() {
    var object = apiServer("{secure-port: '443', tls_cert_file: /a, anonymous-auth: 'true'}");
    assertThat(errors(object)).isEmpty();
    assertThat(Validator.warnings(object))
        .containsExactly(
            PATH + "[anonymous-auth]: is set by the controller to true and has no effect",
            PATH + "[secure-port]: is set by the controller to 6443 and has no effect",
            PATH + "[tls_cert_file]: is set by the controller and has no effect");
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "oidc-issuer-url|https://a|must not be set: token issuers are given by oidcProviders",
        "oidc_issuer_url|https://a|must not be set: token issuers are given by oidcProviders",
        "audit-policy-file|/a|must not be set: what is audited is said by"
            + " deployment.apiServer.audit",
        "etcd-servers|https://a|must not be set: API servers use the control plane's own etcd, see"
            + " etcd",
        "service-cluster-ip-range|10.0.0.0/8|must not be set: the range is taken from"
            + " spec.clusterNetwork of the Cluster",
        "encryption-provider-config|/a|must not be set: what is encrypted is said by"
            + " encryptionAtRest, which a file would contradict",
        "token-auth-file|/a|must not be set: tokens in a file stay valid as long as the API server"
            + " runs; token issuers are given by oidcProviders",
        "admission_control|NodeRestriction|must not be set: it excludes enable-admission-plugins,"
            + " by which plug-ins are switched on",
        "version|true|must not be set: the program would print something and end"
      })
  void whatHasAFieldOrBreaksTheProgramIsRefused(String flag, String value, String message) {
    assertThat(errors(apiServer("{%s: '%s'}".formatted(flag, value))))
        .containsExactly("%s[%s]: %s".formatted(PATH, flag, message));
  }

  @Test
  void aFlagThatProtectsHasItsOneValue() {
    assertThat(errors(apiServer("{anonymous-auth: 'false', authorization-mode: AlwaysAllow}")))
        .containsExactly(
            PATH
                + "[anonymous-auth]: Invalid value: \"false\": must be true: probes and kubeadm"
                + " join ask without credentials",
            PATH
                + "[authorization-mode]: Invalid value: \"AlwaysAllow\": must be Node,RBAC: nodes"
                + " and users have the rights that Node and RBAC give them");
  }

  @ParameterizedTest
  @ValueSource(strings = {"NodeRestriction", "PodNodeSelector, NodeRestriction"})
  void thePluginThatProtectsNodesIsNotSwitchedOff(String plugins) {
    assertThat(errors(apiServer("{disable_admission_plugins: '%s'}".formatted(plugins))))
        .containsExactly(
            PATH
                + "[disable_admission_plugins]: Invalid value: \"%s\": must not contain"
                    .formatted(plugins)
                + " NodeRestriction: it keeps nodes from changing what is not theirs");
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "enable-admission-plugins|AlwaysPullImage|AlwaysPullImage|must be an admission plug-in of"
            + " kube-apiserver v1.36; did you mean AlwaysPullImages?",
        "disable-admission-plugins|limitranger|limitranger|must be an admission plug-in of"
            + " kube-apiserver v1.36; did you mean LimitRanger?",
        "enable_admission_plugins|AlwaysPullImages,AlwaysPullImages|AlwaysPullImages|must be named"
            + " once",
        "enable-admission-plugins|AlwaysDeny|AlwaysDeny|must not contain AlwaysDeny: every change"
            + " would be refused",
        "disable-admission-plugins|ServiceAccount|ServiceAccount|must not contain ServiceAccount:"
            + " kube-proxy and CoreDNS get their tokens by it",
        "feature-gates|WachList=true|WachList=true|must be a feature gate of kube-apiserver v1.36;"
            + " did you mean WatchList?",
        "feature-gates|NoSuchThingAtAll=true|NoSuchThingAtAll=true|must be a feature gate of"
            + " kube-apiserver v1.36",
        "feature-gates|WatchList=yes|WatchList=yes|must be WatchList=true or WatchList=false",
        "feature-gates|WatchList|WatchList|must be WatchList=true or WatchList=false",
        "feature-gates|ImageVolume=false|ImageVolume=false|must be ImageVolume=true, or be left"
            + " out: it cannot be changed in kube-apiserver v1.36",
        "feature-gates|WatchList=true,WatchList=false|WatchList=false|must be left out: WatchList"
            + " is set already",
        "feature-gates|a:WatchList=true|a:WatchList=true|must begin with the name of a feature"
            + " gate",
        "feature-gates|WatchList=true,kube:AllBeta=true|kube:AllBeta=true|must begin with the name"
            + " of a feature gate, as others do: kube: is in front of all or none"
      })
  void anEntryOfAListIsOneThatTheProgramTakes(
      String flag, String list, String entry, String message) {
    assertThat(errors(apiServer("{%s: '%s'}".formatted(flag, list))))
        .containsExactly("%s[%s]: Invalid value: \"%s\": %s".formatted(PATH, flag, entry, message));
  }

  @Test
  void whereNothingIsNearAllPluginsAreNamed() {
    assertThat(errors(apiServer("{enable-admission-plugins: PodSecurityPolicy}")))
        .singleElement()
        .asString()
        .startsWith(
            PATH
                + "[enable-admission-plugins]: Invalid value: \"PodSecurityPolicy\": must be an"
                + " admission plug-in of kube-apiserver v1.36: AlwaysAdmit, AlwaysDeny,"
                + " AlwaysPullImages, ")
        .endsWith(", ValidatingAdmissionWebhook");
  }

  @Test
  void allThatIsWrongWithAListIsSaid() {
    assertThat(
            errors(
                apiServer(
                    "{feature-gates: 'WatchList=no,No=true', enable-admission-plugins:"
                        + " 'EventRateLimit,AlwaysPullImages', disable_admission_plugins:"
                        + " 'AlwaysPullImages,EventRateLimit,Limitrange'}")))
        .containsExactly(
            PATH
                + "[disable_admission_plugins]: Invalid value: \"Limitrange\": must be an admission"
                + " plug-in of kube-apiserver v1.36; did you mean LimitRanger?",
            PATH
                + "[feature-gates]: Invalid value: \"WatchList=no\": must be WatchList=true or"
                + " WatchList=false",
            PATH
                + "[feature-gates]: Invalid value: \"No=true\": must be a feature gate of"
                + " kube-apiserver v1.36",
            PATH
                + "[disable_admission_plugins]: Invalid value: \"AlwaysPullImages\": must be left"
                + " out: it is in enable-admission-plugins too",
            PATH
                + "[disable_admission_plugins]: Invalid value: \"EventRateLimit\": must be left"
                + " out: it is in enable-admission-plugins too");
  }

  @Test
  void gatesOfOtherProgramsAreTheirOwn() {
    assertThat(
            errors(
                Specs.controlPlane(
                    """
                    deployment:
                      controllerManager: {args: {feature-gates: 'kube:WatchList=true,Odd=true'}}
                      scheduler: {args: {feature-gates: 'Odd=true'}}
                    kubeProxy: {args: {feature-gates: 'kube:WatchList=true,NFTablesProxyMode=false'}}
                    """)))
        .containsExactly(
            "spec.deployment.controllerManager.args[feature-gates]: Invalid value:"
                + " \"kube:WatchList=true\": must begin with the name of a feature gate, as others"
                + " do: kube: is in front of all or none",
            "spec.deployment.controllerManager.args[feature-gates]: Invalid value: \"Odd=true\":"
                + " must be a feature gate of kube-controller-manager v1.36",
            "spec.deployment.scheduler.args[feature-gates]: Invalid value: \"Odd=true\": must be a"
                + " feature gate of kube-scheduler v1.36",
            "spec.kubeProxy.args[feature-gates]: Invalid value: \"kube:WatchList=true\": must begin"
                + " with the name of a feature gate",
            "spec.kubeProxy.args[feature-gates]: Invalid value: \"NFTablesProxyMode=false\": must"
                + " be NFTablesProxyMode=true, or be left out: it cannot be changed in kube-proxy"
                + " v1.36");
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "audit-log-maxagee|; did you mean audit-log-maxage?",
        "Profilingg|; did you mean profiling?",
        "evnet-ttl|; did you mean event-ttl?",
        "no-such-thing-at-all|''"
      })
  void anUnknownFlagIsNamedAndGuessedAt(String flag, String guess) {
    assertThat(errors(apiServer("{%s: a}".formatted(flag))))
        .containsExactly(
            "%s[%s]: Invalid value: \"%s\": must be a flag of kube-apiserver v1.36%s"
                .formatted(PATH, flag, flag, guess));
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "event-ttl|soon|must be a duration, for example 1m30s",
        "event-ttl|''|must be a duration, for example 1m30s",
        "max-requests-inflight|many|must be a whole number",
        "max-requests-inflight|9223372036854775808|must be a whole number",
        "v|0x4|must be a whole number",
        "audit-log-batch-throttle-qps|1.5/s|must be a number, for example 1.5",
        "allow-metric-labels|a|'must be names with values, for example a=b,c=d'",
        "contention-profiling|yes|must be true or false"
      })
  void aValueThatTheProgramCannotReadIsRefused(String flag, String value, String message) {
    assertThat(errors(apiServer("{%s: '%s'}".formatted(flag, value))))
        .containsExactly("%s[%s]: Invalid value: \"%s\": %s".formatted(PATH, flag, value, message));
  }

  @Test
  void aFlagIsGivenOnce() {
    assertThat(errors(apiServer("{event-ttl: 2h, event_ttl: 3h}")))
        .containsExactly(
            PATH
                + "[event_ttl]: Invalid value: \"event_ttl\": must be left out: event-ttl is the"
                + " same flag");
  }

  @Test
  void programsThatTakeOneSpellingAreGivenThat() {
    assertThat(errors(Specs.controlPlane("etcd: {args: {heartbeat_interval: '100'}}")))
        .containsExactly(
            "spec.etcd.args[heartbeat_interval]: Invalid value: \"heartbeat_interval\": must be a"
                + " flag of etcd v3.6; did you mean heartbeat-interval?");
  }

  @Test
  void eachProgramIsJudgedByItsOwnRules() {
    assertThat(
            errors(
                Specs.controlPlane(
                    """
                    deployment:
                      apiServer: {konnectivity: {args: {cluster-ca-cert: /a, v: '9'}}}
                      controllerManager: {args: {cluster-cidr: 10.0.0.0/8}}
                      scheduler: {args: {event-ttl: 1h}}
                    konnectivityClient: {args: {warn-on-channel-limit: maybe}}
                    kubeProxy: {args: {proxy-mode: ipvs, conntrack-max-per-core: '0'}}
                    coredns: {args: {conf: /a, dns.port: '53'}}
                    etcd: {args: {force-new-cluster: 'true', snapshot-count: '10000'}}
                    """)))
        .containsExactly(
            "spec.deployment.apiServer.konnectivity.args[cluster-ca-cert]: must not be set: agents"
                + " identify themselves by tokens",
            "spec.deployment.controllerManager.args[cluster-cidr]: must not be set: the range is"
                + " taken from spec.clusterNetwork of the Cluster",
            "spec.deployment.scheduler.args[event-ttl]: Invalid value: \"event-ttl\": must be a"
                + " flag of kube-scheduler v1.36",
            "spec.konnectivityClient.args[warn-on-channel-limit]: Invalid value: \"maybe\": must"
                + " be true or false",
            "spec.kubeProxy.args[proxy-mode]: must not be set: the mode is given by kubeProxy.mode",
            "spec.coredns.args[conf]: must not be set: the Corefile is given by coredns.corefile",
            "spec.etcd.args[force-new-cluster]: must not be set: every start of a member would"
                + " make a cluster of that member alone");
  }

  @Test
  void anotherImageMayKnowMore() {
    var digest = "digest: 'sha256:%s'".formatted("0123456789abcdef".repeat(4));
    for (var image : List.of("tag: v1.36.3-patched", "repository: own/kube-apiserver", digest)) {
      var object =
          Specs.controlPlane(
              "deployment: {apiServer: {image: {%s}, args: {own-flag: a, feature-gates: Own=true}}}"
                  .formatted(image));
      assertThat(errors(object)).isEmpty();
      assertThat(Validator.warnings(object))
          .containsExactly(
              PATH
                  + "[feature-gates]: Invalid value: \"Own=true\": must be a feature gate of"
                  + " kube-apiserver v1.36",
              PATH
                  + "[own-flag]: Invalid value: \"own-flag\": must be a flag of kube-apiserver"
                  + " v1.36");
    }
    assertThat(
            errors(
                Specs.controlPlane(
                    "deployment: {apiServer: {image: {registry: mirror.example.com}, args:"
                        + " {own-flag: a}}}")))
        .as("from a mirror it is the same image")
        .hasSize(1);
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "deployment: {apiServer: {args: {tls-curve-preferences: '29'}}}|31 32 33 34 35",
        "deployment: {apiServer: {args: {feature-gates: 'ImageVolume=false'}}}|36 37",
        "deployment: {apiServer: {args: {feature-gates: 'NoSuch=true'}}}|31 32 33 34 35 36 37",
        "deployment: {apiServer: {args: {enable-admission-plugins: NoSuch}}}|31 32 33 34 35 36 37",
        "deployment: {controllerManager: {args: {concurrent-disruption-syncs: '1'}}}|31 32 33 34 35 36",
        "deployment: {controllerManager: {args: {concurrent-service-syncs: '1'}}}|37",
        "deployment: {scheduler: {args: {feature-gates: 'GangScheduling=false'}}}|31 32 33 34 37",
        "deployment: {scheduler: {args: {no-such-flag: '1'}}}|31 32 33 34 35 36 37",
        "kubeProxy: {args: {boot-id-file: /a}}|37",
        "kubeProxy: {args: {v: '4', feature-gates: 'AllAlpha=false'}}|''"
      })
  void everyMinorVersionHasFlagsAndGatesOfItsOwn(String spec, String refused) {
    assertThat(
            VersionTable.rows().stream()
                .map(VersionTable.Components::minor)
                .filter(
                    minor -> !errors(Specs.withVersion("v1.%d.0".formatted(minor), spec)).isEmpty())
                .map(String::valueOf)
                .collect(Collectors.joining(" ")))
        .isEqualTo(refused);
  }

  @Test
  void whatIsNotKnownOfAReleaseIsNotChecked() {
    assertThat(
            errors(
                Specs.withVersion(
                    "v1.33.0", "deployment: {apiServer: {konnectivity: {args: {own-flag: a}}}}")))
        .isEmpty();
  }

  @Test
  void aTemplateMayNameFlagsOfAnyRelease() {
    assertThat(Validator.create(Specs.template("", "etcd: {args: {enable-v2: 'true'}}"))).isEmpty();
    assertThat(Validator.create(Specs.template("", "etcd: {args: {enable-v22: 'true'}}")))
        .extracting(FieldError::toString)
        .containsExactly(
            "spec.template.spec.etcd.args[enable-v22]: Invalid value: \"enable-v22\": must be a"
                + " flag of etcd v3.5 to v3.6; did you mean enable-v2?");
    // konnectivity's flags have not been read in all versions.
    assertThat(
            Validator.create(
                Specs.template("", "deployment: {apiServer: {konnectivity: {args: {new: 'x'}}}}")))
        .isEmpty();
    assertThat(
            Validator.warnings(
                Specs.template("", "deployment: {scheduler: {args: {profiling: 'true'}}}")))
        .containsExactly(
            "spec.template.spec.deployment.scheduler.args[profiling]: is set by the controller to"
                + " false and has no effect");
  }

  @Test
  void aVersionIsRefusedThatNoLongerHasAFlag() {
    var args = "etcd: {args: {enable-v2: 'true'}}";
    assertThat(errors(Specs.withVersion("v1.33.0", args))).isEmpty();
    assertThat(
            Validator.update(
                Specs.withVersion("v1.33.0", args), Specs.withVersion("v1.34.0", args)))
        .extracting(FieldError::toString)
        .containsExactly(
            "spec.etcd.args[enable-v2]: Invalid value: \"enable-v2\": must be a flag of etcd"
                + " v3.6: v3.5 was the last to have it");
    assertThat(errors(Specs.withVersion("v1.33.0", "etcd: {args: {compaction-batch-limit: '1'}}")))
        .containsExactly(
            "spec.etcd.args[compaction-batch-limit]: Invalid value: \"compaction-batch-limit\":"
                + " must be a flag of etcd v3.5: v3.6 is the first to have it");
  }

  @Test
  void whatWasStoredBeforeIsNotBlamed() {
    var stored = apiServer("{oidc-issuer-url: 'https://a', own-flag: a}");
    var updated = apiServer("{oidc-issuer-url: 'https://b', own-flag: a, own-flog: b}");
    assertThat(Validator.update(stored, updated))
        .extracting(FieldError::path)
        .containsExactly(PATH + "[own-flog]");
    assertThat(Validator.stored(stored)).isEmpty();
  }

  private static HostedControlPlane apiServer(String args) {
    return Specs.controlPlane("deployment: {apiServer: {args: %s}}".formatted(args));
  }

  private static List<String> errors(HostedControlPlane object) {
    return Validator.create(object).stream().map(FieldError::toString).toList();
  }
}
