package dev.hcp.validation.cel;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * The expressions are in files, so that what kube-apiserver makes of them can be compared: those of
 * {@code accepted.txt} it takes, those of {@code refused.txt} it does not.
 */
final class ClaimsExpressionTest {
  static Stream<String> accepted() {
    return lines("accepted.txt");
  }

  static Stream<String> refused() {
    return lines("refused.txt");
  }

  @ParameterizedTest
  @MethodSource("accepted")
  void letsPassWhatIsRight(String expression) {
    assertThat(ClaimsExpression.problem(expression, false)).isEmpty();
  }

  @ParameterizedTest
  @MethodSource("refused")
  void saysWhatIsWrong(String line) {
    int bar = line.lastIndexOf(" | ");
    assertThat(ClaimsExpression.problem(line.substring(0, bar), false))
        .contains(line.substring(bar + 3));
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "claims.email_verified == true",
        "claims.sub != ''",
        "claims.sub.startsWith('a') && has(claims.groups)",
        "claims.exists(k, k == 'a')",
        "!has(claims.x)",
        "claims.exp - claims.nbf <= 86400",
        "'a' in claims.groups",
        "bool(claims.x)",
        "claims.?a.hasValue()",
        "optional.of(true).orValue(true)",
        "claims.?a.optMap(a, a == 'b').orValue(false)",
        "true",
        "dyn(claims.groups).all(g, g != 'a')",
        "claims.sub == 'a' ? true : false"
      })
  void whatIsTrueOrFalseIsARule(String expression) {
    assertThat(ClaimsExpression.problem(expression, true)).isEmpty();
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "claims.email_verified",
        "claims['email_verified']",
        "claims.a.b",
        "dyn(claims.a)",
        "claims.?x.orValue(true)",
        "claims.?a.b.orValue(true)",
        "claims.a.?b.orValue(true)",
        "has(claims.x) ? claims.x : true",
        "'true'",
        "1 + 1",
        "[true]",
        "{'a': true}",
        "claims",
        "null"
      })
  void whatMayBeAnythingIsNoRule(String expression) {
    assertThat(ClaimsExpression.problem(expression, true).orElseThrow())
        .startsWith("its value is not surely true or false: compare it, as in ");
  }

  @Test
  void findsTheClaimsThatAreRead() {
    assertThat(ClaimsExpression.reads("'a' + claims.?email.orValue('b')", "email")).isTrue();
    assertThat(ClaimsExpression.reads("has(claims.email) ? 'a' : 'b'", "email")).isTrue();
    assertThat(ClaimsExpression.reads("claims.sub.email", "email")).isFalse();
    assertThat(ClaimsExpression.reads("claims.email_verified == true", "email")).isFalse();
    assertThat(ClaimsExpression.reads("claims.", "email")).isFalse();
  }

  /** However long an expression is, it takes no more stack than a thread has. */
  @ParameterizedTest
  @ValueSource(
      strings = {"(", "[", "!", "-", "claims.", "1+", "a ? b : ", "f(", "{1:", "'a'.b[", "1 in "})
  void endsWithAnAnswer(String part) {
    var text = part.repeat(100_000 / part.length() - 1);
    assertThat(ClaimsExpression.problem(text, false)).isNotEmpty();
    assertThat(ClaimsExpression.problem(text + "1", false)).satisfies(_ -> {});
  }

  private static Stream<String> lines(String file) {
    try (var stream = ClaimsExpressionTest.class.getResourceAsStream(file)) {
      return List.of(new String(stream.readAllBytes(), StandardCharsets.UTF_8).split("\n")).stream()
          .filter(line -> !line.startsWith("#"));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
