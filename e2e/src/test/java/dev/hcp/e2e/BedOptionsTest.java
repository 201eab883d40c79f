package dev.hcp.e2e;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.hcp.e2e.image.ImageSet;
import java.util.Optional;
import java.util.Set;
import org.junit.jupiter.api.Test;

final class BedOptionsTest {
  @Test
  void onlyABedWithCiliumNeedsItsImages() {
    var plain = BedOptions.withoutProvider("a");
    assertThat(plain.imageSets()).isEmpty();
    assertThat(plain.withCilium(1).imageSets()).containsExactly(ImageSet.CILIUM);
  }

  @Test
  void furtherImagesAddUp() {
    assertThat(BedOptions.withoutProvider("a").withTestImages().withMinors().imageSets())
        .containsExactly(ImageSet.MINORS, ImageSet.TESTS);
  }

  @Test
  void severalNodesNeedANetworkBetweenThem() {
    assertThat(BedOptions.withoutProvider("a").withCilium(2).nodes()).isEqualTo(2);
    assertThatThrownBy(() -> new BedOptions("a", Optional.empty(), Cni.BRIDGE, 2, Set.of()))
        .hasMessageContaining("--cni cilium");
    assertThatThrownBy(() -> new BedOptions("a", Optional.empty(), Cni.CILIUM, 0, Set.of()))
        .hasMessageContaining("not 0");
  }
}
