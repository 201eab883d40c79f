package dev.hcp.controller.pki;

import dev.hcp.controller.plan.Action;
import dev.hcp.controller.plan.Planning;
import dev.hcp.controller.plan.Progress;
import dev.hcp.controller.plan.Progress.Credential;
import dev.hcp.controller.plan.Progress.Phase;
import dev.hcp.controller.plan.Takeover;
import dev.hcp.render.pki.AuthorityKeys;
import dev.hcp.render.pki.Heir;
import dev.hcp.render.pki.Root;
import dev.hcp.render.pki.Trust;
import io.fabric8.kubernetes.api.model.Secret;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.SortedMap;
import java.util.SortedSet;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.stream.Stream;

/**
 * What is known of a CA, and what follows.
 *
 * <p>Who has to do with a CA has to trust another before anybody shows a certificate of that one.
 * So the other is made, copied, and published first: pods that verify by the trust bundle are
 * replaced. Once each of them was started with it, the other takes the place of the one that signs,
 * and all certificates are issued anew. Once they are, pods that have some are replaced. When none
 * is left that was started before, nobody shows a certificate of the old one any more: it goes from
 * the bundle, and pods are replaced once more.
 *
 * <p>Nodes are told whom to trust when they join, and never again. So the Kubernetes CA has an heir
 * first: the controller-manager signs certificates of nodes by the other one, while all else is as
 * it was. That one takes its place when every node has joined since.
 *
 * <p>Without a rotation the same keeps a CA as it was: if its Secret is lost, it is put back, and
 * what another has signed meanwhile is issued anew.
 *
 * @param root which CA
 * @param request the request for a rotation
 * @param copies data of the Secret with the copies of all root keys
 * @param bundle data of the Secret with the trust bundle
 * @param live what the Secret of the CA has; empty if there is none
 * @param found what there is
 * @param ring the same as it shall be
 * @param leaves what it has to sign
 * @param followers pods that have what is found
 * @param outsiders who has to follow besides
 * @param fence for what to wait before anything is rotated; empty if for nothing
 * @param now when this was observed
 */
