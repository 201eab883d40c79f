package dev.hcp.packaging;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.tuple;

import dev.hcp.api.v1alpha1.HostedControlPlane;
import dev.hcp.api.v1alpha1.HostedControlPlaneTemplate;
import io.fabric8.kubernetes.api.model.HasMetadata;
import io.fabric8.kubernetes.api.model.Namespace;
import io.fabric8.kubernetes.api.model.Service;
import io.fabric8.kubernetes.api.model.ServiceAccount;
import io.fabric8.kubernetes.api.model.admissionregistration.v1.MutatingWebhook;
import io.fabric8.kubernetes.api.model.admissionregistration.v1.MutatingWebhookConfiguration;
import io.fabric8.kubernetes.api.model.admissionregistration.v1.RuleWithOperations;
import io.fabric8.kubernetes.api.model.admissionregistration.v1.ValidatingWebhook;
import io.fabric8.kubernetes.api.model.admissionregistration.v1.ValidatingWebhookConfiguration;
import io.fabric8.kubernetes.api.model.apps.Deployment;
import io.fabric8.kubernetes.api.model.policy.v1.PodDisruptionBudget;
import io.fabric8.kubernetes.api.model.rbac.ClusterRole;
import io.fabric8.kubernetes.api.model.rbac.ClusterRoleBinding;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

/** The objects that are installed select, name and protect each other as they should. */
class ManifestsTest {
  private static final String NAMESPACE = "capi-hosted-control-plane-system";

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
  void onlyTheControllerHasATokenAndRights() {
    assertThat(Manifests.installed(ServiceAccount.class))
        .filteredOn(account -> !Boolean.FALSE.equals(account.getAutomountServiceAccountToken()))
        .extracting(ManifestsTest::name)
        .containsExactly("capi-hosted-control-plane-manager");
    assertThat(Manifests.installed(ClusterRoleBinding.class))
        .flatExtracting(ClusterRoleBinding::getSubjects)
        .extracting("name")
        .containsExactly("capi-hosted-control-plane-manager");
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
