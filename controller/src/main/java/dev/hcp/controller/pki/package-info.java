/** Certificates and keys: what is issued, what is missing, what must be put back. */
@NullMarked
package dev.hcp.controller.pki;

import org.jspecify.annotations.NullMarked;
