/**
 * A management cluster in memory, as far as a reconciler can tell: an API server with server-side
 * apply, informers that may lag behind it, requests that fail, and the controllers of others.
 */
@NullMarked
package dev.hcp.controller.memory;

import org.jspecify.annotations.NullMarked;
