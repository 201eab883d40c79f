package dev.hcp.e2e.conformance;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;

final class SelectionTest {
  @Test
  void everyQuickTestIsMatchedByItsName() {
    var focus = Pattern.compile(Selection.quick().focus());
    assertThat(Selection.quick().names())
        .hasSizeGreaterThan(20)
        .doesNotHaveDuplicates()
        .allSatisfy(name -> assertThat(focus.matcher(name + " [Conformance]").find()).isTrue());
  }

  @Test
  void namesAreTakenLiterally() {
    var name = "[sig-x] a (b|c) 1.17 *";
    assertThat(Pattern.compile(Selection.quote(name)).matcher(name).matches()).isTrue();
    assertThat("a117").doesNotMatch(Selection.quote("a1.7"));
  }

  @Test
  void aFocusIsNarrowedToConformanceTests() {
    var focus = Pattern.compile(Selection.matching("sig-node|sig-apps").focus());
    assertThat(focus.matcher("[sig-apps] Job should work [Conformance]").find()).isTrue();
    assertThat(focus.matcher("[sig-apps] Job should work").find()).isFalse();
  }

  @Test
  void leavingOutNeedsAReason() {
    assertThat(Selection.LeftOut.parse("a.b -- because").reason()).isEqualTo("because");
    assertThatThrownBy(() -> Selection.LeftOut.parse("a.b")).hasMessageContaining("a.b");
  }
}
