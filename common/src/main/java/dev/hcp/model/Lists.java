package dev.hcp.model;

import java.util.List;
import org.jspecify.annotations.Nullable;

/** Lists that the user may leave out. */
public final class Lists {
  private Lists() {}

  /** The list itself, or one without elements. */
  public static <T> List<T> orEmpty(@Nullable List<T> list) {
    return list == null ? List.of() : list;
  }
}
