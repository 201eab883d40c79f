package dev.hcp.e2e;

import dev.hcp.e2e.image.ImageSet;
import dev.hcp.e2e.store.Cache;
import dev.hcp.e2e.store.SourceTree;
import io.fabric8.kubernetes.client.KubernetesClient;
import java.nio.file.Path;
import java.util.EnumSet;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.extension.AfterTestExecutionCallback;
import org.junit.jupiter.api.extension.ExtensionContext;
import org.junit.jupiter.api.extension.ParameterContext;
import org.junit.jupiter.api.extension.ParameterResolver;

/**
 * Gives a test class a bed of its own without the provider, for tests that install it themselves:
 * there can be one in a cluster. It is taken down after the class unless {@code BED_KEEP=1}. When a
 * test fails, what the cluster looks like is written below {@code target/bed-diagnostics}.
 */
final class EmptyBedExtension implements AfterTestExecutionCallback, ParameterResolver {
  private static final ExtensionContext.Namespace NAMESPACE =
      ExtensionContext.Namespace.create(EmptyBedExtension.class);
  private static final Set<Class<?>> PARAMETERS = Set.of(Bed.class, KubernetesClient.class);
  private static final Path DIAGNOSTICS = Path.of("target", "bed-diagnostics");
  private static final String NAME = "empty";

  @Override
  public boolean supportsParameter(ParameterContext parameter, ExtensionContext context) {
    return PARAMETERS.contains(parameter.getParameter().getType());
  }

  @Override
  public Object resolveParameter(ParameterContext parameter, ExtensionContext context) {
    var holder = holder(context);
    return parameter.getParameter().getType() == Bed.class ? holder.bed : holder.client();
  }

  @Override
  public void afterTestExecution(ExtensionContext context) {
    if (context.getExecutionException().isPresent()) {
      var test = context.getRequiredTestClass().getSimpleName() + "." + context.getDisplayName();
      var folder = DIAGNOSTICS.resolve(test.replace("()", "")).toAbsolutePath();
      new Diagnostics(holder(context).bed).write(folder);
      System.err.printf("%s failed; what the cluster looked like: %s%n", test, folder);
    }
  }

  private static Holder holder(ExtensionContext context) {
    return context
        .getStore(NAMESPACE)
        .computeIfAbsent(Holder.class, _ -> new Holder(), Holder.class);
  }

  /** The bed of a class; JUnit closes it after that. */
  private static final class Holder implements AutoCloseable {
    private final Cache cache = Cache.locate(System.getenv());
    private final Bed bed;
    private @Nullable KubernetesClient client;

    Holder() {
      // The same images as on the bed of the other tests, so that one store of them will do.
      var options =
          new BedOptions(
              NAME,
              Optional.empty(),
              Cni.BRIDGE,
              1,
              EnumSet.complementOf(EnumSet.of(ImageSet.MINORS)));
      this.bed =
          Bed.up(options, SourceTree.locate(System.getenv()), cache, Progress.onStandardError());
    }

    KubernetesClient client() {
      if (client == null) {
        client = bed.client();
      }
      return client;
    }

    @Override
    public void close() {
      if (client != null) {
        client.close();
      }
      if (System.getenv().getOrDefault("BED_KEEP", "").isBlank()) {
        Bed.down(NAME, cache);
      } else {
        System.err.printf("BED_KEEP is set: the bed '%s' stays up%n", NAME);
      }
    }
  }
}
