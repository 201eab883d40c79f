/**
 * What both processes need around their actual work: configuration from the environment, logging,
 * health and metrics endpoints, a TLS identity that follows its files, and an ordered shutdown.
 * Nothing here knows about control planes.
 */
@NullMarked
package dev.hcp.process;

import org.jspecify.annotations.NullMarked;
