/** What the CIS Kubernetes Benchmark asks of a control plane, as a table to check processes by. */
@NullMarked
package dev.hcp.hardening;

import org.jspecify.annotations.NullMarked;
