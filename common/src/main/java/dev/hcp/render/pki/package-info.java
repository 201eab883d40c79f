/** Issuers, certificates, trust bundles and service-account keys. */
@NullMarked
package dev.hcp.render.pki;

import org.jspecify.annotations.NullMarked;
