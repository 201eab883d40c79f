package dev.hcp.validation.cel;

import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/** An expression over the claims of a token, held against what kube-apiserver accepts. */
public final class ClaimsExpression {
  private static final String CLAIMS = "claims";

  private final Expression expression;
  private final Set<String> claims = new HashSet<>();
  private final Type type;

  private ClaimsExpression(Expression expression) throws CelException {
    this.expression = expression;
    this.type = type(expression, Set.of());
  }

  /**
   * What is wrong with an expression, as a part of a sentence; empty if nothing that can be told.
   *
   * @param truth whether its value has to be true or false
   */
  public static Optional<String> problem(String text, boolean truth) {
    try {
      var checked = new ClaimsExpression(Parser.parse(text));
      return truth && !Set.of(Type.BOOL, Type.UNKNOWN).contains(checked.type)
          ? Optional.of(
              "its value is not surely true or false: compare it, as in %s == true"
                  .formatted(checked.isClaim() ? text.strip() : "claims.email_verified"))
          : Optional.empty();
    } catch (CelException e) {
      return Optional.of(String.valueOf(e.getMessage()));
    }
  }

  /** Whether an expression reads a claim, by its plain name. */
  public static boolean reads(String text, String claim) {
    try {
      return new ClaimsExpression(Parser.parse(text)).claims.contains(claim);
    } catch (CelException _) {
      return false;
    }
  }

  private boolean isClaim() {
    return expression instanceof Expression.Select select && isClaims(select.operand());
  }

  /**
   * The type of an expression, as far as it is known.
   *
   * @param variables names that comprehensions around it have made
   */
  private Type type(Expression part, Set<String> variables) throws CelException {
    return switch (part) {
      case Expression.Constant constant -> constant.type();
      case Expression.Identifier(var name) -> identifier(name, variables);
      case Expression.Select select -> select(select, variables);
      case Expression.Index(var operand, var index, var optional) -> {
        var inner = type(operand, variables);
        var _ = type(index, variables);
        yield entry(isClaims(operand) ? Type.ANY : element(inner), optional);
      }
      case Expression.Conditional(var condition, var yes, var no) -> {
        var _ = type(condition, variables);
        var first = type(yes, variables);
        yield common(first, type(no, variables));
      }
      case Expression.ListOf(var elements) -> {
        checkElements(elements, variables);
        yield Type.LIST;
      }
      case Expression.MapOf(var keysAndValues) -> {
        var values = new ArrayList<Expression>();
        for (int i = 1; i < keysAndValues.size(); i += 2) {
          values.add(keysAndValues.get(i));
        }
        checkAll(keysAndValues, variables);
        checkElements(values, variables);
        yield Type.MAP;
      }
      case Expression.Call call -> call(call, variables);
    };
  }

  private static Type identifier(String name, Set<String> variables) throws CelException {
    if (variables.contains(name)) {
      return Type.UNKNOWN;
    }
    if (name.equals(CLAIMS)) {
      return Type.MAP;
    }
    if (Vocabulary.NAMESPACES.contains(name)) {
      return Type.OTHER;
    }
    throw new CelException("there is no variable '%s', only claims".formatted(name));
  }

  private Type select(Expression.Select select, Set<String> variables) throws CelException {
    var operand = type(select.operand(), variables);
    if (isClaims(select.operand()) && !variables.contains(CLAIMS)) {
      claims.add(select.field());
      return entry(Type.ANY, select.optional());
    }
    return entry(element(operand), select.optional());
  }

  private static Type entry(Type type, boolean optional) {
    if (!optional) {
      return type;
    }
    return switch (type) {
      case ANY -> Type.OPTIONAL_ANY;
      case DYNAMIC, OPTIONAL_ANY, OPTIONAL_DYNAMIC -> Type.OPTIONAL_DYNAMIC;
      case BOOL, LIST, MAP, OTHER, UNKNOWN -> Type.UNKNOWN;
    };
  }

  /** The type of what is taken out of something. */
  private static Type element(Type container) {
    return switch (container) {
      case ANY, DYNAMIC -> Type.DYNAMIC;
      case OPTIONAL_ANY, OPTIONAL_DYNAMIC -> Type.OPTIONAL_DYNAMIC;
      case BOOL, LIST, MAP, OTHER, UNKNOWN -> Type.UNKNOWN;
    };
  }

