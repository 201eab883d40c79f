package dev.hcp.schema;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

class CrdMainTest {
  @Test
  void showsTheLinesThatDiffer() {
    assertThat(CrdMain.hint("a\nb\nc\nd\ne\n", "a\nx\nc\ny\ne\n"))
        .isEqualTo("@@ line 2 @@\n-b\n+x\n@@ line 4 @@\n-d\n+y");
    assertThat(CrdMain.hint("a\nb\nd\n", "a\nx\ny\nd\n")).isEqualTo("@@ line 2 @@\n-b\n+x\n+y");
    assertThat(CrdMain.hint("a\nc\n", "a\nb\nc\n")).isEqualTo("@@ line 2 @@\n+b");
    assertThat(CrdMain.hint("a\na\n", "a\n")).isEqualTo("@@ line 2 @@\n-a");
  }

  @Test
  void cutsLongDifferences() {
    var added = IntStream.range(0, 20).mapToObj(i -> "line " + i).collect(Collectors.joining("\n"));
    assertThat(CrdMain.hint("", added).lines()).hasSize(14).endsWith("+line 11", "+… 8 more");
  }
}
