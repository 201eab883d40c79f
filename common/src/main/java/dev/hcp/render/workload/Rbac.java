package dev.hcp.render.workload;

import io.fabric8.kubernetes.api.model.HasMetadata;
import io.fabric8.kubernetes.api.model.rbac.ClusterRoleBindingBuilder;
import io.fabric8.kubernetes.api.model.rbac.ClusterRoleBuilder;
import io.fabric8.kubernetes.api.model.rbac.PolicyRule;
import io.fabric8.kubernetes.api.model.rbac.PolicyRuleBuilder;
import io.fabric8.kubernetes.api.model.rbac.RoleBindingBuilder;
import io.fabric8.kubernetes.api.model.rbac.RoleBuilder;
import io.fabric8.kubernetes.api.model.rbac.Subject;
import java.util.List;

/** Roles and their bindings in hosted clusters. */
final class Rbac {
  private static final String GROUP = "rbac.authorization.k8s.io";

  private Rbac() {}

  static HasMetadata clusterRole(String name, PolicyRule... rules) {
    return new ClusterRoleBuilder()
        .withMetadata(HostedMetadata.cluster(name))
        .withRules(rules)
        .build();
  }

  static HasMetadata clusterBinding(String name, String role, Subject... subjects) {
    return new ClusterRoleBindingBuilder()
        .withMetadata(HostedMetadata.cluster(name))
        .withNewRoleRef(GROUP, "ClusterRole", role)
        .withSubjects(subjects)
        .build();
  }

  /** A role and the binding of the same name. */
  static List<HasMetadata> role(
      String namespace, String name, PolicyRule rule, Subject... subjects) {
    return List.of(
        new RoleBuilder().withMetadata(HostedMetadata.of(namespace, name)).withRules(rule).build(),
        new RoleBindingBuilder()
            .withMetadata(HostedMetadata.of(namespace, name))
            .withNewRoleRef(GROUP, "Role", name)
            .withSubjects(subjects)
            .build());
  }

  static PolicyRule rule(String group, List<String> resources, String... verbs) {
    return new PolicyRuleBuilder()
        .withApiGroups(group)
        .withResources(resources)
        .withVerbs(verbs)
        .build();
  }

  /** Leave to read one ConfigMap. */
  static PolicyRule readConfigMap(String name) {
    return new PolicyRuleBuilder()
        .withApiGroups("")
        .withResources("configmaps")
        .withResourceNames(name)
        .withVerbs("get")
        .build();
  }

  static Subject group(String name) {
    return new Subject(GROUP, "Group", name, null);
  }

  static Subject user(String name) {
    return new Subject(GROUP, "User", name, null);
  }

  static Subject serviceAccount(String name) {
    return new Subject(null, "ServiceAccount", name, HostedMetadata.SYSTEM);
  }
}
