package dev.hcp.e2e.contract;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.MissingNode;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;

/**
 * What a provider publishes for clusterctl.
 *
 * @param text its components YAML as it is
 * @param objects the objects in it
 * @param metadata its metadata YAML; missing if there is none
 */
record Release(String text, List<JsonNode> objects, JsonNode metadata) {
  private static final String METADATA = "metadata.yaml";

  Release {
    objects = List.copyOf(objects);
  }

  static Release read(Path components) throws IOException {
    var text = Files.readString(components);
    var metadata = components.resolveSibling(METADATA);
    return new Release(
        text,
        Documents.parse(text),
        Files.isRegularFile(metadata)
            ? Documents.parse(Files.readString(metadata)).getFirst()
            : MissingNode.getInstance());
  }
}
