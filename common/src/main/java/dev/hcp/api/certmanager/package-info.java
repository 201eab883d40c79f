/**
 * The fields of cert-manager's resources that are written and read here; durations stay in
 * cert-manager's own notation.
 */
@NullMarked
package dev.hcp.api.certmanager;

import org.jspecify.annotations.NullMarked;
