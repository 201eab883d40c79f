package dev.hcp.e2e.process;

import dev.hcp.e2e.BedException;
import java.util.List;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Executors;
import java.util.function.Consumer;

/** Several waits at the same time. */
public final class InParallel {
  private InParallel() {}

  /** Runs all of {@code tasks} and returns when they have ended; the first failure is thrown. */
  public static void run(Runnable... tasks) {
    forEach(List.of(tasks), Runnable::run);
  }

  /** Runs {@code task} for each of {@code subjects}; the first failure is thrown. */
  public static <T> void forEach(List<T> subjects, Consumer<? super T> task) {
    try (var threads = Executors.newVirtualThreadPerTaskExecutor()) {
      var running =
          subjects.stream().map(subject -> threads.submit(() -> task.accept(subject))).toList();
      for (var one : running) {
        one.get();
      }
    } catch (ExecutionException e) {
      throw e.getCause() instanceof RuntimeException failure
          ? failure
          : new BedException(String.valueOf(e.getCause()), e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new BedException("interrupted while waiting", e);
    }
  }
}
