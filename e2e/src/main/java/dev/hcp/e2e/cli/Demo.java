package dev.hcp.e2e.cli;

import dev.hcp.e2e.Bed;
import dev.hcp.e2e.Progress;
import java.nio.file.Path;

/** Shows the product at work. */
final class Demo {
  private final Bed bed;
  private final Path samples;
  private final Progress progress;

  Demo(Bed bed, Path samples, Progress progress) {
    this.bed = bed;
    this.samples = samples;
    this.progress = progress;
  }

  void run() {
    progress.say("applying %s to %s".formatted(samples, bed.name()));
  }
}
