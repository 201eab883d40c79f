/**
 * Files: the cache outside the source tree, content keys, locks between processes, templates and
 * the pins.
 */
@NullMarked
package dev.hcp.e2e.store;

import org.jspecify.annotations.NullMarked;
