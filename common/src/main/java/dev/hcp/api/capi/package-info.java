/** The few fields of Cluster API objects that are read here. Unknown fields are ignored. */
@NullMarked
package dev.hcp.api.capi;

import org.jspecify.annotations.NullMarked;
