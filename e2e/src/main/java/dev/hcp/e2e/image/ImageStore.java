package dev.hcp.e2e.image;

import dev.hcp.e2e.BedException;
import dev.hcp.e2e.Progress;
import dev.hcp.e2e.process.Command;
import dev.hcp.e2e.process.Wait;
import dev.hcp.e2e.store.Cache;
import dev.hcp.e2e.store.Digest;
import dev.hcp.e2e.store.FileTrees;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Executors;

/**
 * containerd's folder with all of the bed's images imported and unpacked. That takes most of a
 * minute, so it is done once for a set of images; each machine then starts from a copy that is made
 * of links and costs nothing. The layers are never written in place (overlayfs copies a file up
 * first); only containerd's databases are, and these are copied.
 */
public final class ImageStore {
  private static final Duration IMPORT_DEADLINE = Duration.ofMinutes(5);
  private static final String DATABASES = "*.db";

  private final Path folder;

  private ImageStore(Path folder) {
    this.folder = folder;
  }

  /** The store in {@code folder}, which was made before. */
  public static ImageStore at(Path folder) {
    return new ImageStore(folder);
  }

  /** Where it is. */
  public Path folder() {
    return folder;
  }

  /**
   * Makes the images of every bed and of {@code sets}, and the store of them all, as far as the
   * cache does not hold them.
   */
  public static ImageStore prepare(
      BedImages images, Set<ImageSet> sets, BaseImages bases, Cache cache, Progress progress) {
    var builder = new ImageBuilder(cache, progress);
    var archives = new ArrayList<Path>();
    for (var image : images.of(sets, bases)) {
      archives.add(builder.archive(image));
    }
    var key = new Digest();
    archives.forEach(archive -> key.add(archive.getFileName().toString()));
    var folder =
        cache.once(
            cache.entry("image-store", key.add(containerdVersion()).key()),
            partial -> {
              progress.say("unpacking %d images".formatted(archives.size()));
              fill(partial, archives, cache);
            });
    return new ImageStore(folder);
  }

  /** Creates {@code root}, the folder for a machine's own containerd. */
  public void copyTo(Path root) {
    FileTrees.link(folder, root);
    try (var files = Files.walk(root)) {
      var databases = root.getFileSystem().getPathMatcher("glob:" + DATABASES);
      for (var file : files.filter(f -> databases.matches(f.getFileName())).toList()) {
        var own = file.resolveSibling(file.getFileName() + ".own");
        Files.copy(file, own);
        Files.move(own, file, StandardCopyOption.REPLACE_EXISTING);
      }
    } catch (IOException e) {
      throw new BedException("cannot prepare %s: %s".formatted(root, e.getMessage()), e);
    }
  }

  private static void fill(Path root, List<Path> archives, Cache cache) throws IOException {
    var run = Files.createTempDirectory("bed-images");
    var socket = run.resolve("containerd.sock");
    var config = run.resolve("config.toml");
    Files.writeString(
        config,
        """
        version = 2
        root = "%s"
        state = "%s"
        disabled_plugins = ["io.containerd.grpc.v1.cri", "io.containerd.internal.v1.opt"]
        [grpc]
          address = "%s"
        """
            .formatted(root, run.resolve("state"), socket));
    var log = cache.logs().resolve("image-store.log");
    Files.createDirectories(cache.logs());
    // A mount namespace of its own: containerd mounts while it unpacks, and must leave nothing
    // behind if it is killed.
    var containerd =
        Command.of("unshare", "--mount", "--kill-child", "--fork", "containerd")
            .with("--config", config.toString())
            .log(log)
            .startDetached();
    try {
      Wait.until(
          "containerd answers",
          Duration.ofSeconds(20),
          () -> ctr(socket, "version").run().succeeded());
      try (var workers = Executors.newFixedThreadPool(2)) {
        var imports =
            archives.stream()
                .map(archive ->
                    workers.submit(
                        () -> ctr(socket, "images", "import", archive.toString()).log(log).check()))
                .toList();
        for (var one : imports) {
          one.get();
        }
      }
      Command.of("sync", "--file-system", root.toString()).within(IMPORT_DEADLINE).check();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new BedException("interrupted while unpacking images", e);
    } catch (ExecutionException e) {
      throw new BedException(
          "cannot unpack an image: %s; log: %s".formatted(e.getMessage(), log), e);
    } finally {
      stop(containerd);
      FileTrees.delete(run);
    }
  }

  private static void stop(Process containerd) {
    // Asked to end by its own signal first: it must close its databases.
    containerd.children().forEach(ProcessHandle::destroy);
    Wait.until("containerd has stopped", Duration.ofSeconds(20), () -> !containerd.isAlive());
  }

  private static Command ctr(Path socket, String... arguments) {
    return Command.of("ctr", "--address", socket.toString(), "--namespace", "k8s.io")
        .with(arguments)
        .within(IMPORT_DEADLINE);
  }

  private static String containerdVersion() {
    return Command.of("containerd", "--version").output();
  }
}
