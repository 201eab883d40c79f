package dev.hcp.model;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.SortedMap;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/**
 * Which of several keys is used, and which are known besides. Keys are numbered as they are made,
 * so one with a higher number than the one in use waits for its use, and one with a lower number
 * was used before.
 *
 * @param numbers the key that is used first; all differ
 */
public record KeyOrder(List<Integer> numbers) {
  /** There is no key. */
  public static final KeyOrder EMPTY = new KeyOrder(List.of());

  private static final Pattern FORM = Pattern.compile("[1-9][0-9]{0,8}(,[1-9][0-9]{0,8})*");

  /** Copies the list. */
  public KeyOrder {
    numbers = List.copyOf(numbers);
  }

  /** One key. */
  public static KeyOrder of(int number) {
    return new KeyOrder(List.of(number));
  }

  /**
   * What stands in a Secret. If it does not, or the key in use is not there, that is the oldest.
   *
   * @param keys numbers of the keys that there are
   */
  public static KeyOrder read(Map<String, String> data, String entry, Set<Integer> keys) {
    return SecretText.read(data, entry)
        .filter(text -> FORM.matcher(text).matches())
        .map(text -> Stream.of(text.split(",", -1)).map(Integer::valueOf).distinct().toList())
        .filter(numbers -> keys.contains(numbers.getFirst()))
        .map(KeyOrder::new)
        .orElseGet(() -> oldest(keys));
  }

  /** The oldest key alone. */
  public static KeyOrder oldest(Set<Integer> keys) {
    return keys.stream().min(Integer::compare).map(KeyOrder::of).orElse(EMPTY);
  }

  /** The key in use. */
  public int first() {
    return numbers.getFirst();
  }

  /** Those that were used before. */
  public List<Integer> older() {
    return numbers.stream().filter(number -> number < first()).toList();
  }

  /**
   * The newest of all keys, if it was never used.
   *
   * @param keys all that there are
   */
  public Optional<Integer> spare(SortedMap<Integer, ?> keys) {
    return keys.isEmpty() || keys.lastKey() <= first()
        ? Optional.empty()
        : Optional.of(keys.lastKey());
  }

  /** The newest key that is known, if its use is still to come. */
  public Optional<Integer> next() {
    return numbers.stream().max(Integer::compare).filter(number -> number > first());
  }

  /** With a key that is known, and not in use. */
  public KeyOrder with(int number) {
    var all = new ArrayList<>(numbers);
    all.add(number);
    return new KeyOrder(all);
  }

  /** With another key in use. */
  public KeyOrder using(int number) {
    var all = new ArrayList<Integer>();
    all.add(number);
    numbers.stream().filter(other -> other != number).forEach(all::add);
    return new KeyOrder(all);
  }

  /** Without those that were used before. */
  public KeyOrder withoutOlder() {
    return new KeyOrder(numbers.stream().filter(number -> number >= first()).toList());
  }

  /** As it stands in Secrets and annotations. */
  public String text() {
    return numbers.stream().map(String::valueOf).collect(Collectors.joining(","));
  }
}
