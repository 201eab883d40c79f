/** Kubernetes' own conformance tests, run against a hosted cluster, and what came out of them. */
@NullMarked
package dev.hcp.e2e.conformance;

import org.jspecify.annotations.NullMarked;
