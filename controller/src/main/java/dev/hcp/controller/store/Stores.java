package dev.hcp.controller.store;

import dev.hcp.controller.plan.StoreAccess;

/** Opens stores. */
@FunctionalInterface
public interface Stores {
  /**
   * Opens a store, without a request to it. The caller closes it.
   *
   * @throws StoreException if the access makes no sense, as certificates that cannot be read, or
   *     there are no credentials for it
   */
  ObjectStore open(StoreAccess access) throws StoreException, InterruptedException;
}
