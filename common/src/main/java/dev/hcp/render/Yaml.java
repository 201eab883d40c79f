package dev.hcp.render;

import java.util.Map;
import org.snakeyaml.engine.v2.api.Dump;
import org.snakeyaml.engine.v2.api.DumpSettings;
import org.snakeyaml.engine.v2.common.FlowStyle;
import org.snakeyaml.engine.v2.common.ScalarStyle;
import org.snakeyaml.engine.v2.nodes.NodeTuple;
import org.snakeyaml.engine.v2.nodes.Tag;
import org.snakeyaml.engine.v2.representer.StandardRepresenter;

/** Files in YAML, from maps, lists, texts, numbers and booleans. */
public final class Yaml {
  private static final DumpSettings LAYOUT =
      DumpSettings.builder()
          .setDefaultFlowStyle(FlowStyle.BLOCK)
          .setWidth(Integer.MAX_VALUE)
          .setUseUnicodeEncoding(false)
          .setDereferenceAliases(true)
          .build();

  private Yaml() {}

  /**
   * A document.
   *
   * @param tree a map, in whose order the keys appear
   */
  public static String write(Map<String, ?> tree) {
    return new Dump(LAYOUT, new Quoting(LAYOUT)).dumpToString(tree);
  }

  /**
   * Quotes every text but keys, which are known: readers of YAML 1.1, as Kubernetes has them, take
   * "no" for a boolean.
   */
  private static final class Quoting extends StandardRepresenter {
    Quoting(DumpSettings settings) {
      super(settings);
      representers.put(
          String.class,
          text -> representScalar(Tag.STR, text.toString(), ScalarStyle.DOUBLE_QUOTED));
    }

    @Override
    protected NodeTuple representMappingEntry(Map.Entry<?, ?> entry) {
      var key = String.valueOf(entry.getKey());
      return new NodeTuple(
          representScalar(Tag.STR, key, ScalarStyle.PLAIN), representData(entry.getValue()));
    }
  }
}
