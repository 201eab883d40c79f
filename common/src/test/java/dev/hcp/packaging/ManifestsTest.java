package dev.hcp.packaging;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.tuple;

import dev.hcp.api.v1alpha1.HostedControlPlane;
import dev.hcp.api.v1alpha1.HostedControlPlaneTemplate;
import dev.hcp.defaulting.Defaults;
import dev.hcp.naming.Labels;
import io.fabric8.kubernetes.api.model.HasMetadata;
import io.fabric8.kubernetes.api.model.Namespace;
import io.fabric8.kubernetes.api.model.Service;
import io.fabric8.kubernetes.api.model.ServiceAccount;
import io.fabric8.kubernetes.api.model.admissionregistration.v1.MutatingWebhook;
import io.fabric8.kubernetes.api.model.admissionregistration.v1.MutatingWebhookConfiguration;
import io.fabric8.kubernetes.api.model.admissionregistration.v1.RuleWithOperations;
import io.fabric8.kubernetes.api.model.admissionregistration.v1.ValidatingAdmissionPolicy;
import io.fabric8.kubernetes.api.model.admissionregistration.v1.ValidatingAdmissionPolicyBinding;
import io.fabric8.kubernetes.api.model.admissionregistration.v1.ValidatingWebhook;
import io.fabric8.kubernetes.api.model.admissionregistration.v1.ValidatingWebhookConfiguration;
import io.fabric8.kubernetes.api.model.apiextensions.v1.CustomResourceDefinition;
import io.fabric8.kubernetes.api.model.apps.Deployment;
import io.fabric8.kubernetes.api.model.policy.v1.PodDisruptionBudget;
import io.fabric8.kubernetes.api.model.rbac.ClusterRole;
import io.fabric8.kubernetes.api.model.rbac.ClusterRoleBinding;
import io.fabric8.kubernetes.api.model.rbac.Subject;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

/** The objects that are installed select, name and protect each other as they should. */
class ManifestsTest {
  private static final String NAMESPACE = "capi-hosted-control-plane-system";
  private static final String WEBHOOK = "capi-hosted-control-plane-webhook";
  private static final String MANAGER = "capi-hosted-control-plane-manager";

  @Test
  void oneNamespaceHoldsEverythingAndIsRestricted() {
    assertThat(Manifests.installed(Namespace.class))
        .singleElement()
        .satisfies(namespace -> {
          assertThat(namespace.getMetadata().getName()).isEqualTo(NAMESPACE);
          assertThat(namespace.getMetadata().getLabels())
              .containsEntry("pod-security.kubernetes.io/enforce", "restricted");
        });
    assertThat(Manifests.installed(Deployment.class))
        .extracting(deployment -> deployment.getMetadata().getNamespace())
        .containsOnly(NAMESPACE);
  }

  @Test
  void everyDeploymentSurvivesTheLossOfANode() {
    for (var deployment : deployments()) {
      assertThat(deployment.getSpec().getReplicas()).as(name(deployment)).isEqualTo(2);
      assertThat(Manifests.installed(PodDisruptionBudget.class))
          .as("disruption budget of %s", name(deployment))
          .filteredOn(budget -> name(budget).equals(name(deployment)))
          .extracting(budget -> budget.getSpec().getSelector().getMatchLabels())
          .containsExactly(podLabels(deployment));
      assertThat(deployment.getSpec().getTemplate().getSpec().getTopologySpreadConstraints())
          .as("topology spread of %s", name(deployment))
          .isNotEmpty()
          .extracting(constraint -> constraint.getLabelSelector().getMatchLabels())
          .containsOnly(podLabels(deployment));
    }
  }

  @Test
  void selectorsTellThePodsOfTheTwoDeploymentsApart() {
    assertThat(deployments())
        .allSatisfy(deployment ->
            assertThat(deployment.getSpec().getSelector().getMatchLabels())
                .isEqualTo(podLabels(deployment)));
    assertThat(deployments()).extracting(ManifestsTest::podLabels).doesNotHaveDuplicates();
    assertThat(Manifests.installed(Service.class))
        .extracting(service -> service.getSpec().getSelector())
        .containsExactlyInAnyOrderElementsOf(
            deployments().stream().map(ManifestsTest::podLabels).toList());
  }

