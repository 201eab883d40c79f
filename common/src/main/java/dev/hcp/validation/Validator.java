package dev.hcp.validation;

import dev.hcp.api.v1alpha1.HostedControlPlane;
import dev.hcp.api.v1alpha1.HostedControlPlaneTemplate;
import io.fabric8.kubernetes.api.model.HasMetadata;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.stream.Stream;

/**
 * Entry to all rules.
 *
 * <p>An object that is being deleted has no errors: nothing may stand in the way of removing its
 * finalizer. An update is not blamed for what was wrong before and stays as it is, so that a rule
 * that was added later does not freeze older objects.
 */
public final class Validator {
  /** Annotation of the objects that Cluster API's topology controller only tries out. */
  static final String TOPOLOGY_DRY_RUN = "topology.cluster.x-k8s.io/dry-run";

  private Validator() {}

  /** What is wrong with an object by itself. */
  public static List<FieldError> create(HostedControlPlane object) {
    return object.isMarkedForDeletion() ? List.of() : check(object);
  }

  /** What is wrong with an object that replaces another. */
  public static List<FieldError> update(HostedControlPlane old, HostedControlPlane updated) {
    if (updated.isMarkedForDeletion()) {
      return List.of();
    }
    var spec = Field.root("spec");
    if (old.getSpec() != null && updated.getSpec() != null) {
      VersionRules.checkChange(
          spec.at("version"), old.getSpec(), updated.getSpec(), updated.getStatus());
      EtcdRules.checkChange(
          spec.at("etcd"), old.getSpec().etcd(), updated.getSpec().etcd(), old.getStatus());
      ExposureRules.checkChange(
          spec.at("exposure"), old.getSpec().exposure(), updated.getSpec().exposure());
    }
    return newErrors(check(old), check(updated), spec.errors());
  }

  /** What is wrong with a template by itself. */
  public static List<FieldError> create(HostedControlPlaneTemplate template) {
    return template.isMarkedForDeletion() ? List.of() : check(template);
  }

  /**
   * What is wrong with a template that replaces another. What a template makes cannot be changed:
   * Cluster API rolls out a change by referring to another template. Only its topology controller
   * tries changes out, which are never stored.
   *
   * @param dryRun whether the request says that nothing is to be stored
   */
  public static List<FieldError> update(
      HostedControlPlaneTemplate old, HostedControlPlaneTemplate updated, boolean dryRun) {
    if (updated.isMarkedForDeletion()) {
      return List.of();
    }
    var field = Field.root("spec.template.spec");
    if (!(dryRun && annotations(updated).containsKey(TOPOLOGY_DRY_RUN))) {
      field.require(
          Objects.equals(old.getSpec().template().spec(), updated.getSpec().template().spec()),
          null,
          "cannot be changed: make another HostedControlPlaneTemplate and refer to that");
    }
    return newErrors(check(old), check(updated), field.errors());
  }

  private static List<FieldError> check(HostedControlPlane object) {
    var field = Field.root("spec");
    var spec = object.getSpec();
    if (spec == null) {
      field.reject(null, "must be set");
      return field.errors();
    }
    ClusterNameRule.check(field, object.getMetadata());
    VersionRules.check(field.at("version"), spec.version());
    PodRules.replicas(field.at("replicas"), spec.replicas());
    SharedSpec.of(spec).check(field);
    if (spec.deployment() != null
        && spec.deployment().apiServer() != null
        && spec.deployment().apiServer().audit() != null) {
      AuditRules.checkNamespaces(
          field.at("deployment").at("apiServer").at("audit"),
          spec.deployment().apiServer().audit(),
          String.valueOf(object.getMetadata().getNamespace()));
    }
    return List.copyOf(field.errors());
  }

  private static List<FieldError> check(HostedControlPlaneTemplate template) {
    var field = Field.root("spec");
    if (template.getSpec() == null) {
      field.reject(null, "must be set");
      return field.errors();
    }
    SharedSpec.of(template.getSpec().template().spec()).check(field.at("template").at("spec"));
    return List.copyOf(field.errors());
  }

  private static List<FieldError> newErrors(
      List<FieldError> before, List<FieldError> after, List<FieldError> change) {
    return Stream.concat(after.stream().filter(error -> !before.contains(error)), change.stream())
        .toList();
  }

  private static Map<String, String> annotations(HasMetadata object) {
    var annotations = object.getMetadata().getAnnotations();
    return annotations == null ? Map.of() : annotations;
  }
}
