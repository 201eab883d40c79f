package dev.hcp.controller.reconcile;

import static org.assertj.core.api.Assertions.assertThat;

import dev.hcp.api.certmanager.Certificate;
import dev.hcp.api.certmanager.Issuer;
import dev.hcp.api.v1alpha1.ControlPlaneEndpoint;
import dev.hcp.api.v1alpha1.HostedControlPlane;
import dev.hcp.api.v1alpha1.PodSettings;
import dev.hcp.controller.plan.Action;
import dev.hcp.controller.plan.Step;
import dev.hcp.controller.scenario.Generator;
import dev.hcp.controller.scenario.Manifests;
import dev.hcp.controller.scenario.Scenario;
import dev.hcp.naming.Labels;
import dev.hcp.naming.Names;
import dev.hcp.render.workload.AddOn;
import dev.hcp.render.workload.CoreDnsRenderer;
import dev.hcp.render.workload.KonnectivityAgentRenderer;
import dev.hcp.render.workload.KubeProxyRenderer;
import dev.hcp.validation.Validator;
import io.fabric8.kubernetes.api.model.ConfigMap;
import io.fabric8.kubernetes.api.model.Container;
import io.fabric8.kubernetes.api.model.EnvVar;
import io.fabric8.kubernetes.api.model.HasMetadata;
import io.fabric8.kubernetes.api.model.OwnerReference;
import io.fabric8.kubernetes.api.model.Secret;
import io.fabric8.kubernetes.api.model.Service;
import io.fabric8.kubernetes.api.model.apps.Deployment;
import io.fabric8.kubernetes.api.model.apps.StatefulSet;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Base64;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.function.Consumer;
import java.util.function.UnaryOperator;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.LongStream;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/**
 * What holds for every control plane that admission accepts. The control planes are made at random
 * from fixed seeds; {@code -Dproperty.seed=N} starts with another one.
 */
final class PropertiesTest {
  private static final int TRIES = 150;
  private static final int ENOUGH = 25;

  private static final Pattern LABEL = Pattern.compile("[a-z0-9]([-a-z0-9]{0,61}[a-z0-9])?");
  private static final Pattern SERVICE = Pattern.compile("[a-z]([-a-z0-9]{0,61}[a-z0-9])?");
  private static final Pattern SUBDOMAIN =
      Pattern.compile("[a-z0-9]([-a-z0-9]*[a-z0-9])?(\\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*");
  private static final Pattern LABEL_VALUE =
      Pattern.compile("([A-Za-z0-9]([-A-Za-z0-9_.]{0,61}[A-Za-z0-9])?)?");
  private static final Pattern FILE =
      Pattern.compile("/(etc|run)/.*\\.(crt|key|pub|conf)|.*/kubeconfig");

  /** Length of what the StatefulSet controller appends to make the name of a revision. */
  private static final int REVISION_SUFFIX = "-0123456789".length();

  /** A control plane that admission accepts, and what is wanted for it. */
  private record Sample(long seed, Scenario scenario, Plan plan, Names names) {
    List<HasMetadata> desired() {
      return desiredBy(plan);
    }

    List<Pods> pods() {
      return Pods.of(desired());
    }

    Pods pods(String name) {
      return pods().stream()
          .filter(p -> p.owner().getMetadata().getName().equals(name))
          .findFirst()
          .orElseThrow();
    }

    <T extends HasMetadata> List<T> desired(Class<T> type) {
      return desired().stream().filter(type::isInstance).map(type::cast).toList();
    }
  }

  private static List<Sample> samples = List.of();

  @BeforeAll
  static void generate() {
    long first = Long.getLong("property.seed", 1L);
    samples =
        LongStream.range(first, first + TRIES)
            .boxed()
            .flatMap(seed -> sample(seed).stream())
            .toList();
    assertThat(samples)
        .as("number of valid control planes among %d", TRIES)
        .hasSizeGreaterThan(ENOUGH);
  }

  private static List<Sample> sample(long seed) {
    try {
      var scenario = new Generator(seed).scenario();
      var observation = scenario.observation();
      if (!Validator.stored(observation.hostedControlPlane()).isEmpty()) {
        return List.of();
      }
      var names = new Names(observation.cluster().getMetadata().getName());
      return List.of(new Sample(seed, scenario, Plan.of(observation), names));
    } catch (RuntimeException e) {
      throw new AssertionError("Seed %d: an accepted spec cannot be rendered".formatted(seed), e);
    }
  }