record Authority(
    Root root,
    Optional<String> request,
    Map<String, String> copies,
    Map<String, String> bundle,
    Optional<AuthorityKeys.Pair> live,
    AuthorityKeys found,
    AuthorityKeys ring,
    Leaves leaves,
    List<Followers> followers,
    Outsiders outsiders,
    Optional<String> fence,
    Instant now) {
  private static final String CERTIFICATE = "tls.crt";
  private static final String KEY = "tls.key";

  /** Copies the collections. */
  Authority {
    copies = Map.copyOf(copies);
    bundle = Map.copyOf(bundle);
    followers = List.copyOf(followers);
  }

  /** What is known, and wanted. */
  static Authority of(Planning planning, Root root) {
    var names = planning.controlPlane().names();
    var objects = planning.objects();
    var name = root.name(names);
    var copies = objects.secretData(names.rootKeys());
    var bundle = objects.secretData(names.bundle(name));
    var live =
        Optional.of(objects.secretData(name))
            .map(data ->
                new AuthorityKeys.Pair(
                    data.getOrDefault(CERTIFICATE, ""), data.getOrDefault(KEY, "")))
            .filter(pair -> pair.isWhole() && !pair.certificate().isEmpty());
    var next =
        root == Root.KUBERNETES
            ? objects.secretData(names.nextKubernetesCa())
            : Map.<String, String>of();
    var found = AuthorityKeys.read(root, copies, bundle, live, next);
    var request = request(planning, root);
    var now = planning.observed().at();
    var authority =
        new Authority(
            root,
            request,
            copies,
            bundle,
            live,
            found,
            found,
            Leaves.of(
                objects,
                Certificates.leaves(planning),
                name,
                found.pairs().isEmpty() ? "" : found.signing().certificate(),
                now),
            Followers.of(planning, root, found.trust(root)),
            Outsiders.of(planning, root, found, request),
            fence(planning).or(() -> former(root, bundle, now).map(Authority::fence)),
            now);
    return authority.as(authority.next());
  }

  private static Optional<String> fence(Planning planning) {
    return planning
        .restoring()
        .fence()
        .map("the end of the restoration: %s"::formatted)
        .or(() ->
            Takeover.of(planning.objects(), planning.controlPlane().names()).isUnderWay()
                ? Optional.of("the pods of the forerunner to be replaced")
                : Optional.empty());
  }

  private static String fence(FormerAuthority former) {
    return "the CA that the forerunner had replaced to expire, at %s".formatted(former.expiry());
  }

  private static Optional<FormerAuthority> former(
      Root root, Map<String, String> bundle, Instant now) {
    return root == Root.KUBERNETES ? FormerAuthority.in(bundle, now) : Optional.empty();
  }

  private static Optional<String> request(Planning planning, Root root) {
    return Optional.ofNullable(planning.controlPlane().spec().rotation())
        .flatMap(rotation ->
            Optional.ofNullable(
                switch (root) {
                  case KUBERNETES -> rotation.kubernetesCA();
                  case ETCD -> rotation.etcdCA();
                  case FRONT_PROXY -> rotation.frontProxyCA();
                }));
  }

  private Authority as(AuthorityKeys wanted) {
    return new Authority(
        root, request, copies, bundle, live, found, wanted, leaves, followers, outsiders, fence,
        now);
  }

  /** One step of a rotation at most: the next one is planned from what this one has brought. */
  private AuthorityKeys next() {
    if (found.pairs().isEmpty()) {
      return found;
    }
    if (isSeenFirst()) {
      return found.with(found.rotation().met(request));
    }
    if (fence.isPresent()) {
      return found;
    }
    var order = found.order();
    if (!order.older().isEmpty()) {
      if (!isSettled() || !isIssued()) {
        return found;
      }
      if (found.issued().isEmpty()) {
        return found.issued(Optional.of(now));
      }
      return isFollowed() && outsiders.unjoined().isEmpty() ? found.retire() : found;
    }
    var rotation = found.rotation();
    if (!isWanted(found)) {
      boolean over = rotation.started().isPresent() && (order.next().isPresent() || isFollowed());
      return over ? found.with(rotation.ended()) : found;
    }
    var spare = found.spare();
    if (spare.isEmpty()) {
      return found;
    }
    if (!order.next().equals(spare)) {
      return found.with(order.with(spare.get())).with(rotation.begun(now));
    }
    if (rotation.started().isEmpty()) {
      return found.with(rotation.begun(now));
    }
    if (root == Root.KUBERNETES && found.heir().filter(heir -> isIt(heir, spare)).isEmpty()) {
      return isFollowed()
          ? found
              .with(new Heir(spare.get(), Optional.empty()))
              .with(rotation.isAsked(request) ? rotation.met(request) : rotation)
          : found;
    }
    if (found.heir().isPresent()) {
      return succeed(found.heir().get());
    }
    return isFollowed()
        ? found.with(order.using(spare.get())).with(rotation.met(request)).issued(Optional.empty())
        : found;
  }

  private AuthorityKeys succeed(Heir heir) {
    if (heir.since().isEmpty()) {
      return isFollowed() ? found.with(heir.since(now)) : found;
    }
    return isFollowed() && outsiders.unjoined().isEmpty()
        ? found.with(found.order().using(heir.number())).issued(Optional.empty())
        : found;
  }

  private static boolean isIt(Heir heir, Optional<Integer> number) {
    return number.equals(Optional.of(heir.number()));
  }

  /** Whether another CA is to follow: there is no way back once nodes join by it. */
  private boolean isWanted(AuthorityKeys keys) {
    return keys.rotation().isAsked(request) || keys.heir().isPresent();
  }

  /** Whether this is a new control plane, which meets what is requested from the beginning. */
  private boolean isSeenFirst() {
    return !copies.containsKey(root.alias() + ".crt") && !AuthorityKeys.isRecorded(bundle);
  }

  /** Entries of the Secret with the copies. */
  SortedMap<String, String> wantedCopies() {
    return ring.copies(root);
  }

  /** Entries of the Secret with the copies that have had their time. */
  SortedSet<String> leftOver() {
    var left = new TreeSet<String>();
    if (isCopied(ring)) {
      var wanted = ring.copies(root).keySet();
      copies.keySet().stream()
          .filter(name -> AuthorityKeys.isEntry(root, name))
          .filter(name -> !wanted.contains(name))
          .forEach(left::add);
    }
    return left;
  }

  /**
   * Data of the Secret with the trust bundle; empty while there is no CA. What pods have that are
   * not replaced yet stays there for them.
   */
  SortedMap<String, String> published() {
    var data = new TreeMap<String, String>(lasting());
    if (!data.isEmpty() && !(isCopied(found) && Followers.areComplete(followers))) {
      bundle.forEach((name, certificates) -> {
        if (AuthorityKeys.isTrusted(name)) {
          data.putIfAbsent(name, certificates);
        }
      });
    }
    return data;
  }

  private SortedMap<String, String> lasting() {
    return former(root, bundle, now)
        .map(former -> former.with(found.published()))
        .orElseGet(found::published);
  }

  /** What has to be put in the place of what its Secret has; empty if that is right. */
  Optional<AuthorityKeys.Pair> replacement() {
    return Optional.of(found)
        .filter(keys -> !keys.pairs().isEmpty())
        .map(AuthorityKeys::signing)
        .filter(pair -> pair.isWhole() && !isLive(pair));
  }

  /** Data of the Secret with the CA that is about to follow; empty if there shall be none. */
  Optional<Map<String, String>> heir() {
    return Optional.of(found.next()).filter(data -> !data.isEmpty());
  }

  /** Whether nobody reads that Secret any more. */
  boolean isNextOver() {
    return heir().isEmpty() && ring.heir().isEmpty() && Followers.areComplete(followers);
  }

  /** What pods are given that are started now. */
  Trust trust() {
    return found.trust(root);
  }

  /** Another CA to be made, and certificates to be issued anew. */
  List<Action> actions(Planning planning) {
    var actions = new ArrayList<Action>();
    var names = planning.controlPlane().names();
    var secret = planning.objects().get(Secret.class, names.rootKeys());
    if (isAnotherWanted()) {
      secret
          .map(seen -> new Action.AddAuthority(seen, root, ring.pairs().lastKey() + 1))
          .ifPresent(actions::add);
    }
    if (isCopied(found) && isSigning()) {
      leaves
          .foreign()
          .forEach(certificate ->
              actions.add(
                  new Action.Reissue(
                      certificate,
                      "It is not signed by the CA in Secret %s".formatted(root.name(names)))));
    }
    if (isCopied(found) && fence.isEmpty()) {
      actions.addAll(outsiders.actions());
    }
    return actions;
  }

  /** When something is to be done though nothing changes; empty if never. */
  Optional<Instant> due() {
    return Stream.of(
            leaves.due(), outsiders.due(), former(root, bundle, now).map(FormerAuthority::expiry))
        .flatMap(Optional::stream)
        .min(Instant::compareTo);
  }

  /** How far its rotation is; empty if none was ever requested. */
  Optional<Progress> progress() {
    if (ring.pairs().isEmpty()) {
      return Optional.empty();
    }
    var answered = ring.rotation().answered();
    if (!ring.order().older().isEmpty()) {
      return Optional.of(waiting(Phase.SWITCH, answered, switching()));
    }
    if (ring.heir().isPresent()) {
      return Optional.of(waiting(Phase.SWITCH, answered, joining(ring.heir().get())));
    }
    if (ring.rotation().isAsked(request)) {
      return Optional.of(
          waiting(
              Phase.PREPARE,
              request,
              ring.spare().isEmpty() ? "the new CA to be made" : told("all pods to trust it")));
    }
    return ring.rotation().started().isPresent() && ring.order().next().isEmpty()
        ? Optional.of(waiting(Phase.RETIRE, answered, told("all pods to trust the old CA no more")))
        : answered.map(met -> Progress.completed(credential(), Optional.of(met)));
  }

  private String switching() {
    if (!isSigning()) {
      return "the Secret of the CA to have the new one";
    }
    if (!leaves.missing().isEmpty()) {
      return "certificates to be issued by it: %s".formatted(String.join(", ", leaves.missing()));
    }
    return pods("all pods to use certificates of it", outsiders.unjoined().or(outsiders::untold));
  }

  private String joining(Heir heir) {
    if (ring.spare().isEmpty()) {
      return "another new CA to be made, since the key of the one that was made is lost";
    }
    return heir.since().isEmpty()
        ? told("the controller-manager to sign certificates of nodes by it")
        : pods("all nodes to have joined by it", outsiders.unjoined().or(outsiders::untold));
  }

  /** What pods wait for, or when they do not, everybody else. */
  private String told(String what) {
    return pods(what, outsiders.untold());
  }

  private String pods(String what, Optional<String> others) {
    if (!isUnchanged()) {
      return what;
    }
    var counted = Followers.describe(followers);
    return counted.isEmpty() ? others.orElse(what) : "%s, which %s do".formatted(what, counted);
  }

  private Progress waiting(Phase phase, Optional<String> asked, String waitingFor) {
    return Progress.waiting(
        credential(), phase, asked, ring.rotation().started(), fence.orElse(waitingFor));
  }

  private Credential credential() {
    return switch (root) {
      case KUBERNETES -> Credential.KUBERNETES_CA;
      case ETCD -> Credential.ETCD_CA;
      case FRONT_PROXY -> Credential.FRONT_PROXY_CA;
    };
  }

  private boolean isAnotherWanted() {
    return fence.isEmpty()
        && !ring.pairs().isEmpty()
        && ring.order().older().isEmpty()
        && isWanted(ring)
        && ring.spare().isEmpty()
        && isCopied(ring);
  }

  private boolean isUnchanged() {
    return ring.order().equals(found.order()) && ring.trust(root).equals(found.trust(root));
  }

  /** Whether all certificates are of the CA that signs. */
  private boolean isIssued() {
    return isSigning() && leaves.missing().isEmpty();
  }

  private boolean isSigning() {
    return !found.pairs().isEmpty() && isLive(found.signing());
  }

  private boolean isLive(AuthorityKeys.Pair pair) {
    return live.filter(there -> there.key().equals(pair.key())).isPresent();
  }

  /** Whether all pods, and all others, have what is found. */
  private boolean isFollowed() {
    return isSettled() && Followers.areComplete(followers) && outsiders.untold().isEmpty();
  }

  /** Whether what is found cannot be lost, and is published. */
  private boolean isSettled() {
    return isCopied(found) && bundle.entrySet().containsAll(lasting().entrySet());
  }

  private boolean isCopied(AuthorityKeys keys) {
    return copies.entrySet().containsAll(keys.copies(root).entrySet());
  }

  /** Without the keys. */
  @Override
  public String toString() {
    return "Authority[%s, %s]".formatted(root, ring);
  }
}
