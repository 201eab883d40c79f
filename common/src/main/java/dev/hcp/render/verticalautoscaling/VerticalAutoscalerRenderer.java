package dev.hcp.render.verticalautoscaling;

import dev.hcp.api.autoscaling.ContainerResourcePolicy;
import dev.hcp.api.autoscaling.PodResourcePolicy;
import dev.hcp.api.autoscaling.PodUpdatePolicy;
import dev.hcp.api.autoscaling.UpdateMode;
import dev.hcp.api.autoscaling.VerticalPodAutoscaler;
import dev.hcp.api.autoscaling.VerticalPodAutoscalerSpec;
import dev.hcp.api.v1alpha1.ApiServerPod;
import dev.hcp.api.v1alpha1.Container;
import dev.hcp.api.v1alpha1.SizeLimits;
import dev.hcp.api.v1alpha1.VerticalAutoscaling;
import dev.hcp.api.v1alpha1.VerticalAutoscalingMode;
import dev.hcp.flags.Program;
import dev.hcp.model.ControlPlane;
import dev.hcp.model.DefaultRequests;
import dev.hcp.naming.Component;
import dev.hcp.render.Metadata;
import dev.hcp.render.apiserver.ApiServerRenderer;
import dev.hcp.render.etcd.EtcdRenderer;
import dev.hcp.render.konnectivity.KonnectivityRenderer;
import io.fabric8.kubernetes.api.model.HasMetadata;
import io.fabric8.kubernetes.api.model.OwnerReferenceBuilder;
import io.fabric8.kubernetes.api.model.Quantity;
import io.fabric8.kubernetes.api.model.apps.Deployment;
import io.fabric8.kubernetes.api.model.apps.DeploymentBuilder;
import io.fabric8.kubernetes.api.model.apps.StatefulSet;
import io.fabric8.kubernetes.api.model.apps.StatefulSetBuilder;
import io.fabric8.kubernetes.api.model.autoscaling.v1.CrossVersionObjectReference;
import java.math.BigDecimal;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/** VerticalPodAutoscalers, one for each component whose pods are to be sized. */
public final class VerticalAutoscalerRenderer {
  /** Components that can have one, in the order in which they depend on each other. */
  public static final List<Component> COMPONENTS =
      List.of(
          Component.ETCD, Component.API_SERVER, Component.CONTROLLER_MANAGER, Component.SCHEDULER);

  private static final String APPS = "apps/v1";
  private static final String ALL_OTHERS = "*";
  private static final String AUTO = "Auto";
  private static final String OFF = "Off";
  private static final String LIMITS_FOLLOW = "RequestsAndLimits";
  private static final List<String> CPU_AND_MEMORY = List.of("cpu", "memory");
  private static final List<String> MEMORY = List.of("memory");

  private VerticalAutoscalerRenderer() {}

  /**
   * The VerticalPodAutoscalers.
   *
   * @param frozen whether pods that run keep their size
   */
  public static List<VerticalPodAutoscaler> render(ControlPlane controlPlane, boolean frozen) {
    return COMPONENTS.stream()
        .flatMap(component ->
            controlPlane
                .verticalAutoscaling(component)
                .map(settings -> render(controlPlane, component, settings, frozen))
                .stream())
        .toList();
  }

  /**
   * The workload of a component without a controller, if its pods are sized. It stays owned. The
   * autoscaler follows controllers up to the last that can be scaled, which the HostedControlPlane
   * can: it would take that for whose pods these are, and its scale speaks of API servers alone.
   */
  public static HasMetadata target(
      ControlPlane controlPlane, Component component, HasMetadata workload) {
    if (controlPlane.verticalAutoscaling(component).isEmpty()) {
      return workload;
    }
    var owner = new OwnerReferenceBuilder(controlPlane.owner()).withController(null).build();
    return switch (workload) {
      case Deployment deployment ->
          new DeploymentBuilder(deployment)
              .editMetadata()
              .withOwnerReferences(owner)
              .endMetadata()
              .build();
      case StatefulSet set ->
          new StatefulSetBuilder(set)
              .editMetadata()
              .withOwnerReferences(owner)
              .endMetadata()
              .build();
      default -> workload;
    };
  }

  /**
   * The VerticalPodAutoscaler of one component.
   *
   * @param frozen whether pods that run keep their size
   */
  public static VerticalPodAutoscaler render(
      ControlPlane controlPlane,
      Component component,
      VerticalAutoscaling settings,
      boolean frozen) {
    var name = name(controlPlane, component);
    var autoscaler = new VerticalPodAutoscaler();
    autoscaler.setMetadata(Metadata.of(controlPlane, name, component));
    autoscaler.setSpec(
        new VerticalPodAutoscalerSpec(
            new CrossVersionObjectReference(
                APPS, component == Component.ETCD ? "StatefulSet" : "Deployment", name),
            update(component, settings, frozen),
            new PodResourcePolicy(policies(controlPlane, component, settings))));
    return autoscaler;
  }