  private static void forAll(Consumer<Sample> property) {
    for (var sample : samples) {
      try {
        property.accept(sample);
      } catch (AssertionError | RuntimeException e) {
        throw new AssertionError(
            "Seed %d: %s%n%s"
                .formatted(
                    sample.seed(),
                    e.getMessage(),
                    Manifests.write(sample.scenario().observation().hostedControlPlane())),
            e);
      }
    }
  }

  private static List<HasMetadata> desiredBy(Plan plan) {
    return plan.steps().stream().map(Step::desired).<HasMetadata>flatMap(List::stream).toList();
  }

  @Test
  void renderingAgainGivesTheSame() {
    forAll(sample ->
        assertThat(desiredBy(Plan.of(sample.scenario().observation())))
            .isEqualTo(sample.desired()));
  }

  @Test
  void orderOfMapsDoesNotMatter() {
    forAll(sample -> {
      var generator = new Generator(sample.seed());
      var object = sample.scenario().observation().hostedControlPlane();
      var again = Scenario.copyOf(sample.scenario());
      again.with(
          Manifests.fromMap(
              castToMap(generator.shuffled(Manifests.toMap(object))), HostedControlPlane.class));
      assertThat(desiredBy(Plan.of(again.observation(reversed())))).isEqualTo(sample.desired());
    });
  }

  @Test
  void nothingThatRestartsPodsDependsOnContentOfSecretsAndConfigMaps() {
    forAll(sample -> {
      var other = Scenario.copyOf(sample.scenario());
      for (var object : List.copyOf(other.all())) {
        switch (object) {
          case Secret secret ->
              other.edit(Secret.class, nameOf(secret), s -> s.setData(changed(s.getData())));
          case ConfigMap map ->
              other.edit(ConfigMap.class, nameOf(map), m -> m.setData(changed(m.getData())));
          default -> {}
        }
      }
      assertThat(workloads(Plan.of(other.observation()))).isEqualTo(workloads(sample.plan()));
    });
  }

  @Test
  void namesAndLabelsAreValid() {
    forAll(sample -> {
      for (var object : sample.desired()) {
        var name = nameOf(object);
        assertThat(name).matches(object instanceof Service ? SERVICE : SUBDOMAIN);
        assertThat(name.length()).isLessThanOrEqualTo(253);
        assertThat(object.getMetadata().getLabels().values())
            .allMatch(value -> LABEL_VALUE.matcher(value).matches());
        if (object instanceof StatefulSet) {
          assertThat(name.length()).as(name).isLessThanOrEqualTo(63 - REVISION_SUFFIX);
        }
      }
      for (var pods : sample.pods()) {
        for (var container : pods.containers()) {
          assertThat(container.getName()).matches(LABEL);
          assertThat(container.getPorts()).allMatch(port -> port.getName().length() <= 15);
        }
        assertThat(pods.volumes()).allMatch(volume -> LABEL.matcher(volume.getName()).matches());
      }
    });
  }

  /** The add-ons of the hosted cluster with some number of ready nodes. */
  private static List<AddOn> addOns(Sample sample, int nodes) {
    var controlPlane = sample.plan().planning().controlPlane();
    var endpoint = new ControlPlaneEndpoint("demo.example.test", 443);
    return List.of(
        KubeProxyRenderer.render(controlPlane, endpoint),
        CoreDnsRenderer.render(controlPlane, nodes),
        KonnectivityAgentRenderer.render(controlPlane, endpoint, nodes));
  }

  @Test
  void objectsOfHostedClustersAreLabelledAndOwnedByNobody() {
    forAll(sample -> {
      for (var addOn : addOns(sample, 3)) {
        var all = Stream.concat(addOn.desired().stream(), addOn.absent().stream()).toList();
        assertThat(all)
            .allSatisfy(object -> {
              assertThat(object.getMetadata().getLabels())
                  .containsEntry(Labels.MANAGED_BY, Labels.MANAGER);
              assertThat(object.getMetadata().getOwnerReferences()).isEmpty();
            })
            .extracting(o -> o.getKind() + " " + nameOf(o))
            .doesNotHaveDuplicates();
      }
    });
  }

