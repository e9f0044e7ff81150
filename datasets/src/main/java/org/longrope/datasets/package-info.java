/**
 * Evaluation partitions: documents of many formats, tokenised and addressed by their content, on
 * any Hadoop file system. Begin reading at {@link org.longrope.datasets.Preparation}, which writes
 * them, and {@link org.longrope.datasets.EvaluationPartition}, which reads them.
 */
@NullMarked
package org.longrope.datasets;

import org.jspecify.annotations.NullMarked;
