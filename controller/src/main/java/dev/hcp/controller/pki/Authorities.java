package dev.hcp.controller.pki;

import dev.hcp.controller.plan.Planning;
import dev.hcp.controller.plan.Progress;
import dev.hcp.controller.plan.TrustCheck;
import dev.hcp.render.pki.Root;
import dev.hcp.render.pki.Trust;
import io.fabric8.kubernetes.api.model.HasMetadata;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;

/** The CAs of a control plane. */
public final class Authorities {
  private final List<Authority> all;

  private Authorities(List<Authority> all) {
    this.all = List.copyOf(all);
  }

  /** What is known of them, and wanted. */
  public static Authorities of(Planning planning) {
    return new Authorities(
        Stream.of(Root.values()).map(root -> Authority.of(planning, root)).toList());
  }

  List<Authority> all() {
    return all;
  }

  /** What pods are given of each. */
  public List<Trust> trusts() {
    return all.stream().map(Authority::trust).toList();
  }

  /** An object of the hosted cluster that is an add-on, as it is given what it trusts. */
  public HasMetadata inHostedCluster(HasMetadata object) {
    return all.stream()
        .filter(authority -> authority.root() == Root.KUBERNETES)
        .findFirst()
        .map(authority -> authority.trust().inHostedCluster(object))
        .orElse(object);
  }

  /** What to find out in the hosted cluster; empty if nothing. */
  public Optional<TrustCheck> trustCheck() {
    return all.stream()
        .map(authority -> authority.outsiders().check())
        .flatMap(Optional::stream)
        .findFirst();
  }

  /** How far each rotation is that was ever requested. */
  public List<Progress> progress() {
    return all.stream().map(Authority::progress).flatMap(Optional::stream).toList();
  }

  /** When something is to be done though nothing changes; empty if never. */
  public Optional<Instant> due() {
    return all.stream().map(Authority::due).flatMap(Optional::stream).min(Instant::compareTo);
  }
}
