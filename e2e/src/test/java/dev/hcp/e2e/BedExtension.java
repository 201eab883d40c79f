package dev.hcp.e2e;

import dev.hcp.e2e.store.Cache;
import dev.hcp.e2e.store.SourceTree;
import io.fabric8.kubernetes.client.KubernetesClient;
import java.lang.reflect.Method;
import java.nio.file.Path;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.extension.AfterTestExecutionCallback;
import org.junit.jupiter.api.extension.BeforeAllCallback;
import org.junit.jupiter.api.extension.ConditionEvaluationResult;
import org.junit.jupiter.api.extension.ExecutionCondition;
import org.junit.jupiter.api.extension.ExtensionContext;
import org.junit.jupiter.api.extension.LifecycleMethodExecutionExceptionHandler;
import org.junit.jupiter.api.extension.ParameterContext;
import org.junit.jupiter.api.extension.ParameterResolver;

/**
 * Gives tests a bed with the provider that was just built, two nodes, and Cilium, so that network
 * policies are enforced. It is brought up once for all test classes of a run and taken down after
 * the last one, unless {@code BED_KEEP=1}; a bed that was kept is used again. Test methods and
 * constructors may ask for a {@link Bed} and for a {@link KubernetesClient} of its management
 * cluster.
 *
 * <p>When a test fails, or what prepares it or cleans up, what the cluster looks like at that
 * moment is written below {@code target/bed-diagnostics}. {@code SKIP_E2E=1} leaves these tests
 * out; otherwise a machine that cannot run the bed makes them fail.
 */
public final class BedExtension
    implements ExecutionCondition,
        BeforeAllCallback,
        AfterTestExecutionCallback,
        LifecycleMethodExecutionExceptionHandler,
        ParameterResolver {
  private static final ExtensionContext.Namespace NAMESPACE =
      ExtensionContext.Namespace.create(BedExtension.class);
  private static final Set<Class<?>> PARAMETERS = Set.of(Bed.class, KubernetesClient.class);
  private static final Path DIAGNOSTICS = Path.of("target", "bed-diagnostics");
  private static final String DEFAULT_NAME = "test";
  private static final int NODES = 2;

  /** Set where minor versions of Kubernetes are to be there that take minutes to build. */
  static final String UPGRADES = "TEST_UPGRADES";

  @Override
  public ConditionEvaluationResult evaluateExecutionCondition(ExtensionContext context) {
    if (!isSet("SKIP_E2E")) {
      return ConditionEvaluationResult.enabled("SKIP_E2E is not set");
    }
    var message =
        "SKIP_E2E is set: %s did NOT run, nothing was tested on a real cluster"
            .formatted(context.getDisplayName());
    System.err.println("!!! " + message);
    return ConditionEvaluationResult.disabled(message);
  }

  @Override
  public void beforeAll(ExtensionContext context) {
    var _ = holder(context).bed();
  }

  @Override
  public void afterTestExecution(ExtensionContext context) {
    if (context.getExecutionException().isPresent()) {
      diagnose(context);
    }
  }

  @Override
  public void handleBeforeAllMethodExecutionException(ExtensionContext context, Throwable failure)
      throws Throwable {
    diagnose(context);
    throw failure;
  }

  @Override
  public void handleBeforeEachMethodExecutionException(ExtensionContext context, Throwable failure)
      throws Throwable {
    diagnose(context);
    throw failure;
  }

  @Override
  public void handleAfterEachMethodExecutionException(ExtensionContext context, Throwable failure)
      throws Throwable {
    diagnose(context);
    throw failure;
  }

  private static void diagnose(ExtensionContext context) {
    var test =
        Stream.concat(
                Stream.of(context.getRequiredTestClass().getSimpleName()),
                context.getTestMethod().map(Method::getName).stream())
            .collect(Collectors.joining("."));
    var folder = DIAGNOSTICS.resolve(test).toAbsolutePath();
    new Diagnostics(holder(context).bed()).write(folder);
    System.err.printf("%s failed; what the cluster looked like: %s%n", test, folder);
  }

  @Override
  public boolean supportsParameter(ParameterContext parameter, ExtensionContext context) {
    return PARAMETERS.contains(parameter.getParameter().getType());
  }

  @Override
  public Object resolveParameter(ParameterContext parameter, ExtensionContext context) {
    var holder = holder(context);
    return parameter.getParameter().getType() == Bed.class ? holder.bed() : holder.client();
  }

  /** The bed of this run, for other extensions. */
  static Bed bed(ExtensionContext context) {
    return holder(context).bed();
  }

  /** The client of its management cluster, for other extensions. */
  static KubernetesClient client(ExtensionContext context) {
    return holder(context).client();
  }

  private static Holder holder(ExtensionContext context) {
    return context
        .getRoot()
        .getStore(NAMESPACE)
        .computeIfAbsent(Holder.class, _ -> new Holder(), Holder.class);
  }

  private static boolean isSet(String variable) {
    return !System.getenv().getOrDefault(variable, "").isBlank();
  }

  /** The bed of this run, tried for once; JUnit closes it at the end. */
  private static final class Holder implements AutoCloseable {
    private final Cache cache = Cache.locate(System.getenv());
    private final String name = System.getenv().getOrDefault("BED_NAME", DEFAULT_NAME);
    private @Nullable Bed bed;
    private @Nullable KubernetesClient client;
    private @Nullable BedException failure;

    Bed bed() {
      if (failure != null) {
        throw new BedException("the bed did not come up for an earlier test either", failure);
      }
      if (bed == null) {
        bed = up();
      }
      return bed;
    }

    KubernetesClient client() {
      if (client == null) {
        client = bed().client();
      }
      return client;
    }

    private Bed up() {
      try {
        var source = SourceTree.locate(System.getenv());
        var options = BedOptions.withProvider(name, source).withCilium(NODES).withTestImages();
        return Bed.up(
            isSet(UPGRADES) ? options.withMinors() : options,
            source,
            cache,
            Progress.onStandardError());
      } catch (BedException e) {
        failure = e;
        var folder = DIAGNOSTICS.resolve("up").toAbsolutePath();
        Bed.attach(name, cache).ifPresent(half -> new Diagnostics(half).write(folder));
        throw e;
      }
    }

    @Override
    public void close() {
      if (client != null) {
        client.close();
      }
      if (isSet("BED_KEEP")) {
        System.err.printf("BED_KEEP is set: the bed '%s' stays up%n", name);
      } else {
        Bed.down(name, cache);
      }
    }
  }
}
