package dev.hcp.controller.reconcile;

import static org.assertj.core.api.Assertions.assertThat;

import dev.hcp.api.v1alpha1.VolumeRetention;
import dev.hcp.controller.plan.LiveObjects;
import dev.hcp.controller.scenario.Manifests;
import io.fabric8.kubernetes.api.model.HasMetadata;
import io.fabric8.kubernetes.api.model.Pod;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;

/** In which order a control plane goes. */
final class TeardownTest {
  private final List<HasMetadata> objects =
      new ArrayList<>(
          Manifests.read(
              List.of(
                      "gateway.networking.k8s.io/v1 TLSRoute",
                      "gateway.networking.k8s.io/v1alpha2 TCPRoute",
                      "gateway.networking.k8s.io/v1 ListenerSet",
                      "autoscaling/v2 HorizontalPodAutoscaler",
                      "autoscaling.k8s.io/v1 VerticalPodAutoscaler",
                      "apps/v1 Deployment",
                      "policy/v1 PodDisruptionBudget",
                      "apps/v1 StatefulSet",
                      "v1 Service",
                      "v1 Pod",
                      "v1 PersistentVolumeClaim",
                      "cert-manager.io/v1 Certificate",
                      "cert-manager.io/v1 Issuer",
                      "networking.k8s.io/v1 NetworkPolicy",
                      "cilium.io/v2 CiliumNetworkPolicy",
                      "v1 Secret",
                      "v1 ConfigMap")
                  .stream()
                  .map(type -> type.split(" "))
                  .map(type ->
                      "apiVersion: %s\nkind: %s\nmetadata: {name: a}\n".formatted(type[0], type[1]))
                  .reduce((a, b) -> a + "---\n" + b)
                  .orElseThrow()));

  private LiveObjects live() {
    var byType = new HashMap<Class<? extends HasMetadata>, Map<String, HasMetadata>>();
    for (var object : objects) {
      byType
          .computeIfAbsent(object.getClass(), _ -> new HashMap<>())
          .put(object.getMetadata().getName(), object);
    }
    return new LiveObjects(byType);
  }

  private Optional<Teardown> next() {
    return Teardown.next(live(), VolumeRetention.DELETE);
  }

  @Test
  void volumesStayIfTheUserSaysSo() {
    var deleted = new ArrayList<HasMetadata>();
    for (var next = Teardown.next(live(), VolumeRetention.RETAIN);
        next.isPresent();
        next = Teardown.next(live(), VolumeRetention.RETAIN)) {
      deleted.addAll(next.get().objects());
      objects.removeAll(next.get().objects());
    }
    assertThat(deleted).isNotEmpty();
    assertThat(objects).extracting(HasMetadata::getKind).containsExactly("PersistentVolumeClaim");
  }

  @Test
  void everyTypeThatIsGeneratedIsTakenDown() {
    assertThat(objects.stream().<Class<?>>map(Object::getClass).toList())
        .containsExactlyInAnyOrderElementsOf(Observer.GENERATED_TYPES);
  }

  @Test
  void whatIsReachedFromOutsideGoesFirstAndWhatPodsMountLast() {
    var stages = new ArrayList<List<String>>();
    for (var next = next(); next.isPresent(); next = next()) {
      stages.add(next.get().objects().stream().map(HasMetadata::getKind).toList());
      objects.removeAll(next.get().objects());
    }
    assertThat(stages)
        .containsExactly(
            List.of(
                "TLSRoute",
                "TCPRoute",
                "ListenerSet",
                "HorizontalPodAutoscaler",
                "VerticalPodAutoscaler",
                "Deployment",
                "PodDisruptionBudget"),
            List.of("StatefulSet", "Service"),
            List.of("Pod"),
            List.of("PersistentVolumeClaim", "Certificate", "Issuer"),
            List.of("NetworkPolicy", "CiliumNetworkPolicy"),
            List.of("Secret", "ConfigMap"));
    assertThat(objects).isEmpty();
  }

  @Test
  void beforeAFinalSnapshotOnlyWhatWritesToEtcdGoes() {
    var ofEtcd =
        Manifests.read(
            """
            apiVersion: v1
            kind: Pod
            metadata: {name: etcd, labels: {app.kubernetes.io/component: etcd}}
            ---
            apiVersion: v1
            kind: Pod
            metadata: {name: api, labels: {app.kubernetes.io/component: api-server}}
            """);
    objects.removeIf(Pod.class::isInstance);
    objects.addAll(ofEtcd);
    var stages = new ArrayList<List<String>>();
    for (var next = Teardown.beforeEtcd(live());
        next.isPresent();
        next = Teardown.beforeEtcd(live())) {
      stages.add(List.of(next.get().describe().split(", ")));
      objects.removeAll(next.get().objects());
    }
    assertThat(stages)
        .containsExactly(
            List.of("Deployment a", "ListenerSet a", "TCPRoute a", "TLSRoute a"),
            List.of("Pod api"));
    assertThat(objects)
        .extracting(HasMetadata::getKind)
        .contains("StatefulSet", "Pod", "PodDisruptionBudget", "Service", "Secret");
  }

  @Test
  void podsAndWhatIsBeingDeletedAreWaitedForOnly() {
    objects.removeIf(o ->
        List.of(
                "TLSRoute",
                "TCPRoute",
                "ListenerSet",
                "HorizontalPodAutoscaler",
                "VerticalPodAutoscaler",
                "PodDisruptionBudget")
            .contains(o.getKind()));
    objects.getFirst().getMetadata().setDeletionTimestamp("2026-01-01T00:00:00Z");
    var first = next().orElseThrow();
    assertThat(first.describe()).isEqualTo("Deployment a");
    assertThat(first.toDelete()).isEmpty();

    objects.removeIf(o -> !o.getKind().equals("Pod"));
    var pods = next().orElseThrow();
    assertThat(pods.describe()).isEqualTo("Pod a");
    assertThat(pods.toDelete()).isEmpty();
  }
}
