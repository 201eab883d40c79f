package dev.hcp.controller.telemetry;

import io.opentelemetry.api.GlobalOpenTelemetry;
import io.opentelemetry.api.common.AttributeKey;
import io.opentelemetry.api.trace.Span;
import io.opentelemetry.api.trace.SpanBuilder;
import io.opentelemetry.api.trace.StatusCode;
import java.util.Optional;
import java.util.function.Function;
import java.util.function.Supplier;

/**
 * Spans of traces. The OpenTelemetry agent collects them, with the requests that are made meanwhile
 * below them; without it nothing comes of them, and each costs a few small objects.
 */
public final class Spans {
  private static final String LIBRARY = "dev.hcp.controller";
  private static final AttributeKey<String> NAMESPACE = AttributeKey.stringKey("namespace");
  private static final AttributeKey<String> NAME = AttributeKey.stringKey("name");
  private static final AttributeKey<String> COMPONENT = AttributeKey.stringKey("component");
  private static final AttributeKey<String> RESULT = AttributeKey.stringKey("result");

  private Spans() {}

  /**
   * Something that is done, and may fail.
   *
   * @param <X> how it fails
   */
  @FunctionalInterface
  public interface Work<T, X extends Exception> {
    /** Does it. */
    T run() throws X;
  }

  /**
   * Something that is done without a result.
   *
   * @param <X> how it fails
   */
  @FunctionalInterface
  public interface Task<X extends Exception> {
    /** Does it. */
    void run() throws X;
  }

  /** A part of what is being done. */
  public static <T> T part(String what, Supplier<T> work) {
    return in(span(what), work::get, _ -> Optional.empty());
  }

  /**
   * What a pass does for a component.
   *
   * @param component type of its condition
   * @param failure why it failed, by its result; empty if it did not
   */
  public static <T> T step(
      String component, Supplier<T> work, Function<T, Optional<String>> failure) {
    return in(span("Step").setAttribute(COMPONENT, component), work::get, failure);
  }

  /**
   * Something that is done beside passes, which makes a trace of its own, whoever has begun it.
   *
   * @param namespace namespace of the control plane for which it is done
   * @param name its name
   */
  public static <T, X extends Exception> T trace(
      String what, String namespace, String name, Work<T, X> work) throws X {
    return in(
        span(what).setNoParent().setAttribute(NAMESPACE, namespace).setAttribute(NAME, name),
        work,
        _ -> Optional.empty());
  }

  /** The same without a result. */
  public static <X extends Exception> void traceRun(
      String what, String namespace, String name, Task<X> task) throws X {
    Work<Boolean, X> work =
        () -> {
          task.run();
          return true;
        };
    var _ = trace(what, namespace, name, work);
  }

  /** Identity of the trace that is being made; empty if none is. */
  public static Optional<String> traceId() {
    var context = Span.current().getSpanContext();
    return context.isValid() ? Optional.of(context.getTraceId()) : Optional.empty();
  }

  private static <T, X extends Exception> T in(
      SpanBuilder builder, Work<T, X> work, Function<T, Optional<String>> failure) throws X {
    var span = builder.startSpan();
    boolean succeeded = false;
    try (var _ = span.makeCurrent()) {
      var result = work.run();
      var problem = failure.apply(result);
      problem.ifPresent(message -> span.setStatus(StatusCode.ERROR, message));
      succeeded = problem.isEmpty();
      return result;
    } finally {
      // What was thrown is recorded where it is handled, which is in the span above.
      if (!succeeded) {
        span.setStatus(StatusCode.ERROR);
      }
      span.setAttribute(RESULT, succeeded ? "success" : "error");
      span.end();
    }
  }

  private static SpanBuilder span(String what) {
    return GlobalOpenTelemetry.getTracer(LIBRARY).spanBuilder(what);
  }
}
