package dev.hcp.controller.store;

import dev.hcp.api.v1alpha1.ObjectLockMode;
import java.io.InputStream;
import java.time.Instant;
import java.util.List;
import java.util.Optional;

/**
 * Objects in one bucket. Names are whole ones, with the prefix. Every request has a deadline. Every
 * method throws {@link InterruptedException} when its thread is interrupted.
 */
public interface ObjectStore extends AutoCloseable {
  /**
   * An object that is there already.
   *
   * @param name its name
   * @param size in bytes
   */
  record StoredObject(String name, long size) {}

  /** An object in the making. Nobody sees it, or any part of it, before it is complete. */
  interface Upload extends AutoCloseable {
    /** Appends bytes; returns as soon as they may be changed. */
    void write(byte[] bytes, int offset, int length) throws StoreException, InterruptedException;

    /**
     * Makes the object visible. Nothing can be appended afterwards. If the answer is lost, it is
     * found out whether the store has done it.
     */
    void complete() throws StoreException, InterruptedException;

    /** Drops all that was written, unless it was completed. Failure is logged. */
    @Override
    void close();
  }

  /**
   * What keeps anybody from deleting an object.
   *
   * @param mode who may take the lock away earlier
   * @param until until when, in whole seconds
   */
  record Lock(ObjectLockMode mode, Instant until) {}

  /**
   * Begins an object of any size. Uses the memory of one part, whatever the size.
   *
   * @param lock its lock; empty for none, but for what the bucket does by itself
   */
  Upload upload(String name, Optional<Lock> lock) throws StoreException, InterruptedException;

  /** Begins an object without a lock. */
  default Upload upload(String name) throws StoreException, InterruptedException {
    return upload(name, Optional.empty());
  }

  /**
   * Writes a small object, all at once. If the answer is lost, it is found out whether the store
   * has done it.
   *
   * @param lock its lock; empty for none, but for what the bucket does by itself
   */
  void put(String name, byte[] content, Optional<Lock> lock)
      throws StoreException, InterruptedException;

  /** Writes a small object without a lock. */
  default void put(String name, byte[] content) throws StoreException, InterruptedException {
    put(name, content, Optional.empty());
  }

  /**
   * Sees whether the bucket can lock objects.
   *
   * @throws StoreException if not, of kind {@link StoreException.Kind#NO_OBJECT_LOCK}
   */
  void requireLocks() throws StoreException, InterruptedException;

  /** Until when an object is locked; empty if it is not. */
  Optional<Instant> lockedUntil(String name) throws StoreException, InterruptedException;

  /**
   * Reads a small object.
   *
   * @param most how many bytes to read at most; of a longer object the rest is left out
   */
  Optional<byte[]> get(String name, int most) throws StoreException, InterruptedException;

  /**
   * Begins to read an object of any size. Uses little memory, whatever the size. Reading throws
   * {@link StoreException} if the connection is cut, or nothing comes for a while; closing the
   * stream early leaves the rest.
   *
   * @param from number of bytes at the beginning that are left out, fewer than the object has
   * @return the object; empty if there is none
   */
  Optional<InputStream> read(String name, long from) throws StoreException, InterruptedException;

  /** All objects whose name begins so, by name. */
  List<StoredObject> list(String prefix) throws StoreException, InterruptedException;

  /**
   * Removes an object. Absence is success.
   *
   * @throws StoreException of kind {@link StoreException.Kind#LOCKED} if its lock is not over; a
   *     store that keeps versions may hide the object instead
   */
  void delete(String name) throws StoreException, InterruptedException;

  /**
   * Drops objects in the making that were left behind, as when a process is killed.
   *
   * @param prefix what their names begin with
   * @param before they were begun before this time
   */
  void dropUploads(String prefix, Instant before) throws StoreException, InterruptedException;

  @Override
  void close();
}
