package dev.hcp.e2e.contract;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.util.ArrayList;
import java.util.List;
import org.snakeyaml.engine.v2.api.Load;
import org.snakeyaml.engine.v2.api.LoadSettings;

/** Reads YAML. */
final class Documents {
  private static final ObjectMapper JSON = new ObjectMapper();

  /** Definitions with the whole of their schema are long. */
  private static final int LONGEST = 64 * 1024 * 1024;

  private Documents() {}

  /** All documents that are not empty. */
  static List<JsonNode> parse(String yaml) {
    var documents = new ArrayList<JsonNode>();
    var load = new Load(LoadSettings.builder().setCodePointLimit(LONGEST).build());
    for (var document : load.loadAllFromString(yaml)) {
      if (document != null) {
        documents.add(JSON.valueToTree(document));
      }
    }
    return documents;
  }
}
