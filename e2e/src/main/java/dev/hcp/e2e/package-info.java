/**
 * The test bed: a real management cluster on one machine without a container engine, for end-to-end
 * tests and for the demo. {@link dev.hcp.e2e.Bed} is the entry point; the packages below it are,
 * from the bottom up, processes, files, tools built from source, images made of them, machines and
 * the cluster that runs on them.
 */
@NullMarked
package dev.hcp.e2e;

import org.jspecify.annotations.NullMarked;
