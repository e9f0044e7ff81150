package org.longrope.driver.execution;

import java.io.Serializable;
import org.longrope.eval.perplexity.Protocol;
import org.longrope.eval.rope.Rescaling;

/**
 * One rescaling on one document. Pure in the worker's model and partition: running it twice is
 * harmless, and equal tasks have equal answers.
 */
public record EvaluationTask(Rescaling rescaling, String documentId, Protocol protocol)
    implements Serializable {}
