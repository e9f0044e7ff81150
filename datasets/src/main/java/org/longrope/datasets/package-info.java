/** Documents to tokenised, content-addressed evaluation partitions on any Hadoop file system. */
@NullMarked
package org.longrope.datasets;

import org.jspecify.annotations.NullMarked;