  @Test
  void clusterctlFindsTheContainersByName() {
    assertThat(deployments())
        .allSatisfy(deployment ->
            assertThat(deployment.getSpec().getTemplate().getSpec().getContainers())
                .extracting("name")
                .containsExactly("manager"));
  }

  @Test
  void eachProcessHasRightsOfItsOwn() {
    assertThat(Manifests.installed(ServiceAccount.class))
        .extracting(ManifestsTest::name)
        .containsExactlyInAnyOrderElementsOf(
            deployments().stream()
                .map(d -> d.getSpec().getTemplate().getSpec().getServiceAccountName())
                .toList());
    assertThat(Manifests.installed(ClusterRoleBinding.class))
        .allSatisfy(binding -> assertThat(binding.getRoleRef().getName()).isEqualTo(name(binding)))
        .extracting(
            binding -> name(binding),
            binding -> binding.getSubjects().stream().map(Subject::getName).toList())
        .containsExactlyInAnyOrder(
            tuple("capi-hosted-control-plane-manager", List.of(MANAGER)),
            tuple(WEBHOOK, List.of(WEBHOOK)),
            tuple(WEBHOOK + "-secrets", List.of(WEBHOOK)),
            tuple("capi-hosted-control-plane-metrics-auth", List.of(MANAGER, WEBHOOK)));
  }

  @Test
  void theWebhookOnlyReadsAndItsRightToReadSecretsStandsAlone() {
    var rules =
        Manifests.installed(ClusterRole.class).stream()
            .filter(role -> name(role).startsWith(WEBHOOK))
            .flatMap(role -> role.getRules().stream().map(rule -> Map.entry(name(role), rule)))
            .toList();
    assertThat(rules)
        .isNotEmpty()
        .allSatisfy(rule -> assertThat(rule.getValue().getVerbs()).isSubsetOf("get", "list"));
    assertThat(rules)
        .filteredOn(rule -> rule.getValue().getResources().contains("secrets"))
        .singleElement()
        .satisfies(rule -> {
          assertThat(rule.getKey()).isEqualTo(WEBHOOK + "-secrets");
          assertThat(rule.getValue().getResources()).containsExactly("secrets");
          assertThat(rule.getValue().getVerbs()).containsExactly("get");
        });
  }

  /**
   * Whatever the controller gets to generate later has to be protected too. What it deletes has
   * been made by it, or in the case of claims for its StatefulSet, from a template with its labels.
   * Pods are anybody's to delete: they come back.
   */
  @Test
  void everythingThatTheControllerMakesIsProtected() {
    var made =
        Manifests.installed(ClusterRole.class).stream()
            .filter(role -> name(role).equals("capi-hosted-control-plane-manager"))
            .flatMap(role -> role.getRules().stream())
            .filter(rule -> rule.getVerbs().contains("delete"))
            .filter(rule -> !rule.getResources().equals(List.of("pods")))
            .flatMap(rule -> rule.getResources().stream().map(r -> rule.getApiGroups() + r))
            .toList();
    var policy = policy("capi-hosted-control-plane-generated-objects");
    assertThat(policy.getSpec().getMatchConstraints().getResourceRules())
        .allSatisfy(rule -> assertThat(rule.getOperations()).containsExactly("UPDATE", "DELETE"))
        .flatExtracting(
            rule -> rule.getResources().stream().map(r -> rule.getApiGroups() + r).toList())
        .containsExactlyInAnyOrderElementsOf(made);
    var selector = policy.getSpec().getMatchConstraints().getObjectSelector();
    assertThat(selector.getMatchLabels())
        .containsExactly(Map.entry(Labels.MANAGED_BY, Labels.MANAGER));
    assertThat(selector.getMatchExpressions())
        .extracting("key", "operator")
        .containsExactly(tuple(Labels.CLUSTER_NAME, "Exists"));
  }

