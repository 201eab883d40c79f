/**
 * Taking over control planes that the forerunner, {@code
 * teutonet/cluster-api-provider-hosted-control-plane}, has made: what passes could not find out
 * about them, and what must not be lost.
 */
@NullMarked
package dev.hcp.controller.adoption;

import org.jspecify.annotations.NullMarked;
