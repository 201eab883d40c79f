/** Certificates: when they expire, and whether they are renewed in time. */
@NullMarked
package dev.hcp.controller.expiry;

import org.jspecify.annotations.NullMarked;
