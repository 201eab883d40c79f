/**
 * Writes {@code config/crd} from the API types, at build time only: nothing of this package runs in
 * a process of the product. The shape of a schema and its constraints come from the types and their
 * annotations, its descriptions from the Javadoc of the types, and what no annotation can say from
 * {@link dev.hcp.schema.Conventions}.
 */
@NullMarked
package dev.hcp.schema;

import org.jspecify.annotations.NullMarked;