  @Test
  void anAddOnIsThereAsAWholeOrNotAtAll() {
    forAll(sample -> {
      var controlPlane = sample.plan().planning().controlPlane();
      var disabled =
          List.of(
              controlPlane.isKubeProxyDisabled(),
              controlPlane.isCoreDnsDisabled(),
              controlPlane.isKonnectivityDisabled());
      var addOns = addOns(sample, 3);
      for (int i = 0; i < addOns.size(); i++) {
        assertThat(addOns.get(i).desired().isEmpty()).isEqualTo(disabled.get(i));
      }
    });
  }

  @Test
  void moreNodesNeverMeanFewerPodsAndNoNodeMeansOne() {
    forAll(sample -> {
      var before = replicas(addOns(sample, 0));
      assertThat(before).allMatch(pods -> pods == 1);
      for (int nodes : List.of(1, 2, 5, 100)) {
        var now = replicas(addOns(sample, nodes));
        for (int i = 0; i < now.size(); i++) {
          assertThat(now.get(i)).isBetween(before.get(i), nodes);
        }
        before = now;
      }
    });
  }

  private static List<Integer> replicas(List<AddOn> addOns) {
    return addOns.stream()
        .flatMap(addOn -> addOn.desired().stream())
        .filter(Deployment.class::isInstance)
        .map(deployment -> ((Deployment) deployment).getSpec().getReplicas())
        .toList();
  }

  @Test
  void noObjectIsWantedTwice() {
    forAll(sample ->
        assertThat(sample.desired())
            .extracting(o -> o.getKind() + " " + nameOf(o))
            .doesNotHaveDuplicates());
  }

  @Test
  void everyObjectIsLabelledAndOwned() {
    forAll(sample -> {
      var owner = sample.scenario().observation().hostedControlPlane().getMetadata();
      for (var object : sample.desired()) {
        var metadata = object.getMetadata();
        assertThat(metadata.getNamespace()).isEqualTo(owner.getNamespace());
        assertThat(metadata.getLabels())
            .as(nameOf(object))
            .containsEntry(Labels.CLUSTER_NAME, sample.names().cluster())
            .containsEntry(Labels.MANAGED_BY, Labels.MANAGER);
        assertThat(metadata.getOwnerReferences())
            .as(nameOf(object))
            .singleElement()
            .returns(owner.getUid(), OwnerReference::getUid)
            .returns(true, OwnerReference::getController);
      }
    });
  }

  /**
   * Informers see objects by their labels only: also what is made from templates has to have them.
   */
  @Test
  void whatOthersMakeIsLabelledToo() {
    forAll(sample -> {
      var wanted = Labels.of(sample.names().cluster());
      for (var pods : sample.pods()) {
        assertThat(pods.template().getMetadata().getLabels()).containsAllEntriesOf(wanted);
      }
      for (var set : sample.desired(StatefulSet.class)) {
        assertThat(set.getSpec().getVolumeClaimTemplates())
            .allSatisfy(
                claim -> assertThat(claim.getMetadata().getLabels()).containsAllEntriesOf(wanted));
      }
      for (var certificate : sample.desired(Certificate.class)) {
        assertThat(certificate.getSpec().secretTemplate().labels()).containsAllEntriesOf(wanted);
      }
    });
  }

  @Test
  void everyPodPassesTheRestrictedLevel() {
    forAll(sample ->
        assertThat(sample.pods())
            .isNotEmpty()
            .allSatisfy(pods ->
                assertThat(RestrictedLevel.violations(pods.template().getSpec())).isEmpty()));
  }

  /** The pods of the control plane and of the add-ons in the hosted cluster. */
  private static List<Pods> allPods(Sample sample) {
    var all = new ArrayList<>(sample.pods());
    addOns(sample, 3).forEach(addOn -> all.addAll(Pods.of(addOn.desired())));
    return all;
  }

  @Test
  void everyContainerRequestsCpuAndMemory() {
    forAll(sample -> {
      for (var pods : allPods(sample)) {
        for (var container : pods.containers()) {
          var resources = container.getResources();
          for (var resource : List.of("cpu", "memory")) {
            var requested = resources.getRequests().get(resource);
            var limit = resources.getLimits().get(resource);
            assertThat(requested == null ? limit : requested)
                .as("%s of %s in %s", resource, container.getName(), pods)
                .isNotNull();
            if (requested != null && limit != null) {
              assertThat(requested.getNumericalAmount())
                  .isLessThanOrEqualTo(limit.getNumericalAmount());
            }
          }
        }
      }
    });
  }

