/**
 * The contract of Cluster API with control-plane providers (version v1beta2) as rules that can be
 * tried on any provider: what is read, what it should be, and whether it is. Knows no provider.
 */
@NullMarked
package dev.hcp.e2e.contract;

import org.jspecify.annotations.NullMarked;
