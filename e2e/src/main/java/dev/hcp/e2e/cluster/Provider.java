package dev.hcp.e2e.cluster;

import dev.hcp.e2e.BedException;
import dev.hcp.e2e.Progress;
import dev.hcp.e2e.machine.Machine;
import dev.hcp.e2e.process.InParallel;
import dev.hcp.e2e.process.Wait;
import dev.hcp.e2e.store.BedFolder;
import dev.hcp.e2e.store.Digest;
import dev.hcp.e2e.store.SourceTree;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.stream.Stream;

/** The provider under test, installed the way users install it: by clusterctl, from a release. */
public final class Provider {
  /** The namespace it runs in. */
  public static final String NAMESPACE = "capi-hosted-control-plane-system";

  private static final List<String> MODULES = List.of("webhook", "controller");
  private static final List<String> RELEASE =
      List.of("control-plane-components.yaml", "metadata.yaml");
  private static final String STEP = "provider";
  private static final Duration READY_DEADLINE = Duration.ofMinutes(5);

  private final ManagementNode node;
  private final List<Machine> machines;
  private final BedFolder folder;
  private final SourceTree source;
  private final Path release;
  private final Progress progress;

  /**
   * @param node where it is installed from
   * @param machines where its pods may run
   * @param folder the bed
   * @param source whose images are installed
   * @param release the folder with the components and the metadata
   * @param progress told when it is ready
   */
  public Provider(
      ManagementNode node,
      List<Machine> machines,
      BedFolder folder,
      SourceTree source,
      Path release,
      Progress progress) {
    this.node = node;
    this.machines = List.copyOf(machines);
    this.folder = folder;
    this.source = source;
    this.release = release;
    this.progress = progress;
  }

  /** Fails if the build has not made what is installed. */
  public static void requireRelease(Path release, SourceTree source) {
    var missing =
        Stream.concat(
                RELEASE.stream().map(release::resolve), MODULES.stream().map(source::imageArchive))
            .filter(file -> !Files.isRegularFile(file))
            .map(Path::toString)
            .toList();
    if (!missing.isEmpty()) {
      throw new BedException(
          "the provider has not been built: no %s; run make shipped first, or use --without-provider"
              .formatted(String.join(", ", missing)));
    }
  }

  /** Installs it, or brings it up to date with what was built since. */
  public void install() {
    var built = digest();
    if (folder.note(STEP).equals(built)) {
      return;
    }
    InParallel.forEach(
        machines,
        machine ->
            MODULES.forEach(
                module -> machine.importImage(source.imageArchive(module), folder.log(STEP))));
    var place =
        folder.repository().resolve("control-plane-hosted-control-plane").resolve(source.version());
    for (var file : RELEASE) {
      folder.write(place.resolve(file), read(release.resolve(file)));
    }
    if (folder.isDone(STEP) || isInstalled()) {
      update();
    } else {
      initialise();
    }
    node.waitForDeployments(NAMESPACE, READY_DEADLINE);
    folder.done(STEP, built);
    progress.say("provider %s ready".formatted(source.version()));
  }

  private void initialise() {
    var init =
        node.command(
                "clusterctl", "init", "--control-plane", "hosted-control-plane:" + source.version())
            .with("--bootstrap", "-", "--infrastructure", "-")
            .log(folder.log(STEP));
    Wait.until(
        "clusterctl init of the provider succeeds",
        READY_DEADLINE,
        () -> isInstalled() || init.run().succeeded(),
        () -> "log: %s".formatted(folder.log(STEP)));
  }

  /**
   * The same version again has other content only while it is developed, so clusterctl has no word
   * for this.
   */
  private void update() {
    var components =
        node.command("clusterctl", "generate", "provider")
            .with("--control-plane", "hosted-control-plane:" + source.version())
            .log(folder.log(STEP))
            .output();
    node.apply(components, folder.log(STEP));
    node.kubectl("rollout", "restart", "deployment", "-n", NAMESPACE).log(folder.log(STEP)).check();
    for (var deployment :
        node.kubectl("get", "deployment", "-n", NAMESPACE, "-o", "name")
            .output()
            .lines()
            .toList()) {
      node.kubectl("rollout", "status", deployment, "-n", NAMESPACE)
          .within(READY_DEADLINE)
          .log(folder.log(STEP))
          .check();
    }
  }

  private boolean isInstalled() {
    return node.kubectl(
            "get", "providers.clusterctl.cluster.x-k8s.io", "-n", NAMESPACE, "-o", "name")
        .run()
        .output()
        .contains("control-plane-hosted-control-plane");
  }

  private String digest() {
    var digest = new Digest();
    RELEASE.forEach(file -> digest.add(release.resolve(file)));
    MODULES.forEach(module -> digest.add(source.imageArchive(module)));
    return digest.key();
  }

  private static String read(Path file) {
    try {
      return Files.readString(file);
    } catch (IOException e) {
      throw new BedException("cannot read %s: %s".formatted(file, e.getMessage()), e);
    }
  }
}