  @Test
  void userLabelsReachPodsAndNothingElse() {
    forAll(sample -> {
      var spec = sample.scenario().observation().hostedControlPlane().getSpec();
      var plane = sample.plan().planning().controlPlane();
      var settings = new HashMap<String, PodSettings>();
      var cluster = sample.names();
      putIfSet(settings, cluster.apiServer(), plane.apiServer());
      putIfSet(settings, cluster.controllerManager(), plane.controllerManager());
      putIfSet(settings, cluster.scheduler(), plane.scheduler());
      putIfSet(settings, cluster.etcd(), plane.etcd());
      putIfSet(settings, "kube-proxy", spec.kubeProxy());
      putIfSet(settings, "coredns", spec.coredns());
      putIfSet(settings, "konnectivity-agent", spec.konnectivityClient());
      for (var pods : allPods(sample)) {
        var user = settings.get(nameOf(pods.owner()));
        var labels = new TreeMap<>(pods.template().getMetadata().getLabels());
        if (user != null && user.podLabels() != null) {
          assertThat(labels).containsAllEntriesOf(user.podLabels());
          assertThat(pods.owner().getMetadata().getLabels())
              .doesNotContainKeys(user.podLabels().keySet().toArray(String[]::new));
          labels.keySet().removeAll(user.podLabels().keySet());
        }
        assertThat(labels.keySet()).as(pods.toString()).allMatch(Labels::isReservedLabel);
        if (user != null && user.podAnnotations() != null) {
          assertThat(pods.template().getMetadata().getAnnotations())
              .containsAllEntriesOf(user.podAnnotations());
        }
      }
    });
  }

  private static void putIfSet(
      Map<String, PodSettings> all, String name, @Nullable PodSettings settings) {
    if (settings != null) {
      all.put(name, settings);
    }
  }

  /** Without labels of its own a constraint would count no pods at all. */
  @Test
  void everySpreadCountsPods() {
    forAll(sample -> {
      for (var pods : allPods(sample)) {
        assertThat(pods.template().getSpec().getTopologySpreadConstraints())
            .allSatisfy(c -> assertThat(c.getLabelSelector()).isNotNull());
      }
    });
  }

  @Test
  void imagesOfKubernetesComeFromTheRegistryOfTheControlPlane() {
    forAll(sample -> {
      var images = sample.scenario().observation().hostedControlPlane().getSpec().images();
      if (images != null && images.registry() != null) {
        assertThat(allPods(sample))
            .flatExtracting(Pods::containers)
            .extracting(Container::getImage)
            .noneMatch(image -> image.contains("registry.k8s.io"))
            .anyMatch(image -> image.startsWith(images.registry() + "/"));
      }
    });
  }

  @Test
  void variablesHaveDistinctNames() {
    forAll(sample ->
        assertThat(allPods(sample))
            .flatExtracting(Pods::containers)
            .allSatisfy(container ->
                assertThat(container.getEnv())
                    .extracting(EnvVar::getName)
                    .doesNotHaveDuplicates()));
  }

  @Test
  void podsCannotCallTheManagementCluster() {
    forAll(sample ->
        assertThat(sample.pods())
            .allSatisfy(pods ->
                assertThat(pods.template().getSpec().getAutomountServiceAccountToken()).isFalse()));
  }

  @Test
  void whatPodsMountIsMadeByUsOrNamedByTheUser() {
    forAll(sample -> {
      var secrets = new HashSet<String>();
      sample.desired(Secret.class).forEach(s -> secrets.add(nameOf(s)));
      sample.desired(Certificate.class).forEach(c -> secrets.add(c.getSpec().secretName()));
      secrets.add(sample.names().serviceAccountKeys());
      // Made once what they need is known.
      secrets.add(sample.names().encryption());
      secrets.add(sample.names().audit());
      var configMaps =
          sample.desired(ConfigMap.class).stream().map(o -> nameOf(o)).collect(Collectors.toSet());
      for (var pods : sample.pods()) {
        assertThat(referencedSecrets(pods).filter(n -> !n.startsWith("given-")))
            .as(pods.toString())
            .isSubsetOf(secrets);
        assertThat(referencedConfigMaps(pods).filter(n -> !n.startsWith("given-")))
            .as(pods.toString())
            .isSubsetOf(configMaps);
      }
    });
  }

