package dev.hcp.fuzz;

import java.math.BigInteger;
import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** Mistakes of users and of programs, and what only an attacker would send. */
final class Mutations {
  /**
   * What an element takes beside its text: at 1,000,000 characters, 40,000 elements are the most.
   */
  private static final int ELEMENT = 25;

  private static final List<Object> NUMBERS =
      List.of(
          0,
          -1,
          Integer.MAX_VALUE,
          Integer.MIN_VALUE,
          1L << 31,
          Long.MAX_VALUE,
          Long.MIN_VALUE,
          BigInteger.ONE.shiftLeft(63),
          BigInteger.TEN.pow(400),
          0.5,
          1e308,
          3.0,
          -0.0);

  private static final List<String> QUANTITIES =
      List.of(
          "1e9999999999",
          "1e999999999",
          "1e-999999999",
          "1e2147483648",
          "1e1.5",
          "1e99",
          "9E",
          "16Ei",
          "9223372036854775807",
          "9223372036854775808",
          "-0",
          "-1Gi",
          "+5",
          "5.",
          ".",
          "1n",
          "0.0000000001",
          "1.0001",
          "9".repeat(60),
          "9".repeat(5000),
          "5GiB",
          "1Mi",
          "NaN",
          "");

  private static final List<String> TEXTS =
      List.of(
          "",
          " ",
          "a ",
          "\n",
          "a\nb",
          "a\u0000b",
          "\u0007",
          "\u007f",
          "\u0085",
          "\u202e",
          "\uFEFF",
          "é",
          "ſ",
          "İ",
          "😀",
          "UPPER",
          "Mixed.Case",
          "-a",
          "a-",
          "a..b",
          ".",
          "..",
          "../../etc/passwd",
          "/",
          "//",
          "/a/../b",
          "/a:b",
          "$(POD_IP)",
          "$(",
          "%s%n%d",
          "{{ .x }}",
          "'\"\\",
          "a: b",
          "- a",
          "null",
          "~",
          "true",
          "[",
          "claims.",
          "claims.x + ",
          "'",
          "\"\\u12",
          "1.36",
          "v1.99.0",
          "v1.36.3-rc.1",
          "2160h",
          "-1h",
          "999999999999h",
          "1h1h",
          "* * * *",
          "0 0 30 2 *",
          "0 0 31 2 *",
          "60 * * * *",
          "10.0.0.0/33",
          "10.0.0.1",
          "::/129",
          "https://",
          "https://a b",
          "https://user@a.example.com",
          "https://a.example.com:0/",
          "https://a.example.com:99999/",
          "http://[::1",
          "a/b/c",
          "a@sha256:0",
          "-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n",
          "-----BEGIN CERTIFICATE-----",
          "-----BEGIN PRIVATE KEY-----\nAAAA\n-----END PRIVATE KEY-----\n",
          Plausible.CERTIFICATE + "rest",
          "kubernetes.io/x",
          "requests.example.com/x",
          "app.kubernetes.io/component",
          "ETCD_NAME",
          "POD_NAME");

  /** Short texts that are repeated: what a careless pattern or parser falls over. */
  private static final List<String> REPEATED =
      List.of(
          "a",
          "a.",
          "a/",
          "a-",
          "1",
          "1h",
          "1,",
          "(",
          "[",
          "!",
          "-",
          "{",
          "\"",
          "'",
          "\\",
          " ",
          "😀",
          "/.",
          "/",
          "_",
          ":",
          "claims.x",
          "(claims.x",
          "[claims.x].",
          "a ? b : ",
          "\n",
          "é");

  /** A place in an object. */
  private record Slot(Object container, Object key) {
    @Nullable Object get() {
      return switch (container) {
        case Map<?, ?> map -> map.get(key);
        case List<?> list -> list.get((int) key);
        default -> null;
      };
    }

    @SuppressWarnings("unchecked") // JSON lists
    void set(@Nullable Object value) {
      if (container instanceof List<?> list) {
        ((List<@Nullable Object>) list).set((int) key, value);
      } else {
        SpecGenerator.map(container).put(String.valueOf(key), value);
      }
    }

    void remove() {
      if (container instanceof List<?> list) {
        list.remove((int) key);
      } else {
        SpecGenerator.map(container).remove(String.valueOf(key));
      }
    }
  }

  private Mutations() {}

  /** Makes some mistakes in an object. */
  static void apply(Chance chance, Map<String, Object> object, int number) {
    for (int i = 0; i < number; i++) {
      var slots = new ArrayList<Slot>();
      collect(object, slots);
      slots.removeIf(slot ->
          slot.container() == object
              && (slot.key().equals("kind") || slot.key().equals("apiVersion")));
      if (!slots.isEmpty()) {
        mutate(chance, chance.oneOf(slots));
      }
    }
  }

