/**
 * Watches, mappers, queue and leader election: the only place that knows the operator framework.
 */
@NullMarked
package dev.hcp.controller.runtime;

import org.jspecify.annotations.NullMarked;