  @Test
  void volumesAndMountsFitTogether() {
    forAll(sample -> {
      for (var pods : sample.pods()) {
        var volumes = pods.volumes().stream().map(v -> v.getName()).toList();
        assertThat(volumes).as("volumes of %s", pods).doesNotHaveDuplicates();
        var used = new HashSet<String>();
        for (var container : pods.containers()) {
          var paths =
              container.getVolumeMounts().stream().map(m -> withSlash(m.getMountPath())).toList();
          assertThat(paths).doesNotHaveDuplicates();
          for (var outer : paths) {
            assertThat(paths.stream().filter(inner -> !inner.equals(outer)))
                .as("mounts of %s inside of %s", pods, outer)
                .noneMatch(inner -> inner.startsWith(outer) && !outer.startsWith("/data/"));
          }
          container.getVolumeMounts().forEach(mount -> used.add(mount.getName()));
        }
        assertThat(volumes).as("volumes of %s", pods).containsExactlyInAnyOrderElementsOf(used);
      }
    });
  }

  @Test
  void servicesLeadToPortsOfPods() {
    forAll(sample -> {
      for (var service : sample.desired(Service.class)) {
        var selected =
            sample.pods().stream()
                .filter(pods ->
                    pods.template()
                        .getMetadata()
                        .getLabels()
                        .entrySet()
                        .containsAll(service.getSpec().getSelector().entrySet()))
                .toList();
        assertThat(selected).as(nameOf(service)).hasSize(1);
        var ports =
            selected.getFirst().containers().stream()
                .flatMap(c -> c.getPorts().stream())
                .map(p -> p.getName())
                .toList();
        assertThat(service.getSpec().getPorts())
            .extracting(p -> p.getTargetPort().getStrVal())
            .isSubsetOf(ports);
      }
    });
  }

  @Test
  void selectorsMatchTheirPodsAndNothingThatMayChange() {
    forAll(sample -> {
      for (var pods : sample.pods()) {
        var selector =
            pods.owner() instanceof Deployment d
                ? d.getSpec().getSelector()
                : ((StatefulSet) pods.owner()).getSpec().getSelector();
        assertThat(pods.template().getMetadata().getLabels())
            .containsAllEntriesOf(selector.getMatchLabels());
        assertThat(selector.getMatchLabels())
            .containsOnlyKeys(Labels.CLUSTER_NAME, Labels.COMPONENT);
      }
    });
  }

  @Test
  void filesThatFlagsNameAreThere() {
    forAll(sample -> {
      for (var pods : sample.pods()) {
        for (var container : pods.containers()) {
          var files = pods.files(container).keySet();
          Pods.flags(container)
              .forEach((flag, values) ->
                  assertThat(values.stream().filter(v -> FILE.matcher(v).matches()))
                      .as("--%s of %s", flag, container.getName())
                      .isSubsetOf(files));
        }
      }
    });
  }

  @Test
  void filesThatKubeconfigsNameAreThere() {
    forAll(sample -> {
      var kubeconfigs =
          sample.desired(Secret.class).stream()
              .collect(Collectors.toMap(PropertiesTest::nameOf, PropertiesTest::text));
      int seen = 0;
      for (var pods : sample.pods()) {
        for (var container : pods.containers()) {
          var files = pods.files(container);
          for (var file : files.values()) {
            if (!file.secret().endsWith("-kubeconfig")) {
              continue;
            }
            seen++;
            assertThat(pathsIn(kubeconfigs.get(file.secret())))
                .hasSize(3)
                .isSubsetOf(files.keySet());
          }
        }
      }
      assertThat(seen).as("kubeconfigs that are mounted").isEqualTo(3);
    });
  }

