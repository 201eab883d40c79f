package dev.hcp.e2e.store;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.hcp.e2e.BedException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

final class CacheTest {
  @Test
  void theMostSpecificVariableSaysWhereTheCacheIs() {
    assertThat(Cache.rootFrom(Map.of("HCP_CACHE", "/a", "XDG_CACHE_HOME", "/b", "HOME", "/c")))
        .isEqualTo(Path.of("/a"));
    assertThat(Cache.rootFrom(Map.of("XDG_CACHE_HOME", "/b", "HOME", "/c")))
        .isEqualTo(Path.of("/b/hosted-control-plane"));
    assertThat(Cache.rootFrom(Map.of("HCP_CACHE", "", "HOME", "/c")))
        .isEqualTo(Path.of("/c/.cache/hosted-control-plane"));
    assertThatThrownBy(() -> Cache.rootFrom(Map.of())).isInstanceOf(BedException.class);
  }

  @Test
  void foldersThatMachinesHideAreRefused() {
    assertThatThrownBy(() -> Cache.locate(Map.of("HCP_CACHE", "/var/cache/beds")))
        .isInstanceOf(BedException.class)
        .hasMessageContaining("/var/cache/beds");
  }

  @Test
  void anEntryIsMadeOnceAndOnlyWhole(@TempDir Path folder) {
    var cache = new Cache(folder);
    var target = cache.entry("things", "one");
    assertThatThrownBy(() ->
            cache.once(
                target,
                partial -> {
                  Files.writeString(partial, "half");
                  throw new IOException("no space");
                }))
        .isInstanceOf(BedException.class)
        .hasMessageContaining("no space");
    assertThat(target).doesNotExist();

    cache.once(target, partial -> Files.writeString(partial, "whole"));
    cache.once(
        target,
        _ -> {
          throw new AssertionError("made twice");
        });
    assertThat(target).hasContent("whole");
  }
}
