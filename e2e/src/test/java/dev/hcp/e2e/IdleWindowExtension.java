package dev.hcp.e2e;

import org.junit.jupiter.api.extension.BeforeAllCallback;
import org.junit.jupiter.api.extension.ExtensionContext;
import org.junit.jupiter.api.extension.ParameterContext;
import org.junit.jupiter.api.extension.ParameterResolver;

/**
 * Begins an {@link IdleWindow} of the samples' cluster before the first test class with this, and
 * gives it to who asks for it. Classes that stand between must leave that cluster alone.
 */
public final class IdleWindowExtension implements BeforeAllCallback, ParameterResolver {
  private static final ExtensionContext.Namespace NAMESPACE =
      ExtensionContext.Namespace.create(IdleWindowExtension.class);

  @Override
  public void beforeAll(ExtensionContext context) {
    var _ = window(context);
  }

  @Override
  public boolean supportsParameter(ParameterContext parameter, ExtensionContext context) {
    return parameter.getParameter().getType() == IdleWindow.class;
  }

  @Override
  public Object resolveParameter(ParameterContext parameter, ExtensionContext context) {
    return window(context);
  }

  private static IdleWindow window(ExtensionContext context) {
    return context
        .getRoot()
        .getStore(NAMESPACE)
        .computeIfAbsent(
            IdleWindow.class,
            _ ->
                new IdleWindow(
                    BedExtension.bed(context),
                    BedExtension.client(context),
                    HostedClustersExtension.cluster(context)),
            IdleWindow.class);
  }
}