  @Test
  void onlyEtcdsOwnAuthorityIsTrustedByEtcdAndByItsClients() {
    forAll(sample -> {
      var names = sample.names();
      var trusted = new Pods.File(names.bundle(names.etcdCa()), "ca.crt");
      var etcd = sample.pods(names.etcd());
      var container = etcd.container("etcd");
      for (var flag : List.of("trusted-ca-file", "peer-trusted-ca-file")) {
        assertThat(etcd.files(container).get(only(container, flag))).isEqualTo(trusted);
      }
      for (var flag : List.of("client-cert-auth", "peer-client-cert-auth")) {
        assertThat(only(container, flag)).isEqualTo("true");
      }
      var apiServer = sample.pods(names.apiServer());
      var client = apiServer.container("kube-apiserver");
      assertThat(apiServer.files(client).get(only(client, "etcd-cafile"))).isEqualTo(trusted);

      var signedByEtcd =
          sample.desired(Certificate.class).stream()
              .filter(c -> c.getSpec().issuerRef().name().equals(names.etcdCa()))
              .map(PropertiesTest::nameOf)
              .toList();
      assertThat(signedByEtcd)
          .containsExactlyInAnyOrder(
              names.etcdServerCertificate(),
              names.etcdPeerCertificate(),
              names.etcdApiServerClientCertificate(),
              names.etcdControllerClientCertificate());
    });
  }

  @Test
  void rootsAreIndependentOfEachOtherAndKeepTheirKeys() {
    forAll(sample -> {
      var names = sample.names();
      var roots =
          sample.desired(Certificate.class).stream().filter(c -> c.getSpec().isCA()).toList();
      assertThat(roots)
          .extracting(PropertiesTest::nameOf)
          .containsExactlyInAnyOrder(names.kubernetesCa(), names.etcdCa(), names.frontProxyCa());
      assertThat(roots)
          .allMatch(c -> c.getSpec().issuerRef().name().equals(names.rootIssuer()))
          .allMatch(c -> c.getSpec().privateKey().rotationPolicy().equals("Never"));
      assertThat(
              sample.desired(Issuer.class).stream()
                  .filter(i -> nameOf(i).equals(names.rootIssuer()))
                  .findFirst()
                  .orElseThrow()
                  .getSpec()
                  .selfSigned())
          .isNotNull();
    });
  }

  @Test
  void serviceAccountKeysNeverComeFromCertManager() {
    forAll(sample -> {
      var keys = sample.names().serviceAccountKeys();
      assertThat(sample.desired(Certificate.class))
          .noneMatch(c -> c.getSpec().secretName().equals(keys));
      var pods = sample.pods(sample.names().apiServer());
      var container = pods.container("kube-apiserver");
      assertThat(pods.files(container).get(only(container, "service-account-signing-key-file")))
          .isEqualTo(new Pods.File(keys, "tls.key"));
      assertThat(pods.files(container).get(only(container, "service-account-key-file")))
          .isEqualTo(new Pods.File(keys, "tls.crt"));
      boolean there = sample.scenario().observation().objects().get(Secret.class, keys).isPresent();
      assertThat(
              sample.plan().steps().stream()
                  .flatMap(s -> s.actions().stream())
                  .filter(Action.CreateServiceAccountKeys.class::isInstance))
          .hasSize(there ? 0 : 1);
    });
  }

  @Test
  void userFlagsCannotReplaceWhatTheControllerDecides() {
    forAll(sample -> {
      var names = sample.names();
      var withoutFlags = Scenario.copyOf(sample.scenario());
      withoutFlags.with(
          Manifests.fromMap(
              castToMap(
                  withoutArgs(Manifests.toMap(withoutFlags.observation().hostedControlPlane()))),
              HostedControlPlane.class));
      for (var bare : Pods.of(desiredBy(Plan.of(withoutFlags.observation())))) {
        for (var container : bare.containers()) {
          var actual = Pods.flags(sample.pods(nameOf(bare.owner())).container(container.getName()));
          var expected = Pods.flags(container);
          // To this one users may add.
          expected.remove("enable-admission-plugins");
          assertThat(actual).as(container.getName()).containsAllEntriesOf(expected);
        }
      }
      var apiServer = sample.pods(names.apiServer()).container("kube-apiserver");
      assertThat(only(apiServer, "authorization-mode")).isEqualTo("Node,RBAC");
      assertThat(only(apiServer, "enable-admission-plugins").split(",", -1))
          .contains("NodeRestriction");
      assertThat(only(apiServer, "profiling")).isEqualTo("false");
      assertThat(only(apiServer, "tls-min-version")).isEqualTo("VersionTLS12");
      var manager = sample.pods(names.controllerManager()).container("kube-controller-manager");
      var scheduler = sample.pods(names.scheduler()).container("kube-scheduler");
      assertThat(only(manager, "leader-elect")).isEqualTo("true");
      assertThat(only(scheduler, "leader-elect")).isEqualTo("true");
    });
  }

