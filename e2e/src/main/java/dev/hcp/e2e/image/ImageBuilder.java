package dev.hcp.e2e.image;

import com.google.cloud.tools.jib.api.CacheDirectoryCreationException;
import com.google.cloud.tools.jib.api.Containerizer;
import com.google.cloud.tools.jib.api.ImageReference;
import com.google.cloud.tools.jib.api.InvalidImageReferenceException;
import com.google.cloud.tools.jib.api.Jib;
import com.google.cloud.tools.jib.api.JibContainerBuilder;
import com.google.cloud.tools.jib.api.RegistryException;
import com.google.cloud.tools.jib.api.TarImage;
import com.google.cloud.tools.jib.api.buildplan.AbsoluteUnixPath;
import com.google.cloud.tools.jib.api.buildplan.FileEntriesLayer;
import com.google.cloud.tools.jib.api.buildplan.FilePermissions;
import com.google.cloud.tools.jib.api.buildplan.Platform;
import dev.hcp.e2e.BedException;
import dev.hcp.e2e.Progress;
import dev.hcp.e2e.store.Cache;
import dev.hcp.e2e.store.Digest;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ExecutionException;

/** Turns image descriptions into archives, without a daemon. */
final class ImageBuilder {
  private static final FilePermissions EXECUTABLE = FilePermissions.fromOctalString("755");
  private static final Instant TIMESTAMP = Instant.ofEpochSecond(1);

  private final Cache cache;
  private final Progress progress;

  ImageBuilder(Cache cache, Progress progress) {
    this.cache = cache;
    this.progress = progress;
  }

  /** The archive of {@code image}, made if it does not exist yet. */
  Path archive(ImageSpec image) {
    return cache.once(
        cache.entry("images", image.fileName() + "-" + key(image) + ".tar"),
        partial -> {
          progress.say("making the image %s".formatted(image.reference()));
          write(image, partial);
        });
  }

  /** The files of an image lie in folders named after their content, so their places say enough. */
  private static String key(ImageSpec image) {
    var digest =
        new Digest()
            .add(image.reference())
            .add(String.join(" ", image.entrypoint()))
            .add(image.user())
            .add(image.base().map(Path::toString).orElse(""));
    if (!image.arguments().isEmpty()) {
      digest.add(String.join(" ", image.arguments()));
    }
    image.files().entrySet().stream()
        .sorted(Map.Entry.comparingByKey())
        .forEach(file -> digest.add(file.getKey()).add(file.getValue().toString()));
    return digest.key();
  }

  private void write(ImageSpec image, Path archive) {
    try {
      var layer = FileEntriesLayer.builder();
      for (var file : image.files().entrySet()) {
        layer.addEntry(file.getValue(), AbsoluteUnixPath.get(file.getKey()), EXECUTABLE);
      }
      var builder =
          base(image)
              .setPlatforms(Set.of(new Platform("amd64", "linux")))
              .setCreationTime(TIMESTAMP)
              .setFileEntriesLayers(image.files().isEmpty() ? List.of() : List.of(layer.build()));
      if (!image.entrypoint().isEmpty()) {
        builder.setEntrypoint(image.entrypoint());
      }
      if (!image.arguments().isEmpty()) {
        builder.setProgramArguments(image.arguments());
      }
      if (!image.user().isEmpty()) {
        builder.setUser(image.user());
      }
      builder.containerize(
          Containerizer.to(TarImage.at(archive).named(image.reference()))
              .setBaseImageLayersCache(cache.root().resolve("jib-base"))
              .setApplicationLayersCache(cache.root().resolve("jib-layers"))
              .setOfflineMode(true));
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new BedException(
          "interrupted while making the image %s".formatted(image.reference()), e);
    } catch (InvalidImageReferenceException
        | RegistryException
        | IOException
        | CacheDirectoryCreationException
        | ExecutionException e) {
      throw new BedException(
          "cannot make the image %s: %s".formatted(image.reference(), e.getMessage()), e);
    }
  }

  private static JibContainerBuilder base(ImageSpec image) throws InvalidImageReferenceException {
    return image.base().isPresent()
        ? Jib.from(TarImage.at(image.base().get()).named(ImageReference.parse("bed.test/base")))
        : Jib.fromScratch();
  }
}
