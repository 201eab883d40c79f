package dev.hcp.controller.encryption;

import static org.assertj.core.api.Assertions.assertThat;

import dev.hcp.api.v1alpha1.HostedControlPlane;
import dev.hcp.conditions.ConditionState;
import dev.hcp.conditions.ConditionType;
import dev.hcp.conditions.Reason;
import dev.hcp.controller.plan.Action;
import dev.hcp.controller.plan.HostedCluster;
import dev.hcp.controller.plan.KmsHealth;
import dev.hcp.controller.plan.Step;
import dev.hcp.controller.reconcile.Plan;
import dev.hcp.controller.scenario.Manifests;
import dev.hcp.controller.scenario.Scenario;
import dev.hcp.naming.Labels;
import dev.hcp.validation.Validator;
import io.fabric8.kubernetes.api.model.HasMetadata;
import io.fabric8.kubernetes.api.model.PodTemplateSpec;
import io.fabric8.kubernetes.api.model.Secret;
import io.fabric8.kubernetes.api.model.SecretBuilder;
import io.fabric8.kubernetes.api.model.apps.Deployment;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Base64;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.junit.jupiter.api.Test;

/** Which keys there are, and when API servers may write by them. */
final class EncryptionTest {
  private static final String KEY = key('k');
  private static final String OTHER = key('o');
  private static final String SECRET = "demo-encryption";
  private static final String COPIES = "demo-root-keys";

  private static final String SERVICE =
      """
      encryptionAtRest:
        provider: KMS
        kms:
          name: cloud
          plugin:
            image: {registry: r.example.com, repository: kms, tag: v1}
            socket: /run/kms/kms.sock
      """;

  private final Scenario scenario = Scenario.named("minimal");

  @Test
  void aNewClusterGetsAKeyAndItsApiServersWaitForIt() {
    assertThat(step().actions()).containsExactly(new Action.CreateEncryptionKey(Optional.empty()));
    assertThat(step().desired()).isEmpty();
    assertThat(state().reason()).isEqualTo(Reason.ENCRYPTION_KEY_MISSING);
    assertThat(flags())
        .contains(
            "--encryption-provider-config=/etc/kubernetes/encryption/encryption-configuration.yaml",
            "--encryption-provider-config-automatic-reload=true");
    var before = annotation();
    make();
    assertThat(annotation()).as("a second rollout").isEqualTo(before);
    copy();
    assertThat(annotation()).isEqualTo(before);
    configure();
    assertThat(annotation()).isEqualTo(before);
  }

  @Test
  void aKeyIsNotUsedBeforeThereIsACopy() {
    make();
    assertThat(step().desired()).isEmpty();
    assertThat(step().actions()).isEmpty();
    assertThat(state().reason()).isEqualTo(Reason.ENCRYPTION_KEY_MISSING);
    assertThat(state().message()).contains(COPIES);
    assertThat(copies()).containsEntry("encryption-key-1", KEY);
  }

  @Test
  void aNewClusterWritesNothingThatIsNotEncrypted() {
    make();
    copy();
    assertThat(providers("secrets")).containsExactly("secretbox", "identity");
    assertThat(file()).contains("secret: \"%s\"".formatted(KEY));
    assertThat(state().isTrue()).isTrue();
    pod("demo-api-server-0", annotation(), "");
    assertThat(providers("secrets")).containsExactly("secretbox", "identity");
  }

  @Test
  void aRunningClusterReadsFirstAndWritesOnceAllCanRead() {
    make();
    copy();
    pod("old", Optional.empty(), "");
    pod("new", annotation(), "");
    assertThat(providers("secrets")).containsExactly("identity", "secretbox");
    assertThat(state().reason()).isEqualTo(Reason.WAITING_FOR_API_SERVERS);
    assertThat(state().message()).contains("1 of 2", "secrets");
    configure();
    pod("old", Optional.empty(), "metadata: {deletionTimestamp: '2026-01-01T00:00:00Z'}");
    assertThat(providers("secrets"))
        .as("one still serves")
        .containsExactly("identity", "secretbox");
    pod("old", Optional.empty(), "status: {phase: Failed}");
    assertThat(providers("secrets")).containsExactly("secretbox", "identity");
    assertThat(state().isTrue()).isTrue();
  }

  @Test
  void whatIsEncryptedStaysSoWhateverPodsThereAre() {
    running();
    pod("stranger", Optional.empty(), "");
    assertThat(providers("secrets")).containsExactly("secretbox", "identity");
    assertThat(state().isTrue()).isTrue();
  }