  @Test
  void volumesOfEtcdHaveASizeAndAnyClassOrAnExistingOne() {
    forAll(sample -> {
      var claims = sample.desired(StatefulSet.class).getFirst().getSpec().getVolumeClaimTemplates();
      assertThat(claims).hasSize(1);
      var claim = claims.getFirst().getSpec();
      assertThat(claim.getResources().getRequests().get("storage").getNumericalAmount())
          .isPositive();
      assertThat(claim.getStorageClassName()).isNotEqualTo("");
    });
  }

  private static Object withoutArgs(Object value) {
    return switch (value) {
      case Map<?, ?> map -> {
        var rest = new HashMap<String, Object>();
        map.forEach((key, part) -> {
          if (!key.equals("args")) {
            rest.put(String.valueOf(key), withoutArgs(part));
          }
        });
        yield rest;
      }
      default -> value;
    };
  }

  /** The value of a flag that is there exactly once. */
  private static String only(Container container, String flag) {
    var values = Pods.flags(container).getOrDefault(flag, List.of());
    assertThat(values).as("--%s of %s", flag, container.getName()).hasSize(1);
    return values.getFirst();
  }

  private static List<String> pathsIn(String kubeconfig) {
    return kubeconfig
        .lines()
        .map(String::strip)
        .filter(line -> line.matches("(certificate-authority|client-certificate|client-key): .*"))
        .map(line -> line.substring(line.indexOf(' ') + 1))
        .toList();
  }

  private static String text(Secret secret) {
    return secret.getData().values().stream()
        .map(v -> new String(Base64.getDecoder().decode(v), StandardCharsets.UTF_8))
        .collect(Collectors.joining("\n"));
  }

  private static Stream<String> referencedSecrets(Pods pods) {
    var fromVolumes =
        pods.volumes().stream()
            .flatMap(v -> {
              var names = new ArrayList<String>();
              if (v.getSecret() != null) {
                names.add(v.getSecret().getSecretName());
              }
              if (v.getProjected() != null) {
                v.getProjected().getSources().stream()
                    .filter(s -> s.getSecret() != null)
                    .forEach(s -> names.add(s.getSecret().getName()));
              }
              return names.stream();
            });
    var fromVariables =
        pods.containers().stream()
            .flatMap(c -> c.getEnv().stream())
            .filter(e -> e.getValueFrom() != null && e.getValueFrom().getSecretKeyRef() != null)
            .map(e -> e.getValueFrom().getSecretKeyRef().getName());
    return Stream.concat(fromVolumes, fromVariables);
  }

  private static Stream<String> referencedConfigMaps(Pods pods) {
    return pods.volumes().stream()
        .filter(v -> v.getConfigMap() != null)
        .map(v -> v.getConfigMap().getName());
  }

  private static List<HasMetadata> workloads(Plan plan) {
    return desiredBy(plan).stream()
        .filter(o -> Set.of("Deployment", "StatefulSet").contains(o.getKind()))
        .toList();
  }

  private static Map<String, String> changed(Map<String, String> data) {
    var changed = new HashMap<String, String>();
    data.forEach((key, value) ->
        changed.put(
            key,
            Base64.getEncoder()
                .encodeToString(("changed " + value).getBytes(StandardCharsets.UTF_8))));
    return changed;
  }

  @SuppressWarnings("unchecked")
  private static Map<String, Object> castToMap(Object value) {
    return (Map<String, Object>) value;
  }

  private static UnaryOperator<Map<String, HasMetadata>> reversed() {
    return map -> {
      var keys = new ArrayList<>(map.keySet());
      var reversed = new java.util.LinkedHashMap<String, HasMetadata>();
      keys.reversed().forEach(key -> reversed.put(key, map.get(key)));
      return reversed;
    };
  }

  private static String withSlash(String path) {
    return path.endsWith("/") ? path : path + "/";
  }

  private static String nameOf(HasMetadata object) {
    return object.getMetadata().getName();
  }
}
