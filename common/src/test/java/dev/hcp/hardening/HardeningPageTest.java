package dev.hcp.hardening;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/** The page about hardening has the checks, and what is said of each. */
final class HardeningPageTest {
  private static final Path PAGE = Path.of("../docs/hardening.md");
  private static final String HEADER = "| Check | Recommendation | Here |";

  @Test
  void theTableIsWhatIsChecked() throws IOException {
    var page = Files.readAllLines(PAGE);
    int start = page.indexOf(HEADER) + 2;
    assertThat(start).as("a line %s", HEADER).isGreaterThan(1);
    var written = page.stream().skip(start).takeWhile(line -> line.startsWith("|")).toList();
    var checked = CisBenchmark.checks().stream().map(CisCheck::row).toList();
    if (Boolean.getBoolean("golden.write")) {
      Files.write(PAGE, replaced(page, start, start + written.size(), checked));
      return;
    }
    assertThat(written)
        .as("renew it with -Dtest=HardeningPageTest -Dgolden.write=true")
        .isEqualTo(checked);
  }

  private static List<String> replaced(
      List<String> page, int start, int end, List<String> replacement) {
    return Stream.of(page.subList(0, start), replacement, page.subList(end, page.size()))
        .flatMap(List::stream)
        .toList();
  }
}