  @Test
  void anotherResourceIsReadableBeforePodsAreSaidToReadIt() {
    running();
    var before = annotation();
    scenario.spec("encryptionAtRest: {resources: [configmaps]}");
    assertThat(annotation()).as("the Secret does not say so yet").isEqualTo(before);
    assertThat(step().desired()).as("there is no copy of it yet").isEmpty();
    copy();
    assertThat(providers("configmaps")).containsExactly("identity", "secretbox");
    assertThat(providers("secrets")).containsExactly("secretbox", "identity");
    assertThat(annotation()).isEqualTo(before);
    configure();
    assertThat(annotation()).isNotEqualTo(before);
    assertThat(providers("configmaps")).containsExactly("identity", "secretbox");
    assertThat(state().message()).contains("0 of 1", "configmaps");
    pod("demo-api-server-0", annotation(), "");
    assertThat(providers("configmaps")).containsExactly("secretbox", "identity");
    assertThat(state().isTrue()).isTrue();
  }

  @Test
  void whatIsNoLongerWantedCanStillBeRead() {
    scenario.spec("encryptionAtRest: {resources: [configmaps, widgets.example.com]}");
    running();
    assertThat(providers("widgets.example.com")).containsExactly("secretbox", "identity");
    var before = annotation();
    scenario.spec("encryptionAtRest: {resources: [configmaps]}");
    assertThat(providers("widgets.example.com")).containsExactly("identity", "secretbox");
    assertThat(annotation()).isEqualTo(before);
    assertThat(state().isTrue()).isTrue();

    scenario.spec("encryptionAtRest: {disabled: true, resources: [configmaps]}");
    for (var resource : List.of("secrets", "configmaps", "widgets.example.com")) {
      assertThat(providers(resource)).containsExactly("identity", "secretbox");
    }
    assertThat(annotation()).isEqualTo(before);
    assertThat(state().isTrue()).isTrue();
    assertThat(state().reason()).isEqualTo(Reason.ENCRYPTION_NOT_MANAGED);
  }

  @Test
  void nothingIsMadeWhereNothingIsWanted() {
    scenario.spec("encryptionAtRest: {disabled: true}");
    assertThat(step().desired()).isEmpty();
    assertThat(step().actions()).isEmpty();
    assertThat(state().reason()).isEqualTo(Reason.ENCRYPTION_NOT_MANAGED);
    assertThat(state().isTrue()).isTrue();
    assertThat(flags()).noneMatch(flag -> flag.contains("encryption"));
    assertThat(annotation()).isEmpty();
    assertThat(copies()).allSatisfy((name, _) -> assertThat(name).doesNotContain("encryption"));
  }

  @Test
  void aFileOfTheUsersOwnIsLeftAlone() {
    scenario.spec("deployment: {apiServer: {args: {encryption-provider-config: /a/b.yaml}}}");
    assertThat(step().desired()).isEmpty();
    assertThat(step().actions()).isEmpty();
    assertThat(state().reason()).isEqualTo(Reason.ENCRYPTION_NOT_MANAGED);
    assertThat(flags()).contains("--encryption-provider-config=/a/b.yaml");
    assertThat(annotation()).isEmpty();
  }

  @Test
  void aFileOfTheUsersOwnDoesNotReplaceOurs() {
    running();
    scenario.spec("deployment: {apiServer: {args: {encryption_provider_config: /a/b.yaml}}}");
    assertThat(providers("secrets")).containsExactly("secretbox", "identity");
    assertThat(flags())
        .contains(
            "--encryption-provider-config=/etc/kubernetes/encryption/encryption-configuration.yaml")
        .noneMatch(flag -> flag.contains("/a/b.yaml"));
  }

  @Test
  void aLostOrChangedKeyIsPutBack() {
    running();
    var was = scenario.get(Secret.class, SECRET).getData();
    var annotation = annotation();
    scenario.without(Secret.class, SECRET);
    assertThat(desired().getData()).isEqualTo(was);
    assertThat(step().actions()).isEmpty();
    assertThat(annotation()).as("a rollout").isEqualTo(annotation);

    for (var value : List.of(OTHER, "eA==", "%", "")) {
      make();
      scenario.edit(Secret.class, SECRET, s -> s.setData(Map.of("key-1", value)));
      assertThat(desired().getData()).as(value).containsAllEntriesOf(was);
      assertThat(copies()).containsEntry("encryption-key-1", KEY);
    }
  }

