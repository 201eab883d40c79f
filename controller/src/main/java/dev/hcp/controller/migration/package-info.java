/** Writes the objects of hosted clusters again, so that API servers encrypt them anew. */
@NullMarked
package dev.hcp.controller.migration;

import org.jspecify.annotations.NullMarked;
