package dev.hcp.validation;

import dev.hcp.api.v1alpha1.ContainerSettings;
import dev.hcp.api.v1alpha1.PlacementSettings;
import dev.hcp.api.v1alpha1.PodSettings;
import dev.hcp.api.v1alpha1.ReplicaSettings;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/** What the user may set for containers and pods. */
final class PodRules {
  private static final Pattern FLAG_NAME = Pattern.compile("[A-Za-z0-9][-._A-Za-z0-9]*");

  private static final String OS = "kubernetes.io/os";

  private PodRules() {}

  /** Settings of a container or pod in which no variable is the controller's. */
  static void check(Field field, @Nullable ContainerSettings settings) {
    check(field, settings, EnvRules.Owner.NOBODY);
  }

  /** Settings of an add-on of the hosted cluster. */
  static void checkAddOn(
      Field field, @Nullable PodSettings settings, EnvRules.Owner ownerOfVariables) {
    check(field, settings, ownerOfVariables);
    if (settings != null && settings.nodeSelector() != null) {
      var os = settings.nodeSelector().get(OS);
      field
          .at("nodeSelector")
          .key(OS)
          .require(os == null || os.equals("linux"), os, "must be linux, or left out");
    }
  }

  /**
   * Settings of a container or pod.
   *
   * @param ownerOfVariables says which variables are the controller's
   */
  static void check(
      Field field, @Nullable ContainerSettings settings, EnvRules.Owner ownerOfVariables) {
    if (settings == null) {
      return;
    }
    if (settings.image() != null) {
      ImageRules.check(field.at("image"), settings.image());
    }
    EnvRules.check(field.at("env"), settings.env(), ownerOfVariables);
    if (settings.args() != null) {
      settings
          .args()
          .forEach((flag, value) -> {
            var argument = field.at("args").key(flag);
            argument.require(
                isFlagName(flag),
                flag,
                "must be the name of a flag without the dashes in front, for example"
                    + " feature-gates");
            ControlCharacters.refuse(argument, value);
          });
    }
    if (settings.resources() != null) {
      ResourceRules.check(field.at("resources"), settings.resources());
    }
    if (settings instanceof PodSettings pod) {
      checkPod(field, pod);
    }
    if (settings instanceof PlacementSettings pod) {
      PlacementRules.check(field, pod);
    }
    if (settings instanceof ReplicaSettings pod) {
      replicas(field.at("replicas"), pod.replicas());
    }
  }

  private static void checkPod(Field field, PodSettings pod) {
    if (pod.priorityClassName() != null) {
      DnsNames.subdomain(field.at("priorityClassName"), pod.priorityClassName());
    }
    LabelRules.labels(field.at("nodeSelector"), pod.nodeSelector());
    LabelRules.podLabels(field.at("podLabels"), pod.podLabels());
    LabelRules.podAnnotations(field.at("podAnnotations"), pod.podAnnotations());
    ImageRules.pullSecrets(field.at("imagePullSecrets"), pod.imagePullSecrets());
  }

  static boolean isFlagName(String flag) {
    return FLAG_NAME.matcher(flag).matches();
  }

  static void replicas(Field field, @Nullable Integer replicas) {
    field.require(
        replicas == null || (replicas >= 1 && replicas <= ReplicaSettings.MOST),
        replicas,
        "must be 1 to %d".formatted(ReplicaSettings.MOST));
  }
}
