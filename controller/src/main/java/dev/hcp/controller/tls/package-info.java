/** TLS with authorities that are given as files. */
@NullMarked
package dev.hcp.controller.tls;

import org.jspecify.annotations.NullMarked;