  /** The type of what is one thing or another. */
  private static Type common(Type one, Type other) {
    if (one == other) {
      return one;
    }
    for (var open : List.of(Type.ANY, Type.DYNAMIC)) {
      if (one == open || other == open) {
        return open;
      }
    }
    return Type.UNKNOWN;
  }

  private Type call(Expression.Call call, Set<String> variables) throws CelException {
    var function = call.function();
    if (call.target() != null
        && Vocabulary.COMPREHENSIONS.contains(function)
        && call.arguments().size() > 1) {
      return comprehension(call, call.target(), variables);
    }
    if (call.target() != null
        && Set.of("optMap", "optFlatMap").contains(function)
        && call.arguments().size() == 2) {
      var _ = type(call.target(), variables);
      var _ = type(call.arguments().getLast(), with(variables, call.arguments().getFirst()));
      return Type.UNKNOWN;
    }
    var target = call.target() == null ? Type.UNKNOWN : type(call.target(), variables);
    checkAll(call.arguments(), variables);
    if (function.equals("orValue") || function.equals("value")) {
      return switch (target) {
        case OPTIONAL_ANY -> Type.ANY;
        case OPTIONAL_DYNAMIC -> Type.DYNAMIC;
        default -> Type.UNKNOWN;
      };
    }
    if (Vocabulary.BOOLEAN_OPERATORS.contains(function)
        || Vocabulary.BOOLEAN_FUNCTIONS.contains(function)) {
      return Type.BOOL;
    }
    if (Vocabulary.OTHER_OPERATORS.contains(function)) {
      return Type.OTHER;
    }
    if (Vocabulary.LIST_FUNCTIONS.contains(function)) {
      return Type.LIST;
    }
    if (!Vocabulary.OTHER_FUNCTIONS.contains(function)) {
      throw new CelException("there is no function '%s'".formatted(function));
    }
    return function.equals("dyn") ? Type.DYNAMIC : Type.UNKNOWN;
  }

  private Type comprehension(Expression.Call call, Expression range, Set<String> variables)
      throws CelException {
    switch (type(range, variables)) {
      case ANY ->
          throw new CelException(
              "%s() does not take a claim as it is: make it dyn(…).%s()"
                  .formatted(call.function(), call.function()));
      case BOOL, OTHER ->
          throw new CelException("%s() needs a list or a map".formatted(call.function()));
      case DYNAMIC, LIST, MAP, OPTIONAL_ANY, OPTIONAL_DYNAMIC, UNKNOWN -> {}
    }
    var inner = with(variables, call.arguments().getFirst());
    boolean two = call.arguments().size() > 2 && !call.function().equals("map");
    if (two) {
      inner = with(inner, call.arguments().get(1));
    }
    checkAll(call.arguments().subList(two ? 2 : 1, call.arguments().size()), inner);
    if (Vocabulary.BOOLEAN_FUNCTIONS.contains(call.function())) {
      return Type.BOOL;
    }
    return Vocabulary.LIST_FUNCTIONS.contains(call.function()) ? Type.LIST : Type.MAP;
  }

  /** Claims, whose type is not known, may not stand beside what has a type. */
  private void checkElements(List<Expression> elements, Set<String> variables) throws CelException {
    boolean open = false;
    boolean typed = false;
    for (var element : elements) {
      switch (type(element, variables)) {
        case ANY, DYNAMIC -> open = true;
        case BOOL, LIST, MAP, OTHER -> typed = true;
        case OPTIONAL_ANY, OPTIONAL_DYNAMIC, UNKNOWN -> {}
      }
    }
    if (open && typed) {
      throw new CelException("elements must be of one type: make claims string(…)");
    }
  }

  private void checkAll(List<Expression> parts, Set<String> variables) throws CelException {
    for (var part : parts) {
      var _ = type(part, variables);
    }
  }

  private static Set<String> with(Set<String> variables, Expression name) throws CelException {
    if (!(name instanceof Expression.Identifier(var added))) {
      throw new CelException("the first argument of a comprehension must be a name");
    }
    var all = new HashSet<>(variables);
    all.add(added);
    return all;
  }

  private static boolean isClaims(Expression expression) {
    return expression instanceof Expression.Identifier(var name) && name.equals(CLAIMS);
  }
}