  /** Size of a value as JSON in characters, roughly, counted no further than beyond a limit. */
  static int size(@Nullable Object value, int limit) {
    int size = ELEMENT;
    switch (value) {
      case Map<?, ?> map -> {
        for (var entry : map.entrySet()) {
          if (size <= limit) {
            size += String.valueOf(entry.getKey()).length() + size(entry.getValue(), limit - size);
          }
        }
      }
      case List<?> list -> {
        for (var part : list) {
          if (size <= limit) {
            size += size(part, limit - size);
          }
        }
      }
      case String text -> size += text.length();
      case null, default -> {}
    }
    return size;
  }

  /** A copy that shares no map or list. */
  static Object copy(Object value) {
    return switch (value) {
      case Map<?, ?> map -> {
        var copy = new LinkedHashMap<String, Object>();
        map.forEach((key, part) ->
            SpecGenerator.map(copy).put(String.valueOf(key), part == null ? null : copy(part)));
        yield copy;
      }
      case List<?> list -> {
        var copy = new ArrayList<@Nullable Object>();
        list.forEach(part -> copy.add(part == null ? null : copy(part)));
        yield copy;
      }
      default -> value;
    };
  }

  private static void mutate(Chance chance, Slot slot) {
    switch (chance.below(14)) {
      case 0 -> slot.remove();
      case 1 -> slot.set(null);
      case 2 ->
          slot.set(
              chance.<@Nullable Object>oneOf(
                  7,
                  1.5,
                  true,
                  "text",
                  new ArrayList<>(),
                  new LinkedHashMap<>(),
                  new ArrayList<>(List.of("x")),
                  new LinkedHashMap<>(Map.of("a", 1)),
                  new ArrayList<>(Collections.singletonList(null))));
      case 3 -> slot.set(chance.oneOf(NUMBERS));
      case 4 -> slot.set(chance.oneOf(QUANTITIES));
      case 5 -> slot.set(repeated(chance));
      case 6, 7 -> slot.set(chance.oneOf(TEXTS));
      case 8 -> replaceText(chance, slot);
      case 9, 10 -> changeList(chance, slot);
      case 11, 12 -> changeMap(chance, slot);
      default -> slot.set(nested(chance));
    }
  }

  private static String repeated(Chance chance) {
    var part = chance.oneOf(REPEATED);
    int length = chance.oneOf(33, 64, 121, 254, 257, 600, 600, 5_000, 20_000);
    return part.repeat(Math.max(1, length / part.length())) + chance.oneOf("", "a", ")".repeat(40));
  }

  /** Puts something into the middle of a text. */
  private static void replaceText(Chance chance, Slot slot) {
    if (slot.get() instanceof String text) {
      int at = chance.below(text.length() + 1);
      slot.set(text.substring(0, at) + chance.oneOf(TEXTS) + text.substring(at));
    } else {
      slot.set(chance.oneOf(NUMBERS));
    }
  }

  @SuppressWarnings("unchecked") // JSON lists
  private static void changeList(Chance chance, Slot slot) {
    if (!(slot.get() instanceof List<?> elements)) {
      slot.set(chance.oneOf(TEXTS));
      return;
    }
    var list = (List<@Nullable Object>) elements;
    switch (chance.below(3)) {
      case 0 -> list.add(null);
      case 1 -> {
        if (!list.isEmpty()) {
          list.add(list.getFirst());
        }
      }
      default -> {
        if (!list.isEmpty()) {
          list.addAll(Collections.nCopies(chance.oneOf(3, 30, 1000), list.getFirst()));
        }
      }
    }
  }

  private static void changeMap(Chance chance, Slot slot) {
    if (!(slot.get() instanceof Map<?, ?> entries)) {
      slot.set(chance.oneOf(NUMBERS));
      return;
    }
    var map = SpecGenerator.map(entries);
    var value = map.isEmpty() ? "x" : map.values().iterator().next();
    switch (chance.below(4)) {
      case 0 -> map.put("fieldOfTheFuture", "x");
      case 1 -> map.put(chance.oneOf(TEXTS), value);
      case 2 -> map.put(repeated(chance), value);
      default -> {
        for (int i = chance.oneOf(3, 30, 300); i > 0; i--) {
          map.put("k%d".formatted(i), value);
        }
      }
    }
  }

  private static Object nested(Chance chance) {
    Object value = "x";
    boolean lists = chance.oneIn(2);
    for (int i = 0; i < 50; i++) {
      value =
          lists
              ? new ArrayList<>(List.of(value))
              : new LinkedHashMap<String, Object>(Map.of("a", value));
    }
    return value;
  }

  private static void collect(@Nullable Object value, List<Slot> slots) {
    switch (value) {
      case Map<?, ?> map ->
          map.forEach((key, part) -> {
            slots.add(new Slot(map, String.valueOf(key)));
            collect(part, slots);
          });
      case List<?> list -> {
        // Of a long list, the beginning is like the rest.
        for (int i = 0; i < Math.min(list.size(), 20); i++) {
          slots.add(new Slot(list, i));
          collect(list.get(i), slots);
        }
      }
      case null, default -> {}
    }
  }
}
