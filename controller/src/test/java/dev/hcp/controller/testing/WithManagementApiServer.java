package dev.hcp.controller.testing;

import java.lang.annotation.ElementType;
import java.lang.annotation.Retention;
import java.lang.annotation.RetentionPolicy;
import java.lang.annotation.Target;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.extension.ExtensionContext;
import org.junit.jupiter.api.extension.ParameterContext;
import org.junit.jupiter.api.extension.ParameterResolver;

/**
 * Hands a {@link ManagementApiServer} to constructors and methods that have such a parameter. One
 * is started when the first test asks, serves all of them, and ends with the last. Tests keep apart
 * by namespaces of their own.
 */
@Target(ElementType.TYPE)
@Retention(RetentionPolicy.RUNTIME)
@ExtendWith(WithManagementApiServer.Extension.class)
public @interface WithManagementApiServer {
  /** Starts the server and hands it out. */
  final class Extension implements ParameterResolver {
    @Override
    public boolean supportsParameter(ParameterContext parameter, ExtensionContext context) {
      return parameter.getParameter().getType() == ManagementApiServer.class;
    }

    @Override
    public Object resolveParameter(ParameterContext parameter, ExtensionContext context) {
      return context
          .getRoot()
          .getStore(ExtensionContext.Namespace.create(Extension.class))
          .computeIfAbsent(
              ManagementApiServer.class,
              _ -> ManagementApiServer.start(),
              ManagementApiServer.class);
    }
  }
}
