package dev.hcp.validation;

import dev.hcp.api.v1alpha1.HostedControlPlane;
import dev.hcp.api.v1alpha1.HostedControlPlaneTemplate;
import dev.hcp.version.KubernetesVersion;
import dev.hcp.version.VersionTable;
import io.fabric8.kubernetes.api.model.HasMetadata;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
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
    return object.isMarkedForDeletion() ? List.of() : checkAll(object);
  }

  /**
   * What keeps a stored object from being worked on. Its flags do not: one that is refused by now
   * was stored before, and those that the controller decides are left out anyway.
   */
  public static List<FieldError> stored(HostedControlPlane object) {
    return object.isMarkedForDeletion() ? List.of() : check(object);
  }

  /** What the user should know of an object though it is not wrong. */
  public static List<String> warnings(HostedControlPlane object) {
    return object.isMarkedForDeletion() ? List.of() : texts(arguments(object).warnings());
  }

  /** What the user should know of a template though it is not wrong. */
  public static List<String> warnings(HostedControlPlaneTemplate template) {
    return template.isMarkedForDeletion() ? List.of() : texts(arguments(template).warnings());
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
    return newErrors(checkAll(old), checkAll(updated), spec.errors());
  }

  /** What is wrong with a template by itself. */
  public static List<FieldError> create(HostedControlPlaneTemplate template) {
    return template.isMarkedForDeletion() ? List.of() : checkAll(template);
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
    var before = checkAll(old);
    var after = checkAll(updated);
    if (!(dryRun && annotations(updated).containsKey(TOPOLOGY_DRY_RUN))
        && !isSame(old, updated, before.isEmpty() && after.isEmpty())) {
      field.forbid("cannot be changed: make another HostedControlPlaneTemplate and refer to that");
    }
    return newErrors(before, after, field.errors());
  }

  /**
   * Whether two templates make the same.
   *
   * @param comparable whether their quantities are numbers, which 1 and 1000m are the same of; if
   *     not, the text decides
   */
  private static boolean isSame(
      HostedControlPlaneTemplate old, HostedControlPlaneTemplate updated, boolean comparable) {
    var before = old.getSpec();
    var after = updated.getSpec();
    if (before == null || after == null) {
      return before == null && after == null;
    }
    return comparable
        ? before.template().spec().equals(after.template().spec())
        : before.template().spec().toString().equals(after.template().spec().toString());
  }

  private static List<FieldError> check(HostedControlPlane object) {
    var field = Field.root("spec");
    var spec = object.getSpec();
    if (spec == null) {
      field.missing("must be set");
      return field.errors();
    }
    ClusterNameRule.check(field, object.getMetadata());
    VersionRules.check(field.at("version"), spec.version());
    PodRules.replicas(field.at("replicas"), spec.replicas());
    EndpointRules.check(field.at("controlPlaneEndpoint"), spec.controlPlaneEndpoint());
    RolloutRules.check(field.at("rollout"), spec.rollout());
    SharedSpec.of(spec).check(field);
    return List.copyOf(field.errors());
  }

  private static List<FieldError> check(HostedControlPlaneTemplate template) {
    var field = Field.root("spec");
    if (template.getSpec() == null) {
      field.missing("must be set");
      return field.errors();
    }
    var resource = template.getSpec().template();
    var metadata = resource.metadata();
    if (metadata != null && metadata.labels() != null) {
      QualifiedNames.labels(field.at("template").at("metadata").at("labels"), metadata.labels());
    }
    if (metadata != null && metadata.annotations() != null) {
      QualifiedNames.annotations(
          field.at("template").at("metadata").at("annotations"), metadata.annotations());
    }
    SharedSpec.of(resource.spec()).check(field.at("template").at("spec"));
    return List.copyOf(field.errors());
  }

  private static List<FieldError> checkAll(HostedControlPlane object) {
    return Stream.concat(check(object).stream(), arguments(object).errors().stream()).toList();
  }

  private static List<FieldError> checkAll(HostedControlPlaneTemplate template) {
    return Stream.concat(check(template).stream(), arguments(template).errors().stream()).toList();
  }

  private static ArgumentRules arguments(HostedControlPlane object) {
    var spec = object.getSpec();
    var rules =
        ArgumentRules.beside(
            Optional.ofNullable(spec)
                .flatMap(s -> KubernetesVersion.tryParse(s.version()))
                .flatMap(VersionTable::find));
    if (spec != null) {
      rules.check("spec", SharedSpec.of(spec));
    }
    return rules;
  }

  /** A template does not say which version its control planes will have. */
  private static ArgumentRules arguments(HostedControlPlaneTemplate template) {
    var rules = ArgumentRules.beside(Optional.empty());
    if (template.getSpec() != null) {
      rules.check("spec.template.spec", SharedSpec.of(template.getSpec().template().spec()));
    }
    return rules;
  }

  private static List<String> texts(List<FieldError> findings) {
    return findings.stream().map(FieldError::toString).toList();
  }

  private static List<FieldError> newErrors(
      List<FieldError> before, List<FieldError> after, List<FieldError> change) {
    var known = Set.copyOf(before);
    return Stream.concat(after.stream().filter(error -> !known.contains(error)), change.stream())
        .toList();
  }

  private static Map<String, String> annotations(HasMetadata object) {
    var annotations = object.getMetadata().getAnnotations();
    return annotations == null ? Map.of() : annotations;
  }
}
