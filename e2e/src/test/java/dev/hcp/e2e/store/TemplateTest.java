package dev.hcp.e2e.store;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.hcp.e2e.BedException;
import java.util.Map;
import org.junit.jupiter.api.Test;

final class TemplateTest {
  @Test
  void onlyPlaceholdersAreReplacedAndValuesAreTakenLiterally() {
    assertThat(Template.fill("t", "a ${ONE} $dir ${lower}", Map.of("ONE", "$1\\")))
        .isEqualTo("a $1\\ $dir ${lower}");
  }

  @Test
  void aMissingValueIsNamed() {
    assertThatThrownBy(() -> Template.fill("file.yaml", "${GONE}", Map.of()))
        .isInstanceOf(BedException.class)
        .hasMessageContainingAll("file.yaml", "GONE");
  }

  @Test
  void keysDoNotRunIntoEachOther() {
    assertThat(new Digest().add("ab").add("c").key())
        .isNotEqualTo(new Digest().add("a").add("bc").key());
  }
}