  @Test
  void aPolicyThatFailsHoldsNobodyUpAndOneThatHoldsIsEnforced() {
    var policies = Manifests.installed(ValidatingAdmissionPolicy.class);
    assertThat(policies).hasSize(2);
    assertThat(policies)
        .extracting(policy -> policy.getSpec().getFailurePolicy())
        .containsOnly("Ignore");
    assertThat(Manifests.installed(ValidatingAdmissionPolicyBinding.class))
        .allSatisfy(
            binding -> assertThat(binding.getSpec().getValidationActions()).containsExactly("Deny"))
        .extracting(binding -> binding.getSpec().getPolicyName())
        .containsExactlyInAnyOrderElementsOf(policies.stream().map(ManifestsTest::name).toList());
  }

  /** The API server writes its default first; the webhook's would be another one. */
  @Test
  void theSchemaAndAdmissionHaveTheSameDefault() {
    var definition =
        Manifests.installed(CustomResourceDefinition.class).stream()
            .filter(
                crd -> name(crd).equals(HasMetadata.getFullResourceName(HostedControlPlane.class)))
            .findFirst()
            .orElseThrow();
    var replicas =
        definition
            .getSpec()
            .getVersions()
            .getFirst()
            .getSchema()
            .getOpenAPIV3Schema()
            .getProperties()
            .get("spec")
            .getProperties()
            .get("replicas");
    assertThat(Defaults.of(HostedControlPlane.KIND, Map.of("spec", Map.of())))
        .extracting(value -> value.value().toString())
        .containsExactly(String.valueOf(replicas.getDefault()));
  }

  @Test
  void noRuleIsForEverything() {
    assertThat(Manifests.installed(ClusterRole.class))
        .flatExtracting(ClusterRole::getRules)
        .allSatisfy(rule -> {
          assertThat(rule.getVerbs()).doesNotContain("*");
          assertThat(rule.getApiGroups()).doesNotContain("*");
          if (rule.getResources().contains("*")) {
            assertThat(rule.getApiGroups()).containsExactly("infrastructure.cluster.x-k8s.io");
          }
        });
  }

  @Test
  void bothKindsAreAdmitted() {
    var mutating =
        Manifests.installed(MutatingWebhookConfiguration.class).stream()
            .flatMap(configuration -> configuration.getWebhooks().stream())
            .toList();
    var validating =
        Manifests.installed(ValidatingWebhookConfiguration.class).stream()
            .flatMap(configuration -> configuration.getWebhooks().stream())
            .toList();
    for (var kind : List.of(HostedControlPlane.class, HostedControlPlaneTemplate.class)) {
      var singular = HasMetadata.getSingular(kind);
      assertThat(mutating)
          .filteredOn(webhook -> admits(webhook.getRules(), kind))
          .extracting(
              webhook -> webhook.getClientConfig().getService().getPath(),
              MutatingWebhook::getFailurePolicy,
              MutatingWebhook::getSideEffects)
          .containsExactly(tuple(path("mutate", singular), "Fail", "None"));
      assertThat(validating)
          .filteredOn(webhook -> admits(webhook.getRules(), kind))
          .extracting(
              webhook -> webhook.getClientConfig().getService().getPath(),
              ValidatingWebhook::getFailurePolicy,
              ValidatingWebhook::getSideEffects)
          .containsExactly(tuple(path("validate", singular), "Fail", "None"));
    }
  }

  private static ValidatingAdmissionPolicy policy(String name) {
    return Manifests.installed(ValidatingAdmissionPolicy.class).stream()
        .filter(policy -> name(policy).equals(name))
        .findFirst()
        .orElseThrow();
  }

  private static boolean admits(List<RuleWithOperations> rules, Class<? extends HasMetadata> kind) {
    return rules.stream()
        .anyMatch(rule ->
            rule.getApiGroups().contains(HasMetadata.getGroup(kind))
                && rule.getApiVersions().contains(HasMetadata.getVersion(kind))
                && rule.getResources().contains(HasMetadata.getPlural(kind))
                && rule.getOperations().containsAll(List.of("CREATE", "UPDATE")));
  }

  private static String path(String verb, String singular) {
    return "/%s-controlplane-cluster-x-k8s-io-v1alpha1-%s".formatted(verb, singular);
  }

  private static List<Deployment> deployments() {
    return Manifests.installed(Deployment.class);
  }

  private static Map<String, String> podLabels(Deployment deployment) {
    return deployment.getSpec().getTemplate().getMetadata().getLabels();
  }

  private static String name(HasMetadata object) {
    return object.getMetadata().getName();
  }
}