  @Test
  void lostCopiesAreMadeAgainBeforeAnythingElseIsDone() {
    running();
    var was = scenario.get(Secret.class, COPIES).getData();
    scenario.without(Secret.class, COPIES);
    assertThat(step().desired()).isEmpty();
    assertThat(copies()).containsAllEntriesOf(was);
    var annotation = annotation();
    copy();
    assertThat(annotation()).isEqualTo(annotation);
    assertThat(state().isTrue()).isTrue();
  }

  @Test
  void keysAreInNoText() {
    running();
    var atRest = AtRest.of(Plan.of(scenario.observation()).planning());
    assertThat(atRest.toString()).contains("secrets").doesNotContain(KEY);
    assertThat(atRest.ring().toString()).doesNotContain(KEY);
    assertThat(state().message()).doesNotContain(KEY);
  }

  /** One look says that the service does not answer, and the pods that its plugin does not run. */
  @Test
  void aServiceThatCannotBeUsedIsSaid() {
    scenario.spec(SERVICE);
    running();
    assertThat(state().isTrue()).isTrue();
    assertThat(state().message()).isEqualTo("What is written is encrypted by KMS cloud: secrets");
    scenario.synchronised(
        new HostedCluster(
            Optional.empty(),
            new HostedCluster.Nodes(1, 1),
            Set.of(""),
            Map.of(),
            Optional.empty(),
            Optional.empty(),
            Optional.of(new KmsHealth(Optional.of("dial unix: no such file")))));
    assertThat(state().reason()).isEqualTo(Reason.KMS_UNAVAILABLE);
    assertThat(state().message())
        .startsWith("KMS cloud cannot be used: dial unix: no such file; what is encrypted by it");
    pod(
        "demo-api-server-0",
        annotation(),
        """
        status:
          initContainerStatuses:
            - name: kms-plugin-1
              state: {waiting: {reason: CrashLoopBackOff, message: back-off}}
        """);
    assertThat(state().message())
        .startsWith(
            "The plugin of KMS cloud does not run: pod demo-api-server-0: container kms-plugin-1: CrashLoopBackOff (back-off)");
  }

  /** It has nothing encrypted yet, and would lose all that it writes. */
  @Test
  void aRunningClusterDoesNotBeginWithAServiceThatNobodyHasReached() {
    scenario.spec(SERVICE);
    copy();
    pod("old", Optional.empty(), "");
    configure();
    pod("old", annotation(), "");
    assertThat(providers("secrets")).containsExactly("identity", "kms");
    scenario.synchronised(
        new HostedCluster(
            Optional.empty(),
            new HostedCluster.Nodes(1, 1),
            Set.of(""),
            Map.of(),
            Optional.empty(),
            Optional.empty(),
            Optional.of(new KmsHealth(Optional.empty()))));
    assertThat(providers("secrets")).containsExactly("kms", "identity");
  }

  /** Each in its own group: API servers accept a name only once. */
  @Test
  void aServiceHasANameOfItsOwnForEachResource() {
    scenario.spec(SERVICE.replace("provider: KMS", "provider: KMS\n  resources: [configmaps]"));
    running();
    assertThat(providers("secrets")).containsExactly("kms", "identity");
    assertThat(providers("configmaps")).containsExactly("kms", "identity");
    assertThat(file())
        .contains("\"cloud.secrets\"", "\"cloud.configmaps\"", "unix:///run/hcp-kms/1/kms.sock");
  }

  private void taken(String labels) {
    scenario.with(
        """
        apiVersion: v1
        kind: Secret
        metadata: {name: taken, namespace: clusters, labels: %s}
        """
            .formatted(labels));
  }

  /** Whoever wrote the spec once must not get at keys by what is kept of it. */
  @Test
  void whatAnOlderPluginIsGivenIsLookedAtToo() {
    scenario.spec(
        SERVICE.replace(
            "socket:", "mounts: {a: {path: /a, secret: {secretName: taken}}}\n      socket:"));
    taken("{}");
    running();
    taken("{app.kubernetes.io/managed-by: hosted-control-plane-controller}");
    scenario.spec("encryptionAtRest: {}");
    assertThat(
            Plan.of(scenario.observation()).steps().stream()
                .map(Step::state)
                .filter(s -> s.type() == ConditionType.API_SERVER)
                .findFirst()
                .orElseThrow())
        .satisfies(s -> assertThat(s.reason()).isEqualTo(Reason.INVALID_SPEC))
        .satisfies(s -> assertThat(s.message()).contains("KMS cloud", "taken"));
  }

