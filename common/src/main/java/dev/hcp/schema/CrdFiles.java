package dev.hcp.schema;

import dev.hcp.api.v1alpha1.HostedControlPlane;
import dev.hcp.api.v1alpha1.HostedControlPlaneRestore;
import dev.hcp.api.v1alpha1.HostedControlPlaneTemplate;
import io.fabric8.crdv2.generator.CRDGenerator;
import io.fabric8.kubernetes.api.model.HasMetadata;
import io.fabric8.kubernetes.api.model.apiextensions.v1.CustomResourceDefinition;
import io.fabric8.kubernetes.client.utils.KubernetesSerialization;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.stream.Collectors;
import org.snakeyaml.engine.v2.api.Dump;
import org.snakeyaml.engine.v2.api.DumpSettings;
import org.snakeyaml.engine.v2.common.FlowStyle;
import org.snakeyaml.engine.v2.nodes.Tag;
import org.snakeyaml.engine.v2.resolver.ScalarResolver;
import org.snakeyaml.engine.v2.schema.CoreSchema;

/** The CustomResourceDefinitions as files, and the pages that are generated. */
final class CrdFiles {
  private static final List<Class<? extends HasMetadata>> KINDS =
      List.of(
          HostedControlPlane.class,
          HostedControlPlaneTemplate.class,
          HostedControlPlaneRestore.class);

  private static final String HEADER =
      "# Generated from the Java types of the API: change those and run \"make generate\".\n";

  private static final KubernetesSerialization YAML = new KubernetesSerialization();

  private static final DumpSettings LAYOUT =
      DumpSettings.builder()
          .setDefaultFlowStyle(FlowStyle.BLOCK)
          .setWidth(100)
          .setSchema(new QuotingBooleans())
          .build();

  private CrdFiles() {}

  /**
   * Quotes strings such as "True" and "Off", which readers of YAML 1.1 such as kubectl take for
   * booleans.
   */
  private static final class QuotingBooleans extends CoreSchema {
    private static final Set<String> OLD = Set.of("off", "on", "no", "yes");

    @Override
    public ScalarResolver getScalarResolver() {
      var core = super.getScalarResolver();
      return (value, implicit) ->
          Boolean.TRUE.equals(implicit) && OLD.contains(value.toLowerCase(Locale.ROOT))
              ? Tag.BOOL
              : core.resolve(value, implicit);
    }
  }

  /**
   * Generates the files.
   *
   * @param sources directory of the sources of the API types, from whose Javadoc descriptions come
   * @return path in the repository to content
   */
  static SortedMap<String, String> generate(Path sources) throws IOException {
    var conventions = new Conventions(Javadocs.read(sources));
    var files = new TreeMap<String, String>();
    var page = new ApiPage();
    for (var kind : KINDS) {
      var crd = fromAnnotations(kind);
      conventions.apply(crd, kind);
      files.put("config/crd/%s.yaml".formatted(crd.getMetadata().getName()), HEADER + render(crd));
      page.add(crd);
    }
    files.put("docs/api.md", page.text());
    files.put("docs/metrics.md", MetricsPage.text());
    return files;
  }

  private static CustomResourceDefinition fromAnnotations(Class<? extends HasMetadata> kind)
      throws IOException {
    try (var output = new InMemory()) {
      new CRDGenerator()
          .customResourceClasses(List.of(kind))
          .forCRDVersions("v1")
          .withOutput(output)
          .generate();
      return YAML.unmarshal(output.only(), CustomResourceDefinition.class);
    }
  }

  private static String render(CustomResourceDefinition crd) {
    Map<?, ?> tree = YAML.unmarshal(YAML.asJson(crd), Map.class);
    return new Dump(LAYOUT).dumpToString(plain(tree));
  }

  /** Sorts keys, and writes limits that are whole numbers without a fraction. */
  private static Object plain(Object node) {
    return switch (node) {
      case Map<?, ?> map ->
          map.entrySet().stream()
              .collect(
                  Collectors.toMap(
                      entry -> String.valueOf(entry.getKey()),
                      entry -> plain(entry.getValue()),
                      (_, last) -> last,
                      TreeMap::new));
      case List<?> list -> list.stream().map(CrdFiles::plain).toList();
      case Double number when number == Math.rint(number) -> number.longValue();
      default -> node;
    };
  }

  /** Keeps what the generator writes, which otherwise goes to files. */
  private static final class InMemory implements CRDGenerator.CRDOutput<ByteArrayOutputStream> {
    private final Map<String, ByteArrayOutputStream> outputs = new HashMap<>();

    @Override
    public ByteArrayOutputStream outputFor(String name) {
      return outputs.computeIfAbsent(name, _ -> new ByteArrayOutputStream());
    }

    String only() {
      if (outputs.size() != 1) {
        throw new IllegalStateException(
            "the generator wrote %s where one file was expected".formatted(outputs.keySet()));
      }
      return outputs.values().iterator().next().toString(StandardCharsets.UTF_8);
    }

    @Override
    public void close() {}
  }
}
