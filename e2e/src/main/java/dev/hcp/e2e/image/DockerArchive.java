package dev.hcp.e2e.image;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.SerializationFeature;
import dev.hcp.e2e.process.Command;
import dev.hcp.e2e.store.Digest;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;

/**
 * The archive format of {@code docker save} with one layer. Base images are written by hand in it
 * because Jib, which makes all others, cannot put symbolic links into a layer.
 */
final class DockerArchive {
  private DockerArchive() {}

  /**
   * Packs {@code files} into {@code archive}.
   *
   * @param reference the name the image goes by
   * @param config the container configuration: environment, user and so on
   * @param work an empty folder for what is made in between
   */
  static void write(
      RootFileSystem files, String reference, Map<String, Object> config, Path work, Path archive)
      throws IOException {
    var layer = work.resolve("layer.tar");
    files.writeLayer(layer);
    var json = new ObjectMapper().enable(SerializationFeature.ORDER_MAP_ENTRIES_BY_KEYS);
    Files.write(
        work.resolve("config.json"),
        json.writeValueAsBytes(
            Map.of(
                "architecture", "amd64",
                "os", "linux",
                "created", "1970-01-01T00:00:01Z",
                "config", config,
                "rootfs",
                    Map.of(
                        "type", "layers", "diff_ids", List.of("sha256:" + Digest.sha256(layer))))));
    Files.write(
        work.resolve("manifest.json"),
        json.writeValueAsBytes(
            List.of(
                Map.of(
                    "Config", "config.json",
                    "RepoTags", List.of(reference),
                    "Layers", List.of("layer.tar")))));
    Command.of("tar", "--sort=name", "--mtime=@1", "--owner=0", "--group=0", "--numeric-owner")
        .with("--directory", work.toString(), "--create", "--file", archive.toString())
        .with("config.json", "layer.tar", "manifest.json")
        .check();
  }
}