  @Test
  void theSampleIsAccepted() throws IOException {
    var sample =
        Scenario.of(Files.readString(Path.of("../config/samples/cluster-with-kms.yaml")))
            .get(HostedControlPlane.class, "sealed");
    assertThat(Validator.create(sample)).isEmpty();
    assertThat(sample.getSpec().encryptionAtRest().wantedKms()).isNotNull();
  }

  @Test
  void newKeysDiffer() {
    assertThat(Base64.getDecoder().decode(EncryptionKeys.generate())).hasSize(32);
    assertThat(EncryptionKeys.generate()).isNotEqualTo(EncryptionKeys.generate());
  }

  /** Brings everything to where nothing changes any more. */
  private void running() {
    if (!step().actions().isEmpty()) {
      make();
    }
    copy();
    configure();
    pod("demo-api-server-0", annotation(), "");
    configure();
  }

  private void make() {
    scenario.with(
        new SecretBuilder()
            .withNewMetadata()
            .withName(SECRET)
            .withNamespace("clusters")
            .endMetadata()
            .withData(Map.of("key-1", KEY))
            .build());
  }

  private void copy() {
    scenario.with(
        new SecretBuilder()
            .withNewMetadata()
            .withName(COPIES)
            .withNamespace("clusters")
            .endMetadata()
            .withData(copies())
            .build());
  }

  private void configure() {
    scenario.with(desired());
  }

  private void pod(String name, Optional<String> annotation, String more) {
    scenario.with(
        """
        apiVersion: v1
        kind: Pod
        metadata:
          name: %s
          namespace: clusters
          labels: {app.kubernetes.io/component: api-server}
          annotations: {%s}
          %s
        %s
        """
            .formatted(
                name,
                annotation
                    .map(value -> "%s: '%s'".formatted(Labels.ENCRYPTION_ANNOTATION, value))
                    .orElse(""),
                more.startsWith("metadata: {") ? more.substring(11, more.length() - 1) : "",
                more.startsWith("metadata: {") ? "" : more));
  }

  private Step step() {
    return Plan.of(scenario.observation()).steps().stream()
        .filter(step -> step.state().type() == ConditionType.ENCRYPTION)
        .findFirst()
        .orElseThrow();
  }

  private ConditionState state() {
    return step().state();
  }

  private Secret desired() {
    assertThat(step().desired()).hasSize(1);
    return (Secret) step().desired().getFirst();
  }

  private Map<String, String> copies() {
    return object(Secret.class, COPIES).getData();
  }

  private PodTemplateSpec template() {
    return object(Deployment.class, "demo-api-server").getSpec().getTemplate();
  }

  private Optional<String> annotation() {
    return Optional.ofNullable(
        template().getMetadata().getAnnotations().get(Labels.ENCRYPTION_ANNOTATION));
  }

  private List<String> flags() {
    return template().getSpec().getContainers().getFirst().getArgs();
  }

  private <T extends HasMetadata> T object(Class<T> type, String name) {
    return Plan.of(scenario.observation()).steps().stream()
        .flatMap(step -> step.desired().stream())
        .<HasMetadata>map(object -> object)
        .filter(type::isInstance)
        .filter(object -> object.getMetadata().getName().equals(name))
        .map(type::cast)
        .findFirst()
        .orElseThrow();
  }

  private String file() {
    return new String(
        Base64.getDecoder().decode(desired().getData().get("encryption-configuration.yaml")),
        StandardCharsets.UTF_8);
  }

  /** The providers of a resource, in their order. */
  private List<String> providers(String resource) {
    var groups = (List<?>) Manifests.map(file()).get("resources");
    return groups.stream()
        .map(group -> (Map<?, ?>) group)
        .filter(group -> ((List<?>) group.get("resources")).contains(resource))
        .flatMap(group -> ((List<?>) group.get("providers")).stream())
        .flatMap(provider -> ((Map<?, ?>) provider).keySet().stream())
        .map(String::valueOf)
        .toList();
  }

  private static String key(char letter) {
    return Base64.getEncoder()
        .encodeToString(String.valueOf(letter).repeat(32).getBytes(StandardCharsets.US_ASCII));
  }
}
