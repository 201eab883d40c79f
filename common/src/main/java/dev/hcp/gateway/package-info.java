/**
 * Which listeners of a Gateway a control plane can use, and which Secrets of other namespaces.
 * Admission warns, and the controller waits, by the same choice.
 */
@NullMarked
package dev.hcp.gateway;

import org.jspecify.annotations.NullMarked;
