/**
 * One control plane as the renderers see it: names, versions, ranges, endpoint, lifetimes, with all
 * defaults applied.
 */
@NullMarked
package dev.hcp.model;

import org.jspecify.annotations.NullMarked;