  /**
   * Pods of etcd are replaced in an order that depends on etcd, which the controller alone knows;
   * and the mode that resizes in place evicts where that does not work.
   */
  private static PodUpdatePolicy update(
      Component component, VerticalAutoscaling settings, boolean frozen) {
    var mode =
        settings.mode() == VerticalAutoscalingMode.OFF
            ? UpdateMode.OFF
            : frozen || component == Component.ETCD
                ? UpdateMode.INITIAL
                : UpdateMode.IN_PLACE_OR_RECREATE;
    return new PodUpdatePolicy(
        mode.value(), component == Component.ETCD ? null : settings.minReplicasOrDefault());
  }

  private static List<ContainerResourcePolicy> policies(
      ControlPlane controlPlane, Component component, VerticalAutoscaling settings) {
    var policies = new ArrayList<ContainerResourcePolicy>();
    switch (component) {
      case API_SERVER -> {
        policies.add(
            policy(
                ApiServerRenderer.CONTAINER,
                settings,
                DefaultRequests.API_SERVER,
                // Their number follows CPU in percent of what is requested.
                controlPlane.autoscaling().isPresent() ? MEMORY : CPU_AND_MEMORY));
        Optional.ofNullable(controlPlane.apiServer())
            .map(ApiServerPod::konnectivity)
            .map(Container::verticalAutoscaling)
            .map(limits ->
                policy(
                    KonnectivityRenderer.CONTAINER,
                    limits,
                    DefaultRequests.KONNECTIVITY_SERVER,
                    CPU_AND_MEMORY))
            .ifPresent(policies::add);
      }
      case CONTROLLER_MANAGER ->
          policies.add(
              policy(
                  Program.KUBE_CONTROLLER_MANAGER.title(),
                  settings,
                  DefaultRequests.CONTROLLER_MANAGER,
                  CPU_AND_MEMORY));
      case SCHEDULER ->
          policies.add(
              policy(
                  Program.KUBE_SCHEDULER.title(),
                  settings,
                  DefaultRequests.SCHEDULER,
                  CPU_AND_MEMORY));
      case ETCD ->
          policies.add(
              policy(EtcdRenderer.CONTAINER, settings, DefaultRequests.ETCD, CPU_AND_MEMORY));
      default -> throw new IllegalArgumentException(component + " has no pods that are sized");
    }
    policies.add(new ContainerResourcePolicy(ALL_OTHERS, OFF, null, null, null, null));
    return policies;
  }

  private static ContainerResourcePolicy policy(
      String container, SizeLimits limits, DefaultRequests defaults, List<String> resources) {
    var most = amounts(limits.maxAllowed(), resources);
    return new ContainerResourcePolicy(
        container,
        AUTO,
        resources,
        LIMITS_FOLLOW,
        floor(amounts(limits.minAllowed(), resources), defaults, resources),
        most.isEmpty() ? null : most);
  }

  private static Map<String, Quantity> floor(
      Map<String, Quantity> least, DefaultRequests defaults, List<String> resources) {
    var floor = new TreeMap<>(defaults.amounts());
    floor.keySet().retainAll(resources);
    least.forEach(
        (resource, amount) -> floor.merge(resource, amount, VerticalAutoscalerRenderer::larger));
    return floor;
  }

  private static Quantity larger(Quantity one, Quantity other) {
    return number(other).compareTo(number(one)) > 0 ? other : one;
  }

  private static BigDecimal number(Quantity quantity) {
    return quantity.getNumericalAmount();
  }

  private static Map<String, Quantity> amounts(
      @Nullable Map<String, Quantity> amounts, List<String> resources) {
    var all = new TreeMap<String, Quantity>();
    if (amounts != null) {
      all.putAll(amounts);
    }
    all.keySet().retainAll(resources);
    return all;
  }

  private static String name(ControlPlane controlPlane, Component component) {
    var names = controlPlane.names();
    return switch (component) {
      case API_SERVER -> names.apiServer();
      case CONTROLLER_MANAGER -> names.controllerManager();
      case SCHEDULER -> names.scheduler();
      case ETCD -> names.etcd();
      default -> throw new IllegalArgumentException(component + " has no pods that are sized");
    };
  }
}
