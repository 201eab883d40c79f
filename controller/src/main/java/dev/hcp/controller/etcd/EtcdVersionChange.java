package dev.hcp.controller.etcd;

import dev.hcp.api.v1alpha1.EtcdComponent;
import dev.hcp.controller.plan.LiveObjects;
import dev.hcp.controller.plan.Observation;
import dev.hcp.controller.plan.PodTrouble;
import dev.hcp.controller.upgrade.Upgrade;
import dev.hcp.model.ControlPlane;
import dev.hcp.naming.Component;
import dev.hcp.naming.Names;
import dev.hcp.render.etcd.EtcdRenderer;
import dev.hcp.version.KubernetesVersion;
import dev.hcp.version.VersionTable;
import io.fabric8.kubernetes.api.model.apps.StatefulSet;
import java.util.Optional;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * Another version of etcd is to run on the data. Some cannot be taken back: etcd does not read the
 * data of a later minor version.
 *
 * @param from version that all members run, or are on the way to
 * @param to version that belongs to the Kubernetes version in the spec
 */
public record EtcdVersionChange(String from, String to) {
  private static final Pattern RELEASE = Pattern.compile("^v?(\\d+\\.\\d+\\.\\d+).*$");
  private static final Pattern VERSION = Pattern.compile("v?(\\d{1,4})\\.(\\d{1,4})\\.\\d.*");

  /**
   * The version of etcd that goes with a Kubernetes version, unless the data are of a later minor
   * version: then it is the one that runs.
   *
   * @param table the version that goes with it
   */
  public static String atLeast(LiveObjects objects, Names names, String table) {
    return running(objects, names).filter(from -> isLater(from, table)).orElse(table);
  }

  /** The change that lies ahead; empty if there is none, or the user has chosen a version. */
  public static Optional<EtcdVersionChange> ahead(Observation observed, ControlPlane controlPlane) {
    return wanted(observed, controlPlane).filter(change -> !change.isBack() && !isHeld(observed));
  }

  /**
   * The version at which etcd stays though another one belongs to the Kubernetes version in the
   * spec: because that Kubernetes version is held back, or is an older one that API servers go back
   * to, with the etcd that they have. Empty if it does not stay.
   */
  public static Optional<String> kept(Observation observed, ControlPlane controlPlane) {
    return wanted(observed, controlPlane)
        .filter(change -> change.isBack() || isHeld(observed))
        .map(EtcdVersionChange::from);
  }

  /**
   * The version that the spec names though members have run a later minor version, whose data it
   * could not read; empty if it names none, or one that can be taken.
   */
  static Optional<EtcdVersionChange> refused(Observation observed, ControlPlane controlPlane) {
    return chosen(controlPlane.etcd())
        .filter(tag -> VERSION.matcher(tag).matches())
        .flatMap(to ->
            latest(observed, controlPlane.names())
                .filter(from -> isLater(from, to))
                .map(from -> new EtcdVersionChange(from, to)));
  }

  /** The image that members shall have: that of the spec, or theirs if that one is refused. */
  static String image(Observation observed, ControlPlane controlPlane) {
    return refused(observed, controlPlane)
        .flatMap(_ -> observed.objects().get(StatefulSet.class, controlPlane.names().etcd()))
        .map(Etcd::image)
        .orElseGet(() -> EtcdRenderer.image(controlPlane));
  }

  /**
   * The latest minor version that has run on the data, as members say and as their pods show. One
   * whose image could never be had, or that never started, has not; if nothing is known of any pod,
   * all are taken to run what they shall. Empty while there is no etcd.
   */
  private static Optional<String> latest(Observation observed, Names names) {
    var intended = running(observed.objects(), names);
    if (intended.isEmpty()) {
      return Optional.empty();
    }
    var seen =
        Stream.concat(
                observed.etcd().stream()
                    .flatMap(etcd -> etcd.members().stream())
                    .flatMap(member -> member.version().stream()),
                PodTrouble.pods(observed.objects(), Component.ETCD).stream()
                    .filter(PodTrouble::hasRun)
                    .map(pod -> tag(pod.getSpec().getContainers().getFirst().getImage())))
            .filter(version -> VERSION.matcher(version).matches())
            .toList();
    return seen.stream()
        .reduce((one, two) -> isLater(two, one) ? two : one)
        .or(() -> intended)
        // As members say it, so that it is the same whoever says it.
        .map(version -> RELEASE.matcher(version).replaceFirst("$1"));
  }

  private static boolean isHeld(Observation observed) {
    return Upgrade.ahead(observed).filter(Upgrade::isHeld).isPresent();
  }

  private boolean isBack() {
    var before = KubernetesVersion.tryParse(from);
    var after = KubernetesVersion.tryParse(to);
    return before.isPresent() && after.isPresent() && after.get().compareTo(before.get()) < 0;
  }

  private static Optional<EtcdVersionChange> wanted(
      Observation observed, ControlPlane controlPlane) {
    if (isChosen(controlPlane.etcd())) {
      return Optional.empty();
    }
    var wanted =
        VersionTable.find(
                KubernetesVersion.parse(observed.hostedControlPlane().getSpec().version()))
            .map(VersionTable.Components::etcd);
    return running(observed.objects(), controlPlane.names())
        .flatMap(from ->
            wanted
                .filter(to -> !to.equals(from) && !isLater(from, to))
                .map(to -> new EtcdVersionChange(from, to)));
  }

  private static Optional<String> running(LiveObjects objects, Names names) {
    return objects
        .get(StatefulSet.class, names.etcd())
        .map(Etcd::image)
        .map(EtcdVersionChange::tag)
        .filter(tag -> VERSION.matcher(tag).matches());
  }

  private static String tag(String image) {
    var named = image.replaceFirst("@.*", "");
    return named.substring(named.lastIndexOf(':') + 1);
  }

  private static Optional<String> chosen(@Nullable EtcdComponent settings) {
    return Optional.ofNullable(settings)
        .flatMap(etcd -> Optional.ofNullable(etcd.image()))
        .flatMap(image -> Optional.ofNullable(image.tag()));
  }

  /** Whether a version is of a later minor version than another; not if that cannot be told. */
  private static boolean isLater(String version, String other) {
    var one = VERSION.matcher(version);
    var two = VERSION.matcher(other);
    if (!one.matches() || !two.matches()) {
      return false;
    }
    int major = Integer.compare(Integer.parseInt(one.group(1)), Integer.parseInt(two.group(1)));
    return major > 0
        || (major == 0 && Integer.parseInt(one.group(2)) > Integer.parseInt(two.group(2)));
  }

  private static boolean isChosen(@Nullable EtcdComponent settings) {
    return settings != null
        && settings.image() != null
        && (settings.image().tag() != null || settings.image().digest() != null);
  }
}
