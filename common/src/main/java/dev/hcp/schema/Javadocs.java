package dev.hcp.schema;

import com.sun.source.doctree.DocTree;
import com.sun.source.doctree.EntityTree;
import com.sun.source.doctree.LinkTree;
import com.sun.source.doctree.LiteralTree;
import com.sun.source.doctree.ParamTree;
import com.sun.source.doctree.StartElementTree;
import com.sun.source.doctree.TextTree;
import com.sun.source.tree.ClassTree;
import com.sun.source.tree.CompilationUnitTree;
import com.sun.source.util.DocTrees;
import com.sun.source.util.JavacTask;
import com.sun.source.util.TreePath;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import javax.tools.ToolProvider;

/**
 * The Javadoc of the API types, as plain text.
 *
 * @param types class name to its Javadoc
 */
record Javadocs(Map<String, TypeDoc> types) {

  Javadocs {
    types = Map.copyOf(types);
  }

  /**
   * The Javadoc of one type.
   *
   * @param text what it says of the type
   * @param components record component to what it says of it
   */
  record TypeDoc(String text, Map<String, String> components) {}

  /**
   * Reads all sources of the API packages.
   *
   * @param sources source directory, above the top package
   */
  static Javadocs read(Path sources) throws IOException {
    List<Path> files;
    try (var found = Files.walk(sources.resolve("dev/hcp/api"))) {
      files = found.filter(file -> file.toString().endsWith(".java")).sorted().toList();
    }
    var compiler = ToolProvider.getSystemJavaCompiler();
    try (var manager = compiler.getStandardFileManager(null, null, StandardCharsets.UTF_8)) {
      var task =
          (JavacTask)
              compiler.getTask(
                  null, manager, null, List.of(), null, manager.getJavaFileObjectsFromPaths(files));
      var docs = new HashMap<String, TypeDoc>();
      var trees = DocTrees.instance(task);
      for (var unit : task.parse()) {
        collect(unit, trees, docs);
      }
      return new Javadocs(docs);
    }
  }

  /** What the Javadoc says of a type. */
  String of(Class<?> type) {
    return docOf(type).text();
  }

  /** What the Javadoc says of a record component. */
  String of(Class<?> type, String component) {
    var text = docOf(type).components().get(component);
    if (text == null || text.isBlank()) {
      throw new IllegalStateException(
          "%s has no @param %s, which would be its description in the CRD"
              .formatted(type.getName(), component));
    }
    return text;
  }

  private TypeDoc docOf(Class<?> type) {
    var doc = types.get(type.getName());
    if (doc == null || doc.text().isBlank()) {
      throw new IllegalStateException(
          "%s has no Javadoc, which would be its description in the CRD".formatted(type.getName()));
    }
    return doc;
  }

  private static void collect(CompilationUnitTree unit, DocTrees trees, Map<String, TypeDoc> docs) {
    for (var declaration : unit.getTypeDecls()) {
      if (!(declaration instanceof ClassTree type)) {
        continue;
      }
      var comment = trees.getDocCommentTree(TreePath.getPath(unit, type));
      if (comment == null) {
        continue;
      }
      var components =
          comment.getBlockTags().stream()
              .filter(ParamTree.class::isInstance)
              .map(ParamTree.class::cast)
              .collect(
                  Collectors.toMap(
                      param -> param.getName().getName().toString(),
                      param -> plain(param.getDescription())));
      docs.put(
          unit.getPackageName() + "." + type.getSimpleName(),
          new TypeDoc(plain(comment.getFullBody()), components));
    }
  }

  private static String plain(List<? extends DocTree> parts) {
    var text = parts.stream().map(Javadocs::plain).collect(Collectors.joining());
    return text.strip().replaceAll("\\s+", " ");
  }

  private static String plain(DocTree part) {
    return switch (part) {
      case TextTree text -> text.getBody();
      case LiteralTree literal -> "`" + literal.getBody().getBody() + "`";
      case LinkTree link ->
          link.getLabel().isEmpty()
              ? "`" + link.getReference().getSignature().replace('#', '.') + "`"
              : plain(link.getLabel());
      case StartElementTree _ -> " ";
      case EntityTree entity ->
          throw new IllegalStateException(
              "write the character instead of &%s; in the Javadoc of the API"
                  .formatted(entity.getName()));
      default ->
          throw new IllegalStateException(
              "no plain text for %s in the Javadoc of the API".formatted(part));
    };
  }
}
